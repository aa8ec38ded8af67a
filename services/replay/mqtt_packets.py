"""The few MQTT packets a publisher writes and reads, as bytes; 3.1.1, and 5 where it says so."""

from collections.abc import Iterator
from typing import NamedTuple

CONNACK, PUBACK, PUBREC, PUBCOMP = 0x20, 0x40, 0x50, 0x70
PING = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"
MAX_MID = 0xFFFF
_CLEAN, _PASSWORD, _USERNAME = 0x02, 0x40, 0x80
_MORE = 0x80


class Packet(NamedTuple):
    """One packet of the broker: its type (the upper four bits) and what follows the length."""

    type: int
    body: bytes

    @property
    def mid(self) -> int:
        """The packet id of an acknowledgement."""
        return int.from_bytes(self.body[:2], "big")


def connect(
    client_id: str,
    keepalive_s: int,
    username: str | None,
    password: str | None,
    *,
    mqtt5: bool = False,
) -> bytes:
    """CONNECT with a clean session."""
    flags, fields = _CLEAN, [client_id]
    if username is not None:
        flags, fields = flags | _USERNAME, [*fields, username]
    if password is not None:
        flags, fields = flags | _PASSWORD, [*fields, password]
    head = _text("MQTT") + bytes((5 if mqtt5 else 4, flags)) + keepalive_s.to_bytes(2, "big")
    head += b"\x00" if mqtt5 else b""
    return _packet(0x10, head + b"".join(map(_text, fields)))


def publish(
    topic: str,
    payload: bytes,
    mid: int,
    qos: int,
    *,
    retain: bool,
    properties: bytes | None = None,
) -> bytes:
    """PUBLISH; `mid` is left out at QoS 0, `properties` (a block, perhaps empty) before MQTT 5."""
    number = mid.to_bytes(2, "big") if qos else b""
    block = b"" if properties is None else _length_of(properties) + properties
    return _packet(0x30 | qos << 1 | retain, _text(topic) + number + block + payload)


def pubrel(mid: int) -> bytes:
    """PUBREL, at which the broker hands a QoS 2 message on."""
    return b"\x62\x02" + mid.to_bytes(2, "big")


def taken(buffer: bytearray) -> Iterator[Packet]:
    """Take every whole packet out of `buffer`; what is left is the begin of the next."""
    while (found := _length(buffer)) is not None:
        start, length = found
        if len(buffer) < start + length:
            return
        packet = Packet(buffer[0] & 0xF0, bytes(buffer[start : start + length]))
        del buffer[: start + length]
        yield packet


def _length(buffer: bytearray) -> tuple[int, int] | None:
    """Where the body begins and how long it is; None while that is not there yet."""
    length = 0
    for place, byte in enumerate(buffer[1:5]):
        length |= (byte & ~_MORE) << 7 * place
        if not byte & _MORE:
            return place + 2, length
    return None


def _packet(first: int, body: bytes) -> bytes:
    return bytes((first,)) + _length_of(body) + body


def _length_of(body: bytes) -> bytes:
    length, digits = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        digits.append(digit | (_MORE if length else 0))
        if not length:
            return bytes(digits)


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw
