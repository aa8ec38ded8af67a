"""What a broker delivers again after a connect, told apart from new messages that look the same.

A broker repeats, in their order, the messages whose PUBACK it did not see. Those already appended
must be dropped; a new message with the same content must not. Two kinds of broker were measured:

1. mosquitto repeats with DUP set and the same packet id: a repeated message that was appended is
   one with DUP whose packet id and content stand in the window.
2. rumqttd repeats without DUP and counts packet ids from 1 again: only the order tells. What was
   appended and is not settled (its PUBACK was sent at least a second before the end) is compared
   with the first messages; the longest run that ends where the appended ones end is the repetition.
"""

import zlib
from collections.abc import Sequence
from itertools import takewhile
from struct import Struct
from typing import NamedTuple

ENTRY = Struct(">HI")
"""Packet id and CRC-32 of topic and payload: one acknowledged message in the window."""
# More than any broker without DUP leaves unacknowledged (rumqttd: 100).
MAX_TAIL = 256


class Mark(NamedTuple):
    """How a message of QoS 1 is recognised when it comes again."""

    mid: int
    crc: int
    dup: bool


class Sessions:
    """Which connections found our session at the broker, until their messages are mirrored.

    While the store is away any number of connections may come and go before that.
    """

    def __init__(self) -> None:
        self._kept: dict[int, bool] = {}
        self._newest = 0

    def opened(self, connection: int, *, kept: bool) -> None:
        """What the broker told at this connect; only the first word about it counts."""
        if connection > self._newest:
            self._newest = connection
            self._kept[connection] = kept

    def begin(self, connection: int) -> bool:
        """True if the broker kept the session since the connection that was mirrored before.

        A connect in between that brought no message may have found it forgotten.
        """
        passed = [self._kept.pop(number) for number in list(self._kept) if number <= connection]
        return bool(passed) and all(passed)


def crc(topic_crc: int, payload: bytes) -> int:
    """Of topic and payload."""
    return zlib.crc32(payload, topic_crc)


class Redelivery:
    """The beginning of one connection whose session the broker still had."""

    def __init__(self, window: bytes, unsettled: int) -> None:
        """`window` are entries, oldest first; the last `unsettled` may not be acknowledged."""
        entries = list(ENTRY.iter_unpack(window[len(window) % ENTRY.size :]))
        self._appended = frozenset(entries)
        tail = entries[-min(unsettled, MAX_TAIL) :] if unsettled else []
        self._tail = [crc_ for _, crc_ in tail]
        self._begun = False
        self.over = not entries

    def repeated(self, marks: Sequence[Mark]) -> set[int]:
        """Positions in `marks` of the messages that were appended before.

        Call it with each batch of the connection, in order, until `over`.
        """
        if self.over or not marks:
            return set()
        if not self._begun:
            self._begun, self._by_flag = True, marks[0].dup
            self.over = not self._by_flag and marks[0].mid != 1
        if self.over:
            return set()
        if self._by_flag:
            return self._flagged(marks)
        return set(range(self._aligned([found.crc for found in marks])))

    def _flagged(self, marks: Sequence[Mark]) -> set[int]:
        again = list(takewhile(lambda found: found.dup, marks))
        self.over = len(again) < len(marks)
        return {at for at, m in enumerate(again) if (m.mid, m.crc) in self._appended}

    def _aligned(self, head: list[int]) -> int:
        tail = self._tail
        for count in range(min(len(tail), len(head)), 0, -1):
            if tail[-count:] == head[:count]:
                self.over = True
                return count
        for start in range(len(tail) - len(head)):
            if tail[start : start + len(head)] == head:
                # The repetition goes on in the next batch.
                self._tail = tail[start + len(head) :]
                return len(head)
        self.over = True
        return 0
