"""The whole system for hours under load and faults: `make soak HOURS=8`.

Fifty numbered messages a second beside those of the mock, five people who look, one who sends a
command every few seconds, and every few minutes a fault: a service or the store killed, the broker
started anew, store or service frozen. In the end every acknowledged message has to be in the
journal once and in order, every command to have ended, and no process to have grown.
"""

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from services.common.store.keys import FINAL_STAGES
from services.supervisor import probe
from tests.bench.growth import Growth
from tests.bench.journal_account import JournalAccount
from tests.bench.needs import require, server
from tests.bench.report import Row, row, write
from tests.bench.ui import operators, state_of
from tests.chaos.people import AskingPerson
from tests.support.ledger import Ledger
from tests.support.system import System

RATE, PEOPLE = 50, 5
TOPICS = ("soak/1", "soak/2", "soak/3", "module/v1/ff/SOAK/state")
LAMP = "soak/lamp"
COMMAND_S, FAULT_S, SAMPLE_S, TOLD_S = 5.0, 240.0, 20.0, 600.0
FROZEN_S = 8.0
BACK_S = 120.0
DRAIN_S = 20.0
WARM_S = 900.0
"""Of each process' life; of a short run a sixth of it."""
KILLED = ("ingest", "orders", "gateway", "alarms", "historian", "notifications", "ui", "api")
FROZEN = ("orders", "gateway", "ingest")


class Fault(NamedTuple):
    """What is done to one part."""

    name: str
    part: str
    do: Callable[[int], None]


class Commander(AskingPerson):
    """Turns a lamp, and now and then orders a workpiece; notes how each command ended."""

    def __init__(self, store_url: str, stop: threading.Event) -> None:
        super().__init__("soak", store_url, stop, seed=1)
        self.ends: Counter[str] = Counter()
        self._until_next = stop

    def things_to_do(self) -> Sequence[Callable[[], None]]:
        """Ten lamps to one order and one refill."""
        return (*[self._lamp] * 10, self._order, self._refill)

    def _lamp(self) -> None:
        self._command("free-message", {"topic": LAMP, "payload": self._next_command()})

    def _order(self) -> None:
        self._command("production-order", {"type": self._dice.choice(("WHITE", "BLUE", "RED"))})

    def _refill(self) -> None:
        self._command("mock-refill", {})

    def _command(self, kind: str, parameters: dict[str, str]) -> None:
        command_id, _ = self._ask(kind, parameters)
        end = self._wait(command_id, FINAL_STAGES)
        self.ends[f"{kind}: {end.stage}"] += 1
        self._until_next.wait(COMMAND_S)


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)


def _freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    time.sleep(FROZEN_S)
    os.kill(pid, signal.SIGCONT)


def faults(parts: Sequence[str]) -> Iterator[Fault]:
    """All of them in turn, for ever; a broker that is killed forgets what it has acknowledged."""
    killed = [one for one in parts if one.partition("-")[0] in KILLED or one == "store"]
    frozen = [one for one in parts if one.partition("-")[0] in FROZEN or one == "store"]
    ended = [one for one in parts if one.startswith("broker")]
    yield from cycle(
        [
            *(Fault("killed", one, _kill) for one in killed),
            *(Fault("frozen", one, _freeze) for one in frozen),
            *(Fault("ended", one, _end) for one in ended),
        ]
    )


class Soak:
    """One run; `over` ends it."""

    def __init__(self, system: System, hours: float) -> None:
        self._system, self._end_s = system, hours * 3600
        self._growth = Growth(min(WARM_S, self._end_s / 6))
        self._began = time.monotonic()
        self._faults: Iterator[Fault] = faults(tuple(system.pids()))
        self.count = 0
        self.slowest_s = 0.0

    def over(self) -> bool:
        """Whether its time has passed."""
        return time.monotonic() - self._began >= self._end_s

    def run(self, tell: Callable[[], str]) -> None:
        """Sample, do one fault after the other, and tell now and then how it stands."""
        fault_at, told_at = FAULT_S, 0.0
        while not self.over():
            self._growth.note(self._system.pids())
            passed = time.monotonic() - self._began
            if passed >= told_at:
                told_at += TOLD_S
                sys.stderr.write(f"{passed / 60:.0f} min: {tell()}\n")
            if passed >= fault_at and self._end_s - passed > BACK_S:
                fault_at += FAULT_S
                self._fault(next(self._faults))
            time.sleep(SAMPLE_S)

    def _fault(self, fault: Fault) -> None:
        """Do it, and wait until all parts are ready again."""
        began = time.monotonic()
        fault.do(self._system.pids()[fault.part])
        time.sleep(1.0)
        while not self._ready() and time.monotonic() - began < BACK_S:
            time.sleep(0.5)
        took_s = time.monotonic() - began
        self.count += 1
        self.slowest_s = max(self.slowest_s, took_s)
        sys.stderr.write(f"  {fault.part} {fault.name}: all ready after {took_s:.1f} s\n")

    def _ready(self) -> bool:
        metrics = self._system.run.metrics.values()
        return all(_status(one.rpartition("/")[0] + "/health/ready") == 200 for one in metrics)

    def rows(self) -> Iterator[Row]:
        """Faults and growth."""
        yield row("faults", "", [self.count], 0)
        yield row("longest until all parts were ready again", "s", [self.slowest_s], 1)
        yield from self._growth.rows()


def _status(address: str) -> int:
    try:
        return probe.http_status(address)
    except OSError:
        return 0


def outcome(ledger: Ledger, account: JournalAccount, person: Commander) -> Iterator[Row]:
    """What was asked for, and what became of it."""
    yield row("messages acknowledged", "", [len(ledger.acknowledged)], 0)
    yield row("messages of unknown outcome", "", [len(ledger.unknown)], 0)
    yield row("acknowledged messages lost", "", [account.lost(ledger.acknowledged)], 0)
    yield row("messages doubled", "", [account.doubled], 0)
    yield row("messages out of order", "", [account.disordered], 0)
    yield row("commands that ended", "", [sum(person.ends.values())], 0)
    yield row("commands without an end", "", [int(person.failed is not None)], 0)
    for name, count in sorted(person.ends.items()):
        yield row(f"ended as {name}", "", [count], 0)


def soaked(system: System, hours: float) -> list[Row]:
    """Run it, and what it showed; what was said to end meanwhile ends it early."""
    run, stop = system.run, threading.Event()
    ledger = Ledger(run.mqtt["mock"], topics=TOPICS).start()
    account, person = JournalAccount(run.redis, TOPICS), Commander(run.redis, stop)
    publishing = threading.Thread(target=ledger.keep_publishing, args=(RATE, stop), daemon=True)
    for one in (account, publishing, person):
        one.start()

    def stands() -> str:
        state = state_of(crowd)
        return (
            f"{len(ledger.acknowledged)} messages, {sum(account.seen.values())} in the journal, "
            f"{account.disordered} out of order, {dict(person.ends)}, "
            f"{state.connected} people look, {state.lost} times away"
        )

    with operators(run.ui, PEOPLE) as crowd:
        soak = Soak(system, hours)
        try:
            soak.run(stands)
        except KeyboardInterrupt:
            sys.stderr.write("ended early\n")
        stop.set()
        publishing.join(BACK_S)
        person.join(BACK_S)
        time.sleep(DRAIN_S)
        sys.stderr.write(f"end: {stands()}\n")
        lost, away = state_of(crowd).lost, PEOPLE - state_of(crowd).connected
    account.leave()
    ledger.stop()
    sys.stderr.writelines(f"out of order: {one}\n" for one in account.strays)
    return [
        *outcome(ledger, account, person),
        row("connections of people lost", "", [lost], 0),
        row("people who did not come back", "", [away], 0),
        row("tracebacks in logs", "", [len(system.tracebacks())], 0),
        *soak.rows(),
    ]


def main() -> None:
    """Run and write `build/bench/soak.json`."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak")
    parser.add_argument("--hours", type=float, default=8.0)
    asked = parser.parse_args()
    require("soak", server("store"), server("broker"))
    with tempfile.TemporaryDirectory() as folder:
        system = System(Path(folder) / "data", "--environments", "mock")
        try:
            rows = soaked(system.start(), asked.hours)
            for one in system.tracebacks():
                sys.stderr.write(f"{one}\n")
        finally:
            system.close()
    meaning = {"memory of": f"least squares over each life without its first {WARM_S / 60:.0f} min"}
    sys.stderr.write(f"written {write('soak', rows, {}, meaning)}\n")


if __name__ == "__main__":
    main()
