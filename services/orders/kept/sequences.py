"""Owner of the runs of sequences: starts and steers them, and takes each step when it is due.

The store alone holds a run (`services/common/store/sequence_runs.py`); what happens to it says
`omf/sequences/course.py`. Each command of a run is handed to orders' own stream in the step that
writes the run, under an id made of the run's and its number, and is decided on like any other.
"""

import logging
from functools import partial

from omf.commands import KINDS, CommandError, PlanPart, changed_parts, fingerprint, prepare
from omf.commands.command_types.sequences import (
    SEQUENCE_CANCEL,
    SEQUENCE_CONTINUE,
    SEQUENCE_HOLD,
    SEQUENCE_START,
)
from omf.sequences import conditions, course
from omf.sequences.conditions import Judged
from omf.sequences.course import CommandEnd, Facts, Gift
from omf.sequences.program import compiled
from omf.sequences.reading import steps_of
from omf.sequences.run import HELD_STATES, SequenceRun
from omf.sequences.written import Condition, WantedCommand
from omf.texts import Text, text
from services.common.process import clock, logs
from services.common.process.clock import CLOCK_SLACK_S
from services.common.process.failpoint import failpoint
from services.common.store.approvals import approval_of
from services.common.store.keys import FINAL_STAGES, Command, Reason, Role, Stage
from services.common.store.sequence_runs import (
    ENDED_RUNS,
    OPEN_RUNS,
    RUNS_SEEN,
    ended_runs,
    open_run,
    open_runs,
)
from services.common.store.store_clock import StoreClock
from services.orders import reasons
from services.orders.decision import Decision, View, decide
from services.orders.kept import kept_reasons
from services.orders.kept.owner import KeptOwner, OwnerContext
from services.orders.locks import RUN_SOURCE
from services.orders.repository import Kept

MAX_OPEN_RUNS = 20
PREVIEW_ID = "preview"
_MOMENT: frozenset[PlanPart] = frozenset({"checks"})
"""What the steps before change: it is asked again when the command is due."""

_log = logging.getLogger(__name__)


class SequenceRunner(KeptOwner[SequenceRun]):
    """The only writer of runs; the next tick of whichever process goes on with them."""

    def __init__(self, context: OwnerContext, store_clock: StoreClock) -> None:
        super().__init__(context)
        self._clock = store_clock
        self._looked_at: float | None = None
        self._clock_set_by = 0.0

    async def _wanted(
        self, command: Command, decision: Decision, view: View
    ) -> SequenceRun | Reason:
        """The run as the command wants it, or why that cannot be."""
        if command.kind == SEQUENCE_START:
            return self._begun(command, decision, view, await open_runs(self._bus))
        run_id = str(command.parameters.get("run", "")).strip()
        run = await open_run(self._bus, run_id)
        if run is None:
            past = (one for one in await ended_runs(self._bus) if one.id == run_id)
            over = next(past, None)
            return kept_reasons.run_ended(over) if over else kept_reasons.no_run(run_id)
        if why := _against(command, run, view):
            return why
        by, now = command.operator, view.now
        steered = {
            SEQUENCE_HOLD: lambda: course.hold(run, by, now, reasons.person(by)),
            SEQUENCE_CONTINUE: lambda: course.resume(
                run, by, command.role.value, now, command.known_by
            ),
            SEQUENCE_CANCEL: lambda: course.cancel(run, by, now, reasons.person(by)),
        }
        return steered[command.kind]().but(revision=run.revision + 1)

    def _begun(
        self, command: Command, decision: Decision, view: View, others: list[SequenceRun]
    ) -> SequenceRun | Reason:
        given = decision.plan.parameters if decision.plan else {}
        try:
            written = steps_of(given["title"], given["steps"])
        except CommandError as error:
            return reasons.unbuildable(error)
        run = SequenceRun(
            id=command.command_id,
            name=given.get("name", ""),
            version=given.get("version", ""),
            title=written.title,
            program=compiled(written.steps),
            started_by=command.operator,
            operator=command.operator,
            role=command.role.value,
            known_by=command.known_by,
            source=command.source,
            trace=command.trace,
            started_at=view.now,
            since=view.now,
            revision=1,
        )
        same = next((one for one in others if run.name and one.name == run.name), None)
        if same:
            return kept_reasons.runs_already(same)
        if len(others) >= MAX_OPEN_RUNS:
            return kept_reasons.too_many_runs(MAX_OPEN_RUNS)
        return _person_against(command, run, view) or course.started(run)

    def _done(self, command: Command, found: SequenceRun) -> Reason:
        return kept_reasons.sequence_steered(command.kind, found.id)

    def _kept(self, found: SequenceRun) -> Kept:
        where, body = (OPEN_RUNS, ENDED_RUNS), found.model_dump_json()
        return Kept(where, found.id, found.revision, body, ended=found.ended)

    async def tick(self) -> None:
        """Twice a second: take every run as far as it goes."""
        set_by = self._clock.set_by_s - self._clock_set_by
        self._clock_set_by = self._clock.set_by_s
        runs = await open_runs(self._bus)
        if runs:
            view = await self._current_view()
            seen = await self._seen(view.now)
            for run in runs:
                with logs.about(command_id=run.id):
                    await self._advance(run, view, seen, set_by)
            name = self._bus.key(RUNS_SEEN)
            await self._bus.call(self._bus.client.set(name, repr(view.now)))
        self._looked_at = clock.monotonic()

    async def _seen(self, now: float) -> float | None:
        """When the runs were looked after last, by the store's clock as it goes now."""
        if self._looked_at is not None:
            return now - (clock.monotonic() - self._looked_at)
        told = await self._bus.call(self._bus.client.get(self._bus.key(RUNS_SEEN)))
        return float(told) if told else None

    async def _advance(
        self, found: SequenceRun, view: View, seen: float | None, set_by: float
    ) -> None:
        run = _timed(found, view.now, set_by)
        end = await self._end(run)
        facts = Facts(
            now=view.now,
            judge=partial(self._judge, run, view),
            obstacle=partial(_obstacle, run, view),
            changed=partial(_changed, view),
            end=end,
            waits=None if end else await self._waits(run),
            away_s=_away_s(found, seen, view.now),
        )
        move = course.advance(run, facts)
        if move is None and run == found:
            return
        after = (move.run if move else run).but(revision=found.revision + 1)
        command = _command(after, move.gift, view) if move and move.gift else None
        failpoint("orders.before_run")
        written = await self._advanced(after, command)
        failpoint("orders.after_run")
        if written and after.ended:
            _log.info("sequence ended: %s", after.state.value)

    def _judge(self, run: SequenceRun, view: View, condition: Condition) -> Judged:
        """What is not seen is not known."""
        if flaw := view.flaw:
            return Judged(None, reasons.said((flaw,)))
        return conditions.judge(condition, view.state, partial(_possible, run, view))

    async def _end(self, run: SequenceRun) -> CommandEnd | None:
        record = await self._bus.record(run.command_id) if run.command_id else None
        events = record.events if record else ()
        end = next((event for event in events if event.stage in FINAL_STAGES), None)
        if end is None:
            return None
        stage, why = text(f"stage.{end.stage}"), reasons.said(end.reasons)
        words = text("sequence.command_ended", stage=stage, why=why) if end.reasons else stage
        refused = end.stage is Stage.REFUSED
        denied = refused and any(kept_reasons.denies(one) for one in end.reasons)
        return CommandEnd(end.stage is Stage.EFFECT, refused, words, denied)

    async def _waits(self, run: SequenceRun) -> Text | None:
        """That the command under way waits for a second person; None where it does not."""
        known = await approval_of(self._bus, run.command_id) if run.command_id else None
        waits = known is not None and known.verdict == "waits"
        return reasons.said(known.event.reasons) if known and waits else None


def _timed(run: SequenceRun, now: float, set_by: float) -> SequenceRun:
    """The run by the clock as it goes now: what lies in the future was told by a wrong one."""
    shifted = run.shifted(set_by) if set_by else run
    return shifted.shifted(now - shifted.since) if shifted.since > now + CLOCK_SLACK_S else shifted


def _away_s(run: SequenceRun, seen: float | None, now: float) -> float:
    """How long nobody looked after this run; one just written needed no looking after."""
    since_written = abs(now - run.since)
    if seen is None:
        return since_written
    unseen = abs(now - seen)
    return unseen if run.since <= seen else min(unseen, since_written)


def _against(command: Command, run: SequenceRun, view: View) -> Reason | None:
    held = run.state in HELD_STATES
    if command.kind == SEQUENCE_HOLD and held:
        return kept_reasons.already(run, SEQUENCE_HOLD)
    if command.kind == SEQUENCE_CONTINUE:
        if not held:
            return kept_reasons.already(run, SEQUENCE_CONTINUE)
        return _person_against(command, run, view)
    return None


def _person_against(command: Command, run: SequenceRun, view: View) -> Reason | None:
    """Who may not give every command that can still follow starts none of them."""
    wanted = [KINDS[one.command.kind] for one in run.program[run.at :] if one.command]
    needed = max((Role(kind.role) for kind in wanted), key=_rank, default=command.role)
    if not command.role.includes(needed):
        return reasons.role(command.role, needed)
    second = view.lease.four_eyes and any(kind.needs_second(edited=False) for kind in wanted)
    return reasons.FIRST_UNKNOWN if second and not command.known_by else None


def _rank(role: Role) -> int:
    return role.rank


def _command(run: SequenceRun, gift: Gift, view: View) -> Command:
    called = f"{run.name} {run.version}".strip() or run.title.en
    return Command(
        command_id=gift.command_id,
        kind=gift.wanted.kind,
        parameters=gift.wanted.parameters,
        environment=view.environment,
        operator=run.operator,
        role=Role(run.role),
        known_by=run.known_by,
        created_at=view.now,
        source=f"{RUN_SOURCE} {run.id}",
        note=f"{called[:150]}: {run.place}/{run.steps}",
        trace=run.trace,
    )


def _obstacle(run: SequenceRun, view: View, wanted: WantedCommand) -> Text | None:
    """What orders would refuse the command for now."""
    asked = _command(run, Gift(PREVIEW_ID, wanted), view)
    found = decide(asked, view.now, view, lambda: PREVIEW_ID)
    return None if found.stage is Stage.ACCEPTED else reasons.said(found.reasons)


def _possible(run: SequenceRun, view: View, wanted: WantedCommand) -> Judged:
    title, why = KINDS[wanted.kind].title, _obstacle(run, view, wanted)
    if why is None:
        return Judged(met=True, said=text("sequence.possible", what=title))
    return Judged(met=False, said=text("sequence.not_possible", what=title, why=why))


def _changed(view: View, wanted: WantedCommand, read: str) -> Text | None:
    """What is not as it was read; what cannot be built is for orders to refuse."""
    kind, given = wanted.kind, wanted.parameters
    try:
        now = fingerprint(kind, given, view.state)
        parts = tuple(part for part in changed_parts(read, now) if part not in _MOMENT)
        if not parts:
            return None
        plan = prepare(kind, given, view.state, now=view.message_now, new_id=lambda: PREVIEW_ID)
    except CommandError:
        return None
    return text("sequence.changed", why=reasons.said((reasons.plan_changed(parts, plan),)))
