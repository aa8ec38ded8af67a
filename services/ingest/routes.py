"""Which buffers a topic goes to, how much each keeps, and how large a payload may be."""

import zlib
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from omf.topics import catalogue
from omf.topics.filters import FilterIndex, disjoint_cover
from services.common.store import keys
from services.ingest.shards import Shard

# Issue: a message of 1 MB is shown as it is. So the catalogue's own limits, which say what a
# topic should stay below, refuse nothing under this.
REFUSE_ABOVE_BYTES = 2 * 1024 * 1024
# Topics looked up lately; a flood of invented ones must not grow.
CACHED_ROUTES = 4096
# Shorter than any payload: the message is another shard's.
NOT_OURS = -1


class BufferRoute(NamedTuple):
    """Where the messages of one topic go."""

    topic: bytes
    crc: int
    """CRC-32 of the topic: where the mark of each message begins."""
    buffers: tuple[str, ...]
    """Filters, the journal last; none if the topic is another shard's."""
    max_bytes: int
    priority: int
    """The class that first shows it."""
    always_retained: bool
    """Its publisher retains every message, so a retained value is its newest."""


class Routes:
    """The routes of one priority class, as one shard sees them."""

    def __init__(self, priority: int, shard: Shard = Shard()) -> None:  # noqa: B008 - immutable
        self.priority = priority
        self._shard = shard
        buffers = [f for f in catalogue.filters(priority) if f != catalogue.JOURNAL]
        self.filters = (*buffers, catalogue.JOURNAL)
        self._index = FilterIndex(buffers)
        self.known: dict[bytes, BufferRoute] = {}

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """The few filters that bring everything exactly once."""
        return _cover(self._shard.filters(self.priority, catalogue.NEEDED_CLASS))

    def of(self, topic: bytes) -> BufferRoute:
        """The route of a topic, known or not; one that is not UTF-8 is shown escaped."""
        route = self.known.get(topic)
        if route is None:
            if len(self.known) >= CACHED_ROUTES:
                self.known.clear()
            route = self.known[topic] = self._find(topic.decode(errors="backslashreplace"))
        return route

    def _find(self, topic: str) -> BufferRoute:
        entry, name = catalogue.of(topic), topic.encode()
        if not self._shard.has(topic):
            return BufferRoute(name, zlib.crc32(name), (), NOT_OURS, 0, always_retained=False)
        return BufferRoute(
            name,
            zlib.crc32(name),
            (*self._index.match(topic), catalogue.JOURNAL),
            max(REFUSE_ABOVE_BYTES, catalogue.max_bytes(topic)),
            entry.priority if entry else catalogue.EVERYTHING,
            entry is not None and entry.retain is True,
        )


@cache
def _cover(filters: tuple[str, ...]) -> tuple[str, ...]:
    """Found once for all factories of a process: it takes milliseconds."""
    return disjoint_cover(filters)


class Buffer(NamedTuple):
    """A buffer's key and limits in the form the script takes."""

    key: str
    filter: str
    keep_count: int | str
    keep_ms: int
    keep_bytes: int | str
    pictures: int = 0
    """1: what it lets go, the journal lets go as well."""


def buffer(environment: str, topic_filter: str) -> Buffer:
    """The buffer of a filter with its limits from the catalogue."""
    limits = catalogue.limits(topic_filter)
    return Buffer(
        keys.buffer_key(environment, topic_filter),
        topic_filter,
        "" if limits.keep_count is None else limits.keep_count,
        int(limits.keep_hours * 3_600_000),
        "" if limits.keep_bytes is None else limits.keep_bytes,
        int(topic_filter in catalogue.PICTURES),
    )


def buffers(environment: str, filters: Iterable[str]) -> dict[str, Buffer]:
    """As `buffer`, for many."""
    return {name: buffer(environment, name) for name in filters}
