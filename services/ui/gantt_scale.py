"""The time axis of a chart: it grows by whole marks, so that what is drawn stays where it is."""

from math import ceil
from typing import NamedTuple

SPANS_S = (10, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14_400)
"""Lengths of the axis; a longer order is drawn on a multiple of the last."""
MARKS = 5


class Axis(NamedTuple):
    """From `began_at` (Unix s) over `span_s` seconds."""

    began_at: float
    span_s: float

    def part(self, at: float) -> float:
        """Where a time lies, 0 to 1; times outside stick to the ends."""
        return min(1.0, max(0.0, (at - self.began_at) / self.span_s))

    @property
    def marks(self) -> list[float]:
        """Seconds after the beginning at which a line is drawn."""
        return [self.span_s * number / MARKS for number in range(MARKS + 1)]


def axis(began_at: float, ends_at: float) -> Axis:
    """The shortest axis that holds the time between."""
    length = max(1.0, ends_at - began_at)
    longest = float(SPANS_S[-1])
    fitting = next((float(span) for span in SPANS_S if span >= length), None)
    if fitting is None:
        fitting = longest * ceil(length / longest)
    return Axis(began_at, fitting)
