"""Decides on each entry of `commands`, once, and writes all that follows in one step.

The way of a command, from the stream to its end:

 1. services/common/store/consumer.py `StreamConsumer.take`: entry by entry
 2. services/orders/service.py `CommandService.handle`: the command of the entry
 3. services/orders/records.py `lenient_decode`: or why the entry is none
 4. services/orders/decision.py `decide`: plan, interlocks, role, age of the view
 5. services/orders/transitions.py `begin`: the execution, its first events, the bytes to send
 6. services/orders/workflows.py `WorkflowOrderManager.watch`: its effect is awaited from now on
 7. services/orders/repository.py `CommandRepository.decided`: decide.lua writes all of it
 8. services/gateway/service.py `PublishService.handle`: outbox to broker, and the receipts
 9. services/orders/workflows.py `WorkflowOrderManager.on_receipt`: what became of the publish
10. services/orders/transitions.py `on_receipt`: the stages that follow from it
11. services/orders/view.py `JournalView.fold`: the messages of the factory
12. services/orders/effects.py `EffectMonitor.on_message`: one of them is the proof
13. services/orders/transitions.py `on_proof`: the end, or the next step (8 again)
14. services/orders/repository.py `CommandRepository.advanced`: advance.lua writes it
15. services/orders/command_observers.py `CommandObservers.on_events`: metrics, log, trace

What time alone decides comes in through `WorkflowOrderManager.tick` in place of 9 to 13.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple
from uuid import uuid4

from omf.commands import ALARM_ACTS, BRACKETS, HANDOVER_ACTS, LEASES
from services.common.process import clock, logs, tracing
from services.common.process.failpoint import failpoint
from services.common.store.bus import Bus
from services.common.store.consumer import StreamConsumer, StreamEntry
from services.common.store.keyed_workers import UnderWay
from services.common.store.keys import AuditRecord, Command, CommandEvent, LinkHealth, Reason, Stage
from services.common.store.lease import Lease
from services.orders import metrics, reasons, transitions
from services.orders.command_observers import CommandObservers
from services.orders.decision import (
    Decision,
    View,
    decide,
    refused,
    steering_plan,
    steering_violations,
)
from services.orders.effects import EffectMonitor
from services.orders.entrance import Entrance
from services.orders.execution import CommandExecution, Transition
from services.orders.locks import lease_outcome, lock_held, lock_label, transfer_lease
from services.orders.records import audit_record, completed_events, lenient_decode, rejection_events
from services.orders.repository import GROUP, CommandRepository, LeaseChangedError, LockConflict
from services.orders.view import JournalView
from services.orders.workflows import WorkflowOrderManager

Carrying = Callable[[StreamEntry, Command, Decision, View], Awaitable[tuple[Reason, ...]]]
"""Carries out an accepted command; the reasons why it cannot be, if there are any."""
Judging = Callable[[StreamEntry, Command, Decision, View], Awaitable[Decision | None]]
"""Asks for a second person where one is needed; None: the entry was taken, the command waits."""


async def _as_decided(_: StreamEntry, __: Command, decision: Decision, ___: View) -> Decision:
    return decision


class DecidedElsewhere(NamedTuple):
    """What other parts of orders have a say in."""

    judged: Judging = _as_decided
    owned: Mapping[str, Carrying] = MappingProxyType({})
    """What is done with the kinds that another part carries out."""


LINK_FRESH_S = 0.05
"""What ingest tells of its link is up to a second old anyway."""


class CommandService:
    """The only one who accepts a command.

    `inbox` calls `handle` and `give_up` in the event loop, in the order of the stream: a decision
    begins once the one before it is on its way to the store, which runs them in that order. What
    concerns more than its own devices (lease, brackets, what is kept) waits for all before it and
    lets none begin. StoreError: the entry is tried again. A crash before the script has run leaves
    the entry pending and nothing written; after it, the entry is acknowledged and known.
    """

    def __init__(
        self,
        bus: Bus,
        repository: CommandRepository,
        view: JournalView,
        workflows: WorkflowOrderManager,
        observers: CommandObservers,
        elsewhere: DecidedElsewhere,
    ) -> None:
        self._admission = observers.admission
        self._entrance = Entrance(bus, repository, self._admission, self._current_view)
        self.inbox = StreamConsumer(bus, "commands", GROUP, self.handle, give_up=self.give_up)
        self.inbox.gate = self._entrance
        self._writing = UnderWay()
        self._bus = bus
        self._repository = repository
        self._view = view
        self._workflows = workflows
        self._observers = observers
        self._elsewhere = elsewhere
        self._link_asked_at = -LINK_FRESH_S
        self._link: LinkHealth | None = None

    async def handle(self, entry: StreamEntry) -> None:
        """Decide on an entry, whatever it holds; a command already known changes nothing."""
        command, error = self._entrance.read(entry, self._view.time)
        try:
            await self._judge(entry, command, error)
        finally:
            self._admission.decided(command.command_id)
            if not self._workflows.awaits(command.command_id):
                self._admission.left(command.command_id, clock.monotonic(), done=True)

    async def _judge(self, entry: StreamEntry, command: Command, error: Reason | None) -> None:
        facts = {"command_id": command.command_id, "environment": self._bus.environment}
        with (
            logs.about(command_id=command.command_id),
            tracing.span("orders decides", command.trace, kind=command.kind, **facts),
        ):
            if self._workflows.awaits(command.command_id):
                metrics.DUPLICATES.inc()
                await self.inbox.acknowledge(entry)
                return
            view = await self._current_view()
            if command.kind in ALARM_ACTS | HANDOVER_ACTS:
                await self._view.hear_alarms()
            failpoint("orders.before_decision")
            await self._decide(entry, command, error, view)
            failpoint("orders.after_decision")

    async def give_up(self, entry: StreamEntry) -> None:
        """Refuse what could not be decided however often it was tried: nobody waits in vain."""
        command, _ = lenient_decode(entry, self._bus.environment)
        await self._decide(entry, command, reasons.GIVEN_UP, await self._current_view())

    async def _decide(
        self, entry: StreamEntry, command: Command, error: Reason | None, view: View
    ) -> None:
        """Judge and write; anew as long as the lease changes in between."""
        while True:
            decision = refused(error) if error else decide(command, entry.at, view, _new_id)
            try:
                await self._carry_out(entry, command, decision, view)
            except LeaseChangedError:
                view = await self._current_view()
            else:
                return

    async def _carry_out(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> None:
        judged = await self._elsewhere.judged(entry, command, decision, view)
        if judged is None:
            return
        decision = judged
        if decision.stage is Stage.ACCEPTED:
            way = self._way_of(command.kind)
            if way != self._accept:
                await self._writing.empty()
            why = await way(entry, command, decision, view)
            if not why:
                return
            decision = Decision(Stage.REFUSED, why, decision.plan)
        audit = audit_record(command, decision, view)
        await self._write(entry, audit, rejection_events(command, decision, view.now))

    def _way_of(self, kind: str) -> Carrying:
        """What is done with an accepted command of this kind."""
        if kind in LEASES:
            return self._transfer_lease
        if carry_out := self._elsewhere.owned.get(kind):
            return carry_out
        return self._steer if kind in BRACKETS else self._accept

    async def _accept(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> tuple[Reason, ...]:
        """Send the first step; why not, if another command locked what it needs."""
        begun = _beginning(command, decision, view)
        # Watched before it is written: the factory can answer before the store has.
        if begun.execution:
            self._workflows.watch(begun.execution)
        written: LockConflict | bool | None = None
        try:
            audit = audit_record(command, decision, view)
            written = await self._write(entry, audit, begun.events, begun)
        finally:
            # Not awaited unless it stands: else its entry would pass for a repetition next time.
            if written is not True:
                self._workflows.forget(command.command_id)
        if not isinstance(written, LockConflict):
            if not written:
                await self._workflows.take_up(command.command_id)
            if begun.outgoing is None:
                self._admission.left(command.command_id, clock.monotonic(), done=True)
            return ()
        what = lock_label(written.what, decision.plan, view.state)
        return (lock_held(what, written.lock, view.now),)

    async def _transfer_lease(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> tuple[Reason, ...]:
        """Nothing goes to the factory: who leads is ours to say, so it stands at once."""
        given = decision.plan.parameters if decision.plan else {}
        lease = transfer_lease(command.kind, given, command.operator, view.lease, view.now)
        if isinstance(lease, Reason):
            return (lease,)
        done = Decision(Stage.EFFECT, (lease_outcome(lease),), decision.plan)
        events = completed_events(command, done.reasons, view.now)
        audit = audit_record(command, done, view)
        await self._write(entry, audit, events, lease=lease)
        return ()

    async def _steer(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> tuple[Reason, ...]:
        """Write the command and what it does to its bracket in one step; else why it cannot be."""
        order_id = decision.plan.parameters["order_id"] if decision.plan else ""
        monitor = self._workflows.bracket(order_id)
        if monitor is None:
            return (reasons.no_bracket(order_id),)
        async with monitor.lock:
            while execution := monitor.execution:
                plan = steering_plan(decision.plan, execution, view)
                if why := steering_violations(command, execution, plan):
                    return why
                done = (reasons.steered(command.kind, execution.step),)
                decided = replace(decision, stage=Stage.EFFECT, reasons=done, plan=plan)
                audit = audit_record(command, decided, view)
                if await self._write_steering(entry, audit, monitor, execution):
                    return ()
        return (reasons.no_bracket(order_id),)

    async def _write_steering(
        self,
        entry: StreamEntry,
        audit: AuditRecord,
        monitor: EffectMonitor,
        execution: CommandExecution,
    ) -> bool:
        """True if it stands, now or from an earlier life of this process."""
        command, now = audit.command, audit.at
        events = completed_events(command, audit.reasons, now, execution.planned.order_id)
        transition = transitions.STEERING[command.kind](execution, command.operator, now)
        answer = await self._repository.steered(entry, audit, events, (execution, transition))
        if answer == "written":
            self._observers.on_events(command, events)
        return await self._workflows.after_write(monitor, transition, answer)

    async def _write(
        self,
        entry: StreamEntry,
        audit: AuditRecord,
        events: tuple[CommandEvent, ...],
        transition: Transition | None = None,
        *,
        lease: Lease | None = None,
    ) -> LockConflict | bool:
        with self._writing.one():
            if lease is None:
                self.inbox.go_on(entry)
            written = await self._repository.decided(entry, audit, events, transition, lease)
        if written is True:
            self._observers.on_events(audit.command, events)
        elif written is False:
            metrics.DUPLICATES.inc()
        return written

    async def _current_view(self) -> View:
        """The factory by now; the word of ingest on its link counts for a whole rush."""
        if clock.monotonic() > self._link_asked_at + LINK_FRESH_S:
            self._link_asked_at = clock.monotonic()
            self._link = await self._bus.link("ingest")
        return replace(self._view.now(self._link), lease=self._repository.lease)


def _new_id() -> str:
    return str(uuid4())


def _beginning(command: Command, decision: Decision, view: View) -> Transition:
    if decision.plan is None:
        raise ValueError("an accepted command has a plan")
    return transitions.begin(
        command,
        decision.plan,
        now=view.now,
        journal_id=view.journal_id,
        expires_at=decision.expires_at,
        expiry_s=decision.expiry_s,
        why=decision.reasons,
    )
