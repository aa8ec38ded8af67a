"""What one message costs, by the number of filters and by how full the buffers are.

Cost is processor time, of the store as of ours: unlike the time that passes, it tells little of
what else the machine was doing. The batches go through the real mirror and the real script; a
message always matches two of the filters and the journal, so only their number differs.
"""

import time
from typing import Any

from omf.topics import catalogue
from omf.topics.catalogue import EVERYTHING
from omf.topics.filters import FilterIndex
from services.common.mqtt.publish_parser import ReceivedMessage
from services.common.store.bus import store
from services.common.store.keys import buffer_key
from services.ingest.batch_builder import BatchBuilder
from services.ingest.routes import REFUSE_ABOVE_BYTES, Buffer, BufferRoute, Routes, buffer
from services.ingest.stream_ids import StreamIdGenerator
from services.ingest.stream_writer import StreamWriter
from tests.bench.report import Row, row

BATCH, BATCHES, ROUNDS, BEFORE = 200, 30, 9, 2
KEPT, FOR_EVER = 2000, 10**9
CASES = {
    "10 filters, buffers that fill": (10, FOR_EVER),
    "10 filters, full buffers": (10, KEPT),
    "300 filters, full buffers": (300, KEPT),
}
"""How many filters, and how many messages each buffer keeps."""
PAYLOAD = b'{"pad":"' + b"x" * 590 + b'"}'


class Many(Routes):
    """Routes of as many filters as wanted."""

    def __init__(self, count: int, kept: int) -> None:
        super().__init__(EVERYTHING)
        self._kept = kept
        self._many = FilterIndex([*(f"bench/{n}/+" for n in range(count - 1)), "bench/#"])
        self.all = {name: self._buffer(name) for name in self._many.filters}
        self.all[catalogue.JOURNAL] = buffer("mock", catalogue.JOURNAL)

    def _buffer(self, name: str) -> Buffer:
        return Buffer(buffer_key("mock", name), name, self._kept, 3_600_000, "")

    def _find(self, topic: str) -> BufferRoute:
        found = (*self._many.match(topic), catalogue.JOURNAL)
        return BufferRoute(
            topic.encode(), 0, found, REFUSE_ABOVE_BYTES, EVERYTHING, always_retained=False
        )


def cost_us(store_url: str, routes: Many, at: float) -> float:
    """Microseconds of processor per message: mirror, driver and store together."""
    client = store(store_url)
    writer = StreamWriter(client, "mock", routes.all, lambda: None)
    ids = StreamIdGenerator(writer.claim())
    mirror = BatchBuilder(routes, ids)
    mirror.begin(None)
    topics = [f"bench/{n % 9}/t" for n in range(BATCH)]
    received = [ReceivedMessage(t.encode(), PAYLOAD, 1, False, False, 1) for t in topics]  # noqa: FBT003
    blocks = [(received, at)]

    began_s = _store_s(client) + time.process_time()
    for _ in range(BATCHES):
        writer.append(mirror.batch(blocks))
    took_s = _store_s(client) + time.process_time() - began_s
    return took_s * 1e6 / (BATCH * BATCHES)


def _store_s(client: Any) -> float:
    used = client.info("cpu")
    return float(used["used_cpu_user"] + used["used_cpu_sys"])


def cost_rows(store_url: str) -> list[Row]:
    """Few and many filters, buffers that fill and full ones: in turns, each after the same past."""
    client = store(store_url)
    at = float(client.time()[0])
    found: dict[str, list[float]] = {name: [] for name in CASES}
    for turn in range(ROUNDS):
        names = list(CASES)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            client.flushall()
            for _ in range(BEFORE):
                cost_us(store_url, Many(*CASES[name]), at)
            found[name].append(cost_us(store_url, Many(*CASES[name]), at))
    return [row(f"cost per message, {name}", "us", costs, 1) for name, costs in found.items()]


def cost_ratios(rows: list[Row]) -> dict[str, float]:
    """What many filters, and full buffers, make of the cost: about 1 is the promise."""
    filling, few, many = (one["value"] for one in rows)
    return {
        "cost_300_vs_10_filters": round(many / few, 3),
        "cost_full_vs_filling_buffers": round(few / filling, 3),
    }
