"""The broker link: one MQTT connection that keeps nothing for later, never lies, never dies unseen.

Its client is driven by a thread of our own: the loop, the waits between connects and every callback
run there, and nothing a caller hands in can end it.
"""

import logging
import random
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import Any

from omf.messages.properties import NO_PROPERTIES, MessageProperties
from services.common.mqtt.broker_list import BrokerList
from services.common.mqtt.dispatcher import LinkDispatcher
from services.common.mqtt.inflight import MAX_PENDING, InFlight
from services.common.mqtt.link import (
    BrokerAddress,
    LinkCallbacks,
    LinkState,
    Publication,
    PublishRefused,
    Received,
    Will,
)
from services.common.mqtt.network_loop import serve
from services.common.mqtt.paho_client import (
    MAX_INFLIGHT,
    NOT_IN_THIS_VERSION,
    PahoClient,
)
from services.common.mqtt.property_block import packed_properties
from services.common.mqtt.protocol_version import ProtocolVersion
from services.common.mqtt.publish_parser import ReceivedMessage
from services.common.mqtt.session_takeover import SessionTakeover
from services.common.mqtt.subscriptions import Subscriptions
from services.common.process import clock

RECONNECT_MIN_S, RECONNECT_MAX_S = 1.0, 5.0

_log = logging.getLogger(__name__)


class MqttLink:
    """One connection to one broker; safe to call from any thread.

    While the broker is away nothing is queued: `publish` raises at once. What was in flight when
    the link broke fails with Unacknowledged and is never sent again by itself.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own, most callers make two
        self,
        url: str,
        *,
        client_id: str,
        clean: bool = True,
        will: Will | None = None,
        birth: Publication | None = None,
        owner: LinkCallbacks = LinkCallbacks(),  # noqa: B008 - immutable
        aside: Iterable[str] = (),
        manual_ack: bool = False,
        window: int = MAX_PENDING,
        newest: bool = False,
    ) -> None:
        """Nothing connects before `start`; of several nodes in `url` one is spoken to at a time.

        `aside`: the broker's own figures, if it gives any. `clean=False` keeps the session at the
        broker. `birth` is published at every connect. At most `window` publishes await their
        PUBACK; above MAX_INFLIGHT some wait in the client.
        `newest`: speaks MQTT 5 where the broker does, else as always MQTT 3.1.1.
        """
        self._brokers = BrokerList(url)
        self._board, self._birth = LinkDispatcher(owner), birth
        self._why = ""
        self._rival, self._opened_at = SessionTakeover(), 0.0
        self._subscriptions = Subscriptions(aside)
        self._inflight, self._queues = InFlight(window), window > MAX_INFLIGHT
        self._stopping = threading.Event()
        self._beat = 0.0
        self._connecting = False
        # In a process of several factories it tells whose link this is.
        run, name = partial(copy_context().run, self._run), f"mqtt {client_id}"
        self._thread = threading.Thread(target=run, name=name, daemon=True)
        self._client = self._build(PahoClient(client_id, clean=clean, manual_ack=manual_ack), will)
        self._client.take = self._board.hand_over
        self._client.refused = self._inflight.done
        self._version = ProtocolVersion(newest=newest)
        self._reached = self._answered = self._again = False
        self._client.room = owner.room

    def name(self, client_id: str) -> None:
        """Be known to the broker by this client id; before `start`."""
        self._client.rename(client_id)

    @property
    def broker(self) -> BrokerAddress:
        """The broker, or the node of it that is spoken to or tried now."""
        return self._brokers.now

    @property
    def client_id(self) -> str:
        """The name the broker knows this link by."""
        return self._client.client_id

    def start(self) -> None:
        """Connect, and connect again for ever, in a thread of its own; returns at once."""
        self._beat = clock.monotonic()
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
    def turned_at(self) -> float:
        """When the network thread last went round (clock.monotonic); 0 before `start`.

        A name server that does not answer may hold it up for half a minute while it connects.
        """
        return clock.monotonic() if self._connecting else self._beat

    @property
    def alive(self) -> bool:
        """False once its thread is dead: the process should end; a stuck one does not turn."""
        return self._thread.is_alive()

    def subscribe(self, filters: Iterable[str], qos: int = 1, *, drop: Iterable[str] = ()) -> None:
        """Make `filters` the whole set, now and at every connect, without a reconnect.

        New ones are asked for before old ones are left: no gap. `drop` names what an earlier
        process may have left in the persistent session.
        """
        new, gone = self._subscriptions.replace(filters, qos, drop)
        if self._board.state.connected:
            self._ask(new, gone)

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        told: MessageProperties = NO_PROPERTIES,
    ) -> "Future[None]":
        """Send now, with what is `told` of it where the broker speaks MQTT 5.

        The future completes at PUBACK or PUBCOMP (QoS 0: when written). Raises NotConnected,
        WindowFull or PublishRefused when nothing was sent, ValueError for a bad topic. It fails
        with Unacknowledged when the link breaks first, with PublishRefused if nobody gets it.
        """
        properties = self._client.fitting(topic, payload, told)
        write = partial(self._client.send, topic, payload, qos, retain, properties)
        return self._inflight.send(write)

    def ack(self, received: Received) -> None:
        """Acknowledge one message (`manual_ack`); one of an earlier connection is left out."""
        if received.qos and received.connection == self._board.state.connection:
            self._client.ack(received.mid, received.qos)

    def ack_all(self, mids: list[int], connection: int) -> None:
        """Acknowledge QoS 1 messages of one connection in the order given, in one write."""
        if mids and connection == self._board.state.connection:
            self._client.ack_many(mids)

    def _build(self, client: PahoClient, will: Will | None) -> PahoClient:
        client.introduce(self.broker, will)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_message, client.on_subscribe = self._received, self._subscribed
        client.on_publish = self._published
        return client

    def _run(self) -> None:
        delay_s = RECONNECT_MIN_S
        while not self._stopping.is_set():
            before, self._why = self._board.state.connection, ""
            self._reached = self._answered = self._again = False
            try:
                self._converse()
            except Exception:  # noqa: BLE001 - whatever it was, the link comes back
                _log.exception("the network thread goes on after an error")
            self._gone()
            lived = self._board.state.connection > before
            lived_s = clock.monotonic() - self._opened_at if lived else None
            if self._other_version(lived=lived) or (not lived and self._brokers.failed()):
                continue
            delay_s = RECONNECT_MIN_S if lived else min(delay_s * 2, RECONNECT_MAX_S)
            if wait_s := self._rival.wait_s(lived_s):
                delay_s = wait_s
                self._board.taken_over(self._client.client_id, wait_s)
            self._beat = clock.monotonic()
            self._pause(delay_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter

    def _pause(self, seconds: float) -> None:
        """Wait, and go round meanwhile: a long wait is no standing still."""
        end = clock.monotonic() + seconds
        while (left := end - clock.monotonic()) > 0 and not self._stopping.wait(min(left, 1.0)):
            self._beat = clock.monotonic()

    def _converse(self) -> None:
        """Connect once and serve the connection to its end."""
        self._beat = clock.monotonic()
        try:
            self._connecting = True
            self._client.open(self.broker.host, self.broker.port, mqtt5=self._version.mqtt5)
            self._reached = True
        except OSError as error:
            self._why = f"{self.broker}: {error}"
            return
        finally:
            self._connecting = False
            self._beat = clock.monotonic()
        serve(self._client, self._turned)

    def _turned(self) -> None:
        self._beat = clock.monotonic()
        if self._stopping.is_set():
            self._client.disconnect()

    def _other_version(self, *, lived: bool) -> bool:
        """True if the broker does not speak what we asked for and is asked for another at once."""
        if lived:
            self._version.ended()
        elif self._reached and not self._answered:
            self._again = self._version.unanswered()
        if self._again:
            _log.info(
                "%s does not speak MQTT 5; asked for MQTT %s", self.broker, self._version.name
            )
        return self._again and not self._stopping.is_set()

    def _connected(self, _c: Any, _u: Any, flags: Any, reason: Any, told: Any) -> None:
        self._answered = True
        if reason.is_failure:
            self._why = self.broker.refused(reason, self._client.client_id)
            if reason.value in NOT_IN_THIS_VERSION:
                self._again = self._version.refused()
            return
        self._opened_at = clock.monotonic()
        self._version.accepted()
        self._brokers.accepted()
        if (kept_s := self._client.kept_s(told)) is not None:
            _log.warning("%s keeps what we miss for %d s only", self.broker, kept_s)
        # Whatever paho still holds was reported as Unacknowledged; sent now it would come late.
        self._client.drop_out_messages()
        now = self._board.opened(session_present=flags.session_present, protocol=self._version.name)
        at_once = self._client.limits(told)
        self._inflight.open(now, MAX_PENDING if self._queues else at_once)
        self._ask(*self._subscriptions.restart())
        if b := self._birth:
            self._client.publish(b.topic, b.payload, b.qos, b.retain)

    def _published(self, _c: Any, _u: Any, mid: int, reason: Any, told: Any) -> None:
        if not reason.is_failure:
            self._inflight.done(mid)
            return
        said = str(getattr(told, "ReasonString", ""))
        self._inflight.done(mid, PublishRefused(reason.value, str(reason), said))

    def _disconnected(self, _c: Any, _u: Any, flags: Any, reason: Any, _p: Any) -> None:
        said = flags.is_disconnect_packet_from_server
        other = f"{self.broker} closed the connection ({reason})"
        self._why = self._why or (self.broker.hung_up(reason) if said else other)
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
        told = packed_properties(bytes(m.properties.pack())) if m.properties else b""
        what = (m._topic, bytes(m.payload))  # noqa: SLF001 - as bytes
        self._board.hand_over([ReceivedMessage(*what, m.qos, m.retain, m.dup, m.mid, told)])
