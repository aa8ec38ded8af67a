"""A bracket ends when somebody else takes the device or resets it, and by nothing else."""

import itertools
import json
from typing import Any

import pytest

from omf.commands import Plan, prepare
from omf.commands.workflow import Bracket, interruption
from omf.messages.message import Message
from tests.support.factory import NOW, SERIALS, known_factory, module_state

MILL = SERIALS["MILL"]


def sequence() -> Plan:
    numbers = itertools.count(1)
    wish = {"module": "MILL", "colour": "RED"}
    return prepare(
        "module-sequence", wish, known_factory(), now=NOW, new_id=lambda: f"id-{next(numbers)}"
    )


def told(topic: str, body: object, *, retain: bool = False) -> Message:
    return Message(topic, json.dumps(body).encode(), "7-0", retain=retain)


def ended_by(message: Message, plan: Plan | None = None) -> str | None:
    steps = (plan or sequence()).steps
    found = interruption(Bracket(device=MILL, order_id=steps[0].order_id, steps=steps), message)
    if found is None:
        return None
    assert found.reason.why.de
    assert found.reason.advice.en
    return found.type


def _foreign_order(**changes: Any) -> Message:
    body = {
        "timestamp": "2026-08-07T09:21:00.000Z",
        "serialNumber": MILL,
        "orderId": "the-ccus",
        "orderUpdateId": 4,
        "action": {"id": "theirs", "command": "PICK", "metadata": {"type": "RED"}},
    }
    return told(f"module/v1/ff/{MILL}/order", body | changes)


def test_a_foreign_order_on_the_device_stops_the_bracket() -> None:
    assert ended_by(_foreign_order()) == "foreign_order"


def test_a_stranger_who_uses_our_order_id_is_foreign_too() -> None:
    plan = sequence()
    assert ended_by(_foreign_order(orderId=plan.steps[0].order_id), plan) == "foreign_order"


@pytest.mark.parametrize(("word", "ends"), [("RUNNING", "foreign_order"), ("FINISHED", None)])
def test_a_foreign_action_stops_the_bracket_while_it_runs(word: str, ends: str | None) -> None:
    body = module_state(MILL, orderId="the-ccus", actionState={"id": "theirs", "state": word})
    assert ended_by(told(f"module/v1/ff/{MILL}/state", body)) == ends


def test_our_own_order_is_not_foreign_nor_is_one_to_another_device() -> None:
    plan = sequence()
    own = Message(plan.steps[0].topic, plan.steps[0].payload.encode(), "1-0")
    assert ended_by(own, plan) is None
    other = _foreign_order()._replace(topic=f"module/v1/ff/{SERIALS['DRILL']}/order")
    assert ended_by(other, plan) is None


def test_a_retained_copy_is_no_news() -> None:
    assert ended_by(_foreign_order()._replace(retain=True)) is None


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("ccu/set/reset", {"timestamp": "2026-08-07T09:21:00.000Z"}),
        ("ccu/global", {"type": "reset"}),
        (
            f"module/v1/ff/{MILL}/instantAction",
            {"serialNumber": MILL, "actions": [{"actionType": "reset", "actionId": "a"}]},
        ),
    ],
)
def test_a_reset_stops_the_bracket(topic: str, body: dict[str, Any]) -> None:
    assert ended_by(told(topic, body)) == "reset"


def test_a_reset_without_timestamp_is_none() -> None:
    assert ended_by(told("ccu/set/reset", {"withStorage": False})) is None
