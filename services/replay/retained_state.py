"""What the broker holds because of a replay: the retained values of the place it has come to."""

from collections.abc import Sequence

from omf.topics import catalogue
from services.common.sessions.files import Recorded
from services.replay.publisher import ReplayMessage, ReplayPublisher

QOS_FLOOR = 1
"""A recording shows QoS 0 for everything (PROTOCOL F.20); at 0 a replay could lose some."""
LEFT_OVER = b"left over"
"""Stands for a payload nobody here has seen."""


class RetainedState:
    """Publishes messages of a session, and knows what the broker keeps of them."""

    def __init__(self, publisher: ReplayPublisher) -> None:
        """Nothing is held yet."""
        self._publisher = publisher
        self._held: dict[str, bytes] = {}
        self._breaks = 0

    def publish(self, item: Recorded, *, now: bool = True) -> None:
        """Send a message as its true publisher would; unless `now` it may wait for others."""
        qos, retain = delivery(item)
        told = item.properties
        self._publisher.send(ReplayMessage(item.topic, item.payload, qos, retain, told), now=now)
        if retain and item.payload:
            self._held[item.topic] = item.payload
        elif retain:
            self._held.pop(item.topic, None)

    def left_over(self, topics: Sequence[str]) -> None:
        """An earlier replay may have left something retained there; what is known of it is gone."""
        for topic in topics:
            self._held.setdefault(topic, LEFT_OVER)

    def clear(self, before: Sequence[Recorded]) -> int:
        """Have the broker forget what it did not hold after these messages; how many that were."""
        gone = self._held.keys() - retained(before)
        for topic in gone:
            self.publish(Recorded(0.0, topic, b"", retain=True), now=False)
            self._held.pop(topic, None)
        self._publisher.settle()
        return len(gone)

    def restore(self, before: Sequence[Recorded]) -> int:
        """Tell all that the broker held after these messages; how many that took.

        Also what it holds already: readers begin anew and know nothing.
        """
        wanted = retained(before)
        for item in wanted.values():
            self.publish(item, now=False)
        self._publisher.settle()
        return len(wanted)

    def remind(self) -> None:
        """A broker that died may have forgotten what it held; the embedded one has."""
        if self._breaks == self._publisher.breaks:
            return
        self._breaks = self._publisher.breaks
        for topic, payload in list(self._held.items()):
            if payload == LEFT_OVER:
                continue
            self.publish(Recorded(0.0, topic, payload, retain=True), now=False)


def retained(items: Sequence[Recorded]) -> dict[str, Recorded]:
    """What a broker holds after these messages, by topic."""
    held: dict[str, Recorded] = {}
    for item in items:
        if delivery(item)[1]:
            held.pop(item.topic, None)
            if item.payload:
                held[item.topic] = item
    return held


def delivery(message: Recorded) -> tuple[int, bool]:
    """QoS and retain as the true publisher uses them (catalogue), never below QoS 1."""
    entry = catalogue.of(message.topic)
    qos = (entry.qos if entry else None) or message.qos
    retain = bool(entry.retain) if entry and entry.retain is not None else message.retain
    return max(qos, QOS_FLOOR), retain or message.retain
