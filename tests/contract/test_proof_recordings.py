"""What the factory answered in the recordings is recognised as proof, within its window."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from omf.commands import Effect, judge
from omf.commands.effects import answered, drive, module_action, reset, vehicle_told
from omf.messages.message import Message
from omf.state import FactoryState
from omf.texts import stored
from omf.topics import catalogue
from tests.support.shared import RECORDINGS, recording

TEXT = stored(de="-", en="-")


class Awaited(NamedTuple):
    """A recorded command and the effect it should have had."""

    name: str
    effect: Effect
    sent_at: float


def _effects(entry: str, serial: str, body: dict[str, Any]) -> Iterator[tuple[str, Effect]]:
    if entry == "ccu_order_request":
        yield f"order {body['orderType']}", answered(body)
    if entry == "ccu_set_reset":
        yield "reset", reset(FactoryState())
    if entry == "module_order":
        action = body["action"]
        effect = module_action(serial, body["orderId"], body["orderUpdateId"], action["id"])
        yield f"module {action['command']}", effect
    if entry == "fts_order":
        dock, target = body["nodes"][-1]["action"]["id"], body["nodes"][-1]["id"]
        yield "drive", drive(serial, body["orderId"], body["orderUpdateId"], dock, target)
    if entry == "fts_instant_action":
        action = body["actions"][0]
        rule = "vehicle-reset" if action["actionType"] == "reset" else "vehicle-action"
        effect = vehicle_told(rule, serial, 60.0, TEXT, action_id=action["actionId"])
        yield action["actionType"], effect


def _awaited(message: Message) -> Iterator[Awaited]:
    entry = catalogue.of(message.topic)
    if entry is None or not entry.command:
        return
    serial = catalogue.levels(entry.name, message.topic).get("serial", "")
    for name, effect in _effects(entry.name, serial, json.loads(message.payload)):
        yield Awaited(name, effect, message.received_at)


def _course(awaited: Awaited, later: list[Message]) -> tuple[str, ...]:
    """Outcome of each link of the chain: effect, failed or silence."""
    outcomes: list[str] = []
    effect: Effect | None = awaited.effect
    begin, since = 0, awaited.sent_at
    while effect is not None:
        for index in range(begin, len(later)):
            message = later[index]
            verdict = judge(effect, message)
            if verdict is not None and message.received_at <= since + effect.window_s:
                outcomes.append(verdict.outcome)
                begin, since = index, message.received_at
                break
        else:
            return (*outcomes, "silence")
        effect = effect.follow_up if outcomes[-1] == "effect" else None
    return tuple(outcomes)


def _courses(name: str) -> Counter[tuple[str, tuple[str, ...]]]:
    messages = list(recording(name))
    return Counter(
        (awaited.name, _course(awaited, messages[index + 1 :]))
        for index, message in enumerate(messages)
        for awaited in _awaited(message)
    )


UNPROVEN = {
    # The next drive came 2 ms later, and a vehicle lists instant actions only until then (B.7).
    ("ml-wrb-red-nok_20260807_130729", "clearLoadHandler", ("silence",)),
    # The recording ends while this order is IN_PROGRESS.
    ("ml-wrb-red-nok_20260807_130729", "order PRODUCTION", ("effect", "silence")),
    # The vehicle's states are missing from here to the end of the recording (F.37).
    ("orbis-fulltopics-baseline_20260409_082701", "drive", ("silence",)),
}
BAD_PIECES = {
    ("module CHECK_QUALITY", ("effect", "failed")),
    ("order PRODUCTION", ("effect", "failed")),
}


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_recorded_command_was_proven_but_for_the_listed_ones(name: str) -> None:
    unproven = {
        (name, command, outcomes)
        for command, outcomes in _courses(name)
        if outcomes[-1] == "silence"
    }
    assert unproven == {entry for entry in UNPROVEN if entry[0] == name}


@pytest.mark.parametrize("name", RECORDINGS)
def test_nothing_but_a_bad_piece_was_judged_as_failed(name: str) -> None:
    failed = {course for course in _courses(name) if course[1][-1] == "failed"}
    assert failed <= BAD_PIECES


def test_a_bad_piece_fails_its_check_and_its_order() -> None:
    total: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for name in RECORDINGS:
        total += _courses(name)
    if RECORDINGS:
        assert {total[course] for course in BAD_PIECES} == {4}


@pytest.mark.parametrize("name", RECORDINGS)
def test_no_command_is_proven_by_a_message_before_it(name: str) -> None:
    messages = list(recording(name))
    for index, message in enumerate(messages):
        for awaited in _awaited(message):
            if awaited.name == "reset":
                continue  # a vehicle that was reset before says so until it is docked
            before = messages[max(0, index - 200) : index]
            verdicts = [judge(awaited.effect, old) for old in before]
            early = [old for old, verdict in zip(before, verdicts, strict=True) if verdict]
            assert all(awaited.sent_at - old.received_at < 0.1 for old in early)
