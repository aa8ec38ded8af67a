"""What many operators cost, and how they come back; `python -m tests.bench.many_operators`.

Two hundred are wanted; as many as one process lets in (services/ui/app.py) are measured by default.

One browser among them measures what a person sees, the others are sockets without a screen
(`operators.py`). Then the pages' process is killed with all of them open; and of two such processes
behind Caddy, which keeps a browser at one of them by a cookie, one is killed.
"""

import argparse
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from services.supervisor import probe
from services.supervisor.ports import free_port
from services.supervisor.runfile import RunFile
from tests.bench.needs import Need, installed, require, server
from tests.bench.report import Row, row, write
from tests.bench.ui import (
    CLICKS,
    FLOOD_PER_S,
    WARM,
    Process,
    click_ms,
    operators,
    percentiles,
    publisher,
    state_of,
    visible_ms,
)
from tests.e2e.whole import browser, open_page, running
from tests.support.processes import ROOT, Processes, Service, wait_for

COUNT = 60
SAMPLES = 100
BACK_S = 120.0
"""Given up after so long."""
SETTLE_S = 5.0
CADDY = ROOT / "build" / "caddy" / "bin" / "caddy"
CADDYFILE = """\
{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  reverse_proxy 127.0.0.1:{first} 127.0.0.1:{second} {{
    lb_policy cookie omf_ui
    lb_try_duration 5s
    fail_duration 10s
  }}
}}
"""
WATCHED = "/mock/messages?topic=bench/%23"
PAGE_SILENT = "() => !!window.socket?.connected && !document.querySelector('.disconnected')"


def watched(seen: Browser, system: RunFile, count: int, minutes: float) -> Iterator[Row]:
    """What they cost, what one of them sees, and whether anybody is lost meanwhile."""
    process = Process(system.pids["ui"])
    with operators(system.ui, WARM):
        before = process.memory_mb()
    page = open_page(seen, system.ui, WATCHED)
    with operators(system.ui, count - 1) as crowd, publisher(system.mqtt["mock"]) as link:
        page.wait_for_timeout(SETTLE_S * 1000)
        grown = (process.memory_mb() - before) / count
        yield row(f"memory per operator of {count}", "MB", [grown], 3)
        yield row(f"processor of ui, {count} operators", "% of a core", [process.load(page)], 1)
        samples = [visible_ms(page, link) for _ in range(SAMPLES)]
        yield from percentiles(f"publish to screen, {count} operators", samples)
        clicks = sorted(click_ms(page, link) for _ in range(CLICKS))
        name = f"click to answer at {FLOOD_PER_S} messages/s, {count} operators, p95"
        yield row(name, "ms", [clicks[int(len(clicks) * 0.95) - 1]], 0)
        page.wait_for_timeout(minutes * 60_000)
        yield row(f"connections lost, {count} operators", "", [state_of(crowd).lost], 0)
    page.context.close()


def restarted(seen: Browser, system: RunFile, count: int) -> Iterator[Row]:
    """The pages' process is killed with all pages open; the supervisor starts another."""
    page = open_page(seen, system.ui, WATCHED)
    with operators(system.ui, count - 1) as crowd, publisher(system.mqtt["mock"]) as link:
        page.wait_for_timeout(SETTLE_S * 1000)
        began = time.monotonic()
        os.kill(system.pids["ui"], signal.SIGKILL)
        wait_for(lambda: state_of(crowd).lost >= count - 1, BACK_S)
        wait_for(lambda: state_of(crowd).connected == count - 1, BACK_S)
        yield row(f"all {count} back after a kill", "s", [time.monotonic() - began], 1)
        yield from _complete(page, link, began, "the watched page complete after a kill")
    page.context.close()


def _complete(page: Page, link: object, began: float, name: str) -> Iterator[Row]:
    """The same page stands there again, and a message that comes now is seen."""
    wait_for(lambda: _stands(page), BACK_S)
    visible_ms(page, link)  # type: ignore[arg-type]
    expect(page).to_have_url(re.compile(f".*{re.escape(WATCHED)}$"))
    yield row(name, "s", [time.monotonic() - began], 1)


def _stands(page: Page) -> bool:
    try:
        return bool(page.evaluate(PAGE_SILENT))
    except Exception:  # noqa: BLE001 - it is loading just now
        return False


@contextmanager
def two_behind_caddy(system: RunFile) -> Iterator[tuple[str, list[Service]]]:
    """The address of the proxy, and the two processes behind it."""
    with tempfile.TemporaryDirectory() as name:
        folder, first = Path(name), free_port(count=3)
        processes = Processes(folder)
        told = {
            "environments": "mock",
            "store_url": system.redis,
            "ui_proxies": "127.0.0.1",
            "data": name,
        }
        both = [processes.service("ui", ui_port=str(first + n), **told) for n in (1, 2)]
        conf = folder / "Caddyfile"
        conf.write_text(CADDYFILE.format(port=first, first=first + 1, second=first + 2), "utf-8")
        processes.run(str(CADDY), "run", "--adapter", "caddyfile", "--config", str(conf))
        base = f"http://127.0.0.1:{first}"
        try:
            for one in both:
                one.wait_ready()
            wait_for(lambda: probe.http_status(base) < 500)
            yield base, both
        finally:
            processes.close()


def one_of_two(seen: Browser, system: RunFile, count: int) -> Iterator[Row]:
    """One of two is killed; whoever was there goes on at the other."""
    with two_behind_caddy(system) as (base, both), publisher(system.mqtt["mock"]) as link:
        page = open_page(seen, base, WATCHED)
        with operators(base, count - 1) as crowd:
            page.wait_for_timeout(SETTLE_S * 1000)
            began = time.monotonic()
            both[0].kill()
            page.wait_for_timeout(1000)
            wait_for(lambda: state_of(crowd).connected == count - 1, BACK_S)
            passed_s, state = time.monotonic() - began, state_of(crowd)
            yield row(f"of {count} at two processes, at the one killed", "", [state.lost], 0)
            yield row("all of them back", "s", [passed_s], 1)
            yield row("longest away", "s", [state.back_s], 1)
            yield from _complete(page, link, began, "the watched page complete")
        page.context.close()


def figures(seen: Browser, system: RunFile, count: int, minutes: float) -> Iterator[Row]:
    """All of them."""
    yield from watched(seen, system, count, minutes)
    yield from restarted(seen, system, count)
    yield from one_of_two(seen, system, count)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.many_operators")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--minutes", type=float, default=1.0, help="in which none may be lost")
    asked = parser.parse_args()
    proxy = Need(
        lambda: "" if CADDY.exists() else "caddy is not there", "make bench-many_operators"
    )
    needed = (installed("chromium", "chromium"), server("store"), server("broker"), proxy)
    require("bench-many_operators", *needed)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), "mock") as system,
        browser() as seen,
    ):
        rows = []
        for one in figures(seen, system, asked.count, asked.minutes):
            # What comes later may never come, on a machine that is too slow for so many.
            sys.stderr.write(f"{one['name']}: {one['value']} {one['unit']}\n")
            rows.append(one)
        path = write("many_operators", rows, {})
    sys.stderr.write(f"written {path}\n")


if __name__ == "__main__":
    main()
