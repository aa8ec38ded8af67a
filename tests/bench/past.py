"""How fast a page shows any moment of the past: `python -m tests.bench.past`.

Random moments of some hours of traffic (OMF_BENCH_HOURS, 6 are usual), each a page of its own from
a real user interface over an archive; meanwhile the pages of now are asked for as well.
"""

import random
import statistics
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from omf.messages.stream_id import StreamId
from services.supervisor.ports import free_port
from services.supervisor.server import LocalServer
from tests.bench.history import HOURS, traffic
from tests.bench.needs import recordings, require, server
from tests.bench.report import Row, row, seconds, write
from tests.support.archives import HOUR_MS, START_MS, filled, merged
from tests.support.processes import Processes

MOMENTS = 60
P95 = 18
"""Of the twenty parts of a sample, the end of the nineteenth."""


def archive(folder: Path) -> None:
    """Some hours of traffic, written and merged as a historian does."""
    until = START_MS + HOURS * HOUR_MS
    said = []
    for message in traffic(START_MS):
        if StreamId.parse(message.id).ms >= until:
            break
        said.append(message)
    merged(filled(folder / "history" / "mock", said, 300))


def _page(url: str) -> float:
    def fetch() -> None:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - our own pages
            answer.read()

    return seconds(fetch)


def _meanwhile(url: str, over: threading.Event, took: list[float]) -> None:
    while not over.is_set():
        took.append(_page(url))
        time.sleep(0.2)


def _memory_mb(pid: int) -> float:
    """Of a process and its children."""
    found = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = dict(
                line.split(":", 1)
                for line in (folder / "status").read_text("utf-8").splitlines()
                if ":" in line
            )
        except OSError:
            continue
        if pid in (int(folder.name), int(status["PPid"])):
            found += int(status.get("VmRSS", "0 kB").split()[0])
    return found / 1000


def pages(folder: Path) -> list[Row]:
    """The figures."""
    database, processes = LocalServer("store", folder / "store"), Processes(folder / "logs")
    port = free_port()
    base = f"http://127.0.0.1:{port}/mock/overview"
    try:
        database.start()
        told = {"environments": "mock", "ui_port": str(port), "data": str(folder)}
        ui = processes.service("ui", store_url=database.url, **told).wait_ready(60)
        now = [_page(base) for _ in range(20)]
        first = _page(f"{base}?at={START_MS / 1000 + 60}")
        over, beside = threading.Event(), list[float]()
        other = threading.Thread(target=_meanwhile, args=(base, over, beside))
        other.start()
        chance = random.Random(14)  # noqa: S311 - the same moments each time
        found = []
        for _ in range(MOMENTS):
            at = START_MS / 1000 + chance.uniform(60, HOURS * 3600 - 60)
            found.append(_page(f"{base}?at={at:.3f}"))
            # As people do: a page that nobody opens is kept for a while.
            time.sleep(0.3)
        over.set()
        other.join()
        return [
            row("a page of now", "s", now),
            row("the first page of the past, whose process is started", "s", [first]),
            row("a page at any second", "s", found),
            row("a page at any second, p95", "s", [statistics.quantiles(found, n=20)[P95]]),
            row("a page of now meanwhile, p95", "s", [statistics.quantiles(beside, n=20)[P95]]),
            row("pages and their past, memory", "MB", [_memory_mb(ui.pid)], 0),
        ]
    finally:
        processes.close()
        database.kill()


def main() -> None:
    """Measure all of it."""
    require("bench-past", recordings(), server("store"))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        archive(folder)
        write("past", pages(folder), {})


if __name__ == "__main__":
    main()
