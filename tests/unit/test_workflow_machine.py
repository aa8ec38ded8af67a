"""Whatever the order of clicks, messages, restarts and silences, the bracket rules hold."""

import itertools
import json

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from omf.commands import Plan, Text, prepare
from omf.message import Message
from omf.workflow import Bracket, BracketError, Decided, WorkflowOrderManager
from tests.support.floor import SERIALS
from tests.support.known_factory import NOW, known_factory, module_state

STATE = known_factory()
MODULES = ("MILL", "DRILL", "AIQS")
ENDINGS = {
    "finished",
    "failed",
    "timed_out",
    "not_sent",
    "cancelled",
    "foreign_order",
    "reset",
}


class Workflow(RuleBasedStateMachine):
    """A manager among three modules, with clicks, device states and faults in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.manager = WorkflowOrderManager()
        self.now = NOW
        self.ids = itertools.count(1)
        self.sent: dict[str, list[int]] = {}
        """orderUpdateIds released per orderId."""
        self.proven: dict[str, int] = {}
        """Steps finished per bracket."""
        self.ended: set[str] = set()
        self.plans: list[Plan] = []

    def take(self, decided: Decided) -> None:
        for event in decided.events:
            assert event.bracket_id not in self.ended, "an event after the end"
            if event.type == "step_released":
                assert event.step is not None
                assert event.index == self.proven.get(event.bracket_id, 0)
                numbers = self.sent.setdefault(event.step.order_id, [])
                numbers.append(event.step.order_update_id or 0)
            if event.type == "step_finished":
                self.proven[event.bracket_id] = event.index + 1
            if event.type in ENDINGS:
                self.ended.add(event.bracket_id)
                assert event.type == "finished" or event.reason is not None
        self.manager = decided.manager

    def some(self, draw: int) -> Bracket:
        return self.manager.brackets[draw % len(self.manager.brackets)]

    @rule(module=st.sampled_from(MODULES), automatic=st.booleans())
    def open(self, *, module: str, automatic: bool) -> None:
        mode = "automatic" if automatic else "stepwise"
        parameters = {"module": module, "colour": "RED", "mode": mode}
        plan = prepare(
            "module-sequence",
            parameters,
            STATE,
            now=self.now,
            new_id=lambda: f"id-{next(self.ids)}",
        )
        name = f"cmd-{next(self.ids)}"
        if SERIALS[module] in self.manager.open_on:
            with pytest.raises(BracketError, match="works for"):
                self.manager.open(name, plan, self.now)
            return
        self.plans.append(plan)
        self.take(self.manager.open(name, plan, self.now))

    @precondition(lambda self: self.manager.brackets)
    @rule(which=st.integers(0, 9))
    def release(self, which: int) -> None:
        self.take(self.manager.release(self.some(which).id, self.now))

    @precondition(lambda self: self.manager.brackets)
    @rule(which=st.integers(0, 9), late=st.integers(0, 1))
    def acknowledge(self, which: int, late: int) -> None:
        bracket = self.some(which)
        self.take(self.manager.acknowledged(bracket.id, bracket.index - late, self.now))

    @precondition(lambda self: self.manager.brackets)
    @rule(which=st.integers(0, 9))
    def cancel(self, which: int) -> None:
        self.take(self.manager.cancel(self.some(which).id, self.now))

    @precondition(lambda self: self.manager.brackets)
    @rule(which=st.integers(0, 9))
    def expire(self, which: int) -> None:
        bracket = self.some(which)
        why = Text(de="abgelaufen", en="expired")
        self.take(self.manager.not_sent(bracket.id, bracket.index, self.now, why))

    @precondition(lambda self: self.plans)
    @rule(
        which=st.integers(0, 99),
        index=st.integers(0, 2),
        state=st.sampled_from(["RUNNING", "FINISHED", "FAILED"]),
        number=st.integers(0, 9),
    )
    def device_reports(self, which: int, index: int, state: str, number: int) -> None:
        """Any action of any plan ever made, old or present, with any orderUpdateId."""
        step = self.plans[which % len(self.plans)].steps[index]
        said = {"id": step.action_id, "state": state}
        body = module_state(
            step.device, orderId=step.order_id, orderUpdateId=number, actionState=said
        )
        topic = f"module/v1/ff/{step.device}/state"
        self.take(self.manager.observe(Message(topic, json.dumps(body).encode(), "1-0"), self.now))

    @rule(module=st.sampled_from(MODULES))
    def stranger_orders(self, module: str) -> None:
        body = {"orderId": "theirs", "action": {"id": "x", "command": "PICK", "metadata": {}}}
        topic = f"module/v1/ff/{SERIALS[module]}/order"
        self.take(self.manager.observe(Message(topic, json.dumps(body).encode(), "2-0"), self.now))
        assert SERIALS[module] not in self.manager.open_on

    @rule()
    def factory_resets(self) -> None:
        self.take(self.manager.observe(Message("ccu/global", b'{"type":"reset"}', "3-0"), self.now))
        assert self.manager.brackets == ()

    @rule(seconds=st.floats(0, 200))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.take(self.manager.tick(self.now))

    @rule()
    def restart(self) -> None:
        stored = WorkflowOrderManager.model_validate_json(self.manager.model_dump_json())
        assert stored == self.manager
        self.take(stored.resume(self.now))

    @invariant()
    def one_bracket_a_device(self) -> None:
        devices = [bracket.device for bracket in self.manager.brackets]
        assert len(devices) == len(set(devices)) == len(self.manager.devices)

    @invariant()
    def the_numbers_of_an_order_only_rise_and_none_is_sent_twice(self) -> None:
        for numbers in self.sent.values():
            assert numbers == sorted(set(numbers))

    @invariant()
    def nothing_that_ended_is_open(self) -> None:
        assert not self.ended & set(self.manager.devices)


TestWorkflow = Workflow.TestCase
TestWorkflow.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
