"""How fast the history of alarms answers: `python -m tests.bench.alarms`.

10,000 passages (OMF_BENCH_PASSAGES) of a month in an archive, the newest of them in the store as
well. A browser has the alarms page open and turns to its history before a real user interface;
the search alone is measured beside it.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page

from omf.alarms.life import AlarmEntry
from services.common.process import clock
from services.common.store import entries
from services.common.store.bus import Bus, store
from services.common.store.keys import key
from services.history.alarm_search import PassageQuestion, find_passages
from services.history.reader import History
from services.supervisor.ports import free_port
from services.supervisor.server import LocalServer
from tests.bench.needs import installed, require, server
from tests.bench.report import Row, row, seconds, write
from tests.e2e.whole import browser
from tests.support.archives import archive_alarms, passages
from tests.support.processes import Processes

PASSAGES = int(os.environ.get("OMF_BENCH_PASSAGES", "10000"))
KEPT = 2000
"""Of these the store has a copy."""
MONTH_MS = 30 * 86_400_000
RUNS = 15
ROWS = "document.querySelectorAll('.grid .ag-row').length > 5"
FIRST = {"first page": {}, "of a device": {"device": "5iO4"}, "a word nobody said": {"text": "?!"}}


def filled(root: Path, store_url: str) -> None:
    """Passages up to now in archive and store."""
    every_ms = MONTH_MS // PASSAGES
    begin_ms = round(clock.now() * 1000) - PASSAGES * every_ms
    found = [(f"{round(one.at * 1000)}-0", one) for one in passages(PASSAGES, begin_ms, every_ms)]
    archive_alarms(root, found, 500)
    _put(store_url, found[-KEPT:])


def _put(store_url: str, found: list[tuple[str, AlarmEntry]]) -> None:
    with closing(store(store_url)) as client:
        for entry_id, one in found:
            client.xadd(key("mock", "alarms"), entries.encode(one), entry_id)


def searches(root: Path, store_url: str) -> list[Row]:
    """The search, without a page."""

    def one(**asked: object) -> Callable[[], object]:
        async def work() -> None:
            async with Bus(store_url, "mock") as bus:
                question = PassageQuestion(limit=200)._replace(**asked)  # type: ignore[arg-type]
                await find_passages(bus, History(root), question)

        return lambda: asyncio.run(work())

    every = {**FIRST, "all of them": {"limit": PASSAGES}}
    return [
        row(f"search: {name}", "s", [seconds(one(**asked)) for _ in range(RUNS)])
        for name, asked in every.items()
    ]


def opened(page: Page, base: str) -> float:
    """Seconds from the press on the tab until the first rows of the history are there."""
    page.goto(f"{base}/mock/alarms")
    page.wait_for_selector(".ag-root")
    page.wait_for_timeout(500)
    began = time.perf_counter()
    page.locator(".tab", has_text="History").click()
    page.wait_for_function(f"() => location.pathname.endsWith('history') && {ROWS}", polling=10)
    return time.perf_counter() - began


def narrowed(page: Page, base: str) -> float:
    """Seconds from the choice of a priority on the open history until only such rows are there."""
    page.goto(f"{base}/mock/alarms/history")
    page.wait_for_function(f"() => {ROWS}")
    page.wait_for_timeout(500)
    page.get_by_role("combobox", name="all priorities").click()
    began = time.perf_counter()
    page.get_by_role("option", name="1 · ").click()
    page.wait_for_function(
        "() => { const rows = [...document.querySelectorAll('.grid .ag-row [col-id=level]')];"
        " return rows.length > 5 && rows.every(one => one.textContent.startsWith('1')); }",
        polling=10,
    )
    return time.perf_counter() - began


def figures(folder: Path) -> list[Row]:
    """The figures."""
    database, processes = LocalServer("store", folder / "store"), Processes(folder / "logs")
    root, port = folder / "history" / "mock", free_port()
    root.mkdir(parents=True)
    try:
        database.start()
        filled(root, database.url)
        rows = searches(root, database.url)
        told = {"environments": "mock", "ui_port": str(port), "data": str(folder)}
        processes.service("ui", store_url=database.url, **told).wait_ready(60)
        with browser() as chromium:
            page, base = chromium.new_page(), f"http://127.0.0.1:{port}"
            opened(page, base)
            took = [opened(page, base) for _ in range(RUNS)]
            chosen = [narrowed(page, base) for _ in range(RUNS)]
        return [
            *rows,
            row("page: from the press to the first rows", "s", took),
            row("page: from a filter to its rows", "s", chosen),
        ]
    finally:
        processes.close()
        database.kill()


def main() -> None:
    """Measure and write the result."""
    require("bench-alarms", server("store"), installed("chromium", "chromium"))
    with tempfile.TemporaryDirectory() as made:
        write("alarms", figures(Path(made)), {})


if __name__ == "__main__":
    main()
