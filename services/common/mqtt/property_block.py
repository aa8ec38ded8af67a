"""Properties as bytes of an MQTT 5 packet (section 2.2.2), read and written."""

from collections.abc import Iterator

from omf.messages.properties import MAX_STRING_BYTES, MessageProperties

PAYLOAD_FORMAT, EXPIRY, CONTENT_TYPE = 0x01, 0x02, 0x03
RESPONSE_TOPIC, CORRELATION, SUBSCRIPTION_ID = 0x08, 0x09, 0x0B
RECEIVE_MAXIMUM, TOPIC_ALIAS, USER_PROPERTY = 0x21, 0x23, 0x26
OF_PUBLISH = frozenset(
    {
        *(PAYLOAD_FORMAT, EXPIRY, CONTENT_TYPE, RESPONSE_TOPIC, CORRELATION, SUBSCRIPTION_ID),
        *(TOPIC_ALIAS, USER_PROPERTY),
    }
)
_LENGTHS = {
    **dict.fromkeys((PAYLOAD_FORMAT, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A), 1),
    **dict.fromkeys((0x13, RECEIVE_MAXIMUM, 0x22, TOPIC_ALIAS), 2),
    **dict.fromkeys((EXPIRY, 0x11, 0x18, 0x27), 4),
}
_STRINGS = frozenset(
    {CONTENT_TYPE, RESPONSE_TOPIC, CORRELATION, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F}
)


def read_properties(block: bytes) -> MessageProperties:
    """Those of a PUBLISH, without their length; never raises, what breaks a rule is `unread`.

    A subscription identifier and a topic alias belong to the connection and are left out.
    """
    found: dict[int, bytes] = {}
    user: list[tuple[str, str]] = []
    read = 0
    for kind, value, end in _each(block):
        if kind not in OF_PUBLISH:
            break
        if kind == USER_PROPERTY:
            middle = _behind_string(value, 0)
            user.append((_text(value[2:middle]), _text(value[middle + 2 :])))
        else:
            found[kind] = value
        read = end
    expiry = found.get(EXPIRY)
    return MessageProperties(
        _text(found.get(CONTENT_TYPE, b"")),
        None if expiry is None else int.from_bytes(expiry, "big"),
        tuple(user),
        _text(found.get(RESPONSE_TOPIC, b"")),
        found.get(CORRELATION, b""),
        found.get(PAYLOAD_FORMAT) == b"\x01",
        block[read:],
    )


def receive_maximum(connack: bytes) -> int:
    """How many publishes a broker takes at once, by the body of its CONNACK."""
    block = connack[_behind_number(connack, 2) :]
    values = (value for kind, value, _ in _each(block) if kind == RECEIVE_MAXIMUM)
    return int.from_bytes(next(values, b"\xff\xff"), "big")


def packed_properties(packed: bytes) -> bytes:
    """The JSON of a block that is led by its length, as a library gives it back."""
    return json_of(packed[_behind_number(packed, 0) :])


def json_of(block: bytes) -> bytes:
    """The JSON under which the properties of a block are kept; empty if there are none."""
    return read_properties(block).to_json().encode(errors="replace")


def write_properties(told: MessageProperties) -> bytes:
    """The block, without its length; what could not be read is not sent again."""
    parts: list[bytes] = []
    if told.utf8:
        parts.append(bytes((PAYLOAD_FORMAT, 1)))
    if told.expiry_s is not None:
        parts.append(bytes((EXPIRY,)) + told.expiry_s.to_bytes(4, "big"))
    for kind, text in ((CONTENT_TYPE, told.content_type), (RESPONSE_TOPIC, told.response_topic)):
        if text:
            parts.append(bytes((kind,)) + _string(text.encode(errors="replace")))
    if told.correlation:
        parts.append(bytes((CORRELATION,)) + _string(told.correlation))
    for name, value in told.user:
        pair = _string(name.encode(errors="replace")) + _string(value.encode(errors="replace"))
        parts.append(bytes((USER_PROPERTY,)) + pair)
    return b"".join(parts)


def _each(block: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Identifier, value and end of each; ends before one that is unknown or not all there.

    Strings come without their length, both of a user property with theirs.
    """
    at = 0
    while at < len(block):
        kind, begin = block[at], at + 1
        if kind in _LENGTHS:
            end = begin + _LENGTHS[kind]
        elif kind == SUBSCRIPTION_ID:
            end = _behind_number(block, begin)
        elif kind in _STRINGS:
            end, begin = _behind_string(block, begin), begin + 2
        elif kind == USER_PROPERTY:
            end = _behind_string(block, _behind_string(block, begin))
        else:
            return
        if end > len(block):
            return
        yield kind, block[begin:end], end
        at = end


def _behind_number(block: bytes, at: int) -> int:
    """Behind a number of up to four bytes of seven bits."""
    while at < len(block) and block[at] & 0x80:
        at += 1
    return at + 1


def _behind_string(block: bytes, at: int) -> int:
    """Behind a string with its length in two bytes; behind the block if it is not all there."""
    if at + 2 > len(block):
        return len(block) + 1
    return at + 2 + int.from_bytes(block[at : at + 2], "big")


def _text(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")


def _string(raw: bytes) -> bytes:
    raw = raw[:MAX_STRING_BYTES]
    return len(raw).to_bytes(2, "big") + raw
