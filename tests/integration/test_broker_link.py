"""The broker link against a real broker: it never queues, never lies and never dies unseen."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import paho.mqtt.client as paho
import pytest

from services.common.mqtt.link import (
    LinkCallbacks,
    LinkState,
    NotConnected,
    Publication,
    Received,
    Unacknowledged,
)
from services.common.mqtt.mqtt_link import MqttLink
from services.supervisor.ports import free_port
from services.supervisor.server import LocalServer
from tests.support.processes import wait_for
from tests.support.servers import ServerPool


class Peer:
    """A link and what came over it."""

    def __init__(
        self, url: str, name: str, owner: LinkCallbacks | None = None, **options: object
    ) -> None:
        self.got: list[Received] = []
        owner = owner or LinkCallbacks()
        owner = replace(owner, on_message=owner.on_message or self.got.append)
        self.link = MqttLink(url, client_id=name, owner=owner, **options)

    def start(self, *filters: str) -> "Peer":
        self.link.subscribe(filters)
        self.link.start()
        wait_for(lambda: self.link.state.subscribed)
        return self


@pytest.fixture
def peers(mqtt_url: str) -> Iterator[tuple[Peer, Peer]]:
    one, other = Peer(mqtt_url, "one").start("a/#"), Peer(mqtt_url, "other").start("b")
    yield one, other
    one.link.stop()
    other.link.stop()


def test_messages_pass_in_both_directions_and_the_future_ends_at_the_puback(
    peers: tuple[Peer, Peer],
) -> None:
    one, other = peers
    for qos in (0, 1, 2):
        assert other.link.publish("a/b", b"%d" % qos, qos=qos).result(5) is None
    wait_for(lambda: len(one.got) == 3)
    assert [m.payload for m in one.got] == [b"0", b"1", b"2"]


def test_filters_are_replaced_without_a_reconnect(peers: tuple[Peer, Peer]) -> None:
    one, other = peers
    one.link.subscribe(["c"])
    wait_for(lambda: one.link.state.subscribed)
    for topic in ("c", "a/x", "c"):
        other.link.publish(topic, topic.encode()).result(5)
    wait_for(lambda: len([m for m in one.got if m.topic == "c"]) == 2)
    assert one.link.state.connection == 1


def test_a_callback_that_fails_costs_nothing_but_its_message(mqtt_url: str) -> None:
    seen: list[bytes] = []

    def fails(message: Received) -> None:
        seen.append(message.payload)
        raise RuntimeError("the owner's fault")

    for manual in (False, True):
        seen.clear()
        peer = Peer(mqtt_url, f"fails-{manual}", LinkCallbacks(fails), manual_ack=manual).start("f")
        for payload in (b"1", b"2"):
            peer.link.publish("f", payload).result(5)
        wait_for(lambda: seen == [b"1", b"2"])
        assert peer.link.alive
        peer.link.stop()


def test_without_a_broker_a_publish_is_refused_at_once_and_the_reason_is_told() -> None:
    link = MqttLink(f"mqtt://127.0.0.1:{free_port()}", client_id="alone")
    with pytest.raises(NotConnected):
        link.publish("a", b"")
    link.start()
    wait_for(lambda: "refused" in link.state.detail)
    with pytest.raises(NotConnected):
        link.publish("a", b"")
    assert link.alive
    link.stop()
    assert not link.alive


def test_a_node_that_dies_is_left_for_the_next_and_one_that_serves_is_kept(
    server_pool: ServerPool, broker: LocalServer
) -> None:
    other = server_pool.own("broker")
    other.start()
    nodes = f"mqtt://127.0.0.1:{free_port()},{broker.url[7:]},{other.url[7:]}"
    peer = Peer(nodes, "wanders", clean=False).start("a")
    assert str(peer.link.broker) == broker.url[7:]
    broker.kill()
    wait_for(lambda: peer.link.state.connection == 2 and peer.link.state.subscribed)
    broker.restart()
    peer.link.publish("a", b"at the other").result(5)
    wait_for(lambda: peer.got)
    assert (str(peer.link.broker), peer.link.state.reconnects) == (other.url[7:], 1)
    peer.link.stop()
    other.kill()


def test_a_break_makes_what_was_sent_unknown_and_sends_it_never_again(broker: LocalServer) -> None:
    changes: list[LinkState] = []
    reader = Peer(broker.url, "reader", clean=False).start("a")
    writer = Peer(broker.url, "writer", LinkCallbacks(on_change=changes.append)).start()
    broker.freeze()
    sent = writer.link.publish("a", b"frozen")
    broker.kill()
    assert isinstance(sent.exception(10), Unacknowledged)
    with pytest.raises(NotConnected):
        writer.link.publish("a", b"offline")
    broker.restart()
    wait_for(lambda: writer.link.state.connected and reader.link.state.subscribed)
    writer.link.publish("a", b"after").result(5)
    wait_for(lambda: reader.got)
    assert [m.payload for m in reader.got] == [b"after"]
    assert [state.connected for state in changes if state.connection == 1][-1] is False
    assert writer.link.state.reconnects == 1
    reader.link.stop()
    writer.link.stop()


def test_birth_comes_at_each_connect_and_the_will_when_we_die(mqtt_url: str) -> None:
    watcher = Peer(mqtt_url, "watcher").start("life")
    birth, will = Publication("life", b"born"), Publication("life", b"dead")
    mortal = Peer(mqtt_url, "mortal", birth=birth, will=will).start()
    wait_for(lambda: [m.payload for m in watcher.got] == [b"born"])
    connection = mortal.link._client.socket()
    assert isinstance(connection, socket.socket)
    connection.shutdown(socket.SHUT_RDWR)
    wait_for(lambda: [m.payload for m in watcher.got] == [b"born", b"dead", b"born"])
    mortal.link.stop()
    watcher.link.stop()


def test_messages_not_acknowledged_come_again(mqtt_url: str) -> None:
    first = Peer(mqtt_url, "session", clean=False, manual_ack=True).start("a")
    writer = Peer(mqtt_url, "writer").start()
    for number in range(4):
        writer.link.publish("a", b"%d" % number).result(5)
    wait_for(lambda: len(first.got) == 4)
    first.link.ack_all([message.mid for message in first.got[:2]], 1)
    first.link.stop()
    again = Peer(mqtt_url, "session", clean=False, manual_ack=True).start("a")
    wait_for(lambda: len(again.got) == 2)
    assert [m.payload for m in again.got] == [b"2", b"3"]
    assert again.link.state.session_present
    again.link.stop()
    writer.link.stop()


def test_nothing_is_read_while_there_is_no_room(mqtt_url: str) -> None:
    room = [False]
    peer = Peer(mqtt_url, "narrow", LinkCallbacks(room=lambda: room[0]), manual_ack=True)
    peer.link.subscribe(["a"])
    peer.link.start()
    writer = Peer(mqtt_url, "writer").start()
    room[0] = True
    wait_for(lambda: peer.link.state.subscribed)
    room[0] = False
    writer.link.publish("a", b"1").result(5)
    assert not peer.got
    room[0] = True
    wait_for(lambda: peer.got)
    peer.link.stop()
    writer.link.stop()


def test_the_private_parts_of_paho_that_are_overridden_still_exist() -> None:
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    parts = "_sock_recv _sock_close _packet_queue _loop_rc_handle loop_read loop_misc"
    state = "_in_packet _ping_t _last_bytes_received"
    assert all(callable(getattr(client, name)) for name in parts.split())
    assert all(hasattr(client, name) for name in state.split())
