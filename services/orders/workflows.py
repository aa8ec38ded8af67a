"""Follows every accepted command to its outcome: receipts and factory messages in, events out."""

import asyncio
import logging
import math
from collections.abc import Callable, Sequence

from omf.commands import likely_cause
from omf.messages.message import Message
from services.common.process import logs
from services.common.process.failpoint import failpoint
from services.common.store import entries
from services.common.store.bus import Bus, StoreError
from services.common.store.consumer import StreamConsumer, StreamEntry
from services.common.store.keys import Command, CommandEvent, Reason, Receipt
from services.common.store.store_clock import StoreClock
from services.orders import metrics, progress, reasons
from services.orders.decision import View
from services.orders.holding import BACKLOG_S, against
from services.orders.interest import Interest
from services.orders.ledger import Ledger
from services.orders.pursuit import Change, Proof, Pursuit
from services.orders.view import JournalView, position
from services.orders.watched import Watched

PUBACK_GRACE_S = 7.0
"""A proof waits this long for the gateway's receipt, so that the stages stand in order."""
UNSENT_GRACE_S = 1.0
BLIND_MAX_S = 30.0
MAX_COURSES = 1000
"""Orders whose course is noted at a time; beyond, the oldest is let go."""

Tell = Callable[[Command, tuple[CommandEvent, ...]], None]

_log = logging.getLogger(__name__)


class WorkflowOrderManager:
    """Every workflow that is open: its order, its present step, and what proves it.

    The state is the pursuits the ledger keeps; orderId and the rising orderUpdateIds were frozen
    into their plans when they were accepted, so a restart goes on with the same numbers.
    """

    def __init__(
        self, bus: Bus, ledger: Ledger, view: JournalView, store_clock: StoreClock, tell: Tell
    ) -> None:
        """`tell` gets the events of a command once they are written."""
        self.tell = tell
        self.dropped: Callable[[str, bytes], bool] = lambda *_: False
        """Whether the broker acknowledged a publish and passed it on to nobody."""
        self._bus = bus
        self._clock = store_clock
        self._ledger = ledger
        self._view = view
        self._watched = Interest()
        self._blind_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._watched)

    async def open(self) -> None:
        """Take up what was awaited when the process ended, and hear again what it heard."""
        pursuits = await self._ledger.open()
        for pursuit in pursuits:
            self.watch(pursuit)
        heard = {p.command.command_id: position(p.journal_id) for p in pursuits}
        if not pursuits:
            return
        earliest = min(pursuits, key=lambda p: position(p.journal_id)).journal_id
        async for batch in self._view.past(earliest):
            for message in batch:
                for watched in self._watched.in_topic(message.topic):
                    if position(message.id) > heard[watched.command_id]:
                        watched.hear(message)

    def watch(self, pursuit: Pursuit) -> Watched:
        """Await the outcome of a command from now on."""
        watched = Watched(pursuit)
        self._watched.add(pursuit.command.command_id, watched)
        return watched

    def awaits(self, command_id: str) -> bool:
        """True if this command was accepted and its outcome, or its order's course, is awaited."""
        return self._watched.get(command_id) is not None

    def bracket(self, order_id: str) -> Watched | None:
        """The open bracket whose steps go out under this order id."""
        return next((w for w in self._watched if _works_under(w.pursuit, order_id)), None)

    def forget(self, command_id: str) -> None:
        """Nothing is awaited of this command any more."""
        self._watched.remove(command_id)

    def forget_all(self) -> None:
        """The store was emptied: the lives of all commands are gone with it."""
        self._watched = Interest()

    def hear(self, batch: Sequence[Message]) -> None:
        """Messages of the factory, in order."""
        for message in batch:
            for watched in self._watched.in_topic(message.topic):
                if watched.hear(message):
                    self._start(watched)
                if watched.satisfied:
                    self._watched.deafen(watched.command_id)

    async def receipt(self, entry: StreamEntry, inbox: StreamConsumer) -> None:
        """What the gateway told; ValidationError if it is no Receipt."""
        receipt = entries.decode(Receipt, entry.fields)
        watched = self._watched.get(receipt.command_id) or await self._late(receipt.command_id)
        if watched is None:
            await inbox.acknowledge(entry)
            return
        now = self._clock.now()
        async with watched.lock:
            while pursuit := watched.pursuit:
                change = progress.on_receipt(pursuit, receipt, await self._weighed(watched), now)
                if await self._write(watched, pursuit, change, receipt_id=entry.id):
                    break
            else:
                await inbox.acknowledge(entry)
        failpoint("orders.receipt")
        self._start(watched)

    async def _late(self, command_id: str) -> Watched | None:
        """A command accepted by another process of ours, which ended since."""
        pursuit = await self._ledger.reload(command_id)
        return self.watch(pursuit) if pursuit else None

    async def tick(self) -> None:
        """Twice a second: what time alone decides."""
        await self._clock.sync()
        self._follow_clock(self._clock.step())
        view = self._view.now(await self._bus.link("ingest"))
        metrics.VIEW_AGE.set(math.inf if view.age_s is None else view.age_s)
        if view.flaw:
            self._blind_at = view.now
        for watched in self._watched:
            await self._check_time(watched, view)
        await self._let_go()
        metrics.PENDING.set(len(self._watched))

    def _follow_clock(self, step_s: float) -> None:
        """Somebody set the store's clock: windows last as long as before."""
        now = self._clock.now()
        if step_s:
            _log.warning("the clock of the store was set by %+.1f s", step_s)
            self._blind_at += step_s
        for watched in self._watched:
            if watched.pursuit:
                ahead = watched.pursuit.shifted(max(step_s, 0.0)) if step_s else watched.pursuit
                watched.pursuit = ahead.begun_by(now)

    async def _check_time(self, watched: Watched, view: View) -> None:
        pursuit = watched.pursuit
        if pursuit is None:
            return
        late = pursuit.attempted_at and view.now > pursuit.attempted_at + PUBACK_GRACE_S
        if watched.proof and (late or watched.ripe):
            await self._settle(watched)
        elif pursuit.waiting:
            if view.now > pursuit.expires_at:
                await self._abandon(watched, view.now)
        elif pursuit.deadline is None:
            if view.now > pursuit.expires_at + UNSENT_GRACE_S:
                await self._never_sent(watched, view.now)
        elif min(view.now, view.folded_at) > pursuit.deadline or view.flaw:
            await self._check_silence(watched, pursuit.deadline, view)

    async def _check_silence(self, watched: Watched, deadline: float, view: View) -> None:
        pursuit = watched.pursuit
        if pursuit is None or view.now <= deadline:
            return
        blind = self._blind_at > (pursuit.looked_from or 0.0)
        if blind and view.now < min(self._blind_at + BACKLOG_S, deadline + BLIND_MAX_S):
            return
        watched.look_again()
        if watched.proof:
            await self._settle(watched)
            return
        why = self._likely(pursuit, blind=blind)
        async with watched.lock:
            if watched.pursuit is pursuit:
                change = progress.on_silence(pursuit, view.now, why, blind=blind)
                await self._write(watched, pursuit, change)

    def _likely(self, pursuit: Pursuit, *, blind: bool) -> tuple[Reason, ...]:
        """Why nothing happened, as far as it can be told."""
        step = pursuit.planned
        if not blind and self.dropped(step.topic, step.payload.encode()):
            return (reasons.NOT_PASSED_ON,)
        likely = likely_cause(pursuit.command.kind, pursuit.plan.parameters, self._view.state)
        return (reasons.cause(likely),) if likely else ()

    async def _abandon(self, watched: Watched, now: float) -> None:
        async with watched.lock:
            if (pursuit := watched.pursuit) and pursuit.waiting:
                await self._write(watched, pursuit, progress.on_abandoned(pursuit, now))

    async def _never_sent(self, watched: Watched, now: float) -> None:
        async with watched.lock:
            if (pursuit := watched.pursuit) and pursuit.attempted_at is None:
                change = progress.on_never_sent(pursuit, now)
                await self._write(watched, pursuit, change, unsent=True)

    async def _settle(self, watched: Watched) -> None:
        """Write what the proofs at hand mean."""
        async with watched.lock:
            while (proof := await self._weighed(watched)) and (pursuit := watched.pursuit):
                change = progress.on_proof(pursuit, proof, self._clock.now())
                await self._write(watched, pursuit, change)

    async def _weighed(self, watched: Watched) -> Proof | None:
        """The proof at hand, with what speaks against the step that it would let go."""
        while (proof := watched.proof) and (pursuit := watched.pursuit):
            if not pursuit.followed(proof):
                break
            view = self._view.now(await self._bus.link("ingest"))
            # A reset may have been heard while the link was asked for.
            if watched.proof is proof:
                return proof._replace(against=against(pursuit, proof, view))
        return proof

    async def _write(
        self,
        watched: Watched,
        pursuit: Pursuit,
        change: Change,
        *,
        receipt_id: str = "",
        unsent: bool = False,
    ) -> bool:
        """True once it stands; False if the store knew more, which was taken over."""
        answer = await self._ledger.advanced(pursuit, change, receipt_id=receipt_id, unsent=unsent)
        return await self.moved(watched, pursuit, change, answer)

    async def moved(self, watched: Watched, pursuit: Pursuit, change: Change, answer: str) -> bool:
        """Go on as the store answered; False if it knew more. Hold the lock of `watched`."""
        command_id = pursuit.command.command_id
        if answer == "stale":
            fresh = await self._ledger.reload(command_id)
            watched.turn(Change(fresh))
        elif answer == "written":
            failpoint("orders.advanced")
            watched.turn(change)
            self.tell(pursuit.command, change.events)
        if watched.pursuit is None:
            self.forget(command_id)
        return answer != "stale"

    async def _let_go(self) -> None:
        decided = [w for w in self._watched if w.pursuit and w.pursuit.decided]
        for watched in decided[: max(0, len(decided) - MAX_COURSES)]:
            async with watched.lock:
                if watched.pursuit:
                    await self._write(watched, watched.pursuit, Change(None))

    def _start(self, watched: Watched) -> None:
        """Settle soon, without holding up the journal; the tick comes back to what fails."""
        if not watched.ripe:
            return
        task = asyncio.create_task(self._settle_or_leave(watched))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle_or_leave(self, watched: Watched) -> None:
        proof = watched.proof.message_id if watched.proof else ""
        with logs.about(command_id=watched.command_id, message_id=proof):
            try:
                await self._settle(watched)
            except StoreError as error:
                _log.warning("a proof waits for the store: %s", error)


def _works_under(pursuit: Pursuit | None, order_id: str) -> bool:
    if pursuit is None or not pursuit.bracket:
        return False
    return any(step.order_id == order_id for step in pursuit.plan.steps)
