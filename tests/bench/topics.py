"""How fast topics are matched and messages are read; rows for `make bench-omf`."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from omf.messages.reading import parse
from omf.topics import catalogue
from omf.topics.filters import FilterIndex, matches
from tests.support.shared import RECORDINGS, recording

FILTERS = 200
ROUNDS = 7
Row = dict[str, Any]


def many_filters(count: int = FILTERS) -> tuple[str, ...]:
    """Return the catalogue's filters and further ones of single devices, `count` in all."""
    serials = (f"SVR{number:07d}" for number in range(count))
    more = (
        pattern.replace("+", serial)
        for serial in serials
        for pattern in catalogue.filters(2)
        if "+" in pattern
    )
    known = catalogue.filters(6)
    return (*known, *(next(more) for _ in range(count - len(known))))


def bench_topics() -> list[Row]:
    """Measure one topic against 200 filters, by the index and one by one, and pure reading."""
    messages = [message for name in RECORDINGS for message in recording(name)]
    topics = sorted({message.topic for message in messages})
    wanted = many_filters()
    index = FilterIndex(wanted)

    def by_index() -> None:
        for topic in topics:
            index.match(topic)

    def one_by_one() -> None:
        for topic in topics:
            for topic_filter in wanted:
                matches(topic_filter, topic)

    def read_all() -> None:
        for message in messages:
            parse(message.topic, message.payload)

    return [
        _row(f"match one topic against {FILTERS} filters", "us", by_index, 1e6 / len(topics), 50),
        _row(f"the same one by one, {FILTERS} filters", "us", one_by_one, 1e6 / len(topics), 1),
        _row("parse one recorded message", "us", read_all, 1e6 / len(messages), 1),
    ]


def _row(name: str, unit: str, work: Callable[[], None], scale: float, repeats: int) -> Row:
    taken = [_timed(work, repeats) * scale for _ in range(ROUNDS)]
    low, middle, high = min(taken), statistics.median(taken), max(taken)
    return {
        "name": name,
        "value": round(middle, 3),
        "unit": unit,
        "spread": f"{low:.3f}..{high:.3f}",
    }


def _timed(work: Callable[[], None], repeats: int) -> float:
    began = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - began) / repeats
