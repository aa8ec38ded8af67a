"""The time axis of a chart: it grows by whole marks, so that what is drawn stays where it is."""

from math import ceil
from typing import NamedTuple

STEPS_S = {
    10: 2,
    20: 5,
    30: 5,
    60: 10,
    120: 20,
    180: 30,
    300: 60,
    600: 120,
    900: 180,
    1800: 300,
    3600: 600,
    7200: 1200,
    14_400: 2400,
}
"""Length of the axis, and of the time between two marks; a longer order is drawn on a multiple."""
MOST_MARKS = 7


class Axis(NamedTuple):
    """From `began_at` (Unix s) over `span_s` seconds."""

    began_at: float
    span_s: float

    def part(self, at: float) -> float:
        """Where a time lies, 0 to 1; times outside stick to the ends."""
        return min(1.0, max(0.0, (at - self.began_at) / self.span_s))

    @property
    def marks(self) -> list[float]:
        """Seconds after the beginning at which a line is drawn, at most `MOST_MARKS`."""
        step = STEPS_S.get(round(self.span_s), self.span_s / (MOST_MARKS - 1))
        return [step * number for number in range(round(self.span_s / step) + 1)]


def axis(began_at: float, ends_at: float) -> Axis:
    """The shortest axis that holds the time between."""
    length = max(1.0, ends_at - began_at)
    longest = float(max(STEPS_S))
    fitting = next((float(span) for span in STEPS_S if span >= length), None)
    if fitting is None:
        fitting = longest * ceil(length / longest)
    return Axis(began_at, fitting)
