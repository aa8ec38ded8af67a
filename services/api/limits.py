"""What one client may take: commands a second, and streams at a time."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

COMMANDS_PER_S = 10.0
BURST = 10.0
MAX_STREAMS = 48
"""Each holds a connection to the store, which gives one process a hundred."""
MAX_STREAMS_PER_CLIENT = 12


class Pace:
    """A bucket of permissions a client, refilled evenly; clients are few, as the file names them.

    `now` is a clock that never steps back, in seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_s(self, client: str) -> float:
        """Take one permission: 0, or seconds until there is one again and nothing was taken."""
        at = self._now()
        left, since = self._buckets.get(client, (BURST, at))
        left = min(BURST, left + (at - since) * COMMANDS_PER_S)
        self._buckets[client] = (left - 1 if left >= 1 else left, at)
        return 0.0 if left >= 1 else (1 - left) / COMMANDS_PER_S


class Seats:
    """The open streams, counted by client."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """Open streams of all clients."""
        return self._taken.total()

    def free(self, client: str) -> bool:
        """True if this client may open one more."""
        return self.taken < MAX_STREAMS and self._taken[client] < MAX_STREAMS_PER_CLIENT

    @contextmanager
    def seat(self, client: str) -> Iterator[None]:
        """Held while a stream is open."""
        self._taken[client] += 1
        try:
            yield
        finally:
            self._taken[client] -= 1
