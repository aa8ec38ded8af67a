"""What the faults of ingest happen to: broker, store, ingest and a ledger, each to be broken.

`make chaos LONG=1` kills a hundred times where a usual run kills three times, and waits as long as
RELIABILITY section 6 says. The seed is printed; `SEED=n` repeats a run. The equation is the
ledger's: whatever the broker acknowledged to the publisher lies in the journal once, in the
publisher's order within each topic.
"""

import json
import os
from pathlib import Path
from random import Random

from services.common.streams import JOURNAL, buffer_key
from services.up.server import Server
from tests.support.ledger import TOPICS, Ledger, Verdict
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for

ROUNDS = int(os.environ.get("OMF_CHAOS_ROUNDS", "3"))
LONG = ROUNDS >= 10
SEED = int(os.environ.get("OMF_CHAOS_SEED", "20260807"))
RECOVERY_S = 10.0
HOLDS = Verdict([], [], [])


class Scene:
    """A running mirror; `mqtt_url` is how ingest reaches the broker, if not directly."""

    def __init__(
        self, processes: Processes, store: Server, broker: Server, mqtt_url: str = ""
    ) -> None:
        self.random = Random(SEED)  # noqa: S311 - to be repeated by its seed
        self.store, self.broker = store, broker
        self.mirrored = Mirrored(processes, store.url, mqtt_url or broker.url).ready()
        self.ledger = Ledger(broker.url, SEED).start()

    def load(self, count: int = 400) -> None:
        """Publish so many."""
        self.ledger.publish(count)

    def verdict(self, *, within_s: float = RECOVERY_S) -> Verdict:
        """What the ledger says once the last message published after all faults has arrived."""
        self.ledger.publish(10)
        last = self.ledger.acknowledged[-1]
        # A slow machine gets twenty seconds more before the test gives up.
        wait_for(lambda: self._newest() >= last, within_s + 20, self.mirrored.ingest.tail)
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


def resident_mb(pid: int) -> float:
    """Memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
