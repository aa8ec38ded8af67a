"""What the pages cost and how soon they show what the factory said; `python -m tests.bench.ui`.

A real browser looks at the whole running system and measures what a person sees. The other
operators are sockets without a screen (`operators.py`): twenty browsers would measure themselves.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from subprocess import PIPE

from playwright.sync_api import Browser, Page

from services.common.mqtt.mqtt_link import MqttLink
from services.common.store.keys import Role
from services.supervisor import probe
from services.supervisor.runfile import RunFile
from services.ui.features import PAGES
from tests.bench.needs import installed, require, server
from tests.bench.operators import OperatorsState
from tests.bench.report import Row, row, write
from tests.e2e.whole import browser, open_page, running
from tests.support.processes import wait_for
from tests.support.ui_pages import DRILL

OPERATORS = 20
WARM = 3
PAINTS = 3
MESSAGES = 100
CYCLES, FIRST_CYCLES = 1000, 200
FORGOTTEN_S = 15.0
"""A page whose browser left is kept for ten seconds, should it come back."""
PAUSE_MS = (100, 500)
"""By chance in between: a message comes when it comes, not a fixed time after the last picture."""
CALM_S = 8.0
FLOOD_PER_S, BURST = 2000, 100
CLICKS = 20
PAINTED = (
    "() => document.querySelector('.clock')?.textContent && document.querySelector('.main > *')"
)
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


@contextmanager
def operators(base: str, number: int) -> Iterator["subprocess.Popen[str]"]:
    """So many further people look at the overview."""
    command = [sys.executable, "-m", "tests.bench.operators", base, str(number)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def state_of(process: "subprocess.Popen[str]") -> OperatorsState:
    """How they are now."""
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n")
    process.stdin.flush()
    return OperatorsState.model_validate_json(process.stdout.readline())


def paint_ms(page: Page, address: str) -> float:
    """From the request to the page with its time and its content."""
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(PAINTED, polling="raf")
    return (time.perf_counter() - began) * 1000


def paints(seen: Browser, system: RunFile) -> Iterator[Row]:
    """Every page, several times, its files cached as they are for people at work."""
    page = open_page(seen, system.ui, "/mock/overview")
    for wanted in PAGES:
        if wanted.role is Role.VIEWER:
            path = wanted.example(serial=DRILL)
            address = f"{system.ui}/mock/{path}"
            samples = [paint_ms(page, address) for _ in range(PAINTS)]
            yield row(f"first paint of {wanted.name}", "ms", samples, 0)
    page.context.close()


def visible_ms(page: Page, link: MqttLink) -> float:
    """From the publish to the row on the screen."""
    mark = f"bench-{next(_numbers)}-mark"
    began = time.perf_counter()
    link.publish("bench/ui", mark.encode())
    grids = "[...document.querySelectorAll('.grid')]"
    script = f"mark => {grids}.some(grid => grid.innerText.includes(mark))"
    page.wait_for_function(script, arg=mark, polling="raf")
    took = time.perf_counter() - began
    page.wait_for_timeout(random.uniform(*PAUSE_MS))  # noqa: S311 - a pause, no secret
    return took * 1000


def click_ms(page: Page, link: MqttLink) -> float:
    """From a click on pause to the changed button, while the factory floods."""
    button = page.locator("[data-pause]")
    before = button.inner_text()
    for _ in range(FLOOD_PER_S // BURST // 2):
        for _ in range(BURST):
            link.publish(f"bench/flood/{next(_numbers) % 50}", b"x" * 300, qos=0)
        page.wait_for_timeout(1000 * BURST / FLOOD_PER_S)
    began = time.perf_counter()
    button.click()
    script = "w => document.querySelector('[data-pause]').textContent !== w"
    page.wait_for_function(script, arg=before, polling="raf")
    return (time.perf_counter() - began) * 1000


def percentiles(name: str, samples: list[float]) -> Iterator[Row]:
    """Median and the one in a hundred."""
    yield row(f"{name}, p50", "ms", samples, 0)
    worst = statistics.quantiles(samples, n=100)[-1]
    yield row(f"{name}, p99", "ms", [worst], 0)


def memory(system: RunFile, process: Process) -> Iterator[Row]:
    """What a page takes, while the process has let go of none: a later one fills what is free."""
    with operators(system.ui, WARM):
        before = process.memory_mb()
        with operators(system.ui, OPERATORS):
            growth = (process.memory_mb() - before) / OPERATORS
    yield row("memory per further operator", "MB", [growth], 2)


def crowd(seen: Browser, system: RunFile, process: Process) -> Iterator[Row]:
    """What twenty people cost, and what each of them still gets."""
    page = open_page(seen, system.ui, "/mock/messages?topic=bench/%23")
    with operators(system.ui, OPERATORS - 1), publisher(system.mqtt["mock"]) as link:
        page.wait_for_timeout(3000)
        yield row(f"cpu, {OPERATORS} operators", "% of a core", [process.load(page)], 1)
        samples = [visible_ms(page, link) for _ in range(MESSAGES)]
        yield from percentiles(f"publish to screen, {OPERATORS} operators", samples)
    page.context.close()


def flood(page: Page, link: MqttLink, system: RunFile) -> Iterator[Row]:
    """Clicks while the factory shouts, and how often a browser is told."""
    with operators(system.ui, 1) as other:
        clicks = [click_ms(page, link) for _ in range(CLICKS)]
        most = state_of(other).bursts
    worst = statistics.quantiles(clicks, n=20)[-1]
    yield row(f"click to answer at {FLOOD_PER_S} messages/s, p95", "ms", [worst], 0)
    yield row("rounds of news in the busiest second", "", [most], 0)


def comings_and_goings(system: RunFile, process: Process) -> Iterator[Row]:
    """Memory after many pages were opened and left."""
    _cycle(system.ui, FIRST_CYCLES)
    time.sleep(FORGOTTEN_S)
    before = process.memory_mb()
    _cycle(system.ui, CYCLES - FIRST_CYCLES)
    time.sleep(FORGOTTEN_S)
    slope = (process.memory_mb() - before) * 100 / (CYCLES - FIRST_CYCLES)
    yield row("memory per 100 pages opened and left", "MB", [slope], 2)
    yield row("pages left behind", "", [_figure(system.metrics["ui"], "omf_ui_kept_pages")], 0)


def _cycle(base: str, number: int) -> None:
    command = [sys.executable, "-m", "tests.bench.operators", base, str(number), "--cycles"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _figure(address: str, name: str) -> float:
    lines = probe.http_get(address)[1].splitlines()
    return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} "))


def figures(seen: Browser, system: RunFile) -> Iterator[Row]:
    """All of them, the calm ones first."""
    process = Process(system.pids["ui"])
    yield from memory(system, process)
    yield from paints(seen, system)
    page = open_page(seen, system.ui, "/mock/messages?topic=bench/%23")
    yield row("cpu, 1 operator", "% of a core", [process.load(page)], 1)
    with publisher(system.mqtt["mock"]) as link:
        samples = [visible_ms(page, link) for _ in range(MESSAGES)]
        yield from percentiles("publish to screen, 1 operator", samples)
        yield from crowd(seen, system, process)
        yield from flood(page, link, system)
    page.context.close()
    yield from comings_and_goings(system, process)


def main() -> None:
    """Measure and write `build/bench/ui.json`."""
    needed = (installed("chromium", "chromium"), server("store"), server("broker"))
    require("bench-ui", *needed)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as system,
        browser() as seen,
    ):
        path = write("ui", list(figures(seen, system)), {})
    sys.stderr.write(f"written {path}\n")


if __name__ == "__main__":
    main()
