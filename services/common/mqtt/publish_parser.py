"""Reads many PUBLISH packets out of one block of bytes, several times faster than one by one."""

from typing import NamedTuple

from services.common.mqtt.property_block import json_of

# Fixed header of a PUBLISH (section 3.3.1): type 3, then DUP, QoS in two bits, RETAIN.
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
    properties: bytes = b""
    """Those of MQTT 5 as JSON (omf/messages/properties.py); empty where there are none."""


# A third of what calling the class costs, and it is paid for every message.
_new = tuple.__new__


def publishes(  # noqa: C901, PLR0915 - one loop: a call costs as much as half a message
    block: bytes, at: int, *, mqtt5: bool = False
) -> tuple[list[ReceivedMessage], int]:
    """The complete PUBLISH packets of QoS 0 and 1 from `at` on, and where they end.

    `mqtt5`: properties stand in front of each payload. Stops before anything else: another packet,
    an incomplete or a malformed one.
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
        properties = b""
        if mqtt5:
            if start < stop and not block[start]:
                start += 1
            else:
                begin, start = _extent(block, start, stop)
                if start > stop:
                    break
                properties = json_of(block[begin:start])
        qos = (head & QOS_1) >> 1
        payload, retain, dup = block[start:stop], head & RETAIN != 0, head & DUP != 0
        fields = (topic, payload, qos, retain, dup, mid, properties)
        found.append(_new(ReceivedMessage, fields))
        at = stop
    return found, at


def whole_packet(head: int, body: bytes) -> bytes:
    """The packet a library has taken apart: fixed header, length and body."""
    size, length = len(body), bytearray()
    while True:
        size, digit = divmod(size, 0x80)
        length.append(digit | (0x80 if size else 0))
        if not size:
            return bytes((head, *length)) + body


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
