"""Every reason orders can give, in every language."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache

from omf.commands import (
    PART_WORDS,
    RELEASE,
    Cause,
    Check,
    CommandError,
    Effect,
    Plan,
    PlanPart,
    Verdict,
    changes_of,
)
from omf.texts import Text, joined, of_fields, text, verbatim
from services.common.store.busy import busy_id
from services.common.store.keys import Reason, Role

EXPIRED = Reason.of("expired", text("reason.expired"))
FROM_THE_FUTURE = Reason.of("clock", text("reason.from_the_future"))
STALE_PREVIEW = Reason.of("stale-preview", text("reason.preview_stale"))
NO_LINK = Reason.of("no-link", text("reason.link_down"))
NEVER_LINKED = Reason.of("no-link", text("reason.never_linked"))
STEP_WAITS = Reason.of("step-waits", text("reason.step_waits"))
STEP_UNDER_WAY = Reason.of("step-under-way", text("reason.step_under_way"))
LAST_STEP = Reason.of("last-step", text("reason.last_step"))
ABANDONED = Reason.of("abandoned", text("reason.step_abandoned"))
PIECE_LEFT = Reason.of("piece-left", text("reason.piece_left"))
ADVISED = frozenset({"interrupted", "cancelled", "abandoned"})
"""Ids of the reasons for a bracket's end that say themselves what can be done."""
LINK_JUST_BACK = Reason.of("link-just-back", text("reason.link_just_back"))
FIRST_UNKNOWN = Reason.of("second-person", text("reason.first_person_unknown"))
NOTHING_TO_SEND = Reason.of("nothing-to-send", text("reason.nothing_to_send"))
BLIND = Reason.of("blind", text("reason.link_was_down"))
GATEWAY_SILENT = Reason.of("gateway-silent", text("reason.gateway_silent"))
AT_HAND = "local"
"""Who uses the pages at the machine itself without signing in."""
TOO_FAST = Reason.of("too-fast", text("reason.too_fast"))

NOT_PASSED_ON = Reason.of("not-passed-on", text("reason.not_passed_on"))
GIVEN_UP = Reason.of("given-up", text("reason.given_up_undecided"))


@cache
def too_busy(retry_s: int) -> Reason:
    """More is asked for than can be done in time; when it can be asked again."""
    return Reason.of(busy_id(retry_s), text("reason.too_busy", retry_s=retry_s))


def old_view(age_s: float) -> Reason:
    """The factory may have changed since it was last seen."""
    return Reason.of("old-view", text("reason.view_old", age_s=age_s))


def old_proof(age_s: float) -> Reason:
    """The step before ended long ago: what the next one meant may not hold any more."""
    return Reason.of("old-proof", text("reason.proof_old", age_s=age_s))


def environment(asked: str, own: str) -> Reason:
    """A command never crosses to another factory."""
    return Reason.of("environment", text("reason.other_environment", asked=asked, own=own))


def role(has: Role, needed: Role) -> Reason:
    """The role is too low."""
    return Reason.of("role", text("reason.role", role=has.value, needed=needed.value))


def unbuildable(error: CommandError) -> Reason:
    """Unknown kind or wrong parameter, by name."""
    if not error.field:
        return Reason.of("kind", text("reason.unbuildable_kind", why=error.text))
    said = text("reason.unbuildable_parameter", field=error.field, why=error.text)
    return Reason.of(f"parameter:{error.field}", said)


def unreadable(where: str, why: Text) -> Reason:
    """The entry is no Command; `where` is the field, the rest is what is wrong with it."""
    return Reason.of(f"field:{where}", text("reason.unreadable", where=where, why=why))


def interlock(check: Check) -> Reason:
    """An interlock that stands in the way, and what can be done if only prudence asks for it."""
    said = text("reason.prudence", check=check.text) if check.overridable else check.text
    return Reason.of(check.id, said, check.basis)


def overridden(check: Check, why: str) -> Reason:
    """An interlock of prudence that was set aside, and why."""
    return Reason.of(check.id, text("reason.overridden", check=check.text, why=why), check.basis)


def edited(plan: Plan) -> Iterator[Reason]:
    """Each message that a person edited, with what is different from the one we would send."""
    absent = text("reason.edit_absent")
    for number, step in enumerate(plan.steps, 1):
        changes = [
            text("reason.edit_change", path=path, before=before or absent, after=after or absent)
            for path, before, after in changes_of(step)
        ]
        if changes:
            said = text("reason.edited", number=number, changes=joined("; ", changes))
            yield Reason.of("edited", said)


def override_role(has: Role) -> Reason:
    """Whoever set prudence aside may not."""
    return Reason.of("override-role", text("reason.override_role", role=has.value))


def plan_changed(parts: tuple[PlanPart, ...], plan: Plan) -> Reason:
    """What goes out now is not what was read; `plan` is what would go out."""
    numbered = [
        joined(" ", [verbatim(f"{number}."), step.title])
        for number, step in enumerate(plan.steps, 1)
    ]
    now = joined("; ", numbered) if numbered else text("reason.no_message")
    changed = joined(", ", [PART_WORDS[part] for part in parts])
    return Reason.of("plan-changed", text("reason.plan_changed", parts=changed, now=now))


def no_bracket(order_id: str) -> Reason:
    """Nothing of that order is open."""
    return Reason.of("no-bracket", text("reason.no_bracket", order_id=order_id))


def released(by: str) -> Reason:
    """A person let the step go."""
    return Reason.of("released", text("reason.released", who=person(by)))


def cancelled(by: str) -> Reason:
    """A person ended the bracket, and what is left to do."""
    return Reason.of("cancelled", text("reason.cancelled", who=person(by)))


def steered(kind: str, step: int) -> Reason:
    """What was done to a sequence; its own life goes on under its own id."""
    if kind == RELEASE:
        return Reason.of("steered", text("reason.step_released", step=step + 1))
    return Reason.of("steered", text("reason.sequence_ended"))


def verdict(found: Verdict, reason_id: str = "proof") -> Reason:
    """What the factory said, in words."""
    return Reason.of(reason_id, found.text)


def silence(effect: Effect) -> Reason:
    """The factory did not show what was expected, or it was so before."""
    if effect.already:
        return Reason.of("nothing-to-change", text("reason.silence_already", effect=effect.text))
    said = text("reason.silence", window_s=effect.window_s, effect=effect.text)
    return Reason.of("silence", said)


def cause(likely: Cause) -> Reason:
    """Why the factory probably stayed silent."""
    return Reason.of(likely.id, likely.text)


def said(found: Iterable[Reason]) -> Text:
    """Several reasons as one text."""
    return joined(" ", [of_fields(one) for one in found])


def person(operator: str) -> Text:
    """A person by name; who sits at the machine has none."""
    if operator == AT_HAND:
        return text("reason.person_at_hand")
    return verbatim(operator)


def clock_time(moment: float) -> str:
    """The time of day of a moment, UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%H:%M:%S")
