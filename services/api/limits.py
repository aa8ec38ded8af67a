"""What one client may take: streams at a time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

MAX_STREAMS = 48
"""Each holds a connection to the store, which gives one process a hundred."""
MAX_STREAMS_PER_CLIENT = 12


class StreamLimiter:
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
