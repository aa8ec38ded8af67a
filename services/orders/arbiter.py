"""Decides on each entry of `commands`, once, and writes all that follows in one step."""

from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

from omf.commands import CONTROLS, LEASES
from services.common.auth.rate_limiter import RateLimiter
from services.common.process import clock, logs, tracing
from services.common.process.failpoint import failpoint
from services.common.store.bus import Bus
from services.common.store.consumer import StreamConsumer, StreamEntry
from services.common.store.keys import Command, CommandEvent, LinkHealth, Reason, Stage
from services.orders import claims, lease_reasons, leasing, metrics, progress, reasons, salvage
from services.orders.brackets import Brackets
from services.orders.decision import Decision, View, decide
from services.orders.ledger import LeaseMovedError, Ledger, Occupied
from services.orders.pursuit import Change
from services.orders.view import JournalView
from services.orders.workflows import WorkflowOrderManager
from services.orders.written import carried_out, written_down

LINK_FRESH_S = 0.05
"""What ingest tells of its link is up to a second old anyway."""


class Arbiter:
    """The only one who says yes."""

    def __init__(
        self, bus: Bus, ledger: Ledger, view: JournalView, workflows: WorkflowOrderManager
    ) -> None:
        self._bus = bus
        self._ledger = ledger
        self._view = view
        self._workflows = workflows
        self._brackets = Brackets(ledger, workflows)
        self._asked = -LINK_FRESH_S
        self._told: LinkHealth | None = None
        self._pace = RateLimiter()

    async def handle(self, entry: StreamEntry, inbox: StreamConsumer) -> None:
        """Decide on an entry, whatever it holds; a command already known changes nothing."""
        command, flaw = salvage.read(entry, self._bus.environment)
        facts = {"command_id": command.command_id, "environment": self._bus.environment}
        with (
            logs.about(command_id=command.command_id),
            tracing.span("orders decides", command.trace, kind=command.kind, **facts),
        ):
            await self._handle(entry, inbox, command, flaw)

    async def give_up(self, entry: StreamEntry) -> None:
        """Refuse what could not be decided however often it was tried: nobody waits in vain."""
        command, _ = salvage.read(entry, self._bus.environment)
        told = False
        while not told:
            with suppress(LeaseMovedError):
                view = await self._seen()
                await self._reject(entry, command, _unreadable(reasons.GIVEN_UP), view)
                told = True

    async def _handle(
        self, entry: StreamEntry, inbox: StreamConsumer, command: Command, flaw: Reason | None
    ) -> None:
        if self._workflows.awaits(command.command_id):
            metrics.DUPLICATES.inc()
            await inbox.acknowledge(entry)
            return
        view = await self._seen()
        flaw = flaw or self._hurry(command, min(entry.at, view.now))
        while True:
            decision = _decision(command, entry.at, view) if flaw is None else _unreadable(flaw)
            failpoint("orders.before_decision")
            try:
                await self._carry_out(entry, command, decision, view)
            except LeaseMovedError:
                view = await self._seen()
            else:
                break
        failpoint("orders.after_decision")

    async def _seen(self) -> View:
        return replace(self._view.now(await self._link()), lease=self._ledger.lease)

    def _hurry(self, command: Command, at: float) -> Reason | None:
        """Nobody is made to wait for what only holds something back."""
        control = CONTROLS.get(command.kind)
        if control and control.holds_back:
            return None
        return reasons.TOO_FAST if self._pace.wait_s(command.operator, at) else None

    async def _carry_out(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> None:
        if decision.stage is not Stage.ACCEPTED:
            await self._reject(entry, command, decision, view)
        elif command.kind in LEASES:
            await self._pass(entry, command, decision, view)
        elif command.kind in CONTROLS:
            await self._steer(entry, command, decision, view)
        else:
            await self._accept(entry, command, decision, view)

    async def _link(self) -> LinkHealth | None:
        """The reading side's own word; one that has just been read counts for a whole rush."""
        if clock.monotonic() > self._asked + LINK_FRESH_S:
            self._asked, self._told = clock.monotonic(), await self._bus.link("ingest")
        return self._told

    async def _accept(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> None:
        change = _beginning(command, decision, view)
        # Watched before it is written: the factory can answer before the store has.
        if change.pursuit:
            self._workflows.watch(change.pursuit)
        audit = written_down(command, decision, view)
        try:
            written = await self._ledger.decided(entry, audit, change.events, change)
        except LeaseMovedError:
            self._workflows.forget(command.command_id)
            raise
        if written is True:
            self._workflows.tell(command, change.events)
            return
        self._workflows.forget(command.command_id)
        if isinstance(written, Occupied):
            what = claims.spoken(written.what, decision.plan, view.state)
            faster = reasons.occupied(what, written.claim, view.now)
            refusal = Decision(Stage.REFUSED, (faster,), decision.plan)
            await self._reject(entry, command, refusal, view)
        else:
            metrics.DUPLICATES.inc()

    async def _pass(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> None:
        """Nothing goes to the factory: who leads is ours to say, so it stands at once."""
        given = decision.plan.parameters if decision.plan else {}
        lease = leasing.passed(command.kind, given, command.operator, view.lease, view.now)
        if isinstance(lease, Reason):
            refusal = Decision(Stage.REFUSED, (lease,), decision.plan)
            await self._reject(entry, command, refusal, view)
            return
        done = Decision(Stage.EFFECT, (lease_reasons.leads(lease),), decision.plan)
        audit = written_down(command, done, view)
        told = carried_out(command, done.reasons, view.now)
        if await self._ledger.decided(entry, audit, told, lease=lease) is True:
            self._workflows.tell(command, told)
        else:
            metrics.DUPLICATES.inc()

    async def _steer(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> None:
        why = await self._brackets.steer(entry, command, decision, view)
        if why is not None:
            refusal = Decision(Stage.REFUSED, why, decision.plan)
            await self._reject(entry, command, refusal, view)

    async def _reject(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> None:
        told = tuple(
            CommandEvent(
                command_id=command.command_id,
                kind=command.kind,
                stage=stage,
                at=view.now,
                operator=command.operator,
                reasons=() if stage is Stage.REQUESTED else decision.reasons,
            )
            for stage in (Stage.REQUESTED, decision.stage)
        )
        audit = written_down(command, decision, view)
        if await self._ledger.decided(entry, audit, told) is True:
            self._workflows.tell(command, told)
        else:
            metrics.DUPLICATES.inc()


def _decision(command: Command, asked_at: float, view: View) -> Decision:
    return decide(command, asked_at, view, lambda: str(uuid4()))


def _unreadable(flaw: Reason) -> Decision:
    return Decision(Stage.REFUSED, (flaw,))


def _beginning(command: Command, decision: Decision, view: View) -> Change:
    if decision.plan is None:
        raise ValueError("an accepted command has a plan")
    return progress.begin(
        command,
        decision.plan,
        now=view.now,
        journal_id=view.journal_id,
        expires_at=decision.expires_at,
        expiry_s=decision.expiry_s,
        why=decision.reasons,
    )
