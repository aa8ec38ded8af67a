"""What the faults of ingest happen to: broker, store, ingest and a ledger, each to be broken.

`make chaos LONG=1` kills a hundred times where a usual run kills three times, and waits as long as
RELIABILITY section 6 says. The seed is printed; `SEED=n` repeats a run. The equation is the
ledger's: whatever the broker acknowledged to the publisher lies in the journal once, in the
publisher's order within each topic.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

from services.common.store.keys import JOURNAL, buffer_key
from services.supervisor.child import Child
from services.supervisor.server import LocalServer
from tests.support.ledger import TOPICS, Ledger, Verdict
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for

ROUNDS = int(os.environ.get("OMF_CHAOS_ROUNDS", "3"))
LONG = ROUNDS >= 10
SEED = int(os.environ.get("OMF_CHAOS_SEED", "20260807"))
RECOVERY_S = 10.0
PATIENCE = 1 if LONG else 6
"""The ten seconds are held where LONG is asked for, on a known machine; else they are told."""
RATE = 2000
"""Messages a second of a load that goes on while something breaks, if the broker takes as many."""
HOLDS = Verdict([], [], [])


class InMemory(NamedTuple):
    """A broker that writes nothing to its disk, and so takes `RATE`."""

    child: Child
    url: str


class Scene:
    """A running mirror; `mqtt_url` is how ingest reaches the broker, if not directly."""

    def __init__(
        self,
        processes: Processes,
        store: LocalServer,
        broker: LocalServer | InMemory,
        mqtt_url: str = "",
    ) -> None:
        self.random = Random(SEED)  # noqa: S311 - to be repeated by its seed
        self.store, self.broker = store, broker
        self.mirrored = Mirrored(processes, store.url, mqtt_url or broker.url).ready()
        self.ledger = Ledger(broker.url, SEED).start()
        self._under_way = False
        self._slowest_s = 0.0
        self.figures: dict[str, str] = {}

    def load(self, count: int = 400) -> None:
        """Publish so many."""
        self.ledger.publish(count)

    @contextmanager
    def under_load(self) -> Iterator[None]:
        """Publish `RATE` messages a second all the while."""
        stop = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            load = pool.submit(self.ledger.keep_publishing, RATE, stop)
            self._under_way = True
            try:
                yield
            finally:
                self._under_way = False
                stop.set()
        self.figures["load"] = f"{load.result():.0f}/s of {RATE}/s wanted"

    def recovered(self, within_s: float = RECOVERY_S) -> None:
        """All works again, now that the part is back: what is published arrives in this time."""
        began = time.monotonic()
        if not self._under_way:
            self.ledger.publish(10)
        last = self.ledger.acknowledged[-1]
        patience_s = PATIENCE * within_s
        wait_for(lambda: self._newest() >= last, patience_s, self.mirrored.ingest.tail)
        self._slowest_s = max(self._slowest_s, time.monotonic() - began)
        self.figures["recovery"] = f"{self._slowest_s:.1f} s of {within_s:.0f} s promised"

    def verdict(self, *, within_s: float = RECOVERY_S) -> Verdict:
        """What the ledger says once the last message published after all faults has arrived."""
        self.recovered(within_s)
        return self.ledger.check(self.mirrored.messages())

    def close(self) -> None:
        """Leave broker and store."""
        self.ledger.stop()
        self.mirrored.store.close()

    def _newest(self) -> int:
        newest = self.mirrored.store.xrevrange(buffer_key("mock", JOURNAL), count=1)
        if not newest or newest[0][1][b"t"].decode() not in TOPICS:
            return -1
        return int(json.loads(newest[0][1][b"p"])["n"])


def resident_mb(pid: int, what: str = "VmRSS") -> float:
    """Memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024


class Peak:
    """The most memory a process has had since this was made, in MB."""

    def __init__(self, pid: int) -> None:
        Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")  # forget the peak of its start
        self._pid, self._before = pid, resident_mb(pid)

    def grown_mb(self) -> float:
        """How far it rose."""
        return resident_mb(self._pid, "VmHWM") - self._before
