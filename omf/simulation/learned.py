"""How long steps take in one factory, learned from orders that ended; each an own distribution."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from types import MappingProxyType

from omf import durations
from omf.layout.layout import Layout, NoRoute
from omf.state.orders import Order, OrderStep

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
    """Ascending. `HBW.DROP`, `SVR3QA0022.DROP`, and `DRIVE`."""
    speed: float = 1.0
    """Seconds of the factory in one of life: 10 in a mock that runs ten times as fast."""
    orders: int = 0
    """From how many orders it was learned."""

    def quantile(self, name: str, serial: str, share: float) -> float | None:
        """The time of which `share` of those learned are no longer; None before enough are."""
        found = self._of(name, serial)
        if len(found) < ENOUGH_TIMES:
            return None
        place = share * (len(found) - 1)
        low = int(place)
        high = min(low + 1, len(found) - 1)
        return found[low] + (found[high] - found[low]) * (place - low)

    def scale(self, name: str, serial: str, usual: float) -> float:
        """By how much the recorded times of a step are moved while too few were learned."""
        found = self._of(name, serial)
        return median(found) / usual if len(found) >= PAIR and usual else 1.0

    def _of(self, name: str, serial: str) -> tuple[float, ...]:
        own = self.samples.get(f"{serial}.{name.partition('.')[2]}", ())
        return own if len(own) >= ENOUGH_TIMES else self.samples.get(name, ())


NOTHING_LEARNED = LearnedDurations()


def learn(orders: Iterable[Order], layout: Layout | None, speed: float = 1.0) -> LearnedDurations:
    """What ended orders tell; `speed` is taken for that of the factory while they are too few."""
    found: dict[str, list[float]] = defaultdict(list)
    count = 0
    for order in orders:
        seen = len(found[DRIVE_SHARE])
        for name, seconds in _times(order, layout):
            found[name].append(seconds)
        count += bool(order.state == "FINISHED" or len(found[DRIVE_SHARE]) > seen)
    factor = _speed(found, speed)
    samples = {
        name: _sound([one * (factor if name != DRIVE_SHARE else 1.0) for one in times])
        for name, times in found.items()
    }
    shares = tuple(one * factor for one in samples.get(DRIVE_SHARE, ()))
    return LearnedDurations(MappingProxyType(samples | {DRIVE_SHARE: shares}), factor, count)


def _times(order: Order, layout: Layout | None) -> Iterator[tuple[str, float]]:
    for step in order.steps:
        seconds = _seconds(step)
        if step.state != "FINISHED" or seconds is None or seconds <= SKIPPED_S:
            continue
        if step.type == "NAVIGATION":
            usual = _way(step, layout)
            if usual:
                yield DRIVE_SHARE, seconds / usual
            continue
        yield f"{step.module_type}.{step.command}", seconds
        if step.serial:
            yield f"{step.serial}.{step.command}", seconds


def _seconds(step: OrderStep) -> float | None:
    """By the CCU's clock alone: both ends have the same error."""
    try:
        began, ended = (
            datetime.fromisoformat(told or "") for told in (step.started_at, step.stopped_at)
        )
        return (ended - began).total_seconds()
    except (ValueError, TypeError):
        return None


def _way(step: OrderStep, layout: Layout | None) -> float | None:
    if layout is None or step.source == step.target:
        return None
    starts, ends = layout.serials(step.source or ""), layout.serials(step.target or "")
    if len(starts) != 1 or len(ends) != 1:
        return None
    try:
        return durations.way(layout.route(starts[0], ends[0])).usual
    except NoRoute:
        return None


def _speed(found: Mapping[str, list[float]], expected: float) -> float:
    usual = durations.USUAL_DURATIONS
    shares = [one / usual[name].usual for name in usual for one in found.get(name, ())]
    share = median(shares) if len(shares) >= ENOUGH_TIMES else 1.0 / expected
    return 1.0 / share if share > SLOWEST or share < FASTEST else 1.0


def _sound(times: list[float]) -> tuple[float, ...]:
    usual = median(times) if times else 0.0
    return tuple(sorted(one for one in times if one <= OUTLIER * usual))
