"""Turns what arrived into what is appended: ids, routes, refusals, repetitions."""

from collections import Counter
from collections.abc import Sequence

from omf.catalogue import EVERYTHING
from services.common.link import Received
from services.ingest.appender import Batch, Stamped
from services.ingest.intake import Arrival
from services.ingest.redelivery import ENTRY, Mark, Redelivery, crc
from services.ingest.routes import Routes
from services.ingest.stamps import Stamps

FLAGS = [
    f"{qos}{retain}{dup}{trusted}".encode()
    for qos in range(3)
    for retain in range(2)
    for dup in range(2)
    for trusted in range(2)
]


class Mirror:
    """Decides about each message of one connection after the other; does no input or output."""

    def __init__(self, routes: Routes, stamps: Stamps) -> None:
        self.routes = routes
        self._stamps = stamps
        self._redelivery = Redelivery(b"", 0)
        self._session_lost = True

    def begin(self, redelivery: Redelivery | None) -> None:
        """A connection begins; None: the broker had forgotten our session and repeats nothing."""
        self._session_lost = redelivery is None
        self._redelivery = redelivery or Redelivery(b"", 0)

    def batch(self, arrivals: Sequence[Arrival]) -> Batch:
        """What the next append has to do for these messages of one connection."""
        counts: Counter[str] = Counter()
        if not self._redelivery.over:
            arrivals = self._without_repetitions(arrivals, counts)
        stamped: list[Stamped] = []
        marks: list[bytes] = []
        classes = [0] * (EVERYTHING + 1)
        route_of, stamp = self.routes.of, self._stamps.next
        for message, at in arrivals:
            topic, payload, qos, retain, dup, mid, _ = message
            route = route_of(topic)
            if qos and not retain:
                marks.append(ENTRY.pack(mid, crc(route.crc, payload)))
            if len(payload) > route.max_bytes:
                counts["rejected:too_large" if route.buffers else "other_shard"] += 1
                continue
            classes[route.priority] += 1
            trusted = retain and self._session_lost and route.always_retained
            flags = FLAGS[qos * 8 + retain * 4 + dup * 2 + trusted]
            stamped.append((stamp(at), route.topic, payload, flags, route.buffers))
        at_ms = int(arrivals[-1][1] * 1000) if arrivals else 0
        return Batch(stamped, b"".join(marks), counts, at_ms, classes)

    def _without_repetitions(
        self, arrivals: Sequence[Arrival], counts: Counter[str]
    ) -> Sequence[Arrival]:
        """The beginning of a connection: leave out what was appended before."""
        places = [n for n, (m, _) in enumerate(arrivals) if m.qos and not m.retain]
        found = [self._mark(arrivals[n][0]) for n in places]
        again = {places[n] for n in self._redelivery.repeated(found)}
        counts["duplicates"] += len(again)
        return [arrival for n, arrival in enumerate(arrivals) if n not in again]

    def _mark(self, message: Received) -> Mark:
        route = self.routes.of(message.topic)
        return Mark(message.mid, crc(route.crc, message.payload), message.dup)
