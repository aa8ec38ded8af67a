"""Figures of the session station: `python -m tests.bench.replay`, result in build/bench.

Maximum speed: every recording one after the other, documented QoS, acknowledged to the end, on the
embedded broker (mosquitto as we start it writes to disk before each PUBACK, and that is what one
would measure). Timing: the busiest half minute at speed 1.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.common.sessions.files import Recorded, read
from services.replay.playback_report import PlaybackReport
from services.replay.player import Player
from services.replay.publisher import ReplayPublisher
from services.supervisor.server import LocalServer
from tests.bench.needs import recordings, require, server
from tests.bench.report import Row, row, write
from tests.support.shared import RECORDINGS, shared_path

RUNS = 5
BUSY = "ml-wrb-red-nok_20260807_130729"
BUSY_FROM_S, BUSY_S = 270.0, 30.0


@contextmanager
def sending() -> Iterator[ReplayPublisher]:
    """A connected sender before an embedded broker of its own."""
    with tempfile.TemporaryDirectory() as folder:
        server = LocalServer("broker", Path(folder) / "broker", embedded=True)
        server.start()
        sender = ReplayPublisher(server.url)
        sender.connect()
        try:
            yield sender
        finally:
            sender.close()
            server.kill()


def session(name: str) -> list[Recorded]:
    """The messages of a recording."""
    found = read(shared_path("recordings", f"{name}.jsonl.gz"))
    return [item for item in found if isinstance(item, Recorded)]


def played(items: list[Recorded], speed: float | None) -> PlaybackReport:
    """One pass before a fresh broker."""
    with sending() as sender:
        return Player(items, sender, speed=speed).run()


def fastest(name: str) -> Row:
    """Messages a second over all recordings."""
    every = [item for one in RECORDINGS for item in session(one)]
    reports = [played(every, None) for _ in range(RUNS)]
    return row(name, "msg/s", [report.sent / report.duration_s for report in reports], 0)


def pace() -> Row:
    """99th percentile of the timing error at speed 1."""
    items = session(BUSY)
    begin = items[0].at + BUSY_FROM_S
    busy = [item for item in items if begin <= item.at < begin + BUSY_S]
    samples = [played(busy, 1.0).p99_ms or 0.0]
    return row("p99 of the timing error at speed 1", "ms", samples, 2)


def main() -> None:
    """Measure and write the result."""
    require("bench-replay", recordings(BUSY), server("broker"))
    rows = [fastest("maximum speed, embedded broker"), pace()]
    write("replay", rows, {"speed_vs_5000": round(rows[0]["value"] / 5000, 2)})


if __name__ == "__main__":
    main()
