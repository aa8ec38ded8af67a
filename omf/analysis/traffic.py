"""How much was said, on what and when."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256

from omf.analysis.report import Rate, TopicRow
from omf.constants import MINUTE_S
from omf.messages.message import Message
from omf.state.traffic import Traffic
from omf.topics import catalogue

MAX_BUCKETS = 240
"""More columns than this nobody can tell apart on a page."""
BUCKETS_S = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0)


def digest(messages: Iterable[Message]) -> str:
    """SHA-256 over topic, NUL, payload, LF of every message, in hex."""
    found = sha256()
    for message in messages:
        found.update(message.topic.encode("utf-8", "surrogatepass"))
        found.update(b"\0" + message.payload + b"\n")
    return found.hexdigest()


def topic_rows(
    traffic: Traffic, messages: Iterable[Message], duration_s: float
) -> tuple[TopicRow, ...]:
    """Every topic, the busiest first."""
    minutes = max(duration_s, 1.0) / MINUTE_S
    said: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        said[message.topic].append(message)
    rows = [
        TopicRow(
            topic=topic,
            priority=priority(topic),
            count=entry.count,
            bytes=entry.bytes,
            retained=entry.retained,
            per_minute=entry.count / minutes,
            usual_per_minute=_usual(topic),
            sha256=digest(said[topic]),
        )
        for topic, entry in traffic.topics.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.topic)))


def priority(topic: str) -> int:
    """The priority class of a topic; the last one for what nobody described."""
    entry = catalogue.of(topic)
    return entry.priority if entry else catalogue.EVERYTHING


def _usual(topic: str) -> float | None:
    entry = catalogue.of(topic)
    return entry.per_minute if entry else None


def rate(messages: Sequence[Message], began_at: float, ended_at: float) -> Rate:
    """Messages over time by class."""
    bucket_s = _bucket(ended_at - began_at)
    length = int((ended_at - began_at) / bucket_s) + 1
    counts = {number: [0] * length for number in catalogue.PRIORITY_CLASSES}
    for number, bucket in _places(messages, began_at, bucket_s):
        counts[number][bucket] += 1
    return Rate(bucket_s=bucket_s, counts={n: tuple(row) for n, row in counts.items()})


def _places(
    messages: Iterable[Message], began_at: float, bucket_s: float
) -> Iterable[tuple[int, int]]:
    for message in messages:
        yield priority(message.topic), max(0, int((message.received_at - began_at) / bucket_s))


def _bucket(duration_s: float) -> float:
    return next((b for b in BUCKETS_S if duration_s / b < MAX_BUCKETS), duration_s / MAX_BUCKETS)
