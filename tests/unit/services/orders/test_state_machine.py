"""Receipts, device states, clicks, restarts and silence in any order: a command goes its way once.

The machine drives what orders runs: the course of a execution and the watching of the journal.
"""

import itertools
import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from omf.commands import prepare
from omf.messages.message import Message
from omf.topics.catalogue import address
from services.common.store.keys import (
    FINAL_STAGES,
    CommandEvent,
    Outgoing,
    Receipt,
    ReceiptStage,
    Role,
    Stage,
)
from services.orders import transitions
from services.orders.effects import EffectMonitor
from services.orders.execution import CommandExecution, Transition
from tests.support.command_examples import command_of
from tests.support.factory import NOW, SERIALS, known_factory, module_state

MILL = SERIALS["MILL"]
STATE = known_factory()
EXPIRY_S = 5.0
LUCK = st.sampled_from([True, True, True, True, False])
"""What ends a command comes seldom, else no example would see its third step."""


class Course(RuleBasedStateMachine):
    """One module sequence, with everything that may happen to it in any order and repetition."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.numbers = itertools.count(1)
        self.events: list[CommandEvent] = []
        self.outbox: list[Outgoing] = []
        self.journal: list[Message] = []
        self.told: set[tuple[int, str]] = set()
        """What the gateway said of each step."""
        self.sent_when_cancelled: int | None = None
        self.sent_when_disturbed: int | None = None
        self.monitor: EffectMonitor | None = None
        self.away = False
        """Orders is down: what the factory says is only kept in the journal."""
        wish = {"module": "MILL", "colour": "RED"}
        self.automatic = prepare(
            "module-sequence", wish, STATE, now=NOW, new_id=lambda: f"id-{next(self.numbers)}"
        )

    @property
    def execution(self) -> CommandExecution | None:
        return self.monitor.execution if self.monitor else None

    @initialize(automatic=st.booleans())
    def begin(self, *, automatic: bool) -> None:
        command = command_of("module-sequence", role=Role.SUPERVISOR, created_at=self.now)
        transition = transitions.begin(
            command,
            self.automatic.model_copy(update={"automatic": automatic}),
            now=self.now,
            journal_id=f"{next(self.numbers)}-0",
            expires_at=self.now + EXPIRY_S,
            expiry_s=EXPIRY_S,
        )
        assert transition.execution
        self.monitor = EffectMonitor(transition.execution)
        self.note(transition)

    @precondition(lambda self: self.execution)
    @rule(stage=st.sampled_from(ReceiptStage), step=st.integers(0, 2), luck=LUCK)
    def gateway_tells_anything(self, stage: ReceiptStage, step: int, *, luck: bool) -> None:
        if not luck and any(entry.step == step for entry in self.outbox):
            self.gateway_tells(stage, step)

    @precondition(lambda self: self.execution)
    @rule(late=st.booleans())
    def gateway_sends(self, *, late: bool) -> None:
        """As it does on a good day; the same again when it was restarted."""
        assert self.execution
        step = self.execution.step
        if not self.execution.waiting and not late:
            self.gateway_tells(ReceiptStage.ATTEMPTED, step)
        if self.execution and not self.execution.waiting:
            self.gateway_tells(ReceiptStage.ACKNOWLEDGED, step)

    @precondition(lambda self: self.execution and not self.execution.waiting)
    @rule(words=st.sampled_from([("RUNNING", "FINISHED"), ("FINISHED",), ("FINISHED", "RUNNING")]))
    def step_runs_well(self, words: tuple[str, ...]) -> None:
        assert self.execution
        step = self.execution.step
        self.gateway_tells(ReceiptStage.ACKNOWLEDGED, step)
        for word in words:
            self.module_reports(step, word)

    def gateway_tells(self, stage: ReceiptStage, step: int) -> None:
        assert self.monitor
        assert self.execution
        self.told.add((step, stage.value))
        name = f"c/{step}"
        receipt = Receipt(outbox_id=name, command_id="c", step=step, stage=stage, at=self.now)
        self.write(transitions.on_receipt(self.execution, receipt, self.monitor.proof, self.now))

    @precondition(lambda self: self.outbox)
    @rule(
        back=st.integers(0, 2), word=st.sampled_from(["RUNNING", "FINISHED", "FAILED"]), luck=LUCK
    )
    def module_reports_anything(self, back: int, word: str, *, luck: bool) -> None:
        """Of a step that went out, perhaps long ago; what never went out is never reported."""
        if not (luck and word == "FAILED"):
            self.module_reports(max(0, len(self.outbox) - 1 - back), word)

    def module_reports(self, step: int, word: str) -> None:
        planned = self.automatic.steps[step]
        said = {"id": planned.action_id, "state": word, "command": "X", "timestamp": ""}
        body = module_state(MILL, orderId=planned.order_id, actionState=said)
        self.hear(address("module_state", serial=MILL), json.dumps(body))

    @precondition(lambda self: self.journal)
    @rule(which=st.integers(0, 99))
    def journal_repeats_itself(self, which: int) -> None:
        old = self.journal[which % len(self.journal)]
        self.hear(old.topic, old.payload.decode())

    @precondition(lambda self: self.monitor)
    @rule(reset=st.booleans(), luck=LUCK)
    def somebody_interferes(self, *, reset: bool, luck: bool) -> None:
        if luck:
            return
        self.disturb(reset=reset)

    def disturb(self, *, reset: bool) -> None:
        self.sent_when_disturbed = len(self.outbox)
        if reset:
            self.hear(address("ccu_global"), '{"type":"reset"}')
            return
        theirs = {"orderId": "theirs", "action": {"id": "x", "command": "PICK", "metadata": {}}}
        self.hear(address("module_order", serial=MILL), json.dumps(theirs))

    @precondition(
        lambda self: self.execution and self.execution.step == 1 and not self.execution.waiting
    )
    @rule(
        words=st.sampled_from([(), ("RUNNING",), ("FINISHED",), ("RUNNING", "FINISHED")]),
        reset=st.booleans(),
    )
    def orders_is_away_while_the_step_ends_and_somebody_interferes(
        self, words: tuple[str, ...], *, reset: bool
    ) -> None:
        assert self.execution
        step = self.execution.step
        self.gateway_tells(ReceiptStage.ACKNOWLEDGED, step)
        self.away = True
        for word in words:
            self.module_reports(step, word)
        self.disturb(reset=reset)
        self.away = False
        if self.execution:
            self.orders_restarts()

    @precondition(lambda self: self.execution and self.execution.waiting)
    @rule()
    def person_releases(self) -> None:
        assert self.execution
        self.write(transitions.release(self.execution, "bert", self.now))

    @precondition(lambda self: self.execution)
    @rule(luck=LUCK)
    def person_cancels(self, *, luck: bool) -> None:
        assert self.execution
        if luck:
            return
        if not self.execution.last_step or self.execution.waiting:
            self.sent_when_cancelled = len(self.outbox)
            self.write(transitions.cancel(self.execution, "bert", self.now))

    @precondition(lambda self: self.execution and self.execution.deadline)
    @rule(luck=LUCK)
    def window_passes_in_silence(self, *, luck: bool) -> None:
        assert self.execution
        if luck:
            return
        self.now = max(self.now, self.execution.deadline or 0.0) + 1
        self.write(transitions.on_silence(self.execution, self.now, (), blind=False))

    @precondition(lambda self: self.execution)
    @rule()
    def orders_restarts(self) -> None:
        """The execution comes back from the store, the messages behind it from the journal."""
        assert self.execution
        stored = CommandExecution.model_validate_json(self.execution.model_dump_json())
        assert stored == self.execution
        self.monitor = EffectMonitor(stored)
        behind = int(stored.journal_id.partition("-")[0])
        for message in self.journal:
            if int(message.id.partition("-")[0]) > behind:
                self.monitor.on_message(message)
        self.settle()

    def hear(self, topic: str, payload: str) -> None:
        assert self.monitor
        message = Message(topic, payload.encode(), id=f"{next(self.numbers)}-0")
        self.journal.append(message)
        if self.execution and not self.away and self.monitor.on_message(message):
            self.settle()

    def settle(self) -> None:
        """Write what ripe proofs mean, as the WorkflowOrderManager does."""
        assert self.monitor
        while self.monitor.ready and self.execution and self.monitor.proof:
            self.write(transitions.on_proof(self.execution, self.monitor.proof, self.now))

    def write(self, transition: Transition) -> None:
        assert self.monitor
        self.note(transition)
        self.monitor.advance(transition)
        self.settle()

    def note(self, transition: Transition) -> None:
        self.events += transition.events
        if transition.outgoing:
            self.outbox.append(transition.outgoing)

    @invariant()
    def steps_go_out_once_and_in_order(self) -> None:
        assert [entry.step for entry in self.outbox] == list(range(len(self.outbox)))

    @invariant()
    def a_step_follows_only_the_finished_of_the_one_before(self) -> None:
        finished = {
            json.loads(m.payload)["actionState"]["id"]
            for m in self.journal
            if b'"FINISHED"' in m.payload
        }
        before = self.automatic.steps[: len(self.outbox) - 1] if self.outbox else ()
        assert all(step.action_id in finished for step in before)

    @invariant()
    def there_is_one_end_and_nothing_after_it(self) -> None:
        ends = [n for n, event in enumerate(self.events) if event.stage in FINAL_STAGES]
        assert ends in ([], [len(self.events) - 1])
        assert bool(ends) == bool(self.monitor and self.execution is None)

    @invariant()
    def what_the_gateway_says_holds_for_the_step_it_names(self) -> None:
        for event in self.events:
            if event.stage in (Stage.REFUSED, Stage.EXPIRED, Stage.ACKNOWLEDGED):
                assert (event.step, event.stage.value) in self.told

    @invariant()
    def nothing_goes_out_once_it_was_cancelled(self) -> None:
        assert self.sent_when_cancelled in (None, len(self.outbox))

    @invariant()
    def nothing_goes_out_once_somebody_interfered(self) -> None:
        assert self.sent_when_disturbed in (None, len(self.outbox))

    @invariant()
    def events_are_counted(self) -> None:
        if self.execution:
            assert self.execution.told == len(self.events)


TestCourse = Course.TestCase
TestCourse.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
