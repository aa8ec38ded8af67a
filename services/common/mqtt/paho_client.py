"""paho 2.2 as the link needs it; pinned, for private parts of it are overridden.

The only file that imports paho. MQTT 3.1.1, whose persistent session needs no expiry and works the
same on mosquitto and on rumqttd.
"""

import threading
from collections.abc import Callable
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any, cast

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from services.common.mqtt.publish_parser import ReceivedMessage, publishes
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
MQTT_OK = MQTTErrorCode.MQTT_ERR_SUCCESS
error_string = paho.error_string


class PahoClient(paho.Client):
    """One MQTT 3.1.1 client that reads in blocks, not byte by byte, and tells a silent line."""

    room: Callable[[], bool] | None = None
    take: Callable[[list[ReceivedMessage]], None] | None = None
    last_read = 0.0
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
        self.connect_timeout, self.keepalive = BROKER_CONNECT_TIMEOUT_S, KEEPALIVE_S
        self.max_inflight_messages_set(MAX_INFLIGHT)
        # A batch of PUBACKs must not wait for the broker's delayed TCP acknowledgement.
        at_once = (IPPROTO_TCP, TCP_NODELAY, 1)
        self.on_socket_open = lambda _c, _u, s: cast("Any", s).setsockopt(*at_once)
        # With an owner of the socket registered, paho leaves all writing to the network thread.
        self.on_socket_register_write = lambda *_: None

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
        if self.room and not self.room():
            threading.Event().wait(NO_ROOM_PAUSE_S)
            self.last_read = clock.monotonic()
            return MQTT_OK
        while (rc := self._read_some(max_packets)) == MQTT_OK and self._at < len(self._block):
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
            return MQTT_OK
        except OSError:  # paho meets it too and ends the connection
            return super().loop_read(max_packets)
        messages, self._at = publishes(self._block, self._at)
        self.take(messages)
        self._last_bytes_received = self.last_read
        done = messages and self._at >= len(self._block)
        return MQTT_OK if done else super().loop_read(max_packets)

    def loop_misc(self) -> MQTTErrorCode:
        """Ask whether the broker is there as soon as it is silent; any byte answers.

        A PINGRESP queues behind the traffic of a slow line. Without any the link ends a keepalive
        after the last byte.
        """
        if self._ping_t and self.last_read > self._ping_t:
            self._ping_t = 0.0
        silence_s = clock.monotonic() - self.last_read
        if not self._ping_t and silence_s > LINE_QUIET_S and self.is_connected():
            self._send_pingreq()
        return super().loop_misc()

    def ack_many(self, mids: list[int]) -> None:
        """PUBACK all of these, in order, as one packet for the network thread to write."""
        acks = b"".join(b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids)
        self._packet_queue(paho.PUBACK, acks, mids[-1], 1)
