"""The newest messages of one environment."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice

from omf.constants import MINUTE_S
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.topics import catalogue, filters
from omf.topics.catalogue import CLASSES, EVERYTHING

KEEP_COUNT = 5_000
"""About a quarter of an hour of a busy factory; older ones stay in the buffers of the bus."""
KEEP_BYTES = 24_000_000
"""Camera frames are large: memory is bounded by bytes as well."""
RATE_WINDOW_S = 10.0
MOST_RECENT = 150_000
"""Arrivals remembered for the figures: a minute of a flood."""


class Arrivals:
    """What came in the last seconds, by topic; each arrival is counted in and out once.

    Counting anew for every picture is what a flood cannot afford.
    """

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._came: deque[tuple[float, str]] = deque()
        self._counts: Counter[str] = Counter()

    def add(self, at: float, topic: str) -> None:
        """One more; the first is forgotten when there are too many."""
        self._came.append((at, topic))
        self._counts[topic] += 1
        if len(self._came) > MOST_RECENT:
            self._leave()

    def by_topic(self, now: float) -> Mapping[str, int]:
        """How many of each topic came since the window began; `now` never goes back."""
        while self._came and self._came[0][0] < now - self._window_s:
            self._leave()
        return self._counts

    def per_second(self, now: float) -> float:
        """Messages per second over the window."""
        self.by_topic(now)
        return len(self._came) / self._window_s

    def _leave(self) -> None:
        _, topic = self._came.popleft()
        self._counts[topic] -= 1
        if not self._counts[topic]:
            del self._counts[topic]


class Journal:
    """A ring of messages that knows how many ever passed, so that readers can keep a place."""

    def __init__(self, keep_count: int = KEEP_COUNT, keep_bytes: int = KEEP_BYTES) -> None:
        """Bounded by both."""
        self._keep = keep_count, keep_bytes
        self._ring: deque[Message] = deque()
        self._bytes = 0
        self._short, self._minute = Arrivals(RATE_WINDOW_S), Arrivals(MINUTE_S)
        self.total = 0

    def __len__(self) -> int:
        return len(self._ring)

    def add(self, message: Message) -> None:
        """Append; the oldest leave when there are too many or too large ones."""
        self._ring.append(message)
        self._bytes += len(message.payload)
        at = message.received_at
        self._short.add(at, message.topic)
        self._minute.add(at, message.topic)
        self.total += 1
        most, size = self._keep
        while len(self._ring) > most or self._bytes > size:
            self._bytes -= len(self._ring.popleft().payload)

    def clear(self) -> None:
        """Keep none; places go on behind those that were."""
        self._ring.clear()
        self._bytes = 0
        self._short, self._minute = Arrivals(RATE_WINDOW_S), Arrivals(MINUTE_S)

    @property
    def first(self) -> int:
        """Place of the oldest message still kept; the newest one stands at `total - 1`."""
        return self.total - len(self._ring)

    def rate(self, now: float) -> float:
        """Messages per second over the last ten seconds."""
        return self._short.per_second(now)

    def minute(self, now: float) -> Mapping[str, int]:
        """Messages of the last minute by topic."""
        return self._minute.by_topic(now)

    def newest(self, count: int | None = None) -> Iterator[Message]:
        """Messages from the newest on, at most `count`."""
        return islice(reversed(self._ring), count)

    @property
    def oldest(self) -> Message | None:
        """The oldest message still kept."""
        return self._ring[0] if self._ring else None

    def before(self, message: Message) -> Iterator[Message]:
        """Earlier messages of its topic, newest first."""
        place = StreamId.parse(message.id)
        own = (m for m in reversed(self._ring) if m.topic == message.topic)
        return (m for m in own if StreamId.parse(m.id) < place)

    def find(self, message_id: str) -> Message | None:
        """The message with this id while it is in the ring."""
        return next((m for m in reversed(self._ring) if m.id == message_id), None)


def to_factory(topic: str) -> bool:
    """True for a topic on which something is told to the factory, by whomever."""
    entry = catalogue.of(topic)
    return entry is not None and entry.direction == "to_factory"


@lru_cache(maxsize=20_000)
def priority_of(topic: str) -> int:
    """The first priority class whose filters match the topic."""
    for priority in CLASSES[:-1]:
        if any(filters.matches(f, topic) for f in catalogue.filters(priority)):
            return priority
    return EVERYTHING
