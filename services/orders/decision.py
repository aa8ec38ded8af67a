"""May this command, or the next step of an open one, go out? All reasons at once. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from omf.commands import (
    CONTROLS,
    RELEASE,
    CommandError,
    Kind,
    Plan,
    changed_parts,
    fingerprint,
    fingerprint_of,
    kind_of,
    onward,
    prepare,
    release_of,
    standing,
)
from omf.sequences.preview import place_checks
from omf.state import FactoryState
from services.common.process.clock import CLOCK_SLACK_S
from services.common.store.approvals import needed_role
from services.common.store.environments import factory, is_replay
from services.common.store.keys import Command, Environment, LinkHealth, Reason, Role, Stage
from services.common.store.lease import Lease
from services.orders import reasons
from services.orders.execution import CommandExecution, Proof
from services.orders.locks import lease_held

MAX_VIEW_AGE_S = 5.0
"""A vehicle passes a node in 2.4 s: on an older view the next move may be the wrong one."""
BACKLOG_S = 3.0
"""Once the link is back, the broker first delivers what it kept."""
MAX_PREVIEW_AGE_S = 600.0
"""What a preview showed ten minutes ago is not what a click on it can mean now."""
_SETTLING = frozenset({"vehicle-still"})
"""DOCK is FINISHED some milliseconds before the vehicle says that it stands (PROTOCOL D.4)."""


@dataclass(frozen=True, slots=True)
class View:
    """What orders knows of the factory at the moment of the decision."""

    environment: Environment
    state: FactoryState
    now: float
    """Store clock, Unix seconds."""
    journal_id: str
    """Last message taken into account."""
    link: LinkHealth | None
    """The reading side's own word."""
    folded_at: float
    """When the journal was last read to its end, store clock."""
    lease: Lease = field(default_factory=Lease)
    """Who may give risky commands, where that is one person's at a time."""

    @property
    def age_s(self) -> float | None:
        """How old the view can be at most; None while it was never complete."""
        link = self.link
        if link is None:
            return None
        # A line that fell silent is called connected until its keepalive is over.
        heard_at = link.at if link.last_packet_at is None else link.last_packet_at
        told_s = link.age_s(self.now) + max(0.0, link.at - heard_at)
        return max(0.0, told_s, self.now - self.folded_at)

    @property
    def heard_until(self) -> float:
        """Whatever came by then lies in the journal; what came later may still wait in ingest."""
        link = self.link
        if link is None or link.journal_until is None:
            return self.now
        return link.journal_until - link.ahead_s

    @property
    def message_now(self) -> float:
        """This moment on the clock of the ids: what messages and devices are as old as."""
        return self.link.message_now(self.now) if self.link else self.now

    @property
    def devices_now(self) -> float:
        """The moment devices are judged at: nobody falls silent while a replay stands still."""
        newest = self.state.last_received
        return newest if is_replay(self.environment) and newest else self.message_now

    @property
    def flaw(self) -> Reason | None:
        """Why nothing may be moved on this view."""
        if self.link is None or self.age_s is None:
            return reasons.NEVER_LINKED
        if not self.link.connected:
            return reasons.NO_LINK
        return reasons.old_view(self.age_s) if self.age_s > MAX_VIEW_AGE_S else None

    @property
    def blind_until(self) -> float:
        """Until when the factory was not seen: who begins now did not see for how long before."""
        return self.now if self.link is None or self.flaw else min(self.link.since, self.now)


@dataclass(frozen=True, slots=True)
class Decision:
    """ACCEPTED with a plan, else REFUSED or EXPIRED with the reasons."""

    stage: Stage
    reasons: tuple[Reason, ...] = ()
    plan: Plan | None = None
    expiry_s: float = 0.0
    expires_at: float = 0.0
    """Store clock; by then it has gone out, or never will."""


def decide(command: Command, asked_at: float, view: View, new_id: Callable[[], str]) -> Decision:
    """Judge a command that the store took in at `asked_at`; `new_id` gives fresh UUID texts."""
    # A clock that was set back gives times of the future until it has caught up with itself.
    asked_at = min(asked_at, view.now)
    if command.environment != view.environment:
        return refused(reasons.environment(command.environment, view.environment))
    try:
        kind = kind_of(command.kind)
        given, at = command.parameters, view.message_now
        heard_at = view.devices_now
        plan = prepare(
            command.kind,
            given,
            view.state,
            now=at,
            new_id=new_id,
            judged_at=heard_at,
            edited=command.edited,
        )
    except CommandError as error:
        return refused(reasons.unbuildable(error))
    if view.now > asked_at + kind.expiry_s:
        return Decision(Stage.EXPIRED, (reasons.EXPIRED,), plan, kind.expiry_s)
    if violated := tuple(_violations_of(command, kind, plan, view)):
        return Decision(Stage.REFUSED, violated, plan, kind.expiry_s)
    overridden = (reasons.overridden(check, command.override) for check in plan.refusals)
    noted = (*overridden, *reasons.edited(plan))
    return Decision(Stage.ACCEPTED, noted, plan, kind.expiry_s, asked_at + kind.expiry_s)


def _violations_of(command: Command, kind: Kind, plan: Plan, view: View) -> Iterator[Reason]:
    here = place_checks(plan, factory(view.environment).kind)
    yield from (reasons.interlock(check) for check in standing(here))
    needed = needed_role(command)
    if not command.role.includes(needed):
        yield reasons.role(command.role, needed)
    if command.created_at > view.now + CLOCK_SLACK_S:
        yield reasons.FROM_THE_FUTURE
    if command.created_at < view.now - MAX_PREVIEW_AGE_S:
        yield reasons.STALE_PREVIEW
    if kind.risky and view.lease.bars(command.operator, view.now):
        yield lease_held(view.lease, view.now)
    second = view.lease.four_eyes and kind.needs_second(edited=command.edited is not None)
    if second and not command.known_by:
        yield reasons.FIRST_UNKNOWN
    if kind.moves and (flaw := view.flaw):
        yield flaw
    yield from _plan_violations(command, plan)
    yield from _preview_violations(command, plan, view)


def _plan_violations(command: Command, plan: Plan) -> Iterator[Reason]:
    """The interlocks that stand, without those a supervisor gave a reason to set aside."""
    refusals = standing(plan.refusals, override=overriding(command))
    if command.override and not overriding(command):
        yield reasons.override_role(command.role)
    yield from (reasons.interlock(check) for check in refusals)
    if not (refusals or plan.steps or plan.kind in CONTROLS):
        yield reasons.NOTHING_TO_SEND


def _preview_violations(command: Command, plan: Plan, view: View) -> Iterator[Reason]:
    """What goes out is not what was read, if that was said."""
    # What a release lets go is another command's step: judged where that one is known.
    if not command.plan or command.kind == RELEASE:
        return
    now = fingerprint(command.kind, command.parameters, view.state, command.edited)
    if changed := changed_parts(command.plan, now):
        yield reasons.plan_changed(changed, plan)


def overriding(command: Command) -> str:
    """The reason that sets prudence aside, "" if there is none or the asker may give none."""
    return command.override if command.role.includes(Role.SUPERVISOR) else ""


def refused(*why: Reason) -> Decision:
    """No, for reasons that need no plan."""
    return Decision(Stage.REFUSED, why)


def violations(execution: CommandExecution, proof: Proof, view: View) -> tuple[Reason, ...]:
    """Preconditions of an automatic next step that do not hold; none: it goes out with `proof`."""
    return tuple(_step_violations(execution, proof, view))


def _step_violations(execution: CommandExecution, proof: Proof, view: View) -> Iterator[Reason]:
    age_s = view.message_now - proof.at
    if age_s > MAX_VIEW_AGE_S:
        yield reasons.old_proof(age_s)
    if flaw := view.flaw:
        yield flaw
    elif view.link and _link_broke(execution, view.link, view.now):
        yield reasons.LINK_JUST_BACK
    yield from _interlocks(execution, view)


def _link_broke(execution: CommandExecution, link: LinkHealth, now: float) -> bool:
    """The link broke during this step, and what happened meanwhile may not be read yet."""
    return (execution.attempted_at or 0.0) < link.since and now < link.since + BACKLOG_S


def _interlocks(execution: CommandExecution, view: View) -> Iterator[Reason]:
    try:
        checks = onward(execution.plan, view.state)
    except CommandError as error:
        # Begun by another release, whose kinds or parameters were others.
        yield reasons.unbuildable(error)
        return
    for check in standing(checks, override=overriding(execution.command)):
        if check.id not in _SETTLING:
            yield reasons.interlock(check)


def steering_plan(plan: Plan | None, execution: CommandExecution, view: View) -> Plan | None:
    """The plan as it steers this bracket: with the step it releases, and its interlocks."""
    if plan and plan.kind == RELEASE and execution.waiting:
        return release_of(execution.plan, execution.planned, view.state)
    return plan and plan.model_copy(update={"checks": onward(execution.plan, view.state)})


def steering_violations(
    command: Command, execution: CommandExecution, plan: Plan | None
) -> tuple[Reason, ...]:
    """What speaks against releasing or cancelling the bracket as it stands."""
    if command.kind != RELEASE:
        return (reasons.LAST_STEP,) if execution.last_step and not execution.waiting else ()
    if not execution.waiting:
        return (reasons.STEP_UNDER_WAY,)
    override = overriding(command) or overriding(execution.command)
    return tuple(_release_violations(command, plan, override)) if plan else ()


def _release_violations(command: Command, plan: Plan, override: str) -> Iterator[Reason]:
    yield from (reasons.interlock(check) for check in standing(plan.refusals, override=override))
    if command.plan and (changed := changed_parts(command.plan, fingerprint_of(plan))):
        yield reasons.plan_changed(changed, plan)
