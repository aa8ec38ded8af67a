"""Commands on their way: latency one by one, sustained rates, and the cost of one decision.

To one receiver everything goes in its order, each after the PUBACK of the one before; of twenty
each has its turn. Both are measured with the same messages in one run. What is in no catalogue
counts as sent to one receiver, whatever its topic.

`python -m tests.bench.commands`. Store, broker, ingest, orders and gateway are real processes on
this machine; the sender and the listeners are threads of this one, so all share one clock.
"Published" is when a subscriber has the message, "PUBACK" when the gateway's receipt can be read:
both a little later than the fact itself.
"""

import json
import os
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any, NamedTuple

from omf.topics.catalogue import address
from services.common.mqtt.link import Received
from services.common.process import clock
from services.common.store.bus import store
from services.common.store.entries import decode, encode
from services.common.store.keys import Command, Receipt, ReceiptStage, Role, key
from services.supervisor.server import LocalServer
from tests.bench.decisions import decision_rows
from tests.bench.needs import require, server
from tests.bench.report import Row, row, write
from tests.support.circle import Connected
from tests.support.processes import Processes

ENVIRONMENT = "mock"
LAMP = "bench/lamp"
ACTION = "module_instant_action"
SERIALS = tuple(f"bench-{number:02}" for number in range(20))
BODY = (
    '{"timestamp":"2026-01-02T03:04:05.678Z","serialNumber":"SERIAL",'
    '"actions":[{"actionType":"setStatusLED","actionId":"ID"}]}'
)
ONE_BY_ONE = 40
SECONDS = 8
GATHER_S = 0.005
"""In a rush the receipts are read together; each is noted that much too late at most."""
DRAIN_S = 25.0
"""Longer than a command lives: by then each was sent or has expired."""


class Load(NamedTuple):
    """To whom commands go, and how many a second are asked for."""

    name: str
    serials: Sequence[str]
    """Modules, one after the other; none: a lamp of no catalogue."""
    rates: tuple[int, ...]


LOADS = (
    Load("", (), (200, 500)),
    Load(" of one module", SERIALS[:1], (200, 500)),
    Load(f" of {len(SERIALS)} modules", SERIALS, (200, 500, 1000)),
)


class Listener(Connected):
    """Notes when each command's message reached a subscriber, by the payload's id."""

    def __init__(self, mqtt_url: str) -> None:
        super().__init__(mqtt_url, "bench", [LAMP, *(address(ACTION, serial=s) for s in SERIALS)])
        self.at: dict[str, float] = {}
        self.twice = 0

    def on_message(self, received: Received) -> None:
        """Runs in the network thread."""
        said = received.payload.decode()
        name = said if received.topic == LAMP else said.rpartition('":"')[2].partition('"')[0]
        self.twice += name in self.at
        self.at.setdefault(name, time.monotonic())


class Receipts(threading.Thread):
    """Notes when the outcome of each publish could be read."""

    def __init__(self, store_url: str) -> None:
        super().__init__(daemon=True)
        self.at: dict[str, float] = {}
        self.stages: Counter[str] = Counter()
        self.stop = threading.Event()
        self._client: Any = store(store_url)

    def run(self) -> None:
        """Follow the receipts until asked to stop."""
        name, last = key(ENVIRONMENT, "receipts"), b"0-0"
        while not self.stop.is_set():
            rows = _entries(self._client.xread({name: last}, 500, 500))
            last = rows[-1][0] if rows else last
            outcomes = [self._note(decode(Receipt, fields)) for _, fields in rows]
            if any(outcomes):
                time.sleep(GATHER_S)

    def _note(self, receipt: Receipt) -> bool:
        """True for an outcome."""
        if receipt.stage is ReceiptStage.ATTEMPTED:
            return False
        self.at[receipt.command_id] = time.monotonic()
        self.stages[receipt.stage.value] += 1
        return True


class Bench(NamedTuple):
    """A running circle and its observers."""

    client: Any
    listener: Listener
    receipts: Receipts
    pids: dict[str, int]
    store_url: str


class Run(NamedTuple):
    """What became of a number of commands."""

    published_ms: list[float]
    acknowledged_ms: list[float]
    asked_s: float
    took_s: float
    stages: Counter[str]
    twice: int


@contextmanager
def circle(folder: Path, *, watched: bool = True) -> Iterator[Bench]:
    """Everything a command passes through; `watched`: with someone who reads all receipts."""
    servers = LocalServer("store", folder / "store"), LocalServer("broker", folder / "broker")
    for one in servers:
        one.start()
    store_url, mqtt_url = (one.url for one in servers)
    processes = Processes(folder)
    try:
        parts = [
            processes.service(name, store_url=store_url, mqtt_url=mqtt_url, log_level="WARNING")
            for name in ("ingest", "orders", "gateway")
        ]
        for part in parts:
            part.wait_ready()
        receipts = Receipts(store_url)
        if watched:
            receipts.start()
        with Listener(mqtt_url) as listener:
            pids = {n: p.pid for n, p in zip(("ingest", "orders", "gateway"), parts, strict=True)}
            pids |= {s.engine.name: s.child.pid for s in servers if s.child}
            pids["the bench itself"] = os.getpid()
            yield Bench(store(store_url), listener, receipts, pids, store_url)
        receipts.stop.set()
        if watched:
            receipts.join()
    finally:
        processes.close()
        for server in servers:
            server.kill()


def sent(bench: Bench, count: int, rate: float, serials: Sequence[str] = ()) -> Run:
    """Submit free messages at a rate, to each module in turn, and wait for all receipts."""
    asked: dict[str, float] = {}
    before, began = Counter(bench.receipts.stages), time.monotonic()
    for number in range(count):
        while (wait := began + number / rate - time.monotonic()) > 0:
            time.sleep(wait)
        command = _command(serials[number % len(serials)] if serials else "")
        asked[command.command_id] = time.monotonic()
        bench.client.xadd(key(ENVIRONMENT, "commands"), encode(command))
    deadline = time.monotonic() + DRAIN_S
    while not asked.keys() <= bench.receipts.at.keys() and time.monotonic() < deadline:
        time.sleep(0.01)
    return _run(bench, asked, began, before)


def _run(bench: Bench, asked: dict[str, float], began: float, before: Counter[str]) -> Run:
    heard, told = bench.listener.at, bench.receipts.at
    last_asked = max(asked.values())
    ended = max((told[name] for name in asked if name in told), default=began)
    return Run(
        published_ms=[(heard[name] - at) * 1e3 for name, at in asked.items() if name in heard],
        acknowledged_ms=[(told[name] - at) * 1e3 for name, at in asked.items() if name in told],
        asked_s=last_asked - began,
        took_s=ended - began,
        stages=bench.receipts.stages - before,
        twice=bench.listener.twice,
    )


def _command(serial: str) -> Command:
    name = uuid.uuid4().hex
    topic = address(ACTION, serial=serial) if serial else LAMP
    payload = BODY.replace("SERIAL", serial).replace('"ID"', f'"{name}"') if serial else name
    return Command(
        command_id=name,
        kind="free-message",
        parameters={"topic": topic, "payload": payload},
        environment=ENVIRONMENT,
        operator=f"bench {name[:2]}",
        role=Role.ADMIN,
        created_at=clock.now(),
    )


def _entries(found: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    if not found:
        return []
    batch = next(iter(found.values()))[0] if isinstance(found, dict) else found[0][1]
    return list(batch)


def latency_rows(bench: Bench) -> list[Row]:
    """One command a second, as an operator clicks."""
    sent(bench, 20, 10)
    run = sent(bench, ONE_BY_ONE, 1)
    published, acknowledged = (quantiles(ms, n=100) for ms in (run[0], run[1]))
    return [
        row("submit to published at 1/s, p50", "ms", [published[49]]),
        row("submit to published at 1/s, p99", "ms", [published[98]]),
        row("submit to PUBACK at 1/s, p50", "ms", [acknowledged[49]]),
        row("submit to PUBACK at 1/s, p99", "ms", [acknowledged[98]]),
    ]


def rate_rows(bench: Bench, load: Load, rate: int) -> list[Row]:
    """A steady stream of commands; what is not acknowledged was lost or too late."""
    cpu = {name: processor_s(pid) for name, pid in bench.pids.items()}
    twice = bench.listener.twice
    ((last, _),) = bench.client.xrevrange(key(ENVIRONMENT, "events"), count=1)
    count = rate * SECONDS
    run = sent(bench, count, rate, load.serials)
    good = run.stages[ReceiptStage.ACKNOWLEDGED.value]
    name = f"at {rate}/s asked{load.name}"
    rows = [
        row(f"{name}: asked", "1/s", [(count - 1) / run.asked_s], 1),
        row(f"{name}: acknowledged", "1/s", [good / run.took_s], 1),
        row(f"{name}: PUBACK p99", "ms", [quantiles(run.acknowledged_ms, n=100)[98]]),
        row(f"{name}: without PUBACK", "commands", [count - good], 0),
        row(f"{name}: doubled", "commands", [run.twice - twice], 0),
        row(f"{name}: without effect", "commands", [_without_effect(bench, good, last)], 0),
    ]
    return rows + [
        row(
            f"{name}: processor of {part}",
            "ms/command",
            [(processor_s(pid) - cpu[part]) / count * 1e3],
        )
        for part, pid in bench.pids.items()
    ]


def _without_effect(bench: Bench, good: int, last: bytes) -> int:
    """Of the commands since `last`, those whose echo orders has not noticed in a command's time."""
    deadline, seen = time.monotonic() + DRAIN_S, 0
    while seen < good and time.monotonic() < deadline:
        rows = _entries(bench.client.xread({key(ENVIRONMENT, "events"): last}, 500, 500))
        last = rows[-1][0] if rows else last
        events = (json.loads(fields[b"__data__"]) for _, fields in rows)
        seen += sum(event["stage"] == "effect" for event in events)
    return max(0, good - seen)


def processor_s(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main() -> None:
    """Measure and write build/bench/commands.json."""
    require("bench-commands", server("store"), server("broker"))
    rows = decision_rows()
    with tempfile.TemporaryDirectory() as folder, circle(Path(folder)) as bench:
        rows += latency_rows(bench)
        for load in LOADS:
            for rate in load.rates:
                rows += rate_rows(bench, load, rate)
    sys.stderr.write(f"{write('commands', rows, {})}\n")


if __name__ == "__main__":
    main()
