"""What a store that syncs before it answers costs: `python -m tests.bench.durability`.

Both modes of OMF_DURABILITY take turns on one broker, the same disk and cores: the recorded traffic
at QoS 1, as fast as the broker acknowledges. The broker hands out so many messages at once as its
`max_inflight_messages` says, and no more come with one sync: 1,000, and 20 as on a factory server.
Processor time is that of ingest and store; the disk's own pace stands beside it.
"""

import argparse
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from services.common.process import clock
from services.supervisor.child import Child
from services.supervisor.server import LocalServer
from tests.bench.ingest import DONE_S, broker, tell
from tests.bench.mirrors import Mirror, load
from tests.bench.needs import installed, recordings, require, server
from tests.bench.report import Row, row, seconds, write
from tests.support.processes import wait_for

RUNS = 5
COUNT = 20_000
SHARE = {1_000: 1, 20: 4}
"""Messages at once, and by how much smaller a load tells enough."""
MODES = ("everysec", "always")
SYNCS = 50
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
MEANING = {
    "everysec": "the store answers, and syncs once a second",
    "always": "the store syncs before it answers",
    "sync": "4 kB written and fdatasync, on the disk of the stores",
}


class Pass(NamedTuple):
    """One load that went through."""

    rate: float
    cost_us: float


def processor_s(child: Child) -> float:
    """What a process has used so far."""
    told = Path(f"/proc/{child.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / TICKS_PER_S


def one_pass(folder: Path, store: LocalServer, mode: str, inflight: int, count: int) -> Pass:
    """A load through broker, ingest and store; a lost or doubled message ends the bench."""
    mosquitto, mqtt_url = broker(folder, inflight)
    mirror = Mirror(folder, mqtt_url, store.url, count, durability=mode)
    parts = [mirror.child, *filter(None, [store.child])]
    try:
        before = sum(map(processor_s, parts))
        with load(mqtt_url.rpartition(":")[2], count) as loader:
            assert loader.stdin
            assert loader.stdout
            loader.stdin.write("\n")
            loader.stdin.flush()
            began = float(loader.stdout.readline())
            wait_for(mirror.done, DONE_S)
            took_s = clock.now() - began
        used_s = sum(map(processor_s, parts)) - before
        if wrong := mirror.check():
            raise SystemExit(f"not every message once: {wrong}")
    finally:
        mirror.child.stop()
        mosquitto.kill()
    return Pass(count / took_s, used_s / count * 1e6)


def sync_ms(folder: Path) -> list[float]:
    """How long the disk takes to sync a block."""
    block = os.urandom(4096)
    with (folder / "block").open("wb") as file:

        def sync() -> None:
            file.write(block)
            file.flush()
            os.fdatasync(file.fileno())

        return [seconds(sync) * 1000 for _ in range(SYNCS)]


@contextmanager
def stores(folder: Path) -> Iterator[dict[str, LocalServer]]:
    """A store of each mode."""
    made = {}
    try:
        for mode in MODES:
            os.environ["OMF_DURABILITY"] = mode
            made[mode] = LocalServer("store", folder / mode)
            made[mode].start()
        yield made
    finally:
        for one in made.values():
            one.kill()


def passes(folder: Path, count: int, runs: int) -> dict[tuple[str, int], list[Pass]]:
    """Both modes in turns."""
    found: dict[tuple[str, int], list[Pass]] = defaultdict(list)
    with stores(folder) as made:
        for number in range(runs):
            for inflight, share in SHARE.items():
                for mode in MODES:
                    done = one_pass(folder, made[mode], mode, inflight, count // share)
                    found[mode, inflight].append(done)
                    tell(f"run {number + 1}: {mode}, {inflight} at once: {done.rate:,.0f}/s")
    return found


def main() -> None:
    """Take all figures and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--runs", type=int, default=RUNS)
    chosen = parser.parse_args()
    require("bench-durability", recordings(), installed("mosquitto", "mosquitto"), server("store"))
    folder = Path(tempfile.mkdtemp(prefix="omf-bench-"))
    try:
        syncs = sync_ms(folder)
        found = passes(folder, chosen.count, chosen.runs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rows: list[Row] = [row("sync of the disk", "ms", syncs)]
    for (mode, inflight), done in found.items():
        name = f"{mode}, {inflight} at once"
        rows.append(row(name, "messages/s", [one.rate for one in done], 0))
        rows.append(row(f"{name}: processor", "us/message", [one.cost_us for one in done], 1))
    ratios = {
        f"always_vs_everysec_{inflight}": round(
            median(one.rate for one in found["always", inflight])
            / median(one.rate for one in found["everysec", inflight]),
            3,
        )
        for inflight in SHARE
    }
    write("durability", rows, ratios, MEANING)


if __name__ == "__main__":
    main()
