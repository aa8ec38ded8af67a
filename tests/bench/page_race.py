"""One page of sixty values, ours beside five others: `python -m tests.bench.page_race`.

One broker; a value every 100 ms, each topic in turn; a headless Chromium with 1 and with 20 pages,
of which one is watched. Publish to the text on the page, processor and memory of the server
processes (the broker is everybody's and not counted), values that were never shown.
`--contenders omf,streamlit --browsers 1 --seconds 10` measures less. Twenty real pages take more of
two cores than any server: their figures compare contenders with each other, not with one page.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

from services.supervisor.engines import program
from services.supervisor.ports import free_port
from services.supervisor.probe import broker_answers
from tests.bench.needs import installed, require, server
from tests.bench.page_watch import GRACE_S, ValuePublisher, all_shown, delays, follows, watch
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
SECONDS = 15.0
SETTLE_S = 2.0
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


def pages(seen: Browser, address: str, root: str, number: int) -> list[Page]:
    """So many pages of people of their own, each with all values; the first is watched."""
    opened = []
    for place in range(number):
        page = seen.new_context(viewport=SIZE, locale="en-US").new_page()
        if place == 0:
            watch(page, root)
        page.goto(address, wait_until="commit", timeout=90_000)
        opened.append(page)
    for page in opened:
        page.wait_for_load_state("load", timeout=90_000)
    all_shown(opened[0])
    return opened


def measured(
    one: PageContender, address: str, values: ValuePublisher, number: int, seconds: float
) -> Iterator[Row]:
    """The figures of one contender with so many pages."""
    named = f"{one.name}, {number} browser{'s' if number > 1 else ''}"
    with browser() as seen:
        opened = pages(seen, address, one.root, number)
        follows(opened[0], values.round())
        time.sleep(SETTLE_S)
        processes = family(one.pids())
        before, began = sum(map(used_s, processes)), time.monotonic()
        sent = values.run(seconds)
        took, lost = time.monotonic() - began, 0
        spent = sum(map(used_s, processes)) - before
        memory = sum(map(pss_mb, processes))
        time.sleep(GRACE_S)
        found, lost = delays(opened[0], sent)
    assert found, f"{named}: none of {len(sent)} values was shown"
    assert min(found) > -1, f"{named}: a value was on the page before it was sent"
    yield row(f"{named}, p50", "ms", found, 0)
    worst = (
        statistics.quantiles(found, n=PERCENTILES, method="inclusive")[-1]
        if len(found) > 1
        else found[0]
    )
    yield row(f"{named}, p99", "ms", [worst], 0)
    yield row(f"{named}, processor", "% of a core", [100 * spent / took], 1)
    yield row(f"{named}, memory", "MB", [memory], 0)
    yield row(f"{named}, lost of {len(sent)}", "values", [lost], 0)


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
                yield from measured(one, address, values, number, seconds)
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
