"""More commands than the machine can do: how many still reach the broker, and what a no costs.

`python -m tests.bench.overload`. Store, broker, ingest, orders and gateway are real processes; the
commands are asked for by one more. The peak is what is acknowledged while some always wait; it is
measured before and after, so that a machine that became slower meanwhile is seen. Then 2, 5 and 20
times as many are asked for. All ratios are of one run.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from services.common.process import clock
from tests.bench.commands import Bench, circle, processor_s
from tests.bench.needs import require, server
from tests.bench.report import Row, row, write
from tests.support.processes import ROOT, base_env
from tests.support.yields import Yields, newest, settled, yields

SECONDS = 8.0
WINDOW = 100
PEOPLE = 500
"""Each asks less than ten times a second even at twenty times the peak."""
FACTORS = (2, 5, 20)
DRAIN_S = 30.0
MEANING = {
    "yield at {n} times": "acknowledged a second, of the peak in the same run; wanted: 0.8",
}


class Flood(NamedTuple):
    """One flood, and the processor time of all that took part, by process."""

    found: Yields
    processor_s: dict[str, float]

    @property
    def per_s(self) -> float:
        """Acknowledged a second while it was asked for."""
        return self.found.acknowledged / SECONDS


def flooded(bench: Bench, rate: float) -> Flood:
    """Ask for so many a second (0: as many as are done), and wait for the end of each."""
    before = {name: processor_s(pid) for name, pid in bench.pids.items()}
    after, began = newest(bench.client), clock.now()
    numbers = map(str, (SECONDS, rate, WINDOW, PEOPLE))
    command = [sys.executable, "-m", "tests.support.command_flood", bench.store_url, *numbers]
    told = subprocess.run(command, check=True, cwd=ROOT, env=base_env({}), capture_output=True)
    turned_away = int(told.stdout.split()[1])
    until = max(began + SECONDS, clock.now())
    settled(bench.client, DRAIN_S)
    spent = {name: processor_s(pid) - before[name] for name, pid in bench.pids.items()}
    return Flood(yields(bench.client, after, until, turned_away), spent)


def flood_rows(name: str, flood: Flood) -> list[Row]:
    """What became of one flood."""
    found, spent = flood.found, sum(flood.processor_s.values())
    return [
        row(f"{name}: acknowledged", "1/s", [flood.per_s], 1),
        row(f"{name}: PUBACK p99", "ms", [found.acknowledged_p99_ms], 0),
        row(f"{name}: turned away at the submission", "commands", [found.turned_away], 0),
        row(f"{name}: refused by orders as too busy", "commands", [found.ends["too-busy"]], 0),
        row(f"{name}: refusal by orders p99", "ms", [found.refused_p99_ms], 0),
        row(f"{name}: expired", "commands", [found.ends["expired"]], 0),
        row(f"{name}: doubled or without end", "commands", [found.twice + found.without_end], 0),
        row(f"{name}: processor in all", "s", [spent], 2),
    ]


def refusal_us(peak: Flood, flood: Flood) -> float:
    """Processor time of one refusal in microseconds, all processes together."""
    done_s = sum(peak.processor_s.values()) / max(1, len(peak.found.acknowledged_ms))
    turned = flood.found.ends["too-busy"] + flood.found.ends["too-fast"] + flood.found.turned_away
    spent_s = sum(flood.processor_s.values()) - done_s * len(flood.found.acknowledged_ms)
    return spent_s / max(1, turned) * 1e6


def main() -> None:
    """Measure and write build/bench/overload.json."""
    require("bench-overload", server("store"), server("broker"))
    rows, ratios = [], {}
    with tempfile.TemporaryDirectory() as folder, circle(Path(folder), watched=False) as bench:
        flooded(bench, 0)  # learns the rate, fills caches
        first, floods = flooded(bench, 0), []
        for factor in FACTORS:
            floods.append(flooded(bench, factor * first.per_s))
            time.sleep(1)
        last = flooded(bench, 0)
        peak = (first.per_s + last.per_s) / 2
        rows += flood_rows("peak before", first) + flood_rows("peak after", last)
        cost = sum(first.processor_s.values()) / max(1, len(first.found.acknowledged_ms))
        rows.append(row("processor of one command done", "us", [cost * 1e6], 0))
        for factor, flood in zip(FACTORS, floods, strict=True):
            rows += flood_rows(f"{factor} times the peak", flood)
            rows.append(row(f"{factor} times: one refusal", "us", [refusal_us(first, flood)], 0))
            ratios[f"yield at {factor} times"] = flood.per_s / peak
    sys.stderr.write(f"{write('overload', rows, ratios, MEANING)}\n")


if __name__ == "__main__":
    main()
