"""One page of sixty values, ours beside five others: `python -m tests.bench.page_race`.

One broker; a value every 100 ms, each topic in turn; a headless Chromium with 1 and with 20 pages,
of which one is watched. Publish to the text on the page, processor and memory of the server
processes (the broker is everybody's and not counted), processor of Chromium, values never shown.
`--contenders omf,streamlit --browsers 1 --seconds 10` measures less. Twenty real pages take more of
two cores than any server: their figures compare contenders with each other, not with one page.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

from services.supervisor.engines import program
from services.supervisor.ports import free_port
from services.supervisor.probe import broker_answers
from tests.bench.needs import installed, require, server
from tests.bench.page_watch import (
    GRACE_S,
    ValuePublisher,
    all_shown,
    delays,
    follows,
    prepare,
    shows,
)
from tests.bench.peers_pages.contender import PageContender
from tests.bench.peers_pages.dash_page import DashPage, DashPushPage
from tests.bench.peers_pages.fuxa_page import FuxaPage
from tests.bench.peers_pages.node_red_page import NodeRedPage
from tests.bench.peers_pages.panel_page import PanelPage
from tests.bench.peers_pages.sensors_page import SensorsPage
from tests.bench.peers_pages.streamlit_page import StreamlitPage
from tests.bench.report import Row, row, write
from tests.bench.shared import BROKER, pss_mb, used_s
from tests.bench.ui import publisher
from tests.e2e.whole import SIZE, browser
from tests.support.processes import Processes, wait_for

CONTENDERS: dict[str, type[PageContender]] = {
    "omf": SensorsPage,
    "node-red": NodeRedPage,
    "fuxa": FuxaPage,
    "streamlit": StreamlitPage,
    "dash": DashPage,
    "dash-push": DashPushPage,
    "panel": PanelPage,
}
BROWSERS = (1, 20)
SECONDS = 12.0
SETTLE_S = 2.0
LOAD_MS = 90_000
PERCENTILES = 100


def family(pids: Sequence[int]) -> set[int]:
    """These processes and all they started that still run."""
    found, new = set[int](), set(pids)
    while new:
        found |= new
        new = {child for pid in new for child in _children(pid)} - found
    return found


def _children(pid: int) -> set[int]:
    try:
        told = [one.read_text("utf-8") for one in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return set()
    return {int(one) for text in told for one in text.split()}


def spent_s(pids: Iterable[int]) -> float:
    """Seconds these processes have had a processor; one that has ended counts as none."""
    return sum(used_s(pid) for pid in pids if Path(f"/proc/{pid}").exists())


def pages(seen: Browser, address: str, root: str, number: int) -> list[Page]:
    """So many pages of people of their own, one after the other; the first is watched."""
    opened = []
    for place in range(number):
        page = seen.new_context(viewport=SIZE, locale="en-US").new_page()
        prepare(page, root, watched=place == 0)
        page.goto(address, wait_until="load", timeout=LOAD_MS)
        opened.append(page)
    all_shown(opened[0])
    return opened


class PageRun(NamedTuple):
    """What one contender did with so many pages."""

    delays_ms: list[float]
    sent: int
    lost: int
    current: int
    served: float
    """Share of a core of the server processes."""
    looked: float
    """The same of Chromium."""
    memory_mb: float


def measured(
    one: PageContender, address: str, values: ValuePublisher, number: int, seconds: float
) -> PageRun:
    """Open the pages, wait until the watched one follows, and measure."""
    mine = family([os.getpid()])
    with browser() as seen:
        opened = pages(seen, address, one.root, number)
        follows(opened[0], values.round())
        time.sleep(SETTLE_S)
        serving = family(one.pids())
        looking = family([os.getpid()]) - mine - serving
        before, began = (spent_s(serving), spent_s(looking)), time.monotonic()
        sent = values.run(seconds)
        took = time.monotonic() - began
        served, looked = spent_s(serving) - before[0], spent_s(looking) - before[1]
        memory = sum(map(pss_mb, serving))
        time.sleep(GRACE_S)
        found, lost = delays(opened[0], sent)
        current = sum(shows(page, sent[-1]) for page in opened)
    return PageRun(found, len(sent), lost, current, served / took, looked / took, memory)


def figures(name: str, run: PageRun) -> Iterator[Row]:
    """The rows of one run."""
    found = run.delays_ms
    assert len(found) > 1, f"{name}: {len(found)} of {run.sent} values were shown"
    assert min(found) > -1, f"{name}: a value was on the page before it was sent"
    worst = statistics.quantiles(found, n=PERCENTILES, method="inclusive")[-1]
    yield row(f"{name}, p50", "ms", found, 0)
    yield row(f"{name}, p99", "ms", [worst], 0)
    yield row(f"{name}, processor", "% of a core", [100 * run.served], 1)
    yield row(f"{name}, processor of Chromium", "% of a core", [100 * run.looked], 1)
    yield row(f"{name}, memory", "MB", [run.memory_mb], 0)
    yield row(f"{name}, lost of {run.sent}", "values", [run.lost], 0)
    yield row(f"{name}, with the last value {GRACE_S:.0f} s later", "pages", [run.current], 0)


def raced(
    one: PageContender, port: int, values: ValuePublisher, numbers: Sequence[int], seconds: float
) -> Iterator[Row]:
    """All figures of one contender; whatever happens, none of its processes is left."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            address = one.start(Path(folder), port)
            time.sleep(SETTLE_S)
            values.round()
            for number in numbers:
                run = measured(one, address, values, number, seconds)
                yield from figures(f"{one.name}, {number} browser{'s' * (number > 1)}", run)
        finally:
            one.stop()


def race(names: Sequence[str], numbers: Sequence[int], seconds: float) -> None:
    """Measure all and write `build/bench/page_race.json`."""
    rows: list[Row] = []
    told = {"load at the start": f"{os.getloadavg()[0]:.1f} processes waited for a processor"}
    with tempfile.TemporaryDirectory() as name:
        processes = Processes(Path(name))
        try:
            port = _broker(Path(name), processes)
            for one in (CONTENDERS[name]() for name in names):
                told[one.name] = _told(one, rows, port, numbers, seconds)
        finally:
            processes.close()
    told["load at the end"] = f"{os.getloadavg()[0]:.1f}"
    path = write("page_race", rows, {}, told)
    sys.stderr.write(f"written {path}\n")


def _told(
    one: PageContender, rows: list[Row], port: int, numbers: Sequence[int], seconds: float
) -> str:
    """Add its rows; what it does, or why it is left out."""
    if why := one.install():
        return f"LEFT OUT, it could not be installed: {why}"
    sys.stderr.write(f"{one.name}\n")
    try:
        with publisher(f"mqtt://127.0.0.1:{port}") as link:
            rows.extend(raced(one, port, ValuePublisher(link), numbers, seconds))
    except (AssertionError, BrowserError) as error:
        sys.stderr.write(f"{error}\n{one.story()}\n")
        return f"FAILED: {str(error).splitlines()[0]}"
    return one.told


def _broker(folder: Path, processes: Processes) -> int:
    port = free_port()
    conf = folder / "mosquitto.conf"
    conf.write_text(f"{BROKER}listener {port} 127.0.0.1\n", "utf-8")
    child = processes.run(str(program("mosquitto")), "-c", str(conf))
    wait_for(lambda: broker_answers(f"mqtt://127.0.0.1:{port}"), 20, child.tail)
    return port


def main() -> None:
    """Measure what is asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.page_race", description=__doc__)
    parser.add_argument("--contenders", default=",".join(CONTENDERS), help="e.g. omf,streamlit")
    parser.add_argument("--browsers", default=",".join(map(str, BROWSERS)))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    asked = parser.parse_args()
    names = asked.contenders.split(",")
    if unknown := set(names) - set(CONTENDERS):
        parser.error(f"no contender {', '.join(sorted(unknown))}; known: {', '.join(CONTENDERS)}")
    needed = (installed("mosquitto", "mosquitto"), server("store"))
    require("bench-page_race", *needed, installed("chromium", "chromium"))
    race(names, [int(one) for one in asked.browsers.split(",")], asked.seconds)


if __name__ == "__main__":
    main()
