"""The words and the bookkeeping of a broker link, without a broker."""

from concurrent.futures import Future

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import ConnackCode

from services.common.mqtt.broker_list import BrokerList
from services.common.mqtt.inflight import InFlight
from services.common.mqtt.link import (
    DEFAULT_PORT,
    BrokerAddress,
    NotConnected,
    Unacknowledged,
    WindowFull,
)
from services.common.mqtt.publish_parser import publishes
from services.common.mqtt.subscriptions import ASIDE_TRIES, Subscriptions


def packet(topic: bytes, payload: bytes, *, head: int = 0x32, mid: int = 1) -> bytes:
    body = len(topic).to_bytes(2, "big") + topic
    body += mid.to_bytes(2, "big") if head & 0x06 else b""
    body += payload
    size, length = len(body), bytearray()
    while True:
        size, digit = divmod(size, 128)
        length.append(digit | (128 if size else 0))
        if not size:
            return bytes([head]) + bytes(length) + body


def test_complete_publishes_are_read_and_the_rest_is_left() -> None:
    big = bytes(70_000)
    block = packet(b"a/b", b"1", mid=7) + packet(b"c", big, head=0x3B, mid=65535)
    block += packet(b"zero", b"", head=0x31) + packet(b"cut", b"short")[:-2]
    found, at = publishes(block, 0)
    assert found == [
        (b"a/b", b"1", 1, False, False, 7, b""),
        (b"c", big, 1, True, True, 65535, b""),
        (b"zero", b"", 0, True, False, 0, b""),
    ]
    assert block[at:] == packet(b"cut", b"short")[:-2]


@pytest.mark.parametrize(
    "other",
    [
        b"\x40\x02\x00\x01",  # PUBACK
        packet(b"t", b"p", head=0x34),  # QoS 2 has a longer course
        b"\x32",
        b"\x32\x80",
        b"\x32\x80\x80\x80\x80\x01",  # a length of five bytes
        b"\x32\x01\x00",  # no room for a topic
        b"\x32\x04\x00\x09ab",  # a topic longer than its packet
        b"\x32\x04\x00\x02ab",  # no packet id
        b"",
    ],
)
def test_whatever_is_no_complete_publish_is_left_to_the_library(other: bytes) -> None:
    block = packet(b"t", b"p") + other
    found, at = publishes(block, 0)
    assert len(found) == 1
    assert block[at:] == other


def test_a_publish_is_done_at_its_puback_even_if_that_comes_first() -> None:
    window = InFlight()
    window.open(1)

    def early() -> int:
        window.done(5)
        return 5

    assert window.send(early).done()
    late = window.send(lambda: 6)
    assert not late.done()
    window.done(6)
    assert late.result(0) is None


def test_while_the_link_is_down_nothing_is_sent() -> None:
    window = InFlight()
    with pytest.raises(NotConnected):
        window.send(lambda: pytest.fail("it was sent"))


def test_a_broken_link_makes_the_outcome_unknown() -> None:
    window = InFlight()
    window.open(1)
    waiting = window.send(lambda: 1)
    window.close("the broker died")
    assert isinstance(waiting.exception(0), Unacknowledged)


def test_a_link_that_broke_and_came_back_during_the_send_makes_it_unknown() -> None:
    window = InFlight()
    window.open(1)

    def broken() -> int:
        window.close("the broker died")
        window.open(2)
        return 1

    assert isinstance(window.send(broken).exception(0), Unacknowledged)


def full(window: InFlight) -> bool:
    with pytest.raises(WindowFull):
        window.send(lambda: pytest.fail("it was sent"))
    return True


def test_the_window_is_bounded() -> None:
    window = InFlight(20)
    window.open(1)
    sent: list[Future[None]] = [window.send(lambda n=n: n) for n in range(20)]
    assert full(window)
    window.done(0)
    assert window.send(lambda: 20)
    assert sent[0].done()


def test_what_nobody_waits_for_any_more_is_in_flight_until_its_puback() -> None:
    window = InFlight(1)
    window.open(1)
    window.send(lambda: 1).cancel()
    assert full(window)
    window.done(1)
    window.send(lambda: 2).cancel()
    window.close("the broker died")
    window.open(2)
    assert window.send(lambda: 1)


def test_new_filters_are_asked_for_and_old_ones_left() -> None:
    wanted = Subscriptions()
    assert wanted.replace(["a", "b"], 1, ["old"]) == (["a", "b"], [])
    assert wanted.replace(["b", "c"], 1, []) == (["c"], ["a"])
    new, gone = wanted.restart()
    assert (new, sorted(gone)) == (["b", "c"], ["a", "old"])


def test_a_refused_filter_is_named() -> None:
    wanted = Subscriptions()
    wanted.replace(["a", "b"], 1, [])
    wanted.ask(["a", "b"], lambda _: 3)
    assert not wanted.complete
    wanted.answered(3, [1, 0x80])
    assert wanted.complete
    assert wanted.refused == ("b",)


def test_the_brokers_own_topics_are_never_subscribed() -> None:
    with pytest.raises(ValueError, match="SYS"):
        Subscriptions().replace(["$SYS/#"], 1, [])


def test_a_broker_that_hangs_up_when_asked_for_its_figures_is_not_asked_for_ever() -> None:
    wanted, asked = Subscriptions(["$SYS/x"]), list[list[tuple[str, int]]]()

    def connect() -> None:
        wanted.ask(wanted.restart()[0], lambda pairs: asked.append(pairs) or len(asked))

    for _ in range(2):
        connect()
    wanted.answered(len(asked), [0])
    for _ in range(9):
        connect()
    assert asked == [[("$SYS/x", 0)]] * (2 + ASIDE_TRIES)
    assert wanted.complete
    assert wanted.refused == ()


def test_a_broker_address_has_defaults_and_keeps_the_password_out_of_errors() -> None:
    assert BrokerAddress.parse("mqtt://host") == BrokerAddress("host", 1883)
    full = BrokerAddress.parse("mqtts://me:p%40ss@host:99")
    assert full == BrokerAddress("host", 99, tls=True, username="me", password="p@ss")  # noqa: S106
    assert str(full) == "host:99"
    with pytest.raises(ValueError, match="mqtt://host") as told:
        BrokerAddress.parse("http://me:secret@host")
    assert "secret" not in str(told.value)


def test_a_broker_of_several_nodes_is_left_only_for_one_that_was_not_tried() -> None:
    brokers = BrokerList("mqtts://me:secret@one:1,two,three:3?ca=/ca.crt")
    seen = []
    for _ in range(4):
        seen.append((str(brokers.now), brokers.now.username, brokers.now.ca_file))
        seen.append(brokers.failed())
    one, two, three = (
        (name, "me", "/ca.crt") for name in ("one:1", f"two:{DEFAULT_PORT['mqtts']}", "three:3")
    )
    assert seen == [one, True, two, True, three, False, one, True]
    brokers.accepted()
    assert [brokers.failed(), brokers.failed(), brokers.failed()] == [True, True, False]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1, "does not speak MQTT 3.1.1"),
        (2, "does not accept the client id me"),
        (3, "says that it cannot serve now"),
        (4, "refused the login: Bad user name or password"),
        (5, "refused the login: Not authorized"),
    ],
)
def test_each_connack_code_is_told_in_words(code: int, words: str) -> None:
    reason = paho.convert_connack_rc_to_reason_code(ConnackCode(code))
    assert words in BrokerAddress.parse("mqtt://broker").refused(reason, "me")
