"""A relay before the broker that notes when ingest has acknowledged which numbered message."""

import re
import socket
import time
from collections.abc import Iterator

from tests.support.proxy import BLOCK, Proxy

CONNECT, PUBLISH, PUBACK = 1, 3, 4
FLAGS_AT, CLEAN = 7, 2
"""Of a CONNECT: ingest keeps its session; whoever only asks for what is retained keeps none."""
NUMBER = re.compile(rb'\{"n": (\d+)')
CONTINUED = 0x80


class PubackTap(Proxy):
    """Relays and reads; packet ids count within one connection, and ingest has several."""

    def __init__(self, url: str) -> None:
        self.acknowledged: dict[int, float] = {}
        """When the PUBACK of each number passed, on the monotonic clock."""
        self._sessions: set[int] = set()
        self._numbers: dict[tuple[int, bytes], int] = {}
        super().__init__(url)

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        buffer = bytearray()
        try:
            from_broker = source.getpeername()[1] == self._target[1]
            client = (sink if from_broker else source).getpeername()[1]
            while data := source.recv(BLOCK):
                buffer += data
                for kind, body in _packets(buffer):
                    self._note(client, kind, body)
                sink.sendall(data)
        except OSError:
            pass
        source.close()
        sink.close()

    def _note(self, client: int, kind: int, body: bytes) -> None:
        if kind == CONNECT and not body[FLAGS_AT] & CLEAN:
            self._sessions.add(client)
        elif client not in self._sessions:
            return
        elif kind == PUBLISH and (found := NUMBER.search(body)):
            at = 2 + int.from_bytes(body[:2], "big")
            self._numbers[client, body[at : at + 2]] = int(found[1])
        elif kind == PUBACK and (number := self._numbers.pop((client, body[:2]), None)) is not None:
            self.acknowledged.setdefault(number, time.monotonic())


def _packets(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take every whole packet from the beginning: its kind and what stands behind its length."""
    while len(buffer) > 1:
        size = shift = 0
        for at in range(1, min(5, len(buffer))):
            size |= (buffer[at] & ~CONTINUED) << shift
            shift += 7
            if not buffer[at] & CONTINUED:
                break
        else:
            return
        if len(buffer) < at + 1 + size:
            return
        yield buffer[0] >> 4, bytes(buffer[at + 1 : at + 1 + size])
        del buffer[: at + 1 + size]
