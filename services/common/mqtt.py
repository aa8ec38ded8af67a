"""The broker link: one MQTT connection that never queues, never lies and never dies unseen.

The only file that imports paho. paho is driven by a thread of our own: its loop, the waits between
connects and every callback run there, and nothing a caller hands in can end it. Speaks MQTT 3.1.1,
whose persistent session needs no expiry and works the same on mosquitto and on rumqttd.
"""

import logging
import random
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any, cast

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from services.common import clock
from services.common.board import LinkBoard
from services.common.inflight import InFlight
from services.common.link import BrokerAddress, LinkState, NotConnected, Publication, Received, Will
from services.common.publishes import Publish, publishes
from services.common.subscriptions import Subscriptions

RECONNECT_MIN_S, RECONNECT_MAX_S = 1.0, 5.0
CONNECT_TIMEOUT_S = 3.0
# mosquitto takes 20 QoS 2 messages of one client at a time and loses any above in silence.
MAX_INFLIGHT = 20
# The loop turns at least once a second; connecting and waiting take at most five.
STUCK_AFTER_S = 12.0
READ_BLOCK_BYTES = 256 * 1024
# While the receiver has no room the socket is left alone for this long at a time.
NO_ROOM_PAUSE_S = 0.005
# Silence that ends the link, in keepalives; a ping goes out after one.
DEAD_AFTER_KEEPALIVES = 1.4
OK = MQTTErrorCode.MQTT_ERR_SUCCESS

_log = logging.getLogger(__name__)


class _Client(paho.Client):
    """paho 2.2 (pinned: private parts are overridden) reading in blocks, not byte by byte."""

    room: Callable[[], bool] | None = None
    take: Callable[[list[Publish]], None] | None = None
    last_read = 0.0
    _block = b""
    _at = 0

    def _sock_recv(self, bufsize: int) -> bytes:
        if self._at >= len(self._block):
            self._fill()
        data = self._block[self._at : self._at + bufsize]
        self._at += len(data)
        return data

    def _fill(self) -> None:
        self._block, self._at = super()._sock_recv(READ_BLOCK_BYTES), 0
        self.last_read = clock.monotonic()

    def _sock_close(self) -> None:
        self._block, self._at = b"", 0
        super()._sock_close()

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Handle every packet of one block; leave the socket alone while there is no room."""
        if self.room and not self.room():
            threading.Event().wait(NO_ROOM_PAUSE_S)
            self.last_read = clock.monotonic()
            return OK
        while (rc := self._read_some(max_packets)) == OK and self._at < len(self._block):
            pass
        return rc

    def _read_some(self, max_packets: int) -> MQTTErrorCode:
        """All messages of the block at once if the caller takes them so; what else comes, paho."""
        if self.take is None or self._in_packet["command"]:
            return super().loop_read(max_packets)
        try:
            if self._at >= len(self._block):
                self._fill()
        except BlockingIOError:
            return OK
        except OSError:  # paho meets it too and ends the connection
            return super().loop_read(max_packets)
        messages, self._at = publishes(self._block, self._at)
        self.take(messages)
        self._last_bytes_received = self.last_read
        done = messages and self._at >= len(self._block)
        return OK if done else super().loop_read(max_packets)

    def loop_misc(self) -> MQTTErrorCode:
        """Any byte proves the link, for a PINGRESP queues behind the traffic of a slow line.

        Without one the link ends before one and a half keepalives; paho alone takes two.
        """
        if self._ping_t and self.last_read > self._ping_t:
            self._ping_t = 0.0
        silence_s = clock.monotonic() - self.last_read
        if self._ping_t and silence_s > DEAD_AFTER_KEEPALIVES * self.keepalive:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_KEEPALIVE)
        return super().loop_misc()

    def ack_many(self, mids: list[int]) -> None:
        """PUBACK all of these, in order, as one packet for the network thread to write."""
        acks = b"".join(b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids)
        self._packet_queue(paho.PUBACK, acks, mids[-1], 1)


class MqttLink:
    """One connection to one broker; safe to call from any thread.

    While the broker is away nothing is queued: `publish` raises at once. What was in flight when
    the link broke fails with Unacknowledged and is never sent again by itself.
    """

    def __init__(  # noqa: PLR0913 - value objects for two callbacks would hide them
        self,
        url: str,
        *,
        client_id: str,
        clean: bool = True,
        will: Will | None = None,
        birth: Publication | None = None,
        on_message: Callable[[Received], None] | None = None,
        on_block: Callable[[list[Publish], int], None] | None = None,
        on_change: Callable[[LinkState], None] | None = None,
        room: Callable[[], bool] | None = None,
        aside: Iterable[str] = (),
        manual_ack: bool = False,
        keepalive_s: int = 10,
    ) -> None:
        """Nothing connects before `start`; `aside`: the broker's own figures, if it gives any.

        `clean=False` keeps the session at the broker. `birth` is published at every connect.
        `on_message`, `on_change` run in the network thread. Without `room` nothing is read.
        `on_block` takes messages by the block, unwrapped, with the number of the connection.
        """
        self.broker = BrokerAddress.parse(url)
        self._board, self._birth = LinkBoard(on_message, on_change, on_block), birth
        self._why = ""
        self._subscriptions = Subscriptions(aside)
        self._inflight = InFlight()
        self._stopping = threading.Event()
        self._beat = clock.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"mqtt {client_id}", daemon=True)
        self._client = self._build(client_id, clean=clean, manual_ack=manual_ack, will=will)
        self._client.keepalive, self._client.room = keepalive_s, room

    def start(self) -> None:
        """Connect, and connect again for ever, in a thread of its own; returns at once."""
        self._thread.start()

    def stop(self, timeout_s: float = 4.0) -> None:
        """Leave the broker politely (no last will is sent) and end; harmless when repeated."""
        self._stopping.set()
        self._client.disconnect()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        self._inflight.close("the link was stopped")

    @property
    def state(self) -> LinkState:
        """The link as it is now."""
        last = self._client.last_read
        at = clock.now() - (clock.monotonic() - last) if last else None
        return replace(self._board.state, last_packet_at=at)

    @property
    def alive(self) -> bool:
        """False once the network thread is dead or stuck: the process should end."""
        return self._thread.is_alive() and clock.monotonic() - self._beat < STUCK_AFTER_S

    def subscribe(self, filters: Iterable[str], qos: int = 1, *, drop: Iterable[str] = ()) -> None:
        """Make `filters` the whole set, now and at every connect, without a reconnect.

        New ones are asked for before old ones are left: no gap. `drop` names what an earlier
        process may have left in the persistent session.
        """
        new, gone = self._subscriptions.replace(filters, qos, drop)
        if self._board.state.connected:
            self._ask(new, gone)

    def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> "Future[None]":
        """Send now; the future completes at PUBACK or PUBCOMP (QoS 0: when written).

        Raises NotConnected or WindowFull when nothing was sent, ValueError for a bad topic. The
        future fails with Unacknowledged when the link breaks first.
        """

        def write() -> int:
            info = self._client.publish(topic, payload, qos, retain)
            if info.rc != OK:
                raise NotConnected(f"nothing was sent: {paho.error_string(info.rc)}")
            return info.mid

        return self._inflight.send(write)

    def ack(self, received: Received) -> None:
        """Acknowledge one message (`manual_ack`); one of an earlier connection is left out."""
        if received.qos and received.connection == self._board.state.connection:
            self._client.ack(received.mid, received.qos)

    def ack_all(self, mids: list[int], connection: int) -> None:
        """Acknowledge QoS 1 messages of one connection in the order given, in one write."""
        if mids and connection == self._board.state.connection:
            self._client.ack_many(mids)

    def _build(
        self, client_id: str, *, clean: bool, manual_ack: bool, will: Will | None
    ) -> _Client:
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=clean,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=manual_ack,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(MAX_INFLIGHT)
        client.username_pw_set(self.broker.username, self.broker.password)
        if self.broker.tls:
            client.tls_set_context(self.broker.tls_context())
        if will is not None:
            client.will_set(will.topic, will.payload, will.qos, will.retain)
        client.take = self._board.hand_over if manual_ack else None
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_message, client.on_subscribe = self._received, self._subscribed
        client.on_publish = lambda _c, _u, mid, *_: self._inflight.done(mid)
        # A batch of PUBACKs must not wait for the broker's delayed TCP acknowledgement.
        at_once = (IPPROTO_TCP, TCP_NODELAY, 1)
        client.on_socket_open = lambda _c, _u, s: cast("Any", s).setsockopt(*at_once)
        # With an owner of the socket registered, paho leaves all writing to the network thread.
        client.on_socket_register_write = lambda *_: None
        return client

    def _run(self) -> None:
        delay_s = RECONNECT_MIN_S
        while not self._stopping.is_set():
            before, self._why = self._board.state.connection, ""
            try:
                self._converse()
            except Exception:  # noqa: BLE001 - whatever it was, the link comes back
                _log.exception("the network thread goes on after an error")
            self._gone()
            lived = self._board.state.connection > before
            delay_s = RECONNECT_MIN_S if lived else min(delay_s * 2, RECONNECT_MAX_S)
            self._beat = clock.monotonic()
            self._stopping.wait(delay_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter

    def _converse(self) -> None:
        """Connect once and serve the connection to its end."""
        self._beat = clock.monotonic()
        try:
            self._client.connect(self.broker.host, self.broker.port, self._client.keepalive)
        except OSError as error:
            self._why = f"{self.broker}: {error}"
            return
        while self._client.loop(1.0) == OK:
            self._beat = clock.monotonic()
            if self._stopping.is_set():
                self._client.disconnect()

    def _connected(self, _c: Any, _u: Any, flags: Any, reason: Any, _p: Any) -> None:
        if reason.is_failure:
            self._why = self.broker.login_refused(reason)
            return
        # Whatever paho still holds was reported as Unacknowledged; sent now it would come late.
        self._client.drop_out_messages()
        self._inflight.open(self._board.opened(session_present=flags.session_present))
        self._ask(*self._subscriptions.restart())
        if b := self._birth:
            self._client.publish(b.topic, b.payload, b.qos, b.retain)

    def _disconnected(self, _c: Any, _u: Any, _flags: Any, reason: Any, _p: Any) -> None:
        self._why = self._why or f"{self.broker} closed the connection ({reason})"
        self._inflight.close(self._why)

    def _gone(self) -> None:
        self._inflight.close(self._why)
        self._client.drop_out_messages()
        self._board.closed(self._why or f"{self.broker} closed the connection")

    def _ask(self, new: list[str], gone: list[str]) -> None:
        self._subscriptions.ask(new, lambda pairs: self._client.subscribe(pairs)[1])
        if gone:
            self._client.unsubscribe(gone)
        self._board.subscribed(self._subscriptions)

    def _subscribed(self, _c: Any, _u: Any, mid: int, reasons: list[Any], _p: Any) -> None:
        self._subscriptions.answered(mid, [reason.value for reason in reasons])
        self._board.subscribed(self._subscriptions)

    def _received(self, _c: Any, _u: Any, m: Any) -> None:
        one = (m._topic, bytes(m.payload), m.qos, m.retain, m.dup, m.mid)  # noqa: SLF001 - as bytes
        self._board.hand_over([one])
