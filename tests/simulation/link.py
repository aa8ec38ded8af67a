"""A link to the broker in memory with the face of MqttLink.

What is sent arrives in its order, after a moment, or not at all: the connection may break under a
packet, or under its PUBACK. What was not acknowledged then comes again with DUP and its packet id.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextvars import Context, copy_context
from dataclasses import replace
from typing import Any

from omf.messages.properties import NO_PROPERTIES, MessageProperties
from services.common.mqtt.link import (
    BrokerAddress,
    LinkCallbacks,
    LinkState,
    NotConnected,
    Received,
    Unacknowledged,
)
from services.common.mqtt.publish_parser import ReceivedMessage
from tests.simulation.broker import Session, SimulatedBroker
from tests.simulation.process import Life

RECONNECT_S = (0.2, 1.5)
UNDER_WAY = 0.5
"""How often the kernel still sends what a process had sent just before it died."""

_KERNEL = Context()
"""Belongs to no process."""


class SimulatedLink:
    """One connection; `MqttLink` names what each of its methods promises."""

    def __init__(  # noqa: PLR0913 - as MqttLink has it
        self,
        broker: SimulatedBroker,
        life: Life,
        url: str,
        *,
        client_id: str,
        clean: bool = True,
        owner: LinkCallbacks = LinkCallbacks(),  # noqa: B008 - immutable
        manual_ack: bool = False,
        **_: Any,
    ) -> None:
        self.broker = BrokerAddress.parse(url)
        self.client_id = client_id
        self.session = Session()
        self.state = LinkState(detail="not connected yet")
        self._mqtt = broker
        self._life = life
        self._clean = clean
        self._owner = owner
        self._manual_ack = manual_ack
        self._wanted: set[str] = set()
        self._dropped: set[str] = set()
        self._open: list[Future[None]] = []
        self._free_at = 0.0
        self._stopped = False
        self._loop = asyncio.get_running_loop()
        self._own = copy_context()
        """In it runs what the process does itself: nothing while it is frozen."""
        life.at_end.append(self._cut)

    @property
    def turned_at(self) -> float:
        """Its network side always turns."""
        return self._mqtt.host.monotonic()

    @property
    def alive(self) -> bool:
        """As long as the process."""
        return self._life.alive

    def name(self, client_id: str) -> None:
        """Before `start`."""
        self.client_id = client_id

    def start(self) -> None:
        """Connect, and again for ever."""
        pause_s = self._mqtt.dice.between(1e-3, 1e-2)
        self._loop.call_later(pause_s, self._connect, context=self._own)

    def stop(self, _: float = 4.0) -> None:
        """Leave the broker."""
        self._stopped = True
        self._cut()

    def subscribe(self, filters: Iterable[str], qos: int = 1, *, drop: Iterable[str] = ()) -> None:
        """Make them the whole set."""
        del qos
        self._wanted, self._dropped = set(filters), {*self._dropped, *drop}
        if self.state.connected:
            self._soon(self._ask)

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        told: MessageProperties = NO_PROPERTIES,
    ) -> "Future[None]":
        """Send now; the future completes at PUBACK. Its broker speaks 3.1.1: no properties."""
        del qos, told
        self._life.check()
        if not self.state.connected:
            raise NotConnected("nothing was sent: not connected")
        future: Future[None] = Future()
        future.set_running_or_notify_cancel()
        self._open.append(future)
        self._sent(
            lambda: self._arrive(topic, payload, future, retain=retain),
            lambda: self._mqtt.take(topic, payload, retain=retain, sender=self.client_id),
        )
        return future

    def ack_all(self, mids: list[int], connection: int) -> None:
        """Acknowledge, on its own connection only."""
        if connection == self.state.connection and self.state.connected:
            self._sent(lambda: self._settle(mids))

    def deliver(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Hand a message to the client, acknowledged by it or by us."""
        mid = self.session.take_mid()
        self.session.unacknowledged[mid] = (topic, payload, retain)
        self._send(mid, dup=False)

    def broken(self, why: str) -> None:
        """The connection is gone; the client connects again after a pause."""
        if not self.state.connected:
            return
        self._cut(why)
        if not self._stopped:
            pause_s = self._mqtt.dice.between(*RECONNECT_S)
            self._loop.call_later(pause_s, self._connect, context=self._own)

    def _connect(self) -> None:
        if self._stopped or not self._life.alive or self.state.connected:
            return
        if not self._mqtt.up:
            pause_s = self._mqtt.dice.between(*RECONNECT_S)
            self._loop.call_later(pause_s, self._connect, context=self._own)
            return
        self.session, known = self._mqtt.connect(self, clean=self._clean)
        self.state = self.state.opened(self._mqtt.host.now(), session_present=known)
        self._mqtt.journal.note(self.client_id, "connects")
        self._tell()
        for mid in list(self.session.unacknowledged):
            self._send(mid, dup=True)
        waiting, self.session.unsent = self.session.unsent, []
        for topic, payload, retain in waiting:
            self.deliver(topic, payload, retain=retain)
        self._soon(self._ask)

    def _ask(self) -> None:
        """SUBSCRIBE, and what is retained under the filters."""
        if not self._clean:
            self._mqtt.subscribed_at = min(self._mqtt.subscribed_at, len(self._mqtt.accepted))
        self.session.filters -= self._dropped - self._wanted
        self.session.filters = set(self._wanted)
        for topic_filter in sorted(self._wanted):
            for topic, payload in self._mqtt.retained(topic_filter):
                self.deliver(topic, payload, retain=True)
        self.state = replace(self.state, subscribed=True)
        self._tell()

    def _arrive(self, topic: str, payload: bytes, future: "Future[None]", *, retain: bool) -> None:
        """The packet reaches the broker, or the connection breaks under it, or under its PUBACK."""
        chance = self._mqtt.dice.chances.link_breaks
        if self._mqtt.dice.hits(chance):
            self.broken("broke under a PUBLISH")
            return
        self._mqtt.take(topic, payload, retain=retain, sender=self.client_id)
        if self._mqtt.dice.hits(chance):
            self.broken("broke under a PUBACK")
            return
        self._soon(lambda: self._acknowledged(topic, payload, future))

    def _acknowledged(self, topic: str, payload: bytes, future: "Future[None]") -> None:
        if future in self._open:
            self._open.remove(future)
            if self._mqtt.onlooker:
                self._mqtt.onlooker.acknowledged(topic, payload)
            future.set_result(None)

    def _settle(self, mids: list[int]) -> None:
        """Our PUBACKs reach the broker, or the connection breaks under them."""
        if self._mqtt.dice.hits(self._mqtt.dice.chances.link_breaks / 4):
            self.broken("broke under a PUBACK of ours")
            return
        for mid in mids:
            known = self.session.unacknowledged.pop(mid, None)
            if known and self._mqtt.onlooker and not self._clean:
                self._mqtt.onlooker.settled(*known, mid=mid)

    def _send(self, mid: int, *, dup: bool) -> None:
        self._soon(lambda: self._receive(mid, dup=dup))

    def _receive(self, mid: int, *, dup: bool) -> None:
        """A message reaches the client; the connection may break before its PUBACK."""
        if mid not in self.session.unacknowledged:
            return
        if self._mqtt.dice.hits(self._mqtt.dice.chances.link_breaks / 4):
            self.broken("broke under a delivery")
            return
        topic, payload, retain = self.session.unacknowledged[mid]
        if not self._manual_ack:
            del self.session.unacknowledged[mid]
        connection = self.state.connection
        self.state = replace(self.state, last_packet_at=self._mqtt.host.now())
        if self._owner.on_block:
            message = ReceivedMessage(topic.encode(), payload, 1, retain, dup, mid)
            self._owner.on_block([message], connection)
        if self._owner.on_message:
            self._owner.on_message(Received(topic, payload, 1, retain, dup, mid, connection))

    def _soon(self, act: Callable[[], object]) -> None:
        """The process does it after a moment, behind what came before."""
        self._after_a_moment(self._own, act, None)

    def _sent(
        self, act: Callable[[], object], without_us: Callable[[], object] | None = None
    ) -> None:
        """What it sent arrives after a moment, also when the process is frozen by then.

        `without_us`: what comes of it if the process is gone.
        """
        self._after_a_moment(_KERNEL, act, without_us)

    def _after_a_moment(
        self,
        whose: Context,
        act: Callable[[], object],
        without_us: Callable[[], object] | None,
    ) -> None:
        """Behind what was sent before, if the connection still stands then."""
        connection = self.state.connection
        self._free_at = max(self._loop.time(), self._free_at) + self._mqtt.dice.between(1e-4, 3e-3)
        self._loop.call_at(self._free_at, self._passed, connection, act, without_us, context=whose)

    def _passed(
        self,
        connection: int,
        act: Callable[[], object],
        without_us: Callable[[], object] | None,
    ) -> None:
        if not self._life.alive:
            if without_us and self._mqtt.up and self._mqtt.dice.hits(UNDER_WAY):
                without_us()
        elif self.state.connected and connection == self.state.connection:
            act()

    def _cut(self, why: str = "closed") -> None:
        if self.state.connected:
            self._mqtt.journal.note(self.client_id, why)
            self.state = self.state.closed(self._mqtt.host.now(), why)
        self._mqtt.gone(self)
        waiting, self._open = self._open, []
        for future in waiting:
            future.set_exception(Unacknowledged(why))
        if self._life.alive:
            self._tell()

    def _tell(self) -> None:
        if self._owner.on_change:
            self._owner.on_change(self.state)
