"""A broker that speaks MQTT 3.1.1 and nothing newer: a relay in front of a real one."""

import socket

from tests.support.proxy import BLOCK, Proxy

ANSWERS = {
    "code 1": b"\x20\x02\x00\x01",
    "code 0x84": b"\x20\x03\x00\x84\x00",
    "closes": b"",
}
"""What a CONNECT of MQTT 5 is answered by; the connection is closed then."""
LEVEL_5 = b"\x00\x04MQTT\x05"


class OldBroker(Proxy):
    """Relays 3.1.1; `turned_away` counts the others."""

    def __init__(self, url: str, answer: str) -> None:
        """`answer` is one of ANSWERS."""
        self._answer = ANSWERS[answer]
        self.turned_away, self._old = 0, True
        super().__init__(url)

    def recover(self) -> None:
        """From now on it relays MQTT 5 as well."""
        self._old = False

    def hang_up(self, packet: bytes) -> None:
        """Say this to each client and close its connection."""
        for near in self._open[::2]:
            near.sendall(packet)
            near.shutdown(socket.SHUT_WR)

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            first = source.recv(BLOCK)
            if self._old and LEVEL_5 in first[:16]:
                self.turned_away += 1
                source.sendall(self._answer)
                source.close()
                sink.close()
                return
            sink.sendall(first)
        except OSError:
            return
        super()._relay(source, sink)
