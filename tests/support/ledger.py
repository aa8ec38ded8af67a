"""What a publisher was told, to hold against what the buffers say: lost, doubled, out of order."""

import itertools
import json
import threading
import time
from collections import Counter, deque
from concurrent.futures import Future
from random import Random
from typing import NamedTuple

from omf.messages.message import Message
from services.common.mqtt.link import LinkError, NotConnected
from services.common.mqtt.mqtt_link import MqttLink
from tests.support.processes import wait_for

WINDOW = 200
BURST = 10
TOPICS = ("module/v1/ff/L1/state", "module/v1/ff/L2/state", "fts/v1/ff/L3/state", "ledger/other")


class Verdict(NamedTuple):
    """The equation: all three empty means that the ledger holds."""

    lost: list[int]
    doubled: list[int]
    disordered: list[str]


class Ledger:
    """Publishes numbered messages and notes which of them the broker acknowledged."""

    def __init__(self, mqtt_url: str, seed: int = 1, topics: tuple[str, ...] = TOPICS) -> None:
        self._link, self._topics = MqttLink(mqtt_url, client_id=f"ledger-{seed}"), topics
        self._random = Random(seed)  # noqa: S311 - to be repeated by its seed
        self.sent = 0
        self._open: deque[tuple[int, Future[None]]] = deque()
        self.acknowledged: list[int] = []
        self.unknown: list[int] = []

    def start(self) -> "Ledger":
        """Connect."""
        self._link.start()
        self.connected()
        return self

    def connected(self) -> None:
        """Return when the broker is there."""
        wait_for(lambda: self._link.state.connected, 20)

    def publish(self, count: int, *, extra: str = "") -> None:
        """Publish so many more, as fast as the broker takes them; a break makes some unknown."""
        for _ in range(count):
            self._send(extra)
        self._settle(0)

    def keep_publishing(self, rate: int, stop: threading.Event) -> float:
        """Publish so many a second, or as many as the broker takes; tells how many it were."""
        began, count = time.monotonic(), 0
        while not stop.wait(max(0.0, began + count / rate - time.monotonic())):
            for _ in range(BURST):
                self._send("")
            count += BURST
        self._settle(0)
        return count / (time.monotonic() - began)

    def stop(self) -> None:
        """Leave the broker."""
        self._link.stop()

    def _send(self, extra: str) -> None:
        number, self.sent = self.sent, self.sent + 1
        payload = json.dumps({"n": number, "extra": extra}).encode()
        try:
            future = self._link.publish(self._random.choice(self._topics), payload)
        except NotConnected:
            self.connected()
            return
        self._open.append((number, future))
        self._settle(WINDOW)

    def _settle(self, left: int) -> None:
        while len(self._open) > left:
            number, future = self._open.popleft()
            try:
                future.result(30)
            except LinkError:
                self.unknown.append(number)
            else:
                self.acknowledged.append(number)

    def check(self, messages: list[Message]) -> Verdict:
        """Hold the journal's messages against what was promised."""
        found = [(m.topic, json.loads(m.payload)["n"]) for m in messages if m.topic in self._topics]
        times = Counter(number for _, number in found)
        lost = [number for number in self.acknowledged if not times[number]]
        # The outcome of an unknown one is unknown to us as well: once or never, but not twice.
        doubled = [number for number, seen in times.items() if seen > 1]
        told = {topic: [n for t, n in found if t == topic] for topic in self._topics}
        disordered = [topic for topic, numbers in told.items() if not _rising(numbers)]
        return Verdict(lost, doubled, disordered)


def _rising(numbers: list[int]) -> bool:
    return all(a < b for a, b in itertools.pairwise(numbers))
