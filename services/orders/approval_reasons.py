"""What orders says of a command that waits for a second person, in every language."""

from omf.commands import kind_of
from omf.texts import text
from services.common.store.approvals import PendingApproval
from services.common.store.keys import Reason, Role
from services.orders.reasons import clock_time, person

APPROVAL_OWN = Reason.of("approval-own", text("reason.approval_own"))
APPROVAL_BY_NOBODY = Reason.of("approval-account", text("reason.approval_account"))


def approval_waits(needed: Role, until: float) -> Reason:
    """It waits for a second person, and until when."""
    said = text("reason.approval_waits", until=clock_time(until), role=needed.value)
    return Reason.of("second-person", said)


def approval_answer(one: PendingApproval) -> Reason:
    """What became of it, and by whom."""
    names = {"first": person(one.command.operator), "second": person(one.by)}
    said = text(f"reason.approval_{one.verdict}", **names, time=clock_time(one.at))
    return Reason.of(f"second-person-{one.verdict}", said)


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
