"""paho 2.2 as the link needs it; pinned, for private parts of it are overridden.

The only file that imports paho. A session that is to be kept is kept for ever in both versions of
MQTT: in 5 its expiry has to be asked for, in 3.1.1 it has none.
"""

import threading
from collections.abc import Callable
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any, cast

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties, VariableByteIntegers
from paho.mqtt.reasoncodes import ReasonCode

from omf.messages.properties import MessageProperties
from services.common.mqtt.link import BrokerAddress, NotConnected, PublishRefused, Will
from services.common.mqtt.property_block import write_properties
from services.common.mqtt.publish_parser import ReceivedMessage, publishes, whole_packet
from services.common.process import clock

BROKER_CONNECT_TIMEOUT_S = 3.0
KEEPALIVE_S = 10
# A view of the factory is as old as the last byte: the line is asked long before that matters.
LINE_QUIET_S = 1.0
# mosquitto takes 20 QoS 2 messages of one client at a time and loses any above in silence.
MAX_INFLIGHT = 20
READ_BLOCK_BYTES = 256 * 1024
# While the receiver has no room the socket is left alone for this long at a time.
NO_ROOM_PAUSE_S = 0.005
KEPT_FOR_EVER = 0xFFFFFFFF
"""Session expiry of MQTT 5 that stands for: never."""
# Whatever MQTT 3.1.1 may still get from a broker that says this to a CONNECT of MQTT 5.
NOT_IN_THIS_VERSION = frozenset({0x81, 0x82, 0x84, 0x9A, 0x9B})
PUBREC_REFUSED = 0x80
PACKET_TOO_LARGE = 0x95
# Of a PUBLISH beside topic, payload and properties: header, lengths, packet id.
PACKET_HEAD_BYTES = 16
ANY_SIZE = 0xFFFFFFFF
MQTT_OK = MQTTErrorCode.MQTT_ERR_SUCCESS


class _Written(Properties):
    """Properties of a PUBLISH that are bytes already."""

    def __init__(self, block: bytes) -> None:
        super().__init__(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        self.__dict__["block"] = block

    def pack(self) -> bytes:
        """The block, led by its length."""
        block: bytes = self.__dict__["block"]
        return bytes(VariableByteIntegers.encode(len(block))) + block  # type: ignore[no-untyped-call]


class PahoClient(paho.Client):
    """One MQTT client that reads in blocks, not byte by byte, and tells a silent line."""

    room: Callable[[], bool] | None = None
    take: Callable[[list[ReceivedMessage]], None]
    refused: Callable[[int, PublishRefused], None]
    """Called for a publish with QoS 2 that the broker refused."""
    last_read = 0.0
    line_quiet_s = LINE_QUIET_S
    _block = b""
    _at = 0

    def __init__(self, client_id: str, *, clean: bool, manual_ack: bool) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=clean,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=manual_ack,
        )
        self._manual, self.largest = manual_ack, ANY_SIZE
        self.connect_timeout, self.keepalive = BROKER_CONNECT_TIMEOUT_S, KEEPALIVE_S
        self.max_inflight_messages_set(MAX_INFLIGHT)
        # A batch of PUBACKs must not wait for the broker's delayed TCP acknowledgement.
        at_once = (IPPROTO_TCP, TCP_NODELAY, 1)
        self.on_socket_open = lambda _c, _u, s: cast("Any", s).setsockopt(*at_once)
        # With an owner of the socket registered, paho leaves all writing to the network thread.
        self.on_socket_register_write = lambda *_: None

    def introduce(self, account: BrokerAddress, will: Will | None) -> None:
        """Log in as this account and leave this last will; all nodes of a broker know it."""
        self.username_pw_set(account.username, account.password)
        if account.tls:
            self.tls_set_context(account.tls_context())
        if will is not None:
            self.will_set(will.topic, will.payload, will.qos, will.retain)

    def kept_s(self, told: Properties | None) -> int | None:
        """How long the broker keeps what comes while we are away; None: as long as it should."""
        kept_s = int(getattr(told, "SessionExpiryInterval", KEPT_FOR_EVER))
        return None if self._clean_session or kept_s == KEPT_FOR_EVER else kept_s

    @property
    def mqtt5(self) -> bool:
        """True while it speaks MQTT 5."""
        return self._protocol == MQTTProtocolVersion.MQTTv5

    def open(self, host: str, port: int, *, mqtt5: bool) -> None:
        """Connect and ask for this version; OSError if nobody is there."""
        if not mqtt5:
            self._protocol = MQTTProtocolVersion.MQTTv311
            self.connect(host, port, self.keepalive)
            return
        self._protocol = MQTTProtocolVersion.MQTTv5
        asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        if not self._clean_session:
            asked.SessionExpiryInterval = KEPT_FOR_EVER
        self.connect(host, port, self.keepalive, clean_start=self._clean_session, properties=asked)

    def written_by(self, wants_to_write: "Callable[[PahoClient], None]") -> None:
        """Have this called, by any thread, when there is something to write."""
        self.on_socket_register_write = lambda *_: wants_to_write(self)

    def has_room(self) -> bool:
        """False while whoever takes the messages wants nothing to be read."""
        return self.room is None or self.room()

    def holds_bytes(self) -> bool:
        """True if bytes were read from the system and not handled: no socket tells of them."""
        pending = getattr(self.socket(), "pending", None)
        return self._at < len(self._block) or bool(pending and pending())

    def limits(self, told: Properties | None) -> int:
        """Keep to what the broker says in its CONNACK; how many publishes are sent at once."""
        self._max_inflight_messages = min(
            MAX_INFLIGHT, getattr(told, "ReceiveMaximum", MAX_INFLIGHT)
        )
        self.largest = getattr(told, "MaximumPacketSize", ANY_SIZE)
        return self._max_inflight_messages

    def fitting(self, topic: str, payload: bytes, told: MessageProperties) -> Properties | None:
        """Its properties, None in 3.1.1; PublishRefused: it is more than the broker takes."""
        block = write_properties(told) if self.mqtt5 else b""
        most = self.largest - PACKET_HEAD_BYTES
        if len(topic.encode()) + len(payload) + len(block) > most:
            raise PublishRefused(PACKET_TOO_LARGE, "the message is larger than it takes")
        return _Written(block) if block else None

    def send(
        self,
        topic: str,
        payload: bytes,
        qos: int,
        retain: bool,  # noqa: FBT001 - as paho has it
        properties: Properties | None,
    ) -> int:
        """Write a PUBLISH and return its packet id; NotConnected if nothing was sent."""
        info = self.publish(topic, payload, qos, retain, properties)
        if info.rc != MQTT_OK:
            raise NotConnected(f"nothing was sent: {paho.error_string(info.rc)}")
        return info.mid

    @property
    def client_id(self) -> str:
        """The name the broker knows us by."""
        return bytes(self._client_id).decode()

    def rename(self, client_id: str) -> None:
        """Take another name at the next connect."""
        self._client_id = client_id.encode()

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
        if not self.has_room():
            threading.Event().wait(NO_ROOM_PAUSE_S)
            self.last_read = clock.monotonic()
            return MQTT_OK
        while (rc := self._read_some(max_packets)) == MQTT_OK and self._at < len(self._block):
            pass
        return rc

    def _read_some(self, max_packets: int) -> MQTTErrorCode:
        """All messages of the block at once if the caller takes them so; what else comes, paho."""
        if not self._manual or self._in_packet["command"]:
            return super().loop_read(max_packets)
        try:
            if self._at >= len(self._block):
                self._fill()
        except BlockingIOError:
            return MQTT_OK
        except OSError:  # paho meets it too and ends the connection
            return super().loop_read(max_packets)
        messages, self._at = publishes(self._block, self._at, mqtt5=self.mqtt5)
        self.take(messages)
        self._last_bytes_received = self.last_read
        done = messages and self._at >= len(self._block)
        return MQTT_OK if done else super().loop_read(max_packets)

    def _handle_publish(self) -> MQTTErrorCode:
        """Messages of MQTT 5 are read by our own parser: paho ends at a property it dislikes."""
        head, body = self._in_packet["command"], bytes(self._in_packet["packet"])
        found, _ = publishes(whole_packet(head, body), 0, mqtt5=True) if self.mqtt5 else ([], 0)
        if not found:
            return super()._handle_publish()
        self.take(found)
        acknowledged = found[0].qos == 1 and not self._manual
        return self._send_puback(found[0].mid) if acknowledged else MQTT_OK

    def _handle_pubrec(self) -> MQTTErrorCode:
        """A PUBREC of MQTT 5 may say that the broker did not take it; nothing follows then."""
        body = bytes(self._in_packet["packet"])
        code = body[2] if self.mqtt5 and len(body) > 2 else 0  # noqa: PLR2004 - the packet id
        if code < PUBREC_REFUSED:
            return super()._handle_pubrec()
        mid = int.from_bytes(body[:2], "big")
        with self._out_message_mutex:
            known = self._out_messages.pop(mid, None)
            self._inflight_messages -= known is not None
        if known is not None:
            name = str(ReasonCode(PacketTypes.PUBREC, identifier=code))
            self.refused(mid, PublishRefused(code, name))
        return MQTT_OK

    def loop_misc(self) -> MQTTErrorCode:
        """Ask whether the broker is there as soon as it is silent; any byte answers.

        A PINGRESP queues behind the traffic of a slow line. Without any the link ends a keepalive
        after the last byte.
        """
        if self._ping_t and self.last_read > self._ping_t:
            self._ping_t = 0.0
        silence_s = clock.monotonic() - self.last_read
        if not self._ping_t and silence_s > self.line_quiet_s and self.is_connected():
            self._send_pingreq()
        return super().loop_misc()

    def ack_many(self, mids: list[int]) -> None:
        """PUBACK all of these, in order, as one packet for the network thread to write."""
        acks = b"".join(b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids)
        self._packet_queue(paho.PUBACK, acks, mids[-1], 1)
