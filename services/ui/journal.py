"""The newest messages of one environment."""

from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from omf import catalogue, topics
from omf.message import Message

KEEP_COUNT = 5_000
"""About a quarter of an hour of a busy factory; older ones stay in the buffers of the bus."""
KEEP_BYTES = 24_000_000
"""Camera frames are large: memory is bounded by bytes as well."""
EVERYTHING = 6
RATE_WINDOW_S = 10.0


class Journal:
    """A ring of messages that knows how many ever passed, so that readers can keep a place."""

    def __init__(self) -> None:
        self._ring: deque[Message] = deque()
        self._bytes = 0
        self._arrivals: deque[float] = deque(maxlen=20_000)
        self.total = 0

    def __len__(self) -> int:
        return len(self._ring)

    def add(self, message: Message) -> None:
        """Append; the oldest leave when there are too many or too large ones."""
        self._ring.append(message)
        self._bytes += len(message.payload)
        self._arrivals.append(message.received_at)
        self.total += 1
        while len(self._ring) > KEEP_COUNT or self._bytes > KEEP_BYTES:
            self._bytes -= len(self._ring.popleft().payload)

    @property
    def first(self) -> int:
        """Place of the oldest message still kept; the newest one stands at `total - 1`."""
        return self.total - len(self._ring)

    def rate(self, now: float) -> float:
        """Messages per second over the last ten seconds."""
        recent = (at for at in reversed(self._arrivals))
        return sum(1 for _ in _while_newer(recent, now - RATE_WINDOW_S)) / RATE_WINDOW_S

    def newest(self, count: int | None = None) -> Iterator[Message]:
        """Messages from the newest on, at most `count`."""
        return islice(reversed(self._ring), count)

    @property
    def oldest(self) -> Message | None:
        """The oldest message still kept."""
        return self._ring[0] if self._ring else None

    def find(self, message_id: str) -> Message | None:
        """The message with this id while it is in the ring."""
        return next((m for m in reversed(self._ring) if m.id == message_id), None)


def _while_newer(times: Iterator[float], limit: float) -> Iterator[float]:
    for at in times:
        if at < limit:
            return
        yield at


def to_factory(topic: str) -> bool:
    """True for a topic on which something is told to the factory, by whomever."""
    entry = catalogue.of(topic)
    return entry is not None and entry.direction == "to_factory"


@lru_cache(maxsize=20_000)
def priority_of(topic: str) -> int:
    """The first priority class whose filters match the topic."""
    for priority in range(1, EVERYTHING):
        if any(topics.matches(f, topic) for f in catalogue.filters(priority)):
            return priority
    return EVERYTHING


def priority_of_filter(topic_filter: str) -> int:
    """The first priority class that looks into the buffer of this filter."""
    classes = range(1, EVERYTHING)
    return next((c for c in classes if topic_filter in catalogue.filters(c)), EVERYTHING)
