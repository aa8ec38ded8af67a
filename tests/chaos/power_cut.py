"""What a power cut happens to: a store on a disk of its own, alone or with broker and ingest.

Two ledgers are kept: what the broker acknowledged to the publisher, and what ingest acknowledged to
the broker. The second is what the store answers for; the broker alone answers for what it took and
had not yet passed on.
"""

import json
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import inf
from pathlib import Path
from random import Random
from typing import NamedTuple

from redis.exceptions import RedisError

from services.common.store.bus import store
from services.common.store.keys import key
from services.supervisor import torn_tail
from services.supervisor.child import Child
from services.supervisor.server import LocalServer
from tests.bench.ingest import broker as broker_in_memory
from tests.chaos.scene import SEED, InMemory
from tests.support.ledger import TOPICS, Ledger, Verdict
from tests.support.loop_disk import LoopDisk
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for
from tests.support.puback_tap import PubackTap

CUTS = int(os.environ.get("OMF_POWER_CUTS", "3"))
RATE = 1000
"""Messages a second, if the broker takes as many."""
BACK_S = 60.0
NOTED_S = 0.3
"""What passed before a cut is noted that much behind it at most."""
COMMANDS = "commands"


class PowerCutVerdict(NamedTuple):
    """What cuts have cost; ages are those at the cut, in seconds since the acknowledgement."""

    publisher: Verdict
    messages: list[float]
    """Acknowledged by ingest and in no buffer."""
    commands: list[float]
    """Taken by the store and no longer there."""
    acknowledged: int
    submitted: int
    rate: float
    mended: int
    """Times the store's file ended in zeros."""


class Submitter:
    """Writes commands as every client does, each once; notes when the store has taken which."""

    def __init__(self, store_url: str) -> None:
        self._client = store(store_url)
        self.taken: dict[str, float] = {}
        self._number = 0

    def run(self, stop: threading.Event) -> None:
        """One after the other until told to stop; a store that is away refuses some."""
        while not stop.wait(0.002):
            self._number += 1
            try:
                entry = self._client.xadd(key("mock", COMMANDS), {"n": self._number})
            except RedisError:
                continue
            self.taken[entry.decode()] = time.monotonic()

    def missing(self) -> dict[str, float]:
        """What was taken and is not there."""
        there = {entry.decode() for entry, _ in self._client.xrange(key("mock", COMMANDS))}
        return {entry: at for entry, at in self.taken.items() if entry not in there}


def hold(child: Child) -> None:
    """It does nothing more, as nothing does without power.

    A sync under way when the file system is shut down may tell it that all went well; so it must
    not be able to tell anybody.
    """
    child.send(signal.SIGSTOP)
    state = Path(f"/proc/{child.pid}/stat")
    wait_for(lambda: state.read_text("ascii").rpartition(")")[2].split()[0] in "TD")


class PowerCuts:
    """A mirror whose store, or whose whole machine, loses its power again and again."""

    def __init__(
        self, processes: Processes, disk: LoopDisk, folder: Path, random: Random, *, whole: bool
    ) -> None:
        self._random = random
        self._disk, self._whole = disk, whole
        self._store = LocalServer("store", disk.path / "store")
        self._store.start()
        self._broker: LocalServer | InMemory = (
            LocalServer("broker", disk.path / "broker")
            if whole
            else InMemory(*broker_in_memory(folder))
        )
        if isinstance(self._broker, LocalServer):
            self._broker.start()
        self._tap = PubackTap(self._broker.url)
        durability = os.environ.get("OMF_DURABILITY", "everysec")
        self._mirrored = Mirrored(
            processes, self._store.url, self._tap.url, durability=durability
        ).ready()
        self._ledger = Ledger(self._broker.url, SEED).start()
        self._submitter = Submitter(self._store.url)
        self._cut_at: list[float] = []
        self._mended = 0
        disk.settle()

    @contextmanager
    def under_load(self) -> Iterator[None]:
        """Messages and commands all the while."""
        stop = threading.Event()
        with ThreadPoolExecutor(2) as pool:
            published = pool.submit(self._ledger.keep_publishing, RATE, stop)
            submitted = pool.submit(self._submitter.run, stop)
            try:
                yield
            finally:
                stop.set()
        self._rate = published.result()
        submitted.result()

    def cut(self) -> None:
        """One power cut at a moment of chance, and everything up again from what the disk had."""
        time.sleep(self._random.uniform(0.3, 1.5))
        victims = self._victims()
        for one in victims:
            hold(one)
        self._disk.cut()
        for one in victims:
            one.kill()
        self._cut_at.append(time.monotonic())
        self._disk.boot()
        self._mended += bool(torn_tail.zeros(self._disk.path / "store/appendonlydir"))
        self._store.restart()
        if isinstance(self._broker, LocalServer):
            # Back within the second, again and again, it would look like a rival of the publisher.
            time.sleep(1.5)
            self._broker.restart()
            self._mirrored.launch().wait_ready()
            self._ledger.connected()
        self._back()

    def verdict(self) -> PowerCutVerdict:
        """What both ledgers say, once all that is under way has arrived."""
        self._ledger.publish(10)
        last = self._ledger.acknowledged[-1]
        wait_for(lambda: last in self._tap.acknowledged, BACK_S, self._mirrored.ingest.tail)
        messages = self._mirrored.messages()
        told = self._ledger.check(messages)
        there = {json.loads(m.payload)["n"] for m in messages if m.topic in TOPICS}
        acknowledged = self._tap.acknowledged.items()
        return PowerCutVerdict(
            told,
            self._ages({n: at for n, at in acknowledged if n not in there}.values()),
            self._ages(self._submitter.missing().values()),
            len(acknowledged),
            len(self._submitter.taken),
            self._rate,
            self._mended,
        )

    def _ages(self, acknowledged: Iterable[float]) -> list[float]:
        return [
            min((max(0.0, cut - at) for cut in self._cut_at if cut + NOTED_S >= at), default=inf)
            for at in acknowledged
        ]

    def close(self) -> None:
        """End what is not a process of the test."""
        self._ledger.stop()
        self._tap.close()
        self._store.kill()
        if isinstance(self._broker, LocalServer):
            self._broker.kill()
        else:
            self._broker.child.kill()

    def _victims(self) -> list[Child]:
        """Every process of the machine that loses its power."""
        broker = self._broker.child if isinstance(self._broker, LocalServer) else None
        there = (self._store.child, broker, self._mirrored.ingest if self._whole else None)
        return [child for child in there if child]

    def _back(self) -> None:
        before = self._mirrored.counter("appended")
        wait_for(
            lambda: self._mirrored.counter("appended") > before, BACK_S, self._mirrored.ingest.tail
        )
