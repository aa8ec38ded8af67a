"""What the pages cost and how soon they show what the factory said; `python -m tests.bench.ui`.

A real browser looks at the whole running system. One operator is one page of one browser, so the
browser itself takes part of the cores: the figures are an upper limit, and five of them are what
two cores bear.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from playwright.sync_api import Browser, Page

from services.common.mqtt import MqttLink
from services.up.runfile import RunFile
from tests.bench.report import Row, row, write
from tests.e2e.whole import browser, open_page, running
from tests.support.processes import wait_for

OPERATORS = 5
PAINTS = 5
MESSAGES = 50
PAUSE_MS = 137
"""Prime to the five updates a second, so that every phase of the tick is met."""
CALM_S = 8.0
FLOOD_PER_S, BURST = 2000, 100
CLICKS = 10
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_numbers = count()


class Process:
    """The ui process as the kernel sees it."""

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}")

    def cpu_s(self) -> float:
        """Processor time so far."""
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def memory_mb(self) -> float:
        """Resident memory now."""
        lines = (self._folder / "status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024

    def load(self, page: Page) -> float:
        """Share of a core over some calm seconds, in percent."""
        cpu, began = self.cpu_s(), time.perf_counter()
        page.wait_for_timeout(CALM_S * 1000)
        return 100 * (self.cpu_s() - cpu) / (time.perf_counter() - began)


@contextmanager
def publisher(url: str) -> Iterator[MqttLink]:
    """A connected link."""
    link = MqttLink(url, client_id=f"bench-{next(_numbers)}")
    link.start()
    wait_for(lambda: link.state.connected)
    yield link
    link.stop()


def paint_ms(seen: Browser, system: RunFile) -> float:
    """From the request to the last module on the overview."""
    began = time.perf_counter()
    page = open_page(seen, system.ui, "/mock/overview")
    page.wait_for_selector(".line >> nth=5")
    took = time.perf_counter() - began
    page.context.close()
    return took * 1000


def visible_ms(page: Page, link: MqttLink) -> float:
    """From the publish to the row on the screen."""
    mark = f"bench-{next(_numbers)}-mark"
    began = time.perf_counter()
    link.publish("bench/ui", mark.encode())
    script = "mark => document.querySelector('.grid').innerText.includes(mark)"
    page.wait_for_function(script, arg=mark, polling="raf")
    took = time.perf_counter() - began
    page.wait_for_timeout(PAUSE_MS)
    return took * 1000


def click_ms(page: Page, link: MqttLink) -> float:
    """From a click on pause to the changed button, while the factory floods."""
    button = page.locator(".message-bar button").first
    before = button.inner_text()
    for _ in range(FLOOD_PER_S // BURST // 2):
        for _ in range(BURST):
            link.publish(f"bench/flood/{next(_numbers) % 50}", b"x" * 300, qos=0)
        page.wait_for_timeout(1000 * BURST / FLOOD_PER_S)
    began = time.perf_counter()
    button.click()
    script = "w => document.querySelector('.message-bar button').textContent !== w"
    page.wait_for_function(script, arg=before, polling="raf")
    return (time.perf_counter() - began) * 1000


def crowd(seen: Browser, system: RunFile, process: Process) -> Iterator[Row]:
    """What further operators on the overview cost."""
    before = process.memory_mb()
    pages = [open_page(seen, system.ui, "/mock/overview") for _ in range(OPERATORS)]
    yield row(f"cpu, {OPERATORS} operators", "% of a core", [process.load(pages[0])], 1)
    growth = (process.memory_mb() - before) / OPERATORS
    yield row("memory per further operator", "MB", [growth], 2)
    with publisher(system.mqtt["mock"]) as link:
        page = open_page(seen, system.ui, "/mock/messages?topic=bench/%23")
        samples = [visible_ms(page, link) for _ in range(MESSAGES)]
    yield row(f"publish to screen, {OPERATORS} operators", "ms", samples, 0)
    for page in pages:
        page.context.close()


def figures(seen: Browser, system: RunFile) -> Iterator[Row]:
    """All of them, the calm ones first."""
    process = Process(system.pids["ui"])
    yield row(
        "first paint of the overview", "ms", [paint_ms(seen, system) for _ in range(PAINTS)], 0
    )
    page = open_page(seen, system.ui, "/mock/messages?topic=bench/%23")
    yield row("cpu, 1 operator", "% of a core", [process.load(page)], 1)
    with publisher(system.mqtt["mock"]) as link:
        yield row("publish to screen", "ms", [visible_ms(page, link) for _ in range(MESSAGES)], 0)
        yield from crowd(seen, system, process)
        clicks = [click_ms(page, link) for _ in range(CLICKS)]
    yield row(f"click to answer at {FLOOD_PER_S} messages/s", "ms", clicks, 0)


def main() -> None:
    """Measure and write `build/bench/ui.json`."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as system,
        browser() as seen,
    ):
        path = write("ui", list(figures(seen, system)), {})
    sys.stderr.write(f"written {path}\n")


if __name__ == "__main__":
    main()
