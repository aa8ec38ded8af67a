"""Drift watch against real traffic: nothing found in what is healthy, every change that is made."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from typing import Any

import pytest

from omf.messages.message import Message
from omf.payload_shapes.learning import PayloadShapes
from omf.payload_shapes.shape import (
    LEARN_MESSAGES,
    SENDER_MESSAGES,
    DriftKind,
    ShapeDrift,
)
from omf.topics import catalogue
from tests.support.folds import every_recording
from tests.support.shared import RECORDINGS, recording

Found = set[tuple[str, DriftKind, str]]
Change = Callable[[dict[str, Any]], None]


@cache
def said(name: str) -> tuple[Message, ...]:
    return tuple(recording(name))


def watched(messages: Iterator[Message]) -> PayloadShapes:
    shapes = PayloadShapes()
    for message in messages:
        shapes.take(message)
    return shapes


def found(shapes: PayloadShapes) -> Found:
    return {(one.filter, one.kind, one.path) for one in shapes.drifts()}


@every_recording
def test_nothing_drifts_in_a_healthy_session(name: str) -> None:
    assert found(watched(iter(said(name)))) == set()


def test_nothing_drifts_in_all_sessions_one_after_the_other() -> None:
    """From March to August: other vehicles and sensors come, and others go."""
    sessions = sorted(map(said, RECORDINGS), key=lambda messages: messages[0].received_at)
    assert found(watched(chain.from_iterable(sessions))) == set()


def renamed(old: str, new: str) -> Change:
    def change(holder: dict[str, Any]) -> None:
        if old in holder:
            holder[new] = holder.pop(old)

    return change


def as_text(key: str) -> Change:
    def change(holder: dict[str, Any]) -> None:
        if isinstance(holder.get(key), int | float):
            holder[key] = str(holder[key])

    return change


def without(key: str) -> Change:
    return lambda holder: holder.pop(key, None)


def as_value(key: str, value: Any) -> Change:
    def change(holder: dict[str, Any]) -> None:
        if key in holder:
            holder[key] = value

    return change


APPEARED, VANISHED, TYPE, RANGE, WORD = DriftKind
VEHICLE, PAIRING = "fts/v1/ff/+/state", "ccu/pairing/state"
CASES: dict[str, tuple[str, str, Change, set[tuple[DriftKind, str]]]] = {
    "a field is renamed": (
        VEHICLE,
        "",
        renamed("lastNodeId", "lastNode"),
        {(APPEARED, "lastNode"), (VANISHED, "lastNodeId")},
    ),
    "one inside is renamed": (
        VEHICLE,
        "batteryState",
        renamed("charging", "isCharging"),
        {(APPEARED, "batteryState.isCharging"), (VANISHED, "batteryState.charging")},
    ),
    "one in a list is renamed": (
        PAIRING,
        "modules",
        renamed("available", "availability"),
        {(APPEARED, "modules[].availability"), (VANISHED, "modules[].available")},
    ),
    "a number becomes text": (
        VEHICLE,
        "batteryState",
        as_text("currentVoltage"),
        {(TYPE, "batteryState.currentVoltage")},
    ),
    "text becomes an object": (
        VEHICLE,
        "",
        as_value("lastNodeId", {"id": 1}),
        {(TYPE, "lastNodeId")},
    ),
    "a list becomes an object": (VEHICLE, "", as_value("load", {}), {(TYPE, "load")}),
    "a truth becomes a number": (VEHICLE, "", as_value("driving", 1), {(TYPE, "driving")}),
    "a field is gone": (VEHICLE, "", without("driving"), {(VANISHED, "driving")}),
    "one inside is gone": (
        VEHICLE,
        "batteryState",
        without("charging"),
        {(VANISHED, "batteryState.charging")},
    ),
    "one in a list is gone": (
        PAIRING,
        "modules",
        without("connected"),
        {(VANISHED, "modules[].connected")},
    ),
    "a value becomes null": (VEHICLE, "", as_value("driving", None), {(VANISHED, "driving")}),
    "a code nobody knows": (
        PAIRING,
        "modules",
        as_value("available", "DREAMING"),
        {(WORD, "modules[].available")},
    ),
    "a number far outside": (
        VEHICLE,
        "batteryState",
        as_value("currentVoltage", 9000),
        {(RANGE, "batteryState.currentVoltage")},
    ),
    "a new object inside": (
        VEHICLE,
        "",
        lambda holder: holder.update(pose={"x": 1.0, "y": 2.0}),
        {(APPEARED, "pose")},
    ),
}
SESSION = "production-wr-agv2-b-agv1-clean_20260513_135600"


def holders(payload: Any, path: str) -> Iterator[dict[str, Any]]:
    inside = payload.get(path) if path else payload
    for one in inside if isinstance(inside, list) else [inside]:
        if isinstance(one, dict):
            yield one


def seeded(name: str, topic_filter: str, path: str, change: Change) -> Iterator[Message]:
    """The second half of what is said there is changed, once each device was heard enough."""
    shapes = [one for one in said(name) if _filter(one.topic) == topic_filter]
    known = Counter[str]()
    begin = max(len(shapes) // 2, LEARN_MESSAGES)
    number = 0
    for message in said(name):
        if _filter(message.topic) != topic_filter:
            yield message
            continue
        number += 1
        known[message.topic] += 1
        payload = json.loads(message.payload)
        if number > begin and known[message.topic] > SENDER_MESSAGES:
            for holder in holders(payload, path):
                change(holder)
        yield message._replace(payload=json.dumps(payload).encode())


def _filter(topic: str) -> str:
    entry = catalogue.of(topic)
    return entry.pattern if entry else topic


@pytest.mark.parametrize("case", CASES)
def test_what_is_changed_is_found_and_nothing_else(case: str) -> None:
    topic_filter, path, change, wanted = CASES[case]
    drifts = found(watched(seeded(SESSION, topic_filter, path, change)))
    assert drifts == {(topic_filter, *one) for one in wanted}


def test_a_drift_says_what_was_and_what_is_with_the_message() -> None:
    topic_filter, path, change, _ = CASES["a code nobody knows"]
    messages = list(seeded(SESSION, topic_filter, path, change))
    [drift] = watched(iter(messages)).drifts()
    assert isinstance(drift, ShapeDrift)
    assert (drift.before, drift.after) == ("READY, BUSY", "DREAMING")
    [first] = [one for one in messages if one.id == drift.message_id]
    assert b"DREAMING" in first.payload
    assert drift.at == first.received_at


@pytest.mark.parametrize("case", CASES)
def test_what_was_taken_as_normal_does_not_come_again(case: str) -> None:
    topic_filter, path, change, wanted = CASES[case]
    messages = list(seeded(SESSION, topic_filter, path, change))
    cut = len(messages) * 3 // 4
    shapes = watched(iter(messages[:cut]))
    assert shapes.accept(topic_filter) == len(wanted)
    for message in messages[cut:]:
        shapes.take(message)
    assert found(shapes) == set()
    assert PayloadShapes.restore(json.loads(json.dumps(shapes.snapshot()))) == shapes
