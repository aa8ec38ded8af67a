"""How long steps take in one factory, learned from orders that ended; each an own distribution."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from types import MappingProxyType

from omf import durations
from omf.layout.layout import Layout, NoRoute
from omf.state.orders import Order, OrderStep
from omf.workpieces.stations import CHECK

ENOUGH_TIMES = 5
"""Fewer times are no distribution: they only move the recorded one."""
OUTLIER = 2.0
"""More than this many times the median stood still for another reason."""
SLOWEST, FASTEST = 2.0, 0.5
"""Beyond these a factory runs at another speed than life: simulated, or played again."""
SKIPPED_S = 0.2
"""A drive to where the vehicle stands already is ticked off at once (PROTOCOL C.28)."""
DRIVE_SHARE = "DRIVE_SHARE"
"""The name under which the share of the sum of its parts is kept that a drive took."""
PAIR = 2


@dataclass(frozen=True, slots=True)
class LearnedDurations:
    """Seconds by module type and command, at the speed of life; drives as a share."""

    samples: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Ascending: `HBW.DROP`, `SVR3QA0022.DROP`, `SVR3QA0022.DROP RED`; of drives `DRIVE_SHARE` and
    `DRIVE_SHARE SVR3QA0022>SVR4H76449`."""
    speed: float = 1.0
    """Seconds of the factory in one of life: 10 in a mock that runs ten times as fast."""
    orders: int = 0
    """From how many orders it was learned."""
    failing: float = 0.0
    """Share of the pieces that failed their quality check; 0 before enough were checked."""

    def quantile(self, name: str, serial: str, share: float, detail: str = "") -> float | None:
        """The time of which `share` of those learned are no longer; None before enough are.

        Those of that very module and `detail` (a colour, a leg) where they are enough. Between
        those learned, and a little beyond them: the next one may be longer than all before.
        """
        found = self._of(name, serial, detail)
        if len(found) < ENOUGH_TIMES:
            return None
        place = share * (len(found) + 1) - 1
        low = min(max(0, int(place)), len(found) - PAIR)
        return max(0.0, found[low] + (found[low + 1] - found[low]) * (place - low))

    def scale(self, name: str, serial: str, usual: float) -> float:
        """By how much the recorded times of a step are moved while too few were learned."""
        found = self._of(name, serial)
        return median(found) / usual if len(found) >= PAIR and usual else 1.0

    def _of(self, name: str, serial: str, detail: str = "") -> tuple[float, ...]:
        own = f"{serial}.{name.partition('.')[2]}" if serial else name
        for key in (f"{own} {detail}", own) if detail else (own,):
            found = self.samples.get(key, ())
            if len(found) >= ENOUGH_TIMES:
                return found
        return self.samples.get(name, ())


NOTHING_LEARNED = LearnedDurations()


def learn(orders: Iterable[Order], layout: Layout | None, speed: float = 1.0) -> LearnedDurations:
    """What ended orders tell; `speed` is taken for that of the factory while they are too few."""
    found: dict[str, list[float]] = defaultdict(list)
    count, checks = 0, Counter[str]()
    for order in orders:
        seen = len(found[DRIVE_SHARE])
        for name, seconds in _times(order, layout):
            found[name].append(seconds)
        checks.update(one.state or "" for one in order.steps if one.command == CHECK)
        count += bool(order.state == "FINISHED" or len(found[DRIVE_SHARE]) > seen)
    factor = _speed(found, speed)
    samples = {name: _sound(times, factor) for name, times in found.items()}
    known = checks["FINISHED"] + checks["ERROR"]
    failing = checks["ERROR"] / known if known >= ENOUGH_TIMES else 0.0
    return LearnedDurations(MappingProxyType(samples), factor, count, failing)


def _times(order: Order, layout: Layout | None) -> Iterator[tuple[str, float]]:
    for step in order.steps:
        seconds = _seconds(step)
        if step.state not in ("FINISHED", "ERROR") or seconds is None or seconds <= SKIPPED_S:
            continue
        if step.type == "NAVIGATION":
            yield from _drive(step, seconds, layout)
        elif step.state == "FINISHED" or step.command == CHECK:
            yield f"{step.module_type}.{step.command}", seconds
            if step.serial:
                yield f"{step.serial}.{step.command}", seconds
                yield f"{step.serial}.{step.command} {order.colour}", seconds


def _seconds(step: OrderStep) -> float | None:
    """By the CCU's clock alone: both ends have the same error."""
    try:
        began, ended = (
            datetime.fromisoformat(told or "") for told in (step.started_at, step.stopped_at)
        )
        return (ended - began).total_seconds()
    except (ValueError, TypeError):
        return None


def _drive(step: OrderStep, seconds: float, layout: Layout | None) -> Iterator[tuple[str, float]]:
    """As a share of the shortest way, of all drives and of this leg."""
    if layout is None or step.source == step.target or step.state != "FINISHED":
        return
    starts, ends = layout.serials(step.source or ""), layout.serials(step.target or "")
    if len(starts) != 1 or len(ends) != 1:
        return
    try:
        usual = durations.way(layout.route(starts[0], ends[0])).usual
    except NoRoute:
        return
    if seconds > usual / OUTLIER:  # else the vehicle stood there already, for another order
        yield DRIVE_SHARE, seconds / usual
        yield f"{DRIVE_SHARE} {leg(starts[0], ends[0])}", seconds / usual


def leg(start: str, end: str) -> str:
    """How the way from one module to another is named among what was learned."""
    return f"{start}>{end}"


def _speed(found: Mapping[str, list[float]], expected: float) -> float:
    usual = durations.USUAL_DURATIONS
    shares = [one / usual[name].usual for name in usual for one in found.get(name, ())]
    share = median(shares) if len(shares) >= ENOUGH_TIMES else 1.0 / expected
    return 1.0 / share if share > SLOWEST or share < FASTEST else 1.0


def _sound(times: list[float], factor: float) -> tuple[float, ...]:
    usual = median(times) if times else 0.0
    return tuple(sorted(one * factor for one in times if one <= OUTLIER * usual))
