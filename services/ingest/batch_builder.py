"""Turns what arrived into what is appended: ids, routes, refusals, repetitions."""

import itertools
from collections import Counter
from collections.abc import Sequence

from omf.topics.catalogue import EVERYTHING
from services.common.mqtt.publish_parser import ReceivedMessage
from services.common.store.keys import TooLarge
from services.ingest.inbound_queue import Block, repeats
from services.ingest.redelivery import ENTRY, Mark, Redelivery, crc
from services.ingest.routes import REFUSE_ABOVE_BYTES, Routes
from services.ingest.stream_ids import StreamIdGenerator
from services.ingest.stream_writer import Batch, Stamped

FLAGS = [
    f"{qos}{retain}{dup}{trusted}".encode()
    for qos in range(3)
    for retain in range(2)
    for dup in range(2)
    for trusted in range(3)
]
ALWAYS_RETAINED, FILLS_GAP = 1, 2
"""What a retained value may do: replace what differs; or only be there where nothing is."""


class BatchBuilder:
    """Decides about each message of one connection after the other; does no input or output."""

    def __init__(self, routes: Routes, ids: StreamIdGenerator) -> None:
        self.routes = routes
        self._ids = ids
        self._redelivery = Redelivery(b"", 0)
        self._session_lost = self._new_session = True
        self._own = 0

    def begin(self, redelivery: Redelivery | None) -> None:
        """A connection begins; None: the broker had forgotten our session and repeats nothing."""
        self._session_lost = self._new_session = redelivery is None
        self._redelivery = redelivery or Redelivery(b"", 0)
        self._own = 0

    def recall(self, window: bytes, unsettled: int) -> None:
        """Something of this connection comes again: what was appended until now, as Redelivery."""
        self._redelivery.recall(window, unsettled, self._own)

    def batch(self, blocks: Sequence[Block], *, again: bool = False) -> Batch:
        """What the next append has to do for these messages of one connection.

        `again`: they are what the broker retains, asked for once more.
        """
        counts: Counter[str] = Counter()
        if not again and (not self._redelivery.over or repeats(blocks)):
            blocks = self._without_repetitions(blocks, counts)
        stamped: list[Stamped] = []
        marks: list[bytes] = []
        told: list[tuple[int, bytes]] = []
        classes = [0] * (EVERYTHING + 1)
        known, route_of, pack = self.routes.known, self.routes.of, ENTRY.pack
        for messages, at in blocks:
            ms, seq = self._ids.take(at, len(messages))
            for topic, payload, qos, retain, dup, mid, properties in messages:
                route = known.get(topic) or route_of(topic)
                name, crc_, buffers, max_bytes, priority, always_retained = route
                if qos and not retain:
                    marks.append(pack(mid, crc(crc_, payload)))
                if len(payload) > max_bytes or len(properties) > REFUSE_ABOVE_BYTES:
                    counts["rejected:too_large" if buffers else "other_shard"] += 1
                    continue
                classes[priority] += 1
                trusted = retain and self._session_lost and always_retained
                flags = FLAGS[qos * 12 + retain * 6 + dup * 3 + (FILLS_GAP if again else trusted)]
                stamped.append((b"%d-%d" % (ms, seq), name, payload, flags, buffers))
                seq += 1
                if properties:
                    told.append((len(stamped), properties))
        done = self._batch(blocks, stamped, b"".join(marks), counts, classes, again=again)
        return done._replace(properties=told) if told else done

    def _without_repetitions(self, blocks: Sequence[Block], counts: Counter[str]) -> list[Block]:
        """Leave out what was appended before."""
        every = [message for messages, _ in blocks for message in messages]
        places = [n for n, message in enumerate(every) if message.qos and not message.retain]
        again = {
            places[n] for n in self._redelivery.repeated([self._mark(every[n]) for n in places])
        }
        counts["duplicates"] += len(again)
        left, number = list[Block](), itertools.count()
        for messages, at in blocks:
            left.append(([m for m in messages if next(number) not in again], at))
        return left

    def _batch(
        self,
        blocks: Sequence[Block],
        stamped: Sequence[Stamped],
        acks: bytes,
        counts: Counter[str],
        classes: Sequence[int],
        *,
        again: bool,
    ) -> Batch:
        at_ms = int(blocks[-1][1] * 1000) if blocks else 0
        self._own += len(acks) // ENTRY.size
        new_session = self._new_session and not again
        self._new_session &= again
        refused = self._too_large(blocks) if counts["rejected:too_large"] else None
        return Batch(stamped, acks, +counts, at_ms, classes, refused, new_session=new_session)

    def _too_large(self, blocks: Sequence[Block]) -> TooLarge | None:
        """The last message that was refused for its size."""
        for messages, at in reversed(blocks):
            for message in reversed(messages):
                route = self.routes.of(message.topic)
                size = max(len(message.payload), len(message.properties))
                if route.buffers and size > route.max_bytes:
                    name = route.topic.decode()
                    return TooLarge(topic=name, size=size, limit=route.max_bytes, at=at)
        return None

    def _mark(self, message: ReceivedMessage) -> Mark:
        checksum = crc(self.routes.of(message.topic).crc, message.payload)
        return Mark(message.mid, checksum, message.dup)
