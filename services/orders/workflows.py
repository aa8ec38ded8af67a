"""Follows every accepted command to its outcome: receipts and factory messages in, events out."""

import asyncio
import logging
import math
from collections.abc import Sequence

from omf.commands import likely_cause
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from services.common.process import logs
from services.common.process.failpoint import failpoint
from services.common.store import alarm_lives, entries
from services.common.store.bus import Bus, StoreError
from services.common.store.consumer import StreamConsumer, StreamEntry
from services.common.store.keys import Reason, Receipt
from services.common.store.store_clock import StoreClock
from services.orders import metrics, reasons, transitions
from services.orders.command_observers import CommandObservers
from services.orders.decision import BACKLOG_S, View, violations
from services.orders.effects import EffectMonitor, TopicIndex
from services.orders.execution import CommandExecution, Proof, Transition
from services.orders.records import receipt_lane
from services.orders.repository import GROUP, CommandRepository
from services.orders.view import JournalView

PUBACK_GRACE_S = 7.0
"""A proof waits this long for the gateway's receipt, so that the stages stand in order."""
UNSENT_GRACE_S = 1.0
BLIND_MAX_S = 30.0
MAX_COURSES = 1000
"""Orders whose course is noted at a time; beyond, the oldest is let go."""

_log = logging.getLogger(__name__)


class WorkflowOrderManager:
    """Every workflow that is open: its order, its present step, and what proves it.

    The state is the executions the repository keeps; orderId and the rising orderUpdateIds were
    frozen into their plans when they were accepted, so a restart goes on with the same numbers.

    Called in the event loop of orders: `on_receipt` by `inbox`, the receipts of one command in
    order; `on_messages` by the reader of the journal, in its order and without waiting; `tick` by
    a timer; `watch`, `forget` and `after_write` by CommandService. What changes an execution holds
    the lock of its monitor. StoreError: the receipt is tried again, the proof waits for the next
    tick. A crash loses nothing: `open` takes up what the store has and hears the journal again.
    """

    def __init__(
        self,
        bus: Bus,
        repository: CommandRepository,
        view: JournalView,
        store_clock: StoreClock,
        observers: CommandObservers,
    ) -> None:
        self.inbox = StreamConsumer(bus, "receipts", GROUP, self.on_receipt, lane=receipt_lane)
        self._observers = observers
        self._bus = bus
        self._clock = store_clock
        self._repository = repository
        self._view = view
        self._index = TopicIndex()
        self._blind_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Take up what was awaited when the process ended, and hear again what it heard."""
        executions = await self._repository.open()
        for execution in executions:
            self.watch(execution)
        await self._replay(executions)

    async def _replay(self, executions: Sequence[CommandExecution], until: str = "") -> None:
        """Let them hear what the journal holds behind what they have heard, or up to `until`."""
        if not all(one.planned.published for one in executions):
            self.on_messages(await alarm_lives.past_passages(self._bus))
        heard = {one.command.command_id: StreamId.parse(one.journal_id) for one in executions}
        if not heard:
            return
        async for batch in self._view.past(str(min(heard.values()))):
            for message in batch:
                at = StreamId.parse(message.id)
                if until and at > StreamId.parse(until):
                    return
                for monitor in self._index.monitors_of(message.topic):
                    if at > heard.get(monitor.command_id, at):
                        monitor.on_message(message)

    def watch(self, execution: CommandExecution) -> EffectMonitor:
        """Await the outcome of a command from now on."""
        monitor = EffectMonitor(execution)
        self._index.add(execution.command.command_id, monitor)
        return monitor

    async def take_up(self, command_id: str) -> EffectMonitor | None:
        """Await what the store has of a command, though nobody here saw it written; or None."""
        if monitor := self._index.get(command_id):
            return monitor
        if (execution := await self._repository.reload(command_id)) is None:
            return None
        monitor = self.watch(execution)
        await self._replay((execution,), until=self._view.journal_id)
        return monitor

    def awaits(self, command_id: str) -> bool:
        """True if this command was accepted and its outcome, or its order's course, is awaited."""
        return self._index.get(command_id) is not None

    def bracket(self, order_id: str) -> EffectMonitor | None:
        """The open bracket whose steps go out under this order id."""
        return next((one for one in self._index if one.steers(order_id)), None)

    def forget(self, command_id: str) -> None:
        """Nothing is awaited of this command any more."""
        self._index.remove(command_id)

    def forget_all(self) -> None:
        """The store was emptied: the lives of all commands are gone with it."""
        self._index = TopicIndex()

    def on_messages(self, batch: Sequence[Message]) -> None:
        """Messages of the factory, in order."""
        for message in batch:
            for monitor in self._index.monitors_of(message.topic):
                if monitor.on_message(message):
                    self._start(monitor)
                if monitor.conclusive:
                    self._index.unsubscribe(monitor.command_id)

    async def on_receipt(self, entry: StreamEntry) -> None:
        """What the gateway told; ValidationError if it is no Receipt."""
        receipt = entries.decode(Receipt, entry.fields)
        monitor = await self.take_up(receipt.command_id)
        if monitor is None:
            await self.inbox.acknowledge(entry)
            return
        now = self._clock.now()
        async with monitor.lock:
            while execution := monitor.execution:
                proof = await self._checked_proof(monitor)
                transition = transitions.on_receipt(execution, receipt, proof, now)
                if await self._write(monitor, execution, transition, receipt_id=entry.id):
                    break
            else:
                await self.inbox.acknowledge(entry)
        failpoint("orders.receipt")
        self._start(monitor)

    async def tick(self) -> None:
        """Twice a second: what time alone decides."""
        await self._clock.sync()
        if step_s := self._clock.step():
            _log.warning("the clock of the store was set by %+.1f s", step_s)
            self._blind_at += step_s
        for monitor in self._index:
            monitor.follow_clock(step_s, self._clock.now())
        view = await self._view.latest()
        metrics.VIEW_AGE.set(math.inf if view.age_s is None else view.age_s)
        self._blind_at = max(self._blind_at, view.blind_until)
        for monitor in self._index:
            if monitor.moved:
                await self._keep(monitor)
            await self._check_time(monitor, view)
        await self._evict()
        metrics.PENDING.set(len(self._index))

    async def _check_time(self, monitor: EffectMonitor, view: View) -> None:
        execution = monitor.execution
        if execution is None:
            return
        late = execution.attempted_at and view.now > execution.attempted_at + PUBACK_GRACE_S
        if monitor.proof and (late or monitor.ready):
            await self._settle(monitor)
        elif execution.waiting:
            if view.now > execution.expires_at:
                abandoned = transitions.on_abandoned(execution, view.now)
                await self._time_out(monitor, execution, abandoned)
        elif execution.deadline is None:
            if view.now > execution.expires_at + UNSENT_GRACE_S:
                unsent = transitions.on_never_sent(execution, view.now)
                await self._time_out(monitor, execution, unsent, unsent=True)
        elif min(view.now, view.folded_at) > execution.deadline or view.flaw:
            await self._check_silence(monitor, execution.deadline, view)

    async def _check_silence(self, monitor: EffectMonitor, deadline: float, view: View) -> None:
        if (execution := monitor.execution) is None or view.now <= deadline:
            return
        behind = view.heard_until <= deadline
        blind = execution.planned.published and (behind or execution.unseen_until(self._blind_at))
        back = math.inf if behind else self._blind_at + BACKLOG_S
        if blind and view.now < min(back, deadline + BLIND_MAX_S):
            return
        monitor.recheck()
        if monitor.proof:
            await self._settle(monitor)
            return
        why = self._likely(execution, blind=blind)
        silent = transitions.on_silence(execution, view.now, why, blind=blind)
        await self._time_out(monitor, execution, silent)

    def _likely(self, execution: CommandExecution, *, blind: bool) -> tuple[Reason, ...]:
        """Why nothing happened, as far as it can be told."""
        step = execution.planned
        if not blind and self._observers.probe.dropped(step.topic, step.payload.encode()):
            return (reasons.NOT_PASSED_ON,)
        likely = likely_cause(execution.command.kind, execution.plan.parameters, self._view.state)
        return (reasons.cause(likely),) if likely else ()

    async def _time_out(
        self,
        monitor: EffectMonitor,
        execution: CommandExecution,
        transition: Transition,
        *,
        unsent: bool = False,
    ) -> None:
        """Write what time decided, unless something else came first."""
        async with monitor.lock:
            if monitor.execution is execution:
                await self._write(monitor, execution, transition, unsent=unsent)

    async def _settle(self, monitor: EffectMonitor) -> None:
        """Write what the proofs at hand mean."""
        async with monitor.lock:
            while proof := await self._checked_proof(monitor):
                if (execution := monitor.execution) is None:
                    return
                transition = transitions.on_proof(execution, proof, self._clock.now())
                await self._write(monitor, execution, transition)

    async def _checked_proof(self, monitor: EffectMonitor) -> Proof | None:
        """The proof at hand, with the violated preconditions of the step that it would let go."""
        while (proof := monitor.proof) and (execution := monitor.execution):
            if not execution.followed(proof):
                break
            view = await self._view.latest()
            # A reset may have been heard while the link was asked for.
            if monitor.proof is proof:
                return proof._replace(violations=violations(execution, proof, view))
        return proof

    async def _write(
        self,
        monitor: EffectMonitor,
        execution: CommandExecution,
        transition: Transition,
        *,
        receipt_id: str = "",
        unsent: bool = False,
    ) -> bool:
        """True once it stands; False if the store knew more, which was taken over."""
        answer = await self._repository.advanced(
            execution, transition, receipt_id=receipt_id, unsent=unsent
        )
        return await self.after_write(monitor, transition, answer)

    async def after_write(
        self, monitor: EffectMonitor, transition: Transition, answer: str
    ) -> bool:
        """Go on as the store answered; False if it knew more. Hold the lock of `monitor`."""
        if answer == "stale":
            monitor.advance(Transition(await self._repository.reload(monitor.command_id)))
        elif answer == "written":
            failpoint("orders.advanced")
            monitor.advance(transition)
            self._observers.on_events(monitor.command, transition.events)
        if monitor.execution is None:
            self.forget(monitor.command_id)
        return answer != "stale"

    async def _evict(self) -> None:
        decided = [one for one in self._index if one.execution and one.execution.decided]
        for monitor in decided[: max(0, len(decided) - MAX_COURSES)]:
            await self._keep(monitor, awaited=False)

    async def _keep(self, monitor: EffectMonitor, *, awaited: bool = True) -> None:
        """Write the execution as it stands, or that nothing is awaited of it any more."""
        async with monitor.lock:
            if execution := monitor.execution:
                await self._write(monitor, execution, Transition(execution if awaited else None))

    def _start(self, monitor: EffectMonitor) -> None:
        """Settle soon, without holding up the journal; the tick comes back to what fails."""
        if not monitor.ready:
            return
        task = asyncio.create_task(self._settle_or_leave(monitor))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle_or_leave(self, monitor: EffectMonitor) -> None:
        proof = monitor.proof.message_id if monitor.proof else ""
        with logs.about(command_id=monitor.command_id, message_id=proof):
            try:
                await self._settle(monitor)
            except StoreError as error:
                _log.warning("a proof waits for the store: %s", error)
