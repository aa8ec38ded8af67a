"""Reads many PUBLISH packets out of one block of bytes, several times faster than one by one."""

from typing import NamedTuple

# Fixed header of a PUBLISH (MQTT 3.1.1 section 3.3.1): type 3, then DUP, QoS in two bits, RETAIN.
PUBLISH, TYPE_AND_QOS_2 = 0x30, 0xF4
DUP, QOS_1, RETAIN = 0x08, 0x02, 0x01
# A remaining length has at most four bytes of seven bits.
MAX_LENGTH_BITS = 21


class ReceivedMessage(NamedTuple):
    """One PUBLISH as it came, undecoded."""

    topic: bytes
    payload: bytes
    qos: int
    retain: bool
    dup: bool
    mid: int
    """Packet id; 0 with QoS 0."""


# A third of what calling the class costs, and it is paid for every message.
_new = tuple.__new__


def publishes(block: bytes, at: int) -> tuple[list[ReceivedMessage], int]:
    """The complete PUBLISH packets of QoS 0 and 1 from `at` on, and where they end.

    Stops before anything else: another packet, an incomplete or a malformed one.
    """
    found: list[ReceivedMessage] = []
    end = len(block)
    while at + 1 < end:
        head = block[at]
        if head & TYPE_AND_QOS_2 != PUBLISH:
            break
        body, stop = _extent(block, at + 1, end)
        if stop > end or stop - body < 2:  # noqa: PLR2004 - the two bytes of the topic's length
            break
        start = body + 2 + (block[body] << 8 | block[body + 1])
        topic = block[body + 2 : start]
        mid = 0
        if head & QOS_1:
            start += 2
        if start > stop:
            break
        if head & QOS_1:
            mid = block[start - 2] << 8 | block[start - 1]
        qos = (head & QOS_1) >> 1
        fields = (topic, block[start:stop], qos, head & RETAIN != 0, head & DUP != 0, mid)
        found.append(_new(ReceivedMessage, fields))
        at = stop
    return found, at


def _extent(block: bytes, at: int, end: int) -> tuple[int, int]:
    """First byte of the body and first byte behind it; behind the block if not all is there."""
    size = shift = 0
    while at < end:
        digit = block[at]
        at += 1
        size |= (digit & 0x7F) << shift
        if digit < 0x80:  # noqa: PLR2004 - the continuation bit
            return at, at + size
        shift += 7
        if shift > MAX_LENGTH_BITS:
            break
    return at, end + 1
