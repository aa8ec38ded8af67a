"""Spans of time: put together, cut out of each other, measured. Unix s, the end not included."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

Span = tuple[float, float]


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans as disjoint ones, in order; empty ones left out."""
    found: list[Span] = []
    for begin, end in sorted(one for one in spans if one[0] < one[1]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def without(whole: Span, parts: Iterable[Span]) -> tuple[Span, ...]:
    """A span less some parts of it."""
    found, at = [], whole[0]
    for begin, end in merged(parts):
        if begin > at:
            found.append((at, min(begin, whole[1])))
        at = max(at, end)
    if at < whole[1]:
        found.append((at, whole[1]))
    return tuple(one for one in found if one[0] < one[1])


def common(spans: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """What lies in both, as disjoint spans in order."""
    gaps = merged(others)
    return merged(part for one in spans for part in without(one, without(one, gaps)))


class PlannedTime:
    """Disjoint spans in order, asked often: how much of a span lies in them."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._ends = [end for _, end in spans]
        self.seconds = sum(end - begin for begin, end in spans)

    def within(self, begin: float, end: float) -> float:
        """So many seconds of [begin, end) lie in them."""
        found = 0.0
        for number in range(bisect_right(self._ends, begin), len(self._spans)):
            a, b = self._spans[number]
            if a >= end:
                break
            found += max(0.0, min(end, b) - max(begin, a))
        return found
