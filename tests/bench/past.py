"""How fast a page shows any moment of the past: `python -m tests.bench.past`.

Random moments of some hours of traffic (OMF_BENCH_HOURS, 6 are usual), each a page of its own in a
browser before a real user interface over an archive; meanwhile a file is asked for all the time:
how long that takes is how long whoever looks at now waits for the past.
"""

import random
import statistics
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page

from omf.messages.stream_id import StreamId
from services.supervisor.ports import free_port
from services.supervisor.server import LocalServer
from tests.bench.history import HOURS, traffic
from tests.bench.needs import installed, recordings, require, server
from tests.bench.report import Row, row, seconds, write
from tests.e2e.whole import browser
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


def _fetch(url: str) -> float:
    def fetch() -> None:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - our own pages
            answer.read()

    return seconds(fetch)


def _page(page: Page, url: str) -> float:
    """Seconds until the browser has all of a page."""
    page.goto(url, wait_until="commit")
    page.wait_for_selector(".shell")
    told = page.evaluate("performance.getEntriesByType('navigation')[0].responseEnd")
    return float(told) / 1000


def _meanwhile(url: str, over: threading.Event, took: list[float]) -> None:
    while not over.is_set():
        took.append(_fetch(url))
        time.sleep(0.05)


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
    base = f"http://127.0.0.1:{port}"
    try:
        database.start()
        told = {"environments": "mock", "ui_port": str(port), "data": str(folder)}
        ui = processes.service("ui", store_url=database.url, **told).wait_ready(60)
        with browser() as chromium:
            page = chromium.new_page()
            now = [_page(page, f"{base}/mock/overview") for _ in range(10)]
            first = _page(page, f"{base}/mock/overview?at={START_MS / 1000 + 60}")
            over, beside = threading.Event(), list[float]()
            other = threading.Thread(target=_meanwhile, args=(f"{base}/static/ui.js", over, beside))
            other.start()
            chance = random.Random(14)  # noqa: S311 - the same moments each time
            moments = (START_MS / 1000 + chance.uniform(60, HOURS * 3600) for _ in range(MOMENTS))
            found = [_page(page, f"{base}/mock/overview?at={at:.3f}") for at in moments]
            over.set()
            other.join()
        return [
            row("a page of now", "s", now),
            row("the first page of the past, whose process is started", "s", [first]),
            row("a page at any second", "s", found),
            row("a page at any second, p95", "s", [statistics.quantiles(found, n=20)[P95]]),
            row("a file meanwhile, p95", "s", [statistics.quantiles(beside, n=20)[P95]]),
            row("pages and their past, memory", "MB", [_memory_mb(ui.pid)], 0),
        ]
    finally:
        processes.close()
        database.kill()


def main() -> None:
    """Measure all of it."""
    require("bench-past", recordings(), server("store"), installed("chromium", "chromium"))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        archive(folder)
        write("past", pages(folder), {})


if __name__ == "__main__":
    main()
