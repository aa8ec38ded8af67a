"""Where the network thread leaves messages and the appender takes them in batches."""

import threading
from collections import deque

from services.common import clock
from services.common.link import Received

# Waiting messages may hold this much before the broker is asked to keep the rest (F7, F22).
MAX_WAITING_BYTES = 16 * 1024 * 1024
MAX_BATCH = 512
MAX_BATCH_BYTES = 4 * 1024 * 1024
# What a waiting message costs beside its payload.
OVERHEAD_BYTES = 400


Arrival = tuple[Received, float]
"""A message and when it came, in Unix seconds of this host."""


class Intake:
    """A queue with one thread at each end; bounded because `room` stops the reading."""

    def __init__(self, max_waiting_bytes: int = MAX_WAITING_BYTES) -> None:
        self._max = max_waiting_bytes
        self._waiting: deque[Arrival] = deque()
        self._filled = threading.Event()
        # Each counter has one writing thread, so no lock is needed.
        self._in_bytes = 0
        self._out_bytes = 0

    def put(self, message: Received) -> None:
        """Called by the network thread for each message."""
        self._waiting.append((message, clock.now()))
        self._in_bytes += len(message.payload) + OVERHEAD_BYTES
        if not self._filled.is_set():
            self._filled.set()

    def wake(self) -> None:
        """End a `take` that waits."""
        self._filled.set()

    def room(self) -> bool:
        """False while so much waits that nothing more should be read."""
        return self._in_bytes - self._out_bytes < self._max

    def take(self, timeout_s: float) -> list[Arrival]:
        """Whatever came since the last call, bounded; all of one connection; empty when idle."""
        if not self._waiting and not self._filled.wait(timeout_s):
            return []
        self._filled.clear()
        batch: list[Arrival] = []
        size = 0
        waiting = self._waiting
        connection = waiting[0][0].connection if waiting else 0
        while waiting and len(batch) < MAX_BATCH and size < MAX_BATCH_BYTES:
            message = waiting[0][0]
            if message.connection != connection:
                break
            batch.append(waiting.popleft())
            size += len(message.payload)
        self._out_bytes += size + OVERHEAD_BYTES * len(batch)
        return batch

    def __len__(self) -> int:
        """Messages that wait."""
        return len(self._waiting)
