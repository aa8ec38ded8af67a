"""The time axis of a chart: it grows by whole marks, so that what is drawn stays where it is."""

from math import ceil
from typing import NamedTuple

MARKS_S = (2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400)
"""Times between two marks; a longer order is drawn on a multiple of the last."""
MOST_MARKS = 8
SHORTEST_S = 10.0


class Axis(NamedTuple):
    """From `began_at` (Unix s) over `span_s` seconds, with a mark every `step_s`."""

    began_at: float
    span_s: float
    step_s: float

    def part(self, at: float) -> float:
        """Where a time lies, 0 to 1; times outside stick to the ends."""
        return min(1.0, max(0.0, (at - self.began_at) / self.span_s))

    @property
    def marks(self) -> list[float]:
        """Seconds after the beginning at which a line is drawn, at most `MOST_MARKS`."""
        return [self.step_s * number for number in range(round(self.span_s / self.step_s) + 1)]


def axis(began_at: float, ends_at: float) -> Axis:
    """The shortest axis of whole marks that holds the time between."""
    length = max(SHORTEST_S, ends_at - began_at)
    parts = MOST_MARKS - 1
    step = next((one for one in MARKS_S if length <= one * parts), None)
    if step is None:
        step = MARKS_S[-1] * ceil(length / MARKS_S[-1] / parts)
    return Axis(began_at, step * ceil(length / step), step)
