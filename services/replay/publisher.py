"""Publishes in order, a window at a time, and again what a broken connection left open.

A broker hands a QoS 2 message on at its PUBREL, so whatever follows it waits until that was
written, lest it overtake. What was not acknowledged when the connection broke is sent again, in
order: some of it may arrive twice, none too early and none never.
"""

import threading
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from omf.constants import EXACTLY_ONCE
from omf.messages.properties import MessageProperties, PropertiesError
from services.common.mqtt.link import BrokerAddress
from services.common.mqtt.property_block import write_properties
from services.common.process import clock
from services.replay import mqtt_packets
from services.replay.publisher_socket import NoMqtt5Error, PublisherSocket, PublisherSocketError

QOS_2_WINDOW = 16
"""mosquitto takes 20 QoS 2 messages of one client at a time and loses further ones in silence."""
WINDOW = 128
BLOCK_BYTES = 32_768
"""So much is collected for one write while nobody waits for it."""
CONNECT_S = 10.0
ACK_S = 20.0
RECONNECT_EVERY_S = 0.2


class BrokerAwayError(Exception):
    """The broker did not accept the session in time; the text says which and why."""


class ReplayMessage(NamedTuple):
    """One message to send."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    properties: str = ""
    """Those of MQTT 5 as JSON; sent where the broker speaks it."""


@dataclass(slots=True)
class _Open:
    """Sent and not acknowledged to the end."""

    message: ReplayMessage
    held: bool
    """QoS 2, and its PUBREL is not written: the broker still holds it back."""


class ReplayPublisher:
    """The publishing side of a replay; used by one thread, `wake` and `stop` by any."""

    def __init__(self, url: str, *, patient: bool = False) -> None:
        """A `patient` one waits for its broker for ever instead of CONNECT_S."""
        self.address = BrokerAddress.parse_each(url)[0]
        self.resent = 0
        self.breaks = 0
        """How often the connection broke; the broker may have died then."""
        self._client_id = f"omf-replay-{uuid.uuid4().hex[:12]}"
        self._patient = patient
        self._stopping = threading.Event()
        self._wire: PublisherSocket | None = None
        self._out = bytearray()
        self._waiting: deque[ReplayMessage] = deque()
        self._open: dict[int, _Open] = {}
        self._held = 0
        self._mid = 0
        self._mqtt5 = True

    def connect(self) -> None:
        """Return when the broker accepted us; BrokerAwayError when it does not in time."""
        deadline = clock.monotonic() + CONNECT_S
        while self._wire is None:
            try:
                self._wire = PublisherSocket(self.address, self._client_id, mqtt5=self._mqtt5)
            except NoMqtt5Error:
                self._mqtt5 = False
            except PublisherSocketError as error:
                self._mqtt5 = True
                if self._stopping.is_set() or (not self._patient and clock.monotonic() > deadline):
                    raise BrokerAwayError(f"no broker at {self.address}: {error}") from error
                self._stopping.wait(RECONNECT_EVERY_S)

    def send(self, message: ReplayMessage, *, now: bool = True) -> None:
        """Write the message after all before it; with `now` False perhaps with the next ones."""
        self._waiting.append(message)
        self._until(lambda: not self._waiting)
        if now:
            self._until(lambda: not self._out)

    def pump(self, wait_s: float) -> None:
        """Read acknowledgements for up to `wait_s` seconds; returns early when woken."""
        try:
            self._flush()
            self._hear(wait_s)
        except PublisherSocketError:
            self._mend()

    def settle(self) -> None:
        """Return when everything is acknowledged."""
        self._until(lambda: not (self._waiting or self._open or self._out))

    def wake(self) -> None:
        """End a `pump` that waits."""
        wire = self._wire
        if wire:
            wire.wake()

    def stop(self) -> None:
        """Give up whatever is being waited for, and leave."""
        self._stopping.set()
        self.wake()

    def close(self) -> None:
        """Leave the broker; for the thread that sends."""
        self._stopping.set()
        if self._wire:
            self._wire.close()
            self._wire = None

    def _until(self, done: Callable[[], bool]) -> None:
        heard_at = clock.monotonic()
        while True:
            try:
                self._advance()
                if done():
                    return
                self._flush()
                if done():
                    return
                if self._hear(ACK_S):
                    heard_at = clock.monotonic()
            except PublisherSocketError:
                self._mend()
                heard_at = clock.monotonic()
            # Being woken is no answer, and no silence either.
            if clock.monotonic() - heard_at > ACK_S:
                raise BrokerAwayError(f"{self.address}: no acknowledgement in {ACK_S:.0f} s")

    def _advance(self) -> None:
        while self._waiting and self._has_room(self._waiting[0].qos):
            self._put(self._waiting.popleft())
            if len(self._out) >= BLOCK_BYTES:
                self._flush()

    def _has_room(self, qos: int) -> bool:
        window = min(WINDOW, self._wire.takes if self._wire else WINDOW)
        if qos < EXACTLY_ONCE:
            return not self._held and len(self._open) < window
        return self._held < QOS_2_WINDOW and len(self._open) < window

    def _put(self, message: ReplayMessage) -> None:
        self._mid = self._mid % mqtt_packets.MAX_MID + 1
        topic, payload, qos, retain, told = message
        block = _block(told) if self._mqtt5 else None
        self._out += mqtt_packets.publish(
            topic, payload, self._mid, qos, retain=retain, properties=block
        )
        if qos:
            held = qos == EXACTLY_ONCE
            self._open[self._mid] = _Open(message, held)
            self._held += held

    def _flush(self) -> None:
        if self._out:
            self._live().write(self._out)
            self._out.clear()

    def _live(self) -> PublisherSocket:
        if self._wire is None:
            raise PublisherSocketError("not connected")
        return self._wire

    def _hear(self, wait_s: float) -> bool:
        """Take what the broker says; False when it said nothing."""
        came = self._live().read(wait_s)
        if self._stopping.is_set():
            raise BrokerAwayError(f"{self.address}: stopped")
        for packet in came:
            if packet.type == mqtt_packets.PUBREC:
                self._release(packet.mid)
            elif packet.type in {mqtt_packets.PUBACK, mqtt_packets.PUBCOMP}:
                self._open.pop(packet.mid, None)
        return bool(came)

    def _release(self, mid: int) -> None:
        item = self._open.get(mid)
        if item and item.held:
            item.held = False
            self._held -= 1
        self._out += mqtt_packets.pubrel(mid)

    def _mend(self) -> None:
        """The connection broke: a new one, and all that was open first."""
        again = [item.message for item in self._open.values()]
        self._waiting.extendleft(reversed(again))
        self.resent += len(again)
        self.breaks += 1
        self._open.clear()
        self._out.clear()
        self._held = 0
        with suppress(OSError):
            if self._wire:
                self._wire.close()
        self._wire = None
        self.connect()


def _block(told: str) -> bytes:
    """Properties as they go out; none where a recording holds what is none."""
    try:
        return write_properties(MessageProperties.parse(told)) if told else b""
    except PropertiesError:
        return b""
