"""What follows for a plan from the time and the factory: give, skip with a word, or wait."""

import hashlib
from collections.abc import Callable
from datetime import tzinfo
from typing import NamedTuple

from omf.commands.forms import Colour
from omf.plans.plan import OrderPlan, PlanEvent, PlanNote
from omf.plans.schedule import due_between
from omf.sequences.written import SequenceStep
from omf.texts import Text, text

GRACE_S = 60.0
"""What could not be given within a minute of its time is skipped: nothing is made up for."""
KEEP_PAUSE_S = 60.0
"""A piece that was laid in takes this long until it is seen in the stock."""
PLANNED_KIND = "production-order"
LAY_IN = "mock-piece"


class PlanFacts(NamedTuple):
    """What a plan needs to know of the world."""

    now: float
    """Store clock, Unix seconds."""
    zone: tzinfo | None
    against: Callable[[SequenceStep], Text | None]
    """What stands against this command, or against orders by plan at all, now."""
    under_way: Callable[[str], bool]
    """Does a sequence of this name run?"""
    free: Callable[[Colour], int | None]
    """Free pieces in the warehouse; None while the stock is not known."""
    lays_in: bool
    """Pieces can be laid in by command: in the mock factory alone."""


class Given(NamedTuple):
    """The sequence that gives the orders of a plan: its id stands for plan and due time."""

    run_id: str
    steps: tuple[SequenceStep, ...]


class PlanMove(NamedTuple):
    """A plan after something happened, and what goes out with it."""

    plan: OrderPlan
    given: Given | None = None


def advance(plan: OrderPlan, facts: PlanFacts) -> PlanMove | None:
    """What follows now; None if nothing changes."""
    if plan.keep is not None:
        return None if plan.paused_by else _keep(plan, plan.keep, facts)
    if facts.now < plan.looked_until:
        # The clock was set back: what was skipped comes again, what was given does not.
        return PlanMove(plan.but(looked_until=facts.now))
    due = due_between(plan, max(plan.looked_until, plan.given_until), facts.now, facts.zone)
    if not due:
        return None
    looked = plan.but(looked_until=facts.now)
    if late := [at for at in due[:-1] if at > plan.given_until]:
        looked = _noted(looked, "skipped", facts, late[-1], text("plan.missed", count=len(late)))
    return _at(looked, due[-1], facts)


def run_name(plan: OrderPlan) -> str:
    """The name of the sequences of a plan: of one no two run at once."""
    return f"plan {plan.name}"[:64]


def _at(plan: OrderPlan, due: float, facts: PlanFacts) -> PlanMove:
    """It is due: given, or skipped with a word."""
    steps = tuple(
        SequenceStep(kind=PLANNED_KIND, parameters={"colour": colour})
        for colour in plan.colours
        for _ in range(plan.amount)
    )
    if why := _against(plan, steps, due, facts):
        return PlanMove(_over(_noted(plan, "skipped", facts, due, why), facts))
    given = Given(_run_id(plan, str(int(due))), steps)
    done = plan.but(given_until=due, given=plan.given + 1)
    return PlanMove(_over(_noted(done, "given", facts, due, run_id=given.run_id), facts), given)


def _against(
    plan: OrderPlan, steps: tuple[SequenceStep, ...], due: float, facts: PlanFacts
) -> Text | None:
    if facts.now > due + GRACE_S:
        return text("plan.missed", count=1)
    if plan.paused_by:
        return text("plan.paused", who=plan.paused_by)
    if facts.under_way(run_name(plan)):
        return text("plan.still_runs")
    return facts.against(steps[0])


def _keep(plan: OrderPlan, wanted: int, facts: PlanFacts) -> PlanMove | None:
    found = {colour: facts.free(colour) for colour in plan.colours}
    if None in found.values():
        return _waits(plan, text("plan.stock_unknown"), facts)
    lacking = [colour for colour, free in found.items() if free is not None and free < wanted]
    if not lacking:
        return _waits(plan, None, facts)
    colour = lacking[0]
    said = text("plan.lacks", colour=text(f"colour.{colour}"), free=found[colour] or 0, keep=wanted)
    if not facts.lays_in:
        return _waits(plan, text("plan.lay_in", what=said), facts)
    step = SequenceStep(kind=LAY_IN, parameters={"colour": colour})
    if facts.under_way(run_name(plan)) or abs(facts.now - plan.tried_at) < KEEP_PAUSE_S:
        return None
    if why := facts.against(step):
        return _waits(plan, text("plan.cannot_lay_in", what=said, why=why), facts)
    given = Given(_run_id(plan, f"keep {plan.given + 1}"), (step,))
    done = plan.but(given=plan.given + 1, tried_at=facts.now)
    return PlanMove(_noted(done, "given", facts, None, said, run_id=given.run_id), given)


def _waits(plan: OrderPlan, why: Text | None, facts: PlanFacts) -> PlanMove | None:
    """The stock is as wanted, or a person has to do something: said once."""
    if plan.why == why:
        return None
    return PlanMove(_noted(plan, "asked", facts, None, why) if why else plan.but(why=None))


def _over(plan: OrderPlan, facts: PlanFacts) -> OrderPlan:
    """A plan for one time ends with it."""
    return plan.but(ended=plan.at is not None and facts.now >= plan.looked_until)


def _noted(
    plan: OrderPlan,
    event: PlanEvent,
    facts: PlanFacts,
    due: float | None,
    said: Text | None = None,
    run_id: str = "",
) -> OrderPlan:
    note = PlanNote(at=facts.now, event=event, due=due, run_id=run_id, said=said)
    return plan.but(why=said).noted(note)


def _run_id(plan: OrderPlan, what: str) -> str:
    """The same for the same plan and time, so it is done once."""
    return f"plan-{hashlib.sha256(f'{plan.id} {what}'.encode()).hexdigest()[:32]}"
