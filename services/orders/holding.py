"""What keeps the next step of an automatic bracket from going out by itself. Pure."""

from collections.abc import Iterator

from omf.commands import CommandError, onward, standing
from services.common.store.keys import LinkHealth, Reason
from services.orders import reasons
from services.orders.decision import MAX_VIEW_AGE_S, View, overriding
from services.orders.pursuit import Proof, Pursuit

BACKLOG_S = 3.0
"""Once the link is back, the broker first delivers what it kept."""
_SETTLING = frozenset({"vehicle-still"})
"""DOCK is FINISHED some milliseconds before the vehicle says that it stands (PROTOCOL D.4)."""


def against(pursuit: Pursuit, proof: Proof, view: View) -> tuple[Reason, ...]:
    """Why a person must let the next step go; nothing if it may go as soon as `proof` is there."""
    return tuple(_doubts(pursuit, proof, view))


def _doubts(pursuit: Pursuit, proof: Proof, view: View) -> Iterator[Reason]:
    age_s = view.message_now - proof.at
    if age_s > MAX_VIEW_AGE_S:
        yield reasons.old_proof(age_s)
    if flaw := view.flaw:
        yield flaw
    elif view.link and _missed(pursuit, view.link, view.now):
        yield reasons.LINK_JUST_BACK
    yield from _standing(pursuit, view)


def _missed(pursuit: Pursuit, link: LinkHealth, now: float) -> bool:
    """The link broke during this step, and what happened meanwhile may not be read yet."""
    return (pursuit.attempted_at or 0.0) < link.since and now < link.since + BACKLOG_S


def _standing(pursuit: Pursuit, view: View) -> Iterator[Reason]:
    try:
        checks = onward(pursuit.plan, view.state)
    except CommandError as error:
        # Begun by another release, whose kinds or parameters were others.
        yield reasons.unbuildable(error)
        return
    for check in standing(checks, override=overriding(pursuit.command)):
        if check.id not in _SETTLING:
            yield reasons.interlock(check)
