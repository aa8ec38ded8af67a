"""What plans would order within the next hours, and when it would be done: simulated.

Where nothing is open in the simulation, time is skipped: a quiet factory stays as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, NamedTuple

from omf.commands import CommandError
from omf.plans.course import PLANNED_KIND
from omf.plans.plan import OrderPlan
from omf.plans.schedule import due_between
from omf.simulation.course import LOOK_EVERY_PLANT_S, Follower, against
from omf.simulation.learned import LearnedDurations
from omf.state import FactoryState
from omf.texts import Text, text

AHEAD_S = 8 * 3600.0
"""One shift."""
MAX_FORESEEN = 40
"""Due times; of later ones nothing is said."""
MOST_S = 7200.0
"""Seconds of a busy factory that are simulated at most: a second or two of a processor."""


class DueOrders(NamedTuple):
    """Orders of one plan at one time."""

    plan: str
    at: float
    """Unix s."""
    colours: tuple[str, ...]
    """One for each piece."""


@dataclass(slots=True)
class ForeseenOrders:
    """What comes of them."""

    plan: str
    at: float
    colours: tuple[str, ...]
    ends: list[float | None] = field(default_factory=list)
    """When each that was given is done, Unix s; None: not within what was looked at, or never."""
    why: Text | None = None
    """Why the rest, or all of it, is not ordered."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON: every text in every language."""
        said = self.why.to_dict() if self.why else None
        return {
            "plan": self.plan,
            "at": self.at,
            "colours": list(self.colours),
            "ends": list(self.ends),
            "why": said,
        }


def due_orders(
    plans: Iterable[OrderPlan], now: float, zone: tzinfo | None, ahead_s: float = AHEAD_S
) -> list[DueOrders]:
    """What is due in the next hours, in order; nothing of plans that are paused or keep a stock."""
    found = [
        DueOrders(plan.name, at, tuple(one for one in plan.colours for _ in range(plan.amount)))
        for plan in plans
        if not plan.paused_by and plan.keep is None
        for at in due_between(plan, now, now + ahead_s, zone)
    ]
    return sorted(found, key=lambda one: one.at)[:MAX_FORESEEN]


def foreseen_orders(
    due: Iterable[DueOrders],
    state: FactoryState,
    now: float,
    learned: LearnedDurations | None = None,
) -> list[ForeseenOrders]:
    """What comes of them; NotSimulableError where the state tells too little."""
    course = _PlanCourse(Follower(state, now, learned, horizon_s=MOST_S), now)
    found = [course.give(one) for one in due]
    course.finish()
    return found


class _PlanCourse:
    def __init__(self, follower: Follower, now: float) -> None:
        self._follower, self._now = follower, now
        self._skipped_s = 0.0
        self._given: list[tuple[ForeseenOrders, int, str, float]] = []

    @property
    def _at(self) -> float:
        """This moment, with what was skipped."""
        return self._follower.simulation.router.now.wall + self._skipped_s

    def give(self, due: DueOrders) -> ForeseenOrders:
        """Let time pass until they are due, and give them."""
        made = ForeseenOrders(due.plan, due.at, due.colours)
        self._until(due.at)
        if self._spent:
            made.why = text("plan.future.too_far")
        elif any(one.plan == due.plan and self._open(order) for one, _, order, _ in self._given):
            made.why = text("plan.still_runs")
        else:
            self._orders(made)
        return made

    def _orders(self, made: ForeseenOrders) -> None:
        state = self._follower.course.state
        for colour in made.colours:
            known = set(state.orders)
            try:
                plan = self._follower.give(PLANNED_KIND, {"colour": colour})
            except CommandError as error:
                made.why = error.told
                return
            if found := against(plan):
                made.why = found[0].text
                return
            new = next((one for one in state.orders if one not in known), "")
            self._given.append((made, len(made.ends), new, self._skipped_s))
            made.ends.append(None)

    def finish(self) -> None:
        """Live on until all is done, and note when."""
        while not self._spent and any(self._open(order) for _, _, order, _ in self._given):
            self._follower.live(LOOK_EVERY_PLANT_S)
        for made, number, order, skipped_s in self._given:
            ended = self._follower.course.ends.get(order)
            if ended is not None:
                made.ends[number] = self._now + ended + skipped_s

    @property
    def _spent(self) -> bool:
        return self._follower.simulation.router.plant >= MOST_S

    def _open(self, order_id: str) -> bool:
        order = self._follower.course.state.orders.get(order_id)
        return order is not None and order.open

    def _until(self, at: float) -> None:
        follower = self._follower
        while not self._spent and self._at < at and follower.course.state.active_orders:
            left = (at - self._at) * follower.simulation.learned.speed
            follower.live(min(LOOK_EVERY_PLANT_S, left))
        self._skipped_s += max(0.0, at - self._at)
