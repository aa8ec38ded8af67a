"""What a command ended with is said in words, whatever codes the device told it in."""

import re
from collections.abc import Iterator

import pytest

from omf.commands import KINDS, Effect, Verdict, judge
from omf.messages.message import Message
from omf.texts import LANGUAGES
from tests.support.command_examples import EXAMPLES, plan_of
from tests.support.factory import FTS, SERIALS, vehicle_state
from tests.unit.omf.commands.test_effects import answer, told

CODE = re.compile(r"\b[A-Z][A-Z_]{3,}\b|\b[A-Za-z]+_[A-Za-z]+\b|\b[a-z]+Error\b")
NAMES = {*SERIALS, "CHRG", "DRILL", "MILL", "AIQS"}
ERRORS = [
    {},
    {"errorType": "PICK_failed", "errorMessage": "PICK failed", "errorLevel": "FATAL"},
    {"errorType": "DOCK_ERROR", "errorLevel": "FATAL"},
    {"errorType": "orderError", "errorLevel": "WARNING"},
    {"errorType": "MOTOR_STALL"},
]


def _effects(kind: str) -> Iterator[tuple[str, Effect]]:
    for step in plan_of(kind).steps:
        effect: Effect | None = step.effect
        while effect is not None:
            yield step.action_id or "", effect
            if effect.otherwise is not None:
                yield step.action_id or "", effect.otherwise
            effect = effect.follow_up


def _messages(action_id: str, order_id: str) -> Iterator[Message]:
    refusal = [{"referenceKey": "orderId", "referenceValue": order_id}]
    for state in ("WAITIING", "RUNNING", "FINISHED", "FAILED"):
        for result in (None, "PASSED", "FAILED"):
            for error in ERRORS:
                action = {"id": action_id, "state": state, "result": result}
                errors = [{**error, "errorReferences": refusal}] if error else []
                body = {"orderId": order_id, "actionState": action, "errors": errors}
                for serial in SERIALS.values():
                    yield told(f"module/v1/ff/{serial}/state", body)
                yield told(
                    f"fts/v1/ff/{FTS}/state",
                    vehicle_state(
                        SERIALS["DPS"], orderId=order_id, actionStates=[action], errors=errors
                    ),
                )


def _verdicts(kind: str) -> Iterator[Verdict]:
    order_id = plan_of(kind).steps[0].order_id or "order-1"
    for action_id, effect in _effects(kind):
        found = (judge(effect, message) for message in _messages(action_id, order_id))
        yield from (verdict for verdict in found if verdict is not None)
        if effect.rule == "order-course":
            listed = [answer(effect, state=state) for state in ("ERROR", "CANCELLED")]
            ended = (judge(effect, told("ccu/order/completed", [one])) for one in listed)
            yield from (verdict for verdict in ended if verdict is not None)


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_what_a_command_ended_with_is_said_in_words(kind: str) -> None:
    assert kind in KINDS
    for verdict in _verdicts(kind):
        for language in LANGUAGES:
            said = verdict.text.in_(language)
            assert set(CODE.findall(said)) <= NAMES, said


def test_every_way_to_fail_is_told() -> None:
    failures = {verdict.text.en for verdict in _verdicts("fts-navigate")}
    assert any("docking failed" in said for said in failures)
    assert any("motor stall" in said for said in failures)
    taken = {verdict.text.en for kind in EXAMPLES for verdict in _verdicts(kind)}
    assert any("piece not taken" in said for said in taken)
    assert {"Device reports the action: waits", "Device reports the action: running"} <= taken


@pytest.mark.parametrize("kind", EXAMPLES)
def test_what_a_command_does_and_loses_is_said_in_words(kind: str) -> None:
    plan = plan_of(kind)
    for language in LANGUAGES:
        said = [getattr(one, language) for one in (*(s.title for s in plan.steps), *plan.losses)]
        assert not [words for words in said if set(CODE.findall(words)) - NAMES]
