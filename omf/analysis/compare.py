"""Two sessions side by side: orders by type and colour, steps, and what was said how often."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Literal

from omf.analysis.report import Analysis, OrderRow, ReportPart, TopicRow
from omf.durations import USUAL_DURATIONS, Span

Verdict = Literal["identical", "interleaved", "counts", "different"]
"""How far the traffic agrees: to the byte and in order; on each topic alone; only by the number of
messages on each topic; not even that."""


class ComparedTimes(ReportPart):
    """Durations of the same thing in one session; None where it never ended."""

    count: int
    median_s: float | None
    least_s: float | None
    most_s: float | None


class OrderPair(ReportPart):
    """All orders of one type and colour."""

    type: str | None
    colour: str | None
    a: ComparedTimes
    b: ComparedTimes
    states_a: dict[str, int]
    states_b: dict[str, int]


class StepPair(ReportPart):
    """All steps of one name."""

    name: str
    usual: Span | None
    a: ComparedTimes
    b: ComparedTimes


class CountPair(ReportPart):
    """Messages of one topic."""

    topic: str
    a: int
    b: int
    per_minute_a: float
    per_minute_b: float
    same: bool
    """The same payloads in the same order."""


class Comparison(ReportPart):
    """Session `a` held against session `b`."""

    orders: tuple[OrderPair, ...]
    steps: tuple[StepPair, ...]
    topics: tuple[CountPair, ...]
    messages: tuple[int, int]
    duration_s: tuple[float, float]
    alarms_only_a: tuple[str, ...]
    alarms_only_b: tuple[str, ...]
    verdict: Verdict


def compare(a: Analysis, b: Analysis) -> Comparison:
    """Hold two analyses against each other."""
    alarms_a, alarms_b = {row.id for row in a.alarms}, {row.id for row in b.alarms}
    topics = tuple(_topics(a.topics, b.topics))
    return Comparison(
        orders=tuple(_orders(a, b)),
        steps=tuple(_steps(a, b)),
        topics=topics,
        messages=(a.messages, b.messages),
        duration_s=(a.duration_s, b.duration_s),
        alarms_only_a=tuple(sorted(alarms_a - alarms_b)),
        alarms_only_b=tuple(sorted(alarms_b - alarms_a)),
        verdict=_verdict(a, b, topics),
    )


def _verdict(a: Analysis, b: Analysis, topics: Iterable[CountPair]) -> Verdict:
    pairs = tuple(topics)
    if a.sha256 == b.sha256:
        return "identical"
    if all(pair.same for pair in pairs):
        return "interleaved"
    return "counts" if all(pair.a == pair.b for pair in pairs) else "different"


def _times(seconds: Iterable[float | None]) -> ComparedTimes:
    every = list(seconds)
    known = [value for value in every if value is not None]
    if not known:
        return ComparedTimes(count=len(every), median_s=None, least_s=None, most_s=None)
    return ComparedTimes(
        count=len(every), median_s=median(known), least_s=min(known), most_s=max(known)
    )


def _orders(a: Analysis, b: Analysis) -> Iterable[OrderPair]:
    mine, other = _by_kind(a.orders), _by_kind(b.orders)
    for kind in dict.fromkeys((*mine, *other)):
        left, right = mine.get(kind, []), other.get(kind, [])
        yield OrderPair(
            type=kind[0],
            colour=kind[1],
            a=_times(order.duration_s for order in left),
            b=_times(order.duration_s for order in right),
            states_a=_states(left),
            states_b=_states(right),
        )


def _by_kind(orders: Iterable[OrderRow]) -> dict[tuple[str | None, str | None], list[OrderRow]]:
    found: dict[tuple[str | None, str | None], list[OrderRow]] = defaultdict(list)
    for order in orders:
        found[order.type, order.colour].append(order)
    return found


def _states(orders: Iterable[OrderRow]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for order in orders:
        counts[order.state or ""] += 1
    return dict(counts)


def _steps(a: Analysis, b: Analysis) -> Iterable[StepPair]:
    mine, other = _durations(a), _durations(b)
    for name in sorted(mine.keys() | other.keys()):
        yield StepPair(
            name=name,
            usual=USUAL_DURATIONS.get(name),
            a=_times(mine.get(name, ())),
            b=_times(other.get(name, ())),
        )


def _durations(analysis: Analysis) -> Mapping[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for order in analysis.orders:
        for step in order.steps:
            if step.duration_s is not None:
                found[step.name].append(step.duration_s)
    return found


def _topics(a: Iterable[TopicRow], b: Iterable[TopicRow]) -> Iterable[CountPair]:
    mine, other = {row.topic: row for row in a}, {row.topic: row for row in b}
    for topic in sorted(mine.keys() | other.keys()):
        left, right = mine.get(topic), other.get(topic)
        yield CountPair(
            topic=topic,
            a=left.count if left else 0,
            b=right.count if right else 0,
            per_minute_a=left.per_minute if left else 0.0,
            per_minute_b=right.per_minute if right else 0.0,
            same=left is not None and right is not None and left.sha256 == right.sha256,
        )
