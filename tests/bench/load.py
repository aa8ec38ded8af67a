"""The load of the ingest bench: recorded traffic, as often as needed, sent as fast as it is acked.

`python -m tests.bench.load PORT COUNT RATE WINDOW [TOPICS]`: RATE 0 saturates with WINDOW
messages unacknowledged. Prints the moment of the first byte (Unix seconds) on one line, the moment
of the last PUBACK on the next. Every payload carries its number, so nothing is equal by accident.
A raw socket, because a client library would measure itself. With TOPICS, that many random topics.
"""

import argparse
import itertools
import select
import socket
import sys
import time
from collections.abc import Iterator, Sequence

from tests.bench.needs import recordings, require
from tests.support.shared import RECORDINGS, recording

QOS_1 = 0x32
BLOCK = 48
PUBACK_BYTES = 4
MAX_BYTES = 9_500
"""A camera picture is traffic of its own; it would turn the rate into a measure of memory. And
mq-bridge ends its connection at a packet above 10 kB: 2 in 100 of the recorded ones."""


def string(text: bytes) -> bytes:
    """An MQTT string."""
    return len(text).to_bytes(2, "big") + text


def length(size: int) -> bytes:
    """An MQTT remaining length."""
    out = bytearray()
    while True:
        size, digit = divmod(size, 128)
        out.append(digit | (128 if size else 0))
        if not size:
            return bytes(out)


def publish(topic: bytes, payload: bytes, mid: int) -> bytes:
    """A PUBLISH of QoS 1."""
    body = string(topic) + mid.to_bytes(2, "big") + payload
    return bytes([QOS_1]) + length(len(body)) + body


def traffic() -> list[tuple[bytes, bytes]]:
    """Topic and payload of every recorded message."""
    found = [(m.topic.encode(), m.payload) for name in RECORDINGS for m in recording(name)]
    return [(topic, payload) for topic, payload in found if len(payload) <= MAX_BYTES]


def numbered(payload: bytes, number: int) -> bytes:
    """The payload with its number in it."""
    mark = b'{"n":%d' % number
    if payload.startswith(b'{"'):
        return mark + b"," + payload[1:]
    return mark + b',"of":' + (payload or b"null") + b"}"


def packets(count: int, topics: int = 0) -> Iterator[bytes]:
    """The messages as packets, in order."""
    for number, (topic, payload) in zip(range(count), itertools.cycle(traffic()), strict=False):
        chosen = b"flood/%d" % (number * 7919 % topics) if topics else topic
        yield publish(chosen, numbered(payload, number), number % 65535 + 1)


class Publisher:
    """One connection that counts PUBACKs; their content does not matter, their number does."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = string(b"MQTT") + b"\x04\x02\x00\x00" + string(b"bench-load-%d" % time.time_ns())
        self._socket.sendall(b"\x10" + length(len(body)) + body)
        self._socket.recv(4)
        self._socket.setblocking(False)  # noqa: FBT003 - its signature
        self._bytes = 0

    @property
    def acked(self) -> int:
        """PUBACKs so far."""
        return self._bytes // PUBACK_BYTES

    def receive(self, timeout_s: float) -> None:
        """Take in what came, or wait for it."""
        if select.select([self._socket], [], [], timeout_s)[0]:
            got = self._socket.recv(65536)
            if not got:
                raise ConnectionError("the broker closed the connection")
            self._bytes += len(got)

    def finish(self, count: int) -> None:
        """Return when so many are acknowledged: closing earlier would take back the last ones."""
        while self.acked < count:
            self.receive(1.0)

    def send(self, data: bytes) -> None:
        """Send all, taking in PUBACKs meanwhile: a broker that waits for us would wait for ever."""
        view = memoryview(data)
        while view:
            _, writable, _ = select.select([], [self._socket], [], 0.01)
            if writable:
                view = view[self._socket.send(view) :]
            self.receive(0)


def saturate(publisher: Publisher, ready: Sequence[bytes], window: int) -> None:
    """Send as fast as the broker acknowledges."""
    for start in range(0, len(ready), BLOCK):
        while start - publisher.acked > window - BLOCK:
            publisher.receive(1.0)
        publisher.send(b"".join(ready[start : start + BLOCK]))


def pace(publisher: Publisher, ready: Sequence[bytes], rate: float) -> None:
    """Send one message each 1/rate seconds."""
    began = time.monotonic()
    for number, packet in enumerate(ready):
        while (wait := began + number / rate - time.monotonic()) > 0:
            time.sleep(wait)
        publisher.send(packet)


def main(port: int, count: int, rate: float, window: int, topics: int = 0) -> None:
    """Send and tell the times."""
    require("the load of the bench", recordings())
    ready = list(packets(count, topics))
    publisher = Publisher(port)
    sys.stdin.readline()
    sys.stdout.write(f"{time.time()}\n")
    if rate:
        pace(publisher, ready, rate)
    else:
        saturate(publisher, ready, window)
    publisher.finish(count)
    sys.stdout.write(f"{time.time()}\n")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("port", type=int)
    options.add_argument("count", type=int)
    options.add_argument("rate", type=float)
    options.add_argument("window", type=int)
    options.add_argument("topics", type=int, nargs="?", default=0)
    main(**vars(options.parse_args()))
