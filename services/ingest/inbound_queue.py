"""Where the network threads leave messages and the main thread takes them in batches."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from services.common.mqtt.publish_parser import ReceivedMessage
from services.common.process import clock
from services.ingest.own_thread import WaitEvent

# Waiting messages may hold this much before the broker is asked to keep the rest (F7, F22).
MAX_WAITING_BYTES = 16 * 1024 * 1024
MAX_BATCH_MESSAGES = 512
MAX_BATCH_BYTES = 4 * 1024 * 1024
# What a waiting message costs beside its payload.
OVERHEAD_BYTES = 400


RETAINED_AGAIN = -1
"""Stands for the number of a connection: what the broker retains, asked for once more."""

Block = tuple[list[ReceivedMessage], float]
"""Messages that came in one read, and when: Unix seconds of the arrival clock."""


def repeats(blocks: Sequence[Block]) -> bool:
    """True if the broker says (DUP) of any of these that it may be one it delivered before."""
    return any(True in [message[4] for message in messages] for messages, _ in blocks)


class QueuedMessages(NamedTuple):
    """What is appended together: blocks of one connection, at least one."""

    connection: int
    blocks: list[Block]

    @property
    def since(self) -> float:
        """When the first of it came."""
        return self.blocks[0][1]

    def mids(self) -> list[int]:
        """Packet ids that await their PUBACK, in order."""
        return [m.mid for messages, _ in self.blocks for m in messages if m.qos == 1]

    def __len__(self) -> int:
        """Messages in it."""
        return sum(len(messages) for messages, _ in self.blocks)


class InboundQueue:
    """Blocks of messages between the network threads and the main thread; bounded by its bytes.

    `put` and `has_capacity` are called by the network threads of the links, `take` by the main
    thread alone, `wake` by any. Blocks come out in the order they were put; one `take` gives those
    of one connection. Raises nothing. Lost in a crash: what lay here was not acknowledged, so the
    broker delivers it again.
    """

    def __init__(
        self,
        filled: WaitEvent,
        max_waiting_bytes: int = MAX_WAITING_BYTES,
        arrival: Callable[[], float] = clock.now,
    ) -> None:
        """By `filled` a `take` waits; `arrival` tells when a block that comes now came."""
        self._max = max_waiting_bytes
        self._arrival = arrival
        self._waiting: deque[tuple[list[ReceivedMessage], float, int]] = deque()
        self._filled = filled
        # Two links put while retained values are asked for again; one thread takes.
        self._putting = threading.Lock()
        self._in_bytes = self._in_count = 0
        self._out_bytes = self._out_count = 0

    def put(self, messages: list[ReceivedMessage], connection: int) -> None:
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

    def has_capacity(self) -> bool:
        """False while so much waits that nothing more should be read."""
        return self._in_bytes - self._out_bytes < self._max

    def take(self, timeout_s: float) -> QueuedMessages | None:
        """Whatever came since the last call, bounded; all of one connection; None when idle."""
        if not self._waiting and not self._filled.wait(timeout_s):
            return None
        self._filled.clear()
        waiting, blocks = self._waiting, list[Block]()
        left, size, connection = MAX_BATCH_MESSAGES, 0, waiting[0][2] if waiting else 0
        while waiting and left > 0 and size < MAX_BATCH_BYTES and waiting[0][2] == connection:
            messages, at, _ = waiting.popleft()
            if len(messages) > left:
                waiting.appendleft((messages[left:], at, connection))
                messages = messages[:left]
            blocks.append((messages, at))
            left -= len(messages)
            size += _size(messages)
        self._out_bytes += size
        self._out_count += MAX_BATCH_MESSAGES - left
        return QueuedMessages(connection, blocks) if blocks else None

    def taken_until(self) -> float:
        """All that came before this moment was taken out; by the arrival clock."""
        with self._putting:
            return self._waiting[0][1] if self._waiting else self._arrival()

    def __len__(self) -> int:
        """Messages that wait."""
        return self._in_count - self._out_count


def _size(messages: list[ReceivedMessage]) -> int:
    return sum([len(m[1]) + len(m[6]) for m in messages]) + OVERHEAD_BYTES * len(messages)
