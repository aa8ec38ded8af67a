"""What a day of the factory costs on disk: `python -m tests.bench.disk`, result in build/bench.

Each recording is played into a real broker, mirrored by a real ingest into a real store; then the
store's files, its memory and a copy by `omf backup` are weighed and scaled to a day of 24 hours at
the recording's own pace. Retention does not count here: nothing is older than a minute.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.common.backup.backup import save
from services.common.store.bus import Bus
from services.replay.player import Player
from services.replay.publisher import ReplayPublisher
from services.supervisor.server import LocalServer
from tests.bench.needs import recordings, require, server
from tests.bench.replay import session
from tests.bench.report import Row, row, write
from tests.support.processes import Processes, wait_for

DAY_S = 86_400.0
SESSIONS = {
    "one order, no camera": "white-storage-production_20260807_111716",
    "several orders, no camera": "ml-wrb-red-nok_20260807_130729",
    "one order, with camera": "storage-blue_20260303_080705",
    "idle and orders, all topics": "orbis-fulltopics-baseline_20260409_082701",
}


@contextmanager
def mirrored(name: str, folder: Path) -> Iterator[tuple[LocalServer, float]]:
    """A store that has mirrored the whole recording, and how many seconds that lasted in life."""
    store, broker = LocalServer("store", folder / "store"), LocalServer("broker", folder / "broker")
    processes = Processes(folder / "logs")
    items = session(name)
    try:
        store.start()
        broker.start()
        told = {"store_url": store.url, "mqtt_url": broker.url, "environment": "replay"}
        processes.service("ingest", **told).wait_ready(60)
        sender = ReplayPublisher(broker.url)
        sender.connect()
        player = Player(items, sender, speed=None)
        player.run()
        wait_for(lambda: asyncio.run(_mirrored(store.url)) >= len(items), 60)
        sender.close()
        yield store, player.length_s
    finally:
        processes.close()
        broker.kill()
        store.kill()


async def _mirrored(url: str) -> int:
    async with Bus(url, "replay") as bus:
        counters = await bus.counters()
        return counters.get("appended", 0) + counters.get("unchanged", 0)


async def _weighed(store: LocalServer, folder: Path) -> dict[str, float]:
    async with Bus(store.url, "replay") as bus:
        names = [key async for key in bus.client.scan_iter("omf:*")]
        memory = [await bus.call(bus.client.memory_usage(key, samples=0)) for key in names]
        copy = folder / "copy.jsonl.gz"
        await save(bus, copy)
        appended = (await bus.counters()).get("appended", 0)
    files = (path for path in (store.folder / "appendonlydir").iterdir() if path.is_file())
    return {
        "messages": float(appended),
        "append-only file": float(sum(path.stat().st_size for path in files)),
        "memory": float(sum(memory)),
        "copy": float(copy.stat().st_size),
    }


def weigh(title: str, name: str) -> list[Row]:
    """Figures of one recording, scaled to a day."""
    with tempfile.TemporaryDirectory() as made, mirrored(name, Path(made)) as (store, lasted_s):
        found = asyncio.run(_weighed(store, Path(made)))
    days = lasted_s / DAY_S
    rows = [row(f"{title}: messages", "1000/day", [found.pop("messages") / days / 1000], 0)]
    return rows + [
        row(f"{title}: {what}", "MB/day", [n / days / 1e6], 0) for what, n in found.items()
    ]


def main() -> None:
    """Weigh every session."""
    require("bench-disk", recordings(*SESSIONS.values()), server("store"), server("broker"))
    rows = [one for title, name in SESSIONS.items() for one in weigh(title, name)]
    write("disk", rows, {})


if __name__ == "__main__":
    main()
