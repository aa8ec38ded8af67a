"""MQTT 5 where the broker speaks it, on a real mosquitto; 3.1.1 everywhere else, losing nothing."""

import os
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from omf.messages.properties import MessageProperties
from services.common.mqtt.link import LinkCallbacks, PublishRefused
from services.common.mqtt.paho_client import MAX_INFLIGHT
from services.common.store.keys import Receipt
from services.supervisor.child import Child
from services.supervisor.engines import program
from services.supervisor.ports import free_port
from services.supervisor.probe import broker_answers
from services.supervisor.server import LocalServer
from tests.integration.test_broker_link import Peer
from tests.support.circle import Desk, request
from tests.support.old_broker import ANSWERS, OldBroker
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

pytestmark = pytest.mark.mosquitto

TOLD = MessageProperties(
    "application/json",
    3600,
    (("line", "A"), ("line", "B"), ("größe", "\ufeff1")),
    "answer/here",
    b"\x00\x01",
    utf8=True,
)

BARE = MessageProperties()


def newer(url: str, name: str, **options: object) -> Peer:
    return Peer(url, name, newest=True, **options)


def say(
    url: str, topic: str, payload: bytes, told: MessageProperties, *, retain: bool = False
) -> None:
    """Publish as a device does that speaks MQTT 5."""
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    properties = Properties(PacketTypes.PUBLISH)
    if told != BARE:
        properties.ContentType, properties.MessageExpiryInterval = told.content_type, told.expiry_s
        properties.ResponseTopic, properties.CorrelationData = told.response_topic, told.correlation
        properties.PayloadFormatIndicator = int(told.utf8)
    for pair in told.user:
        properties.UserProperty = pair
    host, port = url.removeprefix("mqtt://").split(":")
    client.connect(host, int(port))
    client.loop_start()
    client.publish(topic, payload, 1, retain, properties).wait_for_publish(5)
    client.disconnect()
    client.loop_stop()


def offline(url: str, name: str, *, first: bool, then: bool) -> list[bytes]:
    """What a session gets that was begun in one version, left, and taken up in another."""
    peer = Peer(url, name, clean=False, manual_ack=True, newest=first).start("a")
    peer.link.stop()
    writer = Peer(url, f"writer of {name}").start()
    for number in range(3):
        writer.link.publish("a", b"%d" % number).result(5)
    again = Peer(url, name, clean=False, manual_ack=True, newest=then).start("a")
    wait_for(lambda: len(again.got) == 3)
    assert again.link.state.session_present
    again.link.stop()
    writer.link.stop()
    return [message.payload for message in again.got]


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("then", [False, True])
def test_a_session_survives_whichever_version_takes_it_up(
    mqtt_url: str, *, first: bool, then: bool
) -> None:
    assert offline(mqtt_url, "session", first=first, then=then) == [b"0", b"1", b"2"]


def test_what_was_not_acknowledged_comes_again_after_an_upgrade(mqtt_url: str) -> None:
    before = Peer(mqtt_url, "session", clean=False, manual_ack=True).start("a")
    writer = Peer(mqtt_url, "writer").start()
    for number in range(4):
        writer.link.publish("a", b"%d" % number).result(5)
    wait_for(lambda: len(before.got) == 4)
    before.link.ack_all([message.mid for message in before.got[:2]], 1)
    before.link.stop()
    after = newer(mqtt_url, "session", clean=False, manual_ack=True).start("a")
    wait_for(lambda: len(after.got) == 2)
    known = {message.payload: message.mid for message in before.got}
    assert [(m.payload, m.mid, m.dup) for m in after.got] == [
        (b"2", known[b"2"], True),
        (b"3", known[b"3"], True),
    ]
    after.link.stop()
    writer.link.stop()


@pytest.mark.parametrize("answer", list(ANSWERS))
def test_a_broker_of_before_mqtt_5_is_spoken_to_as_it_can_and_keeps_the_session(
    mqtt_url: str, answer: str
) -> None:
    old = OldBroker(mqtt_url, answer)
    assert offline(old.url, "session", first=True, then=True) == [b"0", b"1", b"2"]
    peer = newer(old.url, "other").start("a")
    assert peer.link.state.protocol == "3.1.1"
    assert peer.link.state.reconnects == 0
    old.down()
    wait_for(lambda: peer.link.state.subscribed and peer.link.state.reconnects == 1)
    assert peer.link.state.protocol == "3.1.1"
    peer.link.stop()
    old.close()


def test_the_broker_from_pip_is_spoken_to_as_it_can(tmp_path: Path) -> None:
    server = LocalServer("broker", tmp_path, embedded=True)
    server.start()
    peer = newer(server.url, "peer", clean=False, manual_ack=True).start("a")
    assert peer.link.state.protocol == "3.1.1"
    peer.link.publish("a", b"1").result(5)
    wait_for(lambda: [m.payload for m in peer.got] == [b"1"])
    peer.link.stop()
    server.kill()


def test_a_broker_that_died_under_a_connect_is_asked_for_mqtt_5_again(mqtt_url: str) -> None:
    dying = OldBroker(mqtt_url, "closes")
    peer = newer(dying.url, "peer").start("a")
    assert peer.link.state.protocol == "3.1.1"
    dying.recover()
    dying.down()
    wait_for(lambda: peer.link.state.protocol == "5")
    peer.link.stop()
    dying.close()


@pytest.mark.parametrize("manual", [False, True])
def test_properties_arrive_with_their_message_and_payloads_are_whole(
    mqtt_url: str, *, manual: bool
) -> None:
    peer = newer(mqtt_url, "peer", manual_ack=manual).start("a")
    big = bytes(range(256)) * 2048
    for payload in (b"", b"{}", big):
        say(mqtt_url, "a", payload, TOLD)
        say(mqtt_url, "a", payload, BARE)
    wait_for(lambda: len(peer.got) == 6)
    assert [m.payload for m in peer.got] == [b"", b"", b"{}", b"{}", big, big]
    for told, bare in zip(peer.got[::2], peer.got[1::2], strict=True):
        found = MessageProperties.parse(told.properties.decode())
        assert found._replace(expiry_s=TOLD.expiry_s) == TOLD
        assert found.expiry_s in {3599, 3600}
        assert bare.properties == b""
    peer.link.stop()


def test_many_messages_are_acknowledged_as_before(mqtt_url: str) -> None:
    peer = newer(mqtt_url, "peer", clean=False, manual_ack=True).start("a")
    writer = newer(mqtt_url, "writer").start()
    for number in range(100):
        writer.link.publish("a", b"%d" % number).result(5)
        wait_for(lambda n=number: len(peer.got) > n)
        peer.link.ack_all([peer.got[-1].mid], 1)
    assert [int(m.payload) for m in peer.got] == list(range(100))
    peer.link.stop()
    writer.link.stop()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0x8B, "it shuts down"),
        (0x8E, "another client came with our client id"),
        (0x95, "a message of ours was larger than it takes"),
        (0x98, "somebody ended it by hand"),
        (0xA0, "Maximum connect time"),
    ],
)
def test_why_the_broker_hung_up_is_told_in_words(mqtt_url: str, code: int, words: str) -> None:
    details: list[str] = []
    relay = OldBroker(mqtt_url, "closes")
    relay.recover()
    watched = LinkCallbacks(on_change=lambda state: details.append(state.detail))
    peer = newer(relay.url, "peer", owner=watched).start("a")
    relay.hang_up(bytes((0xE0, 2, code, 0)))
    wait_for(lambda: any(words in one for one in details), say=lambda: str(details))
    wait_for(lambda: peer.link.state.subscribed)
    assert peer.link.state.protocol == "5"
    peer.link.stop()
    relay.close()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[str]:
    """A broker where nobody may publish outside of allowed/."""
    port = free_port()
    (tmp_path / "acl").write_text("topic read #\ntopic readwrite allowed/#\n")
    config = tmp_path / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nuser root\nallow_anonymous true\nacl_file {tmp_path}/acl\n"
        "max_inflight_messages 5\nmax_packet_size 2000\n"
    )
    url = f"mqtt://127.0.0.1:{port}"
    child = Child([program("mosquitto") or "", "-c", str(config)], tmp_path / "log", os.environ)
    wait_for(lambda: broker_answers(url))
    yield url
    child.kill()


@pytest.mark.parametrize("qos", [1, 2])
def test_a_publish_the_broker_does_not_hand_on_is_refused(strict: str, qos: int) -> None:
    mouth = newer(strict, "mouth").start()
    denied = mouth.link.publish("forbidden", b"1", qos=qos).exception(5)
    assert isinstance(denied, PublishRefused)
    assert denied.code == 0x87
    assert mouth.link.publish("allowed/a", b"1", qos=qos).result(5) is None
    before = Peer(strict, "before").start()
    assert before.link.publish("forbidden", b"1", qos=1).result(5) is None, "3.1.1 cannot tell"
    assert mouth.link.state.connection == 1
    mouth.link.stop()
    before.link.stop()


def test_no_more_is_in_flight_than_the_broker_takes(strict: str) -> None:
    ear = newer(strict, "ear").start("allowed/a")
    mouth = newer(strict, "mouth").start()
    for future in [mouth.link.publish("allowed/a", b"%d" % n, qos=2) for n in range(40)]:
        future.result(5)
    wait_for(lambda: len(ear.got) == 40)
    assert [int(m.payload) for m in ear.got] == list(range(40))
    assert mouth.link.state.connection == 1
    ear.link.stop()
    narrow = newer(strict, "narrow", window=MAX_INFLIGHT).start()
    assert narrow.link._inflight._limit == 5
    narrow.link.stop()
    mouth.link.stop()


def test_what_is_larger_than_the_broker_says_is_not_sent(strict: str) -> None:
    mouth = newer(strict, "mouth").start()
    with pytest.raises(PublishRefused, match="larger"):
        mouth.link.publish("allowed/a", bytes(2000))
    assert mouth.link.publish("allowed/a", bytes(1900)).result(5) is None
    assert mouth.link.state.connection == 1
    mouth.link.stop()


def test_a_command_the_broker_refuses_ends_as_refused_with_the_reason(
    processes: Processes, servers: Addresses, strict: str
) -> None:
    desk = Desk(servers.store_url)
    gateway = processes.service("gateway", store_url=servers.store_url, mqtt_url=strict)
    gateway.wait_ready()
    desk.add("outbox", request("denied/0"))
    wait_for(lambda: desk.receipts("denied/0") == ["attempted", "refused"])
    [told] = [r for r in desk.models("receipts", Receipt) if r.stage == "refused"]
    assert told.reason
    assert told.reason.id == "broker-refused"
    assert "our account may not publish on this topic" in told.reason.en
