"""Four eyes: dangerous commands wait here until a second person approves or declines them.

A command that waits is written down and its entry acknowledged; the answer, or its expiry, and the
same command as a new entry of `commands` are written in one step. So a crash at any point leaves it
waiting, or answered and handed over once; what it then means is decided anew, as ever.
"""

import logging
from dataclasses import replace
from importlib.resources import files

from omf.commands import Plan, fingerprint, kind_of
from omf.commands.command_types.approvals import APPROVAL_GIVE, APPROVAL_S
from omf.sequences.run import HELD_STATES, SequenceRun
from services.common.process.failpoint import failpoint
from services.common.store.approvals import (
    APPROVALS,
    ENDED_APPROVALS,
    PendingApproval,
    approval_of,
    ended_approvals,
    needed_role,
    read_approvals,
)
from services.common.store.consumer import StreamEntry
from services.common.store.keys import Command, Reason, Stage
from services.common.store.sequence_runs import ended_runs, open_run
from services.orders import reasons
from services.orders.decision import Decision, View
from services.orders.kept import kept_reasons
from services.orders.kept.owner import KeptOwner, OwnerContext
from services.orders.locks import run_of
from services.orders.records import waiting_event
from services.orders.repository import GROUP, Kept

MAX_APPROVALS = 20
"""More that wait at a time nobody oversees."""
KEPT_ANSWERED_S = 600.0
"""An answered command is decided on within milliseconds; after this its entry was lost."""

_HOLD = files("services.orders").joinpath("hold.lua").read_text("utf-8")
_log = logging.getLogger(__name__)


class ApprovalKeeper(KeptOwner[PendingApproval]):
    """The only writer of what waits for a second person; `judged` is called like `accept`.

    It alone adds to it, so it knows which commands may have an entry there, and asks the store for
    no other: each dangerous command, and all behind it, would wait for that answer. Until the first
    `tick` of a life it asks for each, for another process may have led before.
    """

    def __init__(self, context: OwnerContext) -> None:
        super().__init__(context)
        self._may_wait: set[str] = set()
        """Never too few: what is being written is in it before it is asked for."""
        self._life = 0
        self._looked_in = -1

    def forget(self) -> None:
        """The store was emptied, or holds what it held earlier: look again before trusting it."""
        self._life += 1

    async def judged(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> Decision | None:
        """The decision with the second person's word in it; None: the entry was taken, it waits."""
        if not _dangerous(command, decision.plan):
            return decision
        known = await self._known(command.command_id)
        if known is None:
            holds = view.lease.four_eyes and decision.stage is Stage.ACCEPTED
            return await self._hold(entry, command, decision, view) if holds else decision
        if known.verdict == "waits" or known.command != command:
            # A repetition, or another one under its id: the one that waits stays what it is.
            await self._held(entry, known)
            return None
        why = kept_reasons.approval_answer(known)
        if known.verdict == "approved":
            return replace(decision, reasons=(why, *decision.reasons))
        return Decision(Stage.REFUSED, (why,), decision.plan)

    async def _known(self, command_id: str) -> PendingApproval | None:
        if self._looked_in == self._life and command_id not in self._may_wait:
            return None
        return await approval_of(self._bus, command_id)

    async def _hold(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> Decision | None:
        if len(await read_approvals(self._bus)) >= MAX_APPROVALS:
            why = kept_reasons.too_many_approvals(MAX_APPROVALS)
            return Decision(Stage.REFUSED, (why,), decision.plan)
        failpoint("orders.before_hold")
        await self._held(entry, _pending(command, decision, view))
        _log.info("a command waits for a second person: %s", command.command_id)
        return None

    async def _held(self, entry: StreamEntry, one: PendingApproval) -> None:
        """Write down what waits, unless it does already; its entry is done with."""
        command_id = one.command.command_id
        self._may_wait.add(command_id)
        names = ("commands", f"command:{command_id}", APPROVALS, "events")
        told = one.event.model_dump_json()
        args = [GROUP, entry.id, command_id, one.model_dump_json(), told]
        await self._bus.script(_HOLD, [self._bus.key(name) for name in names], args)

    async def _wanted(
        self, command: Command, decision: Decision, view: View
    ) -> PendingApproval | Reason:
        given = decision.plan.parameters if decision.plan else {}
        wanted = str(given.get("command", ""))
        known = await approval_of(self._bus, wanted)
        if known is None:
            past = await ended_approvals(self._bus)
            known = next((one for one in past if one.command.command_id == wanted), None)
        if known is None:
            return kept_reasons.no_approval(wanted)
        if known.verdict != "waits":
            return kept_reasons.approval_answer(known)
        if not known.waits(view.now):
            return kept_reasons.approval_over(known)
        giving = command.kind == APPROVAL_GIVE
        if giving and (against := _not_the_second(command, known)):
            return against
        if giving and (run := await self._run_of(known)) and run.state in HELD_STATES:
            return kept_reasons.approval_of_run(run)
        verdict = "approved" if giving else "declined"
        return known.but(verdict=verdict, by=command.operator, at=view.now)

    def _done(self, _: Command, found: PendingApproval) -> Reason:
        return kept_reasons.approval_done(found)

    def _kept(self, found: PendingApproval) -> Kept:
        failpoint("orders.before_approval")
        where, body = (APPROVALS, ENDED_APPROVALS), found.model_dump_json()
        given = None if found.put_away else found.command
        name = found.command.command_id
        return Kept(where, name, found.revision, body, ended=found.put_away, given=given)

    async def tick(self) -> None:
        """Every second: end what nobody answered, and put away what was decided on."""
        life = self._life
        found = await read_approvals(self._bus)
        self._may_wait.update(one.command.command_id for one in found)
        self._looked_in = life
        if not found:
            return
        now = await self._bus.time()
        for one in found:
            if one.verdict == "waits" and (by := await self._cancelled_by(one)):
                await self._advanced(one.but(verdict="declined", by=by, at=now), one.command)
            elif one.verdict == "waits" and not one.waits(now):
                await self._advanced(one.but(verdict="expired", at=now), one.command)
            elif one.verdict != "waits" and await self._over(one, now):
                await self._advanced(one.but(put_away=True))

    async def _run_of(self, one: PendingApproval) -> SequenceRun | None:
        """The sequence it is a step of, while that goes on."""
        run_id = run_of(one.command)
        return await open_run(self._bus, run_id) if run_id else None

    async def _cancelled_by(self, one: PendingApproval) -> str:
        """Who has ended the sequence it is a step of: nothing more of that goes out."""
        run_id = run_of(one.command)
        if not run_id or await open_run(self._bus, run_id):
            return ""
        over = (run for run in await ended_runs(self._bus) if run.id == run_id)
        run = next(over, None)
        return (run.history[-1].by if run and run.history else "") or one.command.operator

    async def _over(self, one: PendingApproval, now: float) -> bool:
        decided = await self._bus.record(one.command.command_id) is not None
        return decided or now > one.at + KEPT_ANSWERED_S


def _dangerous(command: Command, plan: Plan | None) -> bool:
    """True for what a second person may have to approve; what cannot be built is refused anyway."""
    edited = command.edited is not None
    return plan is not None and kind_of(command.kind).needs_second(edited=edited)


def _pending(command: Command, decision: Decision, view: View) -> PendingApproval:
    """What waits, with the fingerprint of what the second person reads."""
    read = command.plan or fingerprint(command.kind, command.parameters, view.state, command.edited)
    steps = decision.plan.steps if decision.plan else ()
    asked, until = command.model_copy(update={"plan": read}), view.now + APPROVAL_S
    why = kept_reasons.approval_waits(needed_role(asked), until)
    return PendingApproval(
        command=asked,
        event=waiting_event(asked, why, view.now),
        asked_at=view.now,
        until=until,
        messages=tuple((step.topic, step.payload) for step in steps),
        notes=decision.reasons,
    )


def _not_the_second(command: Command, known: PendingApproval) -> Reason | None:
    """Why this person is not the second one."""
    if known.given_by(command.operator):
        return kept_reasons.APPROVAL_OWN
    if command.known_by != "account":
        return kept_reasons.APPROVAL_BY_NOBODY
    if not command.role.includes(known.needed):
        return reasons.role(command.role, known.needed)
    return None
