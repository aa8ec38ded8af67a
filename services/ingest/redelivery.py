"""What a broker delivers again, told apart from new messages that look the same.

A broker repeats the messages whose PUBACK it did not see. Those already appended must be dropped; a
new message with the same content must not. Four brokers were measured:

1. mosquitto repeats right after the connect, in order, with DUP set and the same packet id.
2. NATS repeats with DUP what was not acknowledged for `ack_wait`, in the midst of new messages,
   also on a connection that never broke; with the same packet id as long as its node lives, but for
   what crossed its PUBACK, or whose acknowledgement died with another node. There, but never
   before something new came, a content is taken for repeated that was appended within the last
   second, or that stands only once in the window.
3. RabbitMQ, and NATS on another node, repeat with DUP, but count packet ids from 1 again: content
   is compared with what was appended and is not settled (its PUBACK was sent at least a second
   before the end); each such message is found once.
4. rumqttd repeats without DUP and counts packet ids from 1 again: only the order tells. The longest
   run that begins a connection and ends where the appended, not settled ones end is the repetition.
"""

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
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
    """What one connection brings again, of a session that the broker had before or begins now."""

    def __init__(self, window: bytes, unsettled: int) -> None:
        """`window` are entries, oldest first; the last `unsettled` may not be acknowledged."""
        entries = _entries(window)
        self._appended = dict(entries)
        unsure = [crc_ for _, crc_ in entries[-unsettled:]] if unsettled else []
        self._tail, self._unsure = unsure[-MAX_TAIL:], Counter(unsure)
        self._begun = self.over = not entries
        """From `over` on only what has DUP is a repetition."""
        self._anew = self._something_new = False

    def recall(self, window: bytes, unsettled: int, own: int) -> None:
        """What was appended meanwhile, the last `own` of it on this connection."""
        if not self._begun:
            return
        entries = _entries(window)
        if self._anew and own < len(entries):
            self._appended = dict(entries[-own:] if own else [])
            return
        self._begun, self._anew, self._appended = True, False, dict(entries)
        contents = [crc_ for _, crc_ in entries]
        once = Counter({crc_: 1 for crc_, times in Counter(contents).items() if times == 1})
        self._unsure = once | Counter(contents[-unsettled:] if unsettled else [])

    def repeated(self, marks: Sequence[Mark]) -> set[int]:
        """Positions in `marks` of the messages that were appended before.

        Call it with each batch of the connection, in order, until `over`; then with those that
        have DUP, after `recall`.
        """
        if not marks:
            return set()
        if not self._begun:
            self._begin(marks[0])
        ordered = 0 if self.over else self._aligned([found.crc for found in marks])
        return {*range(ordered), *self._flagged(marks)}

    def _begin(self, first: Mark) -> None:
        """The first packet id says whether the broker counts on or anew."""
        self._begun = True
        known = first.dup and self._appended.get(first.mid) == first.crc
        self._anew = first.mid == 1 and not known
        (self._appended if self._anew else self._unsure).clear()
        self.over = first.dup or not self._anew

    def _flagged(self, marks: Sequence[Mark]) -> Iterator[int]:
        for at, (mid, crc_, dup) in enumerate(marks):
            if dup and (self._appended.get(mid) == crc_ or self._is_unsure(crc_)):
                yield at
            else:
                self._appended[mid] = crc_
                self._something_new |= not dup

    def _is_unsure(self, crc_: int) -> bool:
        if not self._unsure[crc_] or not (self._anew or self._something_new):
            return False
        self._unsure[crc_] -= 1
        return True

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


def _entries(window: bytes) -> list[tuple[int, int]]:
    return list(ENTRY.iter_unpack(window[len(window) % ENTRY.size :]))
