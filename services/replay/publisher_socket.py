"""One connection that publishes and nothing else, with many packets in one write.

Why not the broker link: through paho a session with its documented QoS 2 goes at 500 messages a
second; four packets each, one at a time (docs/adr/0006). Here the caller's thread reads and writes.
"""

import select
import socket
import ssl
from contextlib import suppress

from services.common.mqtt.link import BrokerAddress
from services.common.mqtt.property_block import receive_maximum
from services.common.process import clock
from services.replay import mqtt_packets
from services.replay.mqtt_packets import Packet

PUBLISHER_KEEPALIVE_S = 30
SOCKET_TIMEOUT_S = 5.0
READ_BYTES = 65_536
LARGEST_WINDOW = 0xFFFF
QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Linux has it, and forgets it at every write."""
_REFUSED = {
    1: "protocol",
    2: "client id",
    3: "unavailable",
    4: "login",
    5: "not allowed",
    0x84: "protocol",
    0x85: "client id",
    0x86: "login",
    0x87: "not allowed",
    0x88: "unavailable",
}


class PublisherSocketError(OSError):
    """The connection is broken or was refused; the text says why."""


class NoMqtt5Error(PublisherSocketError):
    """Asked for MQTT 5, the broker did not answer, or refused: it may speak 3.1.1."""


class PublisherSocket:
    """A connected socket; one thread uses it, any thread may `wake` it."""

    def __init__(self, address: BrokerAddress, client_id: str, *, mqtt5: bool = False) -> None:
        """Connects; PublisherSocketError when nobody is there or the login is refused."""
        self.mqtt5, self.takes = mqtt5, LARGEST_WINDOW
        self._bell, self._ear = socket.socketpair()
        self._bell.settimeout(0)
        self._read = bytearray()
        try:
            self._socket = self._open(address)
            hello = mqtt_packets.connect(
                client_id, PUBLISHER_KEEPALIVE_S, address.username, address.password, mqtt5=mqtt5
            )
            self.write(hello)
            self._welcome()
        except NoMqtt5Error:
            self.close()
            raise
        except OSError as error:
            self.close()
            raise PublisherSocketError(str(error)) from error

    def _open(self, address: BrokerAddress) -> socket.socket:
        plain = socket.create_connection((address.host, address.port), SOCKET_TIMEOUT_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not address.tls:
            return plain
        return address.tls_context().wrap_socket(plain, server_hostname=address.host)

    def _welcome(self) -> None:
        answer = self._answer()
        if answer is None or answer.type != mqtt_packets.CONNACK:
            raise PublisherSocketError("the broker did not answer the login")
        if code := answer.body[1]:
            refused = NoMqtt5Error if self.mqtt5 else PublisherSocketError
            raise refused(f"the broker refused: {_REFUSED.get(code, code)}")
        self.takes = receive_maximum(answer.body) if self.mqtt5 else LARGEST_WINDOW

    def _answer(self) -> Packet | None:
        try:
            return next(iter(self.read(SOCKET_TIMEOUT_S)), None)
        except PublisherSocketError as error:
            raise (NoMqtt5Error(str(error)) if self.mqtt5 else error) from error

    def write(self, data: bytes | bytearray) -> None:
        """Send all of it now; PublisherSocketError when the connection broke."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise PublisherSocketError(str(error)) from error
        self._wrote_at = clock.monotonic()

    def read(self, wait_s: float) -> list[Packet]:
        """What came, after at most `wait_s`; nothing when that passed or somebody woke us."""
        if clock.monotonic() - self._wrote_at > PUBLISHER_KEEPALIVE_S / 2:
            self.write(mqtt_packets.PING)
        if not self._readable(wait_s):
            return []
        try:
            data = self._socket.recv(READ_BYTES)
        except OSError as error:
            raise PublisherSocketError(str(error)) from error
        if not data:
            raise PublisherSocketError("the broker closed the connection")
        self._read += data
        return list(mqtt_packets.taken(self._read))

    def _readable(self, wait_s: float) -> bool:
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        self._acknowledge_at_once()
        ready, _, _ = select.select([self._socket, self._ear], [], [], max(0.0, wait_s))
        if self._ear in ready:
            self._ear.recv(READ_BYTES)
        return self._socket in ready

    def _acknowledge_at_once(self) -> None:
        """The broker's next small packet waits for our TCP acknowledgement (Nagle): 40 ms each."""
        if QUICKACK is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, QUICKACK, 1)

    def wake(self) -> None:
        """End a `read` that waits, from another thread."""
        with suppress(OSError):
            self._bell.send(b"!")

    def close(self) -> None:
        """Leave politely; harmless when broken or repeated."""
        with suppress(OSError, AttributeError):
            self._socket.sendall(mqtt_packets.DISCONNECT)
        with suppress(OSError, AttributeError):
            self._socket.close()
        self._bell.close()
        self._ear.close()
