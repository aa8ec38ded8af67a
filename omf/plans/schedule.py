"""When a plan is due, by the clock on the wall of the site.

A time that the clock leaves out in spring is due as long after midnight as usual, so an hour later
on the wall; of a time that it shows twice in autumn the first one counts.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from omf.analysis.shifts import WEEKDAYS
from omf.plans.plan import OrderPlan

MAX_LOOK_BACK = timedelta(days=8)
"""What was missed before that is not counted one by one."""
LOOK_AHEAD = timedelta(days=8)


def due_between(plan: OrderPlan, since: float, until: float, zone: tzinfo | None) -> list[float]:
    """The due times in (since, until], in order, Unix seconds."""
    first = max(since, until - MAX_LOOK_BACK.total_seconds())
    return sorted(at for at in _around(plan, first, until, zone) if since < at <= until)


def next_due(plan: OrderPlan, now: float, zone: tzinfo | None) -> float | None:
    """When it is due next; None for never, and for a plan that keeps a stock."""
    found = due_between(plan, now, now + LOOK_AHEAD.total_seconds(), zone)
    if found:
        return found[0]
    once = _moment(plan.at, zone) if plan.at else None
    return once if once is not None and once > now else None


def _around(plan: OrderPlan, since: float, until: float, zone: tzinfo | None) -> Iterator[float]:
    if plan.at is not None:
        yield _moment(plan.at, zone)
    day = datetime.fromtimestamp(since, zone).date() - timedelta(days=1)
    last = datetime.fromtimestamp(until, zone).date() + timedelta(days=1)
    while plan.times and day <= last:
        if WEEKDAYS[day.weekday()] in plan.days:
            yield from (_moment(datetime.combine(day, one), zone) for one in plan.times)
        day += timedelta(days=1)


def _moment(wall: datetime, zone: tzinfo | None) -> float:
    return wall.replace(tzinfo=zone, fold=0).timestamp()
