"""When a battery will have fallen to a limit, told from its own course and from nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from omf.state.vehicles import BatteryReading

LEAST_READINGS, LEAST_S = 6, 300.0
"""Less is the weather of one drive: the voltage gives way under load and comes back."""
NOISE = 2.0
"""The fall over the course has to be this many times the scatter around it."""
FAR = 3.0
"""Nothing is told further ahead than this many times what was seen."""
OLD_S = 120.0


@dataclass(frozen=True, slots=True)
class BatteryForecast:
    """Both in seconds: until the limit is reached, and the course that says so."""

    in_s: float
    seen_s: float


def forecast(
    readings: Sequence[BatteryReading], limit: float, now: float
) -> BatteryForecast | None:
    """When the percentage reaches `limit`; None while the course does not tell.

    It does not while the vehicle charges, is silent, has been off the charger for minutes only, or
    while its percentage does not clearly fall.
    """
    course = _since_charging(readings)
    if len(course) < LEAST_READINGS or now - course[-1][0] > OLD_S:
        return None
    seen = course[-1][0] - course[0][0]
    if seen < LEAST_S:
        return None
    slope, level, scatter = _line(course)
    if slope >= 0 or -slope * seen < NOISE * scatter:
        return None
    left = (level - limit) / -slope - (now - course[-1][0])
    return BatteryForecast(max(0.0, left), seen) if left <= FAR * seen else None


def _since_charging(readings: Sequence[BatteryReading]) -> list[tuple[float, float]]:
    """Time and percentage, oldest first, since it last charged or did not tell."""
    found = takewhile(lambda one: one.charging is False, reversed(readings))
    return [(r.at, r.percentage) for r in found if r.percentage is not None][::-1]


def _line(course: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Slope per second, level at the end of the best straight line, and the scatter around it."""
    count, end = len(course), course[-1][0]
    points = [(at - end, percent) for at, percent in course]
    mean_x, mean_y = (sum(p[axis] for p in points) / count for axis in (0, 1))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    level = mean_y - slope * mean_x
    scatter = (sum((y - level - slope * x) ** 2 for x, y in points) / count) ** 0.5
    return slope, level, scatter
