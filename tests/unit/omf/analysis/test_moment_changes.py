"""What changed between two moments: each fact with what was and what is, unknown said as such."""

import json

import pytest

from omf.analysis.moment_changes import (
    MomentChange,
    ShapeComparison,
    compare_shapes,
    moment_changes,
)
from omf.analysis.moment_facts import ChangeGroup, moment_facts
from omf.messages.message import Message
from omf.payload_shapes.shape import LEARN_MESSAGES
from omf.state import FactoryState
from omf.texts import LANGUAGES
from tests.support.factory import DRILL, FTS, HBW, Factory
from tests.support.folds import every_recording
from tests.support.shared import recording

NOTHING = ShapeComparison((), 0, 0)
Told = tuple[str, str, str, str]


def told(one: MomentChange) -> Told:
    return one.subject.en, one.what.en, one.before.en, one.after.en


def between(before: Factory, after: Factory, group: ChangeGroup) -> set[Told]:
    found = moment_changes((before.state, before.now), (after.state, after.now), NOTHING)
    return {told(one) for one in found.of(group)}


def test_the_same_moment_twice_changed_nothing() -> None:
    factory = Factory().module(DRILL, "DRILL", "RUNNING").online(DRILL)
    same = moment_changes((factory.state, 5.0), (factory.state, 5.0), NOTHING)
    assert same.changes == ()


def test_a_connection_that_was_lost_and_an_error_that_came() -> None:
    before = Factory().online(DRILL).module(DRILL)
    errors = [{"errorType": "MOTOR_STALL", "errorLevel": "WARNING"}]
    after = Factory().online(DRILL).module(DRILL, errors=errors).online(DRILL, "OFFLINE")
    found = between(before, after, "state")
    assert (DRILL, "connection", "connected", "signed off") in found
    assert (DRILL, "errors", "none", "motor stall") in found


def test_what_one_moment_does_not_know_is_unknown() -> None:
    found = between(Factory(), Factory().online(DRILL), "state")
    assert (DRILL, "connection", "unknown", "connected") in found
    found = between(Factory().online(DRILL), Factory(), "state")
    assert (DRILL, "connection", "connected", "unknown") in found


CONFIG = {
    "productionDurations": {"RED": 580, "WHITE": 640, "BLUE": 550},
    "productionSettings": {"maxParallelOrders": 4},
    "ftsSettings": {"chargeThresholdPercent": 10},
}
LAYOUT = {
    "modules": [{"type": "MILL", "serialNumber": "M1"}, {"type": "DRILL", "serialNumber": "D1"}],
    "intersections": [{"id": "1"}],
    "roads": [
        {"from": "M1", "to": "1", "direction": "EAST", "length": 380},
        {"from": "D1", "to": "1", "direction": "WEST", "length": 380},
    ],
}


def test_settings_flows_and_layout() -> None:
    before = Factory().say("ccu_state_config", CONFIG).say("ccu_state_layout", LAYOUT)
    before.say("ccu_state_flows", {"RED": {"steps": ["MILL"]}, "BLUE": {"steps": []}})
    settings = {**CONFIG, "ftsSettings": {"chargeThresholdPercent": 25}}
    layout = {**LAYOUT, "modules": LAYOUT["modules"][:1], "roads": LAYOUT["roads"][:1]}
    after = Factory().say("ccu_state_config", settings).say("ccu_state_layout", layout)
    after.say("ccu_state_flows", {"RED": {"steps": ["MILL", "AIQS"]}, "BLUE": {"steps": []}})
    found = between(before, after, "configuration")
    assert ("Settings of the CCU", "Charge at (%)", "10", "25") in found
    assert ("Flow Red", "stations", "MILL", "MILL → AIQS") in found
    assert ("DRILL", "in the layout", "DRILL", "not in it") in found
    assert ("Road DRILL → 1", "length and direction", "380 mm, west", "none") in found
    assert len(found) == 4


def test_a_firmware_of_another_version() -> None:
    def at(version: str) -> Factory:
        sheet = {"serialNumber": FTS, "version": version, "headerId": 1}
        return Factory().say("fts_factsheet", sheet, serial=FTS)

    [found] = between(at("1.1.0"), at("1.2.0"), "versions")
    assert found == (f"FTS {FTS}", "version", "1.1.0", "1.2.0")


def test_stock_and_orders() -> None:
    def at(colour: str, state: str) -> Factory:
        piece = {"type": colour, "id": "04a1" if colour else "", "state": "RAW" if colour else ""}
        bay = {"workpiece": piece, "location": "A1", "hbw": HBW}
        order = {"orderId": "abc", "type": "RED", "orderType": "PRODUCTION", "state": state}
        told = Factory().say("ccu_state_stock", {"ts": "x", "stockItems": [bay]})
        return told.say("ccu_order_active", [order]) if state else told

    found = between(at("RED", ""), at("", "IN_PROGRESS"), "state")
    assert (f"Bay {HBW} A1", "holds", "Red 04a1, in stock", "empty") in found or any(
        one[0].startswith("Bay") and one[3] == "empty" for one in found
    )
    assert ("Production Red abc", "order", "not known", "running") in found


@every_recording
def test_every_change_of_a_session_is_told_in_every_language(name: str) -> None:
    messages = list(recording(name))
    half = len(messages) // 2
    states = FactoryState(), FactoryState()
    for place, message in enumerate(messages):
        for state in states if place < half else states[1:]:
            state.apply(message, message.received_at)
    ends = messages[half - 1].received_at, messages[-1].received_at
    shapes = compare_shapes(messages[:half], messages[half:])
    assert shapes.changes == ()
    found = moment_changes((states[0], ends[0]), (states[1], ends[1]), shapes)
    assert found.changes or len(moment_facts(states[1], ends[1])) < 10
    for one in found.changes:
        assert one.before != one.after
        words = (one.subject, one.what, one.before, one.after)
        assert all(word.in_(language) for word in words for language in LANGUAGES)


def _messages(payload: dict[str, object], count: int, begin: int) -> list[Message]:
    raw = json.dumps(payload).encode()
    return [Message("site/gate", raw, f"{begin + n}-0") for n in range(count)]


@pytest.mark.parametrize(
    ("after", "wanted"),
    [
        (
            {"speed": 1, "mode": "A", "more": 1},
            {("site/gate", "more: field is new", "none", "there")},
        ),
        ({"speed": "1", "mode": "A"}, {("site/gate", "speed: another type", "number", "text")}),
        ({"speed": 1}, {("site/gate", "mode: field is gone", "text", "none")}),
        ({"speed": 10**6, "mode": "B"}, set()),
    ],
)
def test_shapes_of_payloads(after: dict[str, object], wanted: set[Told]) -> None:
    learned = _messages({"speed": 1, "mode": "A"}, LEARN_MESSAGES, 1000)
    later = _messages(after, 5, 5000)
    found = compare_shapes(learned, later)
    assert {told(one) for one in found.changes} == wanted
    assert all(one.message_id in {message.id for message in later} for one in found.changes)
    assert (found.compared, found.unknown) == (1, 0)
    assert compare_shapes([*learned, *later], later).changes == ()


def test_too_little_heard_before_is_unknown() -> None:
    found = compare_shapes(_messages({"a": 1}, 3, 1000), _messages({"b": 1}, 30, 5000))
    assert found == ShapeComparison((), 0, 1)
