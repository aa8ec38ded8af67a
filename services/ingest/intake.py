"""Where the network thread leaves messages and the appender takes them in batches."""

import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from services.common.mqtt.publish_parser import Publish
from services.common.process import clock

# Waiting messages may hold this much before the broker is asked to keep the rest (F7, F22).
MAX_WAITING_BYTES = 16 * 1024 * 1024
MAX_BATCH = 512
MAX_BATCH_BYTES = 4 * 1024 * 1024
# What a waiting message costs beside its payload.
OVERHEAD_BYTES = 400


RETAINED_AGAIN = -1
"""Stands for the number of a connection: what the broker retains, asked for once more."""

Block = tuple[list[Publish], float]
"""Messages that came in one read, and when: Unix seconds of the arrival clock."""


class Taken(NamedTuple):
    """What is appended together: blocks of one connection, at least one."""

    connection: int
    blocks: list[Block]

    @property
    def since(self) -> float:
        """When the first of it came."""
        return self.blocks[0][1]

    def mids(self) -> list[int]:
        """Packet ids that await their PUBACK, in order."""
        return [m[5] for messages, _ in self.blocks for m in messages if m[2] == 1]

    def __len__(self) -> int:
        """Messages in it."""
        return sum(len(messages) for messages, _ in self.blocks)


class Intake:
    """A queue that one thread takes from; bounded because `room` stops the reading."""

    def __init__(
        self,
        max_waiting_bytes: int = MAX_WAITING_BYTES,
        arrival: Callable[[], float] = clock.now,
    ) -> None:
        """`arrival` tells when a block that comes now came."""
        self._max = max_waiting_bytes
        self._arrival = arrival
        self._waiting: deque[tuple[list[Publish], float, int]] = deque()
        self._filled = threading.Event()
        # Two links put while retained values are asked for again; one thread takes.
        self._putting = threading.Lock()
        self._in_bytes = self._in_count = 0
        self._out_bytes = self._out_count = 0

    def put(self, messages: list[Publish], connection: int) -> None:
        """Called by a network thread for each block."""
        with self._putting:
            self._waiting.append((messages, self._arrival(), connection))
            self._in_bytes += _size(messages)
            self._in_count += len(messages)
        if not self._filled.is_set():
            self._filled.set()

    def wake(self) -> None:
        """End a `take` that waits."""
        self._filled.set()

    def room(self) -> bool:
        """False while so much waits that nothing more should be read."""
        return self._in_bytes - self._out_bytes < self._max

    def take(self, timeout_s: float) -> Taken | None:
        """Whatever came since the last call, bounded; all of one connection; None when idle."""
        if not self._waiting and not self._filled.wait(timeout_s):
            return None
        self._filled.clear()
        waiting, blocks = self._waiting, list[Block]()
        left, size, connection = MAX_BATCH, 0, waiting[0][2] if waiting else 0
        while waiting and left > 0 and size < MAX_BATCH_BYTES and waiting[0][2] == connection:
            messages, at, _ = waiting.popleft()
            if len(messages) > left:
                waiting.appendleft((messages[left:], at, connection))
                messages = messages[:left]
            blocks.append((messages, at))
            left -= len(messages)
            size += _size(messages)
        self._out_bytes += size
        self._out_count += MAX_BATCH - left
        return Taken(connection, blocks) if blocks else None

    def __len__(self) -> int:
        """Messages that wait."""
        return self._in_count - self._out_count


def _size(messages: list[Publish]) -> int:
    return sum([len(m[1]) for m in messages]) + OVERHEAD_BYTES * len(messages)
