"""What orders says of the things it keeps: sequences, plans, purchases, what waits for a second."""

from omf.commands import kind_of
from omf.commands.command_types.sequences import SEQUENCE_CONTINUE, SEQUENCE_HOLD
from omf.plans.plan import OrderPlan
from omf.purchases.account import Purchase
from omf.sequences.run import SequenceRun
from omf.texts import text
from services.common.store.approvals import PendingApproval
from services.common.store.keys import Reason, Role
from services.orders.reasons import clock_time, person

APPROVAL_OWN = Reason.of("approval-own", text("reason.approval_own"))
APPROVAL_BY_NOBODY = Reason.of("approval-account", text("reason.approval_account"))
SITE_UNCHANGED = Reason.of("site-unchanged", text("reason.site_unchanged"))
SITE_UNREADABLE = Reason.of("site-unreadable", text("reason.site_unreadable"))
_ANSWERED = "second-person-"
PLAN_PAST = Reason.of("parameter:at", text("reason.plan_past"))
_BEFORE = {
    SEQUENCE_HOLD: ("hold", "hold_given", "changed", "unattended", "unattended_given"),
    SEQUENCE_CONTINUE: ("continue", "continue_given", "started"),
}
"""Passages of a run that led to what a second person wants again."""


def sequence_steered(kind: str, run_id: str) -> Reason:
    """What was done to a run; its own life goes on under its own id."""
    return Reason.of("sequence-steered", text(f"reason.{kind}.done", run=run_id))


def no_run(run_id: str) -> Reason:
    """No run of that id is known."""
    return Reason.of("no-run", text("reason.no_run", run=run_id))


def run_ended(run: SequenceRun) -> Reason:
    """There is nothing left to steer, and who or what ended it."""
    last = run.history[-1]
    said = text(f"sequence.ended.{run.state}", time=clock_time(last.at), who=person(last.by))
    return Reason.of("run-ended", said)


def already(run: SequenceRun, kind: str) -> Reason:
    """Somebody was faster: it is held, or it runs."""
    passages = _BEFORE[kind]
    done = next((note for note in reversed(run.history) if note.passage in passages), None)
    who = person(done.by) if done and done.by else text("reason.orders_itself")
    time = clock_time(done.at if done else run.since)
    return Reason.of(f"already-{kind}", text(f"reason.{kind}.already", who=who, time=time))


def runs_already(run: SequenceRun) -> Reason:
    """The same sequence was started by somebody else."""
    said = text(
        "reason.runs_already",
        name=run.title,
        who=person(run.started_by),
        time=clock_time(run.started_at),
    )
    return Reason.of("runs-already", said)


def too_many_runs(most: int) -> Reason:
    """So many sequences at a time nobody watches."""
    return Reason.of("too-many-runs", text("reason.too_many_runs", most=most))


def plan_changed_by(kind: str, name: str) -> Reason:
    """What was done to a plan."""
    return Reason.of("plan", text(f"reason.{kind}.done", name=name))


def purchase_changed_by(kind: str, purchase: Purchase) -> Reason:
    """What was done to a purchase."""
    colour = text(f"colour.{purchase.colour}")
    said = text(f"reason.{kind}.done", amount=purchase.amount, colour=colour, id=purchase.id[:8])
    return Reason.of("purchase", said)


def no_purchase(wanted: str) -> Reason:
    """No open purchase has this id, or more than one begins so."""
    return Reason.of("no-purchase", text("reason.no_purchase", id=wanted))


def too_many_purchases(most: int) -> Reason:
    """So many purchases of one colour nobody oversees."""
    return Reason.of("too-many-purchases", text("reason.too_many_purchases", most=most))


def site_set(revision: int) -> Reason:
    """Something the site says was set."""
    return Reason.of("site", text("reason.site.done", revision=revision))


def no_plan(name: str) -> Reason:
    """No plan of that name is there."""
    return Reason.of("no-plan", text("reason.no_plan", name=name))


def plan_ended(plan: OrderPlan) -> Reason:
    """It is there no longer: who removed it, or that its time is over."""
    last = plan.history[-1]
    key = "reason.plan_removed" if last.by else "reason.plan_over"
    said = text(key, name=plan.name, who=person(last.by), time=clock_time(last.at))
    return Reason.of("plan-ended", said)


def plan_already(kind: str, plan: OrderPlan) -> Reason:
    """It is paused, or runs, as somebody wanted before."""
    who = person(plan.paused_by or plan.operator)
    return Reason.of("plan-already", text(f"reason.{kind}.already", name=plan.name, who=who))


def too_many_plans(most: int) -> Reason:
    """So many plans nobody oversees."""
    return Reason.of("too-many-plans", text("reason.too_many_plans", most=most))


def approval_waits(needed: Role, until: float) -> Reason:
    """It waits for a second person, and until when."""
    said = text("reason.approval_waits", until=clock_time(until), role=needed.value)
    return Reason.of("second-person", said)


def approval_answer(one: PendingApproval) -> Reason:
    """What became of it, and by whom."""
    names = {"first": person(one.command.operator), "second": person(one.by)}
    said = text(f"reason.approval_{one.verdict}", **names, time=clock_time(one.at))
    return Reason.of(f"{_ANSWERED}{one.verdict}", said)


def denies(reason: Reason) -> bool:
    """True for the word of a second person, or of none in time, against a command."""
    return reason.id in (f"{_ANSWERED}declined", f"{_ANSWERED}expired")


def approval_of_run(run: SequenceRun) -> Reason:
    """It is a step of a sequence that a person holds: that goes on first."""
    return Reason.of("approval-run", text("reason.approval_run", title=run.title))


def approval_done(one: PendingApproval) -> Reason:
    """What the second person did, told to them."""
    kind = kind_of(one.command.kind).title
    names = {"first": person(one.command.operator), "id": one.command.command_id[:8]}
    return Reason.of("approval", text(f"reason.approval_{one.verdict}_done", kind=kind, **names))


def approval_over(one: PendingApproval) -> Reason:
    """The time for an answer is over."""
    return Reason.of("approval-over", text("reason.approval_over", time=clock_time(one.until)))


def no_approval(command_id: str) -> Reason:
    """No command of this id waits."""
    return Reason.of("no-approval", text("reason.no_approval", id=command_id))


def too_many_approvals(most: int) -> Reason:
    """So many that wait nobody oversees."""
    return Reason.of("too-many-approvals", text("reason.too_many_approvals", most=most))
