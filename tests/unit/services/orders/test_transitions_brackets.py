"""Whole plans of brackets, from the first step to the last: one order, rising numbers."""

import itertools
import json
from collections.abc import Mapping
from typing import Any

import pytest

from omf.commands import Plan, PlannedStep, prepare
from omf.messages.message import Message
from omf.topics.catalogue import address
from services.common.store.keys import (
    CommandEvent,
    Outgoing,
    Receipt,
    ReceiptStage,
    Stage,
)
from services.orders import transitions
from services.orders.effects import EffectMonitor
from services.orders.execution import Transition
from tests.support.command_examples import command_of
from tests.support.factory import FTS, NOW, SERIALS, known_factory, module_state, vehicle_state


class Course:
    """A bracket whose gateway always sends; what it wrote and sent is kept."""

    def __init__(self, kind: str, parameters: Mapping[str, Any]) -> None:
        ids = (f"id-{number}" for number in itertools.count(1))
        self.plan: Plan = prepare(
            kind, parameters, known_factory(), now=NOW, new_id=lambda: next(ids)
        )
        self.events: list[CommandEvent] = []
        self.sent: list[Outgoing] = []
        command = command_of(kind)
        begun = transitions.begin(
            command, self.plan, now=NOW, journal_id="0-0", expires_at=NOW + 5, expiry_s=5
        )
        assert begun.execution
        self.monitor = EffectMonitor(begun.execution)
        self._write(begun)

    def hears(self, topic: str, body: object) -> None:
        execution = self.monitor.execution
        assert execution
        receipt = Receipt(
            outbox_id=execution.outbox_id,
            command_id="c",
            step=execution.step,
            stage=ReceiptStage.ACKNOWLEDGED,
            at=NOW,
        )
        self._write(transitions.on_receipt(execution, receipt, self.monitor.proof, NOW))
        self.monitor.on_message(Message(topic, json.dumps(body).encode(), f"{len(self.events)}-0"))
        while self.monitor.ready and self.monitor.execution and self.monitor.proof:
            self._write(transitions.on_proof(self.monitor.execution, self.monitor.proof, NOW))

    def _write(self, transition: Transition) -> None:
        self.events += transition.events
        self.sent += [transition.outgoing] if transition.outgoing else []
        self.monitor.advance(transition)


def _finished(step: PlannedStep) -> dict[str, str | None]:
    return {"id": step.action_id, "state": "FINISHED", "command": "PICK"}


@pytest.mark.parametrize("module", ["MILL", "DRILL", "AIQS"])
def test_a_sequence_is_one_order_with_rising_numbers_whatever_number_the_module_tells(
    module: str,
) -> None:
    course = Course("module-sequence", {"module": module, "colour": "RED"})
    topic = address("module_state", serial=SERIALS[module])
    for number, step in enumerate(course.plan.steps, 1):
        assert len(course.sent) == number
        said = _finished(step)
        # The AIQS always tells 0 (PROTOCOL F.24).
        body = module_state(
            SERIALS[module], orderId=step.order_id, orderUpdateId=0, actionState=said
        )
        course.hears(topic, body)
    orders = [json.loads(out.payload) for out in course.sent]
    assert len({order["orderId"] for order in orders}) == 1
    numbers = [order["orderUpdateId"] for order in orders]
    assert numbers == list(range(numbers[0], numbers[0] + len(course.plan.steps)))
    assert course.events[-1].stage is Stage.EFFECT
    assert course.monitor.execution is None


def test_a_drive_goes_leg_by_leg_with_the_load_confirmed_between() -> None:
    course = Course("fts-navigate", {"preset": "DPS-HBW", "load_type": "RED"})
    topic = address("fts_state", serial=FTS)
    for number, step in enumerate(course.plan.steps):
        node = SERIALS["DPS"] if number < 2 else SERIALS["HBW"]
        done = {**_finished(step), "command": "DOCK"}
        order_id = course.plan.steps[0].order_id
        course.hears(topic, vehicle_state(node, orderId=order_id, actionStates=[done]))
    ways = [out.topic.rsplit("/", 1)[1] for out in course.sent]
    assert ways == ["order", "instantAction", "order", "instantAction"]
    assert course.events[-1].stage is Stage.EFFECT


def test_a_refusal_is_known_by_the_order_it_names() -> None:
    course = Course("module-sequence", {"module": "MILL", "colour": "RED"})
    refusal = {
        "errorType": "Validation",
        "errorLevel": "WARNING",
        "errorMessage": "OrderUpdateId not valid",
        "errorReferences": [{"orderId": course.plan.steps[0].order_id}, {"orderUpdateId": 1}],
    }
    old = {"id": "an-older-action", "state": "FAILED", "command": "PICK"}
    body = module_state(SERIALS["MILL"], orderId="old", actionState=old, errors=[refusal])
    course.hears(address("module_state", serial=SERIALS["MILL"]), body)
    assert course.events[-1].stage is Stage.FAILED
    assert "OrderUpdateId not valid" in course.events[-1].reasons[0].en
    assert course.events[-1].reasons[-1].id == "piece-left"
    assert len(course.sent) == 1


def test_a_bracket_that_ends_in_silence_says_what_can_be_done_unless_its_reason_does() -> None:
    silent = Course("module-sequence", {"module": "MILL", "colour": "RED"})
    topic = address("module_state", serial=SERIALS["MILL"])
    silent.hears(topic, module_state(SERIALS["MILL"]))
    assert silent.monitor.execution
    ended = transitions.on_silence(silent.monitor.execution, NOW + 99, (), blind=True).events[-1]
    assert [reason.id for reason in ended.reasons] == ["blind", "piece-left"]
    silent.hears(address("ccu_global"), {"type": "reset"})
    assert [reason.id for reason in silent.events[-1].reasons] == ["interrupted"]
