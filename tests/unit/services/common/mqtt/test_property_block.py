"""Properties of MQTT 5 packets: what we write paho reads, what paho writes we read."""

import random

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from omf.messages.properties import MessageProperties
from services.common.mqtt.property_block import (
    json_of,
    packed_properties,
    read_properties,
    receive_maximum,
    write_properties,
)
from services.common.mqtt.publish_parser import publishes, whole_packet

TOLD = MessageProperties(
    "application/json", 60, (("a", "1"), ("a", "2")), "answer", b"\x00\xff", utf8=True
)


def packet(block: bytes, payload: bytes, length: bytes | None = None) -> bytes:
    led = bytes((len(block),)) if length is None else length
    return whole_packet(0x32, b"\x00\x01t" + b"\x00\x07" + led + block + payload)


def test_paho_reads_what_we_write_and_we_what_paho_writes() -> None:
    block = write_properties(TOLD)
    theirs = Properties(PacketTypes.PUBLISH)
    theirs.unpack(bytes((len(block),)) + block)
    assert theirs.ContentType == TOLD.content_type
    assert theirs.UserProperty == list(TOLD.user)
    assert packed_properties(bytes(theirs.pack())).decode() == TOLD.to_json()
    assert read_properties(block) == TOLD


def test_what_belongs_to_the_connection_is_left_out() -> None:
    block = b"\x0b\x81\x01" + b"\x23\x00\x05"
    assert json_of(block) == b""
    assert read_properties(block + write_properties(TOLD)) == TOLD


@pytest.mark.parametrize(
    "rest",
    [b"\x02\x00\x00", b"\x03\x00\x09ab", b"\x26\x00\x01a", b"\x7f", b"\x0b\x80", b"\x21\x00\x01"],
)
def test_what_breaks_a_rule_is_kept_as_it_came(rest: bytes) -> None:
    assert read_properties(write_properties(TOLD) + rest) == TOLD._replace(unread=rest)


def test_text_that_is_no_utf_8_is_shown_escaped() -> None:
    assert read_properties(b"\x03\x00\x02a\xff").content_type == "a\\xff"


def test_whatever_comes_nothing_is_raised() -> None:
    luck = random.Random(5)  # noqa: S311 - the same each time
    for _ in range(3000):
        block = luck.randbytes(luck.randint(0, 30))
        again = MessageProperties.parse(told) if (told := json_of(block).decode()) else None
        assert again is None or again == read_properties(block)
        publishes(b"\x32" + block, 0, mqtt5=True)


def test_messages_with_and_without_properties_are_read_in_one_block() -> None:
    long = write_properties(MessageProperties(user=(("k", "v" * 300),)))
    block = packet(b"", b"plain") + packet(write_properties(TOLD), b"\x00told") + packet(b"", b"")
    block += packet(long, b"long", bytes((len(long) & 0x7F | 0x80, len(long) >> 7)))
    found, at = publishes(block, 0, mqtt5=True)
    assert [m.payload for m in found] == [b"plain", b"\x00told", b"", b"long"]
    assert [bool(m.properties) for m in found] == [False, True, False, True]
    assert {m.mid for m in found} == {7}
    assert at == len(block)


@pytest.mark.parametrize(
    "other", [packet(b"", b"", b""), packet(b"", b"x", b"\x09"), packet(b"", b"", b"\x80")]
)
def test_a_packet_whose_properties_are_longer_than_it_is_left(other: bytes) -> None:
    found, at = publishes(packet(b"", b"1") + other, 0, mqtt5=True)
    assert len(found) == 1
    assert at == len(packet(b"", b"1"))


def test_how_much_a_broker_takes_at_once_is_read_from_its_connack() -> None:
    assert receive_maximum(b"\x00\x00\x06\x22\x00\x0a\x21\x00\x14") == 20
    assert receive_maximum(b"\x00\x00\x00") == 0xFFFF
    assert receive_maximum(b"\x00\x00") == 0xFFFF
