"""Two of each process with a role, as on two machines, and what happens when the leader dies.

`strike` kills or freezes the leader and says how long the other one needed; what people asked and
the factory said meanwhile is held against ledgers by `verdict`.
"""

import itertools
import json
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any, Literal, NamedTuple, Self

from redis.exceptions import RedisError

from services.common.mqtt.link import Received
from services.common.process import clock
from services.common.process.exit_codes import ExitCode
from services.common.store import entries
from services.common.store.keys import FINAL_STAGES, JOURNAL, Outgoing, Role, Stage, buffer_key, key
from services.common.store.leader_lease import leader_key
from services.history.reader import History
from services.supervisor.probe import http_get
from tests.support.circle import ENVIRONMENT, Connected, Desk
from tests.support.ledger import TOPICS, Ledger, Verdict
from tests.support.processes import Processes, Service, wait_for
from tests.support.servers import Addresses

NODES = ("first", "second")
ROLES = ("orders", "gateway", "ingest", "historian")
ASKED_EVERY_S = 0.2
MESSAGES_PER_S = 50
TAKEN_S = 90.0
"""So long a take-over may need on a machine with other work; how long it did need is told."""
LATE_S = 3.0
"""From the gateway's last look at the clock until a busy subscriber has the message."""
FREEZE_S = (0.0, 2.0)
"""So long the frozen one sleeps on after the other took over."""
Fault = Literal["kill", "freeze", "stop"]


class TakeOver(NamedTuple):
    """How one went, in seconds since the fault."""

    role: str
    fault: Fault
    led_s: float
    """Until the other one had the lease."""
    worked_s: float
    """Until it had done something."""


class Witness(Connected):
    """When each command reached the factory, by the id in its payload."""

    def __init__(self, mqtt_url: str) -> None:
        super().__init__(mqtt_url, "witness", ["x/#"])
        self.arrived: defaultdict[str, list[float]] = defaultdict(list)

    def on_message(self, received: Received) -> None:
        """Runs in the network thread."""
        self.arrived[json.loads(received.payload)["command"]].append(clock.now())


class Pair:
    """A role on both nodes."""

    def __init__(self, role: str, processes: Processes, told: dict[str, str]) -> None:
        self.role = role
        self.on: dict[str, Service] = {}
        self._processes, self._told = processes, told

    def start(self, node: str) -> Service:
        """On one of the nodes, whatever ran there before having ended."""
        self.on[node] = self._processes.service(self.role, node=node, **self._told)
        return self.on[node]

    def tend(self) -> int:
        """Start again what ended by itself, as whoever watches over it does; how many it were."""
        ended = [node for node, service in self.on.items() if not service.alive]
        for node in ended:
            self.start(node)
        return len(ended)

    def stands_by(self, node: str) -> bool:
        """True once it waits for the other one to fall silent."""
        self.tend()
        return self.state(node) == "stand-by"

    def state(self, node: str) -> str:
        """What its health page says: `stand-by`, `leads`, or nothing while it cannot be asked."""
        status, body = http_get(f"{self.on[node].health_url}/health/ready")
        return str(json.loads(body).get("state", "leads")) if status == 200 else ""


class StandbyScene:
    """Store, broker, two nodes, a factory that says something and people who want something."""

    def __init__(self, processes: Processes, servers: Addresses, data: Path, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - to be repeated by its seed
        self.desk = Desk(servers.store_url)
        self.witness = Witness(servers.mqtt_url)
        self.ledger = Ledger(servers.mqtt_url, seed)
        self.asked: list[str] = []
        self.taken: list[TakeOver] = []
        self.archive = data / "history" / ENVIRONMENT
        told = {**servers._asdict(), "data": str(data), "history_flush_s": "1"}
        self.pairs = {role: Pair(role, processes, told) for role in ROLES}
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        self._exits.enter_context(self.witness)
        self._exits.callback(self.ledger.start().stop)
        for node, pair in itertools.product(NODES, self.pairs.values()):
            pair.start(node).wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Messages and commands come all the while."""
        stop = threading.Event()
        self.ask()
        with ThreadPoolExecutor(2) as pool:
            load: list[Future[Any]] = [
                pool.submit(self.ledger.keep_publishing, MESSAGES_PER_S, stop),
                pool.submit(self._keep_asking, stop),
            ]
            try:
                yield
            finally:
                stop.set()
            for one in load:
                one.result()

    def lease(self, role: str) -> dict[str, str]:
        """What the store has of it."""
        found = self.desk.client.hgetall(key(ENVIRONMENT, leader_key(role)))
        return {name.decode(): value.decode() for name, value in found.items()}

    def strike(self, role: str, fault: Fault) -> TakeOver:
        """The leader dies, freezes or is stopped, and the other one goes on with its work."""
        pair = self.pairs[role]
        wait_for(lambda: any(map(pair.stands_by, NODES)), TAKEN_S)
        before = self.lease(role)
        node = before["node"]
        other = next(name for name in NODES if name != node)
        struck, signals = pair.on[node], {"kill": signal.SIGKILL, "freeze": signal.SIGSTOP}
        began = time.monotonic()
        struck.send(signals.get(fault, signal.SIGTERM))
        wait_for(
            lambda: int(self.lease(role)["token"]) > int(before["token"]),
            TAKEN_S,
            pair.on[other].tail,
        )
        led_s = time.monotonic() - began
        assert self.lease(role)["node"] == other
        self._works(role)
        found = TakeOver(role, fault, led_s, time.monotonic() - began)
        self.taken.append(found)
        if fault == "freeze":
            time.sleep(self.random.uniform(*FREEZE_S))
            struck.send(signal.SIGCONT)
        wait_for(lambda: not struck.alive, TAKEN_S, struck.tail)
        ends = {"kill": -9, "freeze": ExitCode.SUPERSEDED, "stop": ExitCode.STOPPED}
        assert struck.returncode == ends[fault], struck.tail()
        pair.start(node)
        return found

    def verdict(self) -> Verdict:
        """What the messages say; that of the commands and of the archive is asserted here."""
        for pair in self.pairs.values():
            wait_for(lambda: any(map(pair.stands_by, NODES)), TAKEN_S)  # noqa: B023 - at once
        self.ledger.publish(10)
        wait_for(lambda: self._newest() >= self.ledger.acknowledged[-1], TAKEN_S)
        wait_for(lambda: all(self._ended(name) for name in self.asked), TAKEN_S, self._open)
        self._judge_commands()
        found = self.desk.client.xrange(buffer_key(ENVIRONMENT, JOURNAL))
        last = found[-1][0].decode()
        wait_for(lambda: History(self.archive).through() >= last, TAKEN_S)
        archived = [row.message.id for row in History(self.archive).messages(until=last)]
        assert archived == [name.decode() for name, _ in found]
        return self.ledger.check([entries.message(*entry) for entry in found])

    def _keep_asking(self, stop: threading.Event) -> None:
        while not stop.wait(ASKED_EVERY_S):
            self.ask()

    def ask(self) -> str:
        """A command that must not come twice; the broker's own echo proves its effect."""
        name = f"c{len(self.asked)}"
        parameters = {"topic": f"x/{name}", "payload": json.dumps({"command": name})}
        asked: dict[str, Any] = {
            "kind": "free-message",
            "parameters": parameters,
            "role": Role.ADMIN,
        }
        self.asked.append(name)
        return self.desk.order(name, operator=f"o-{name}", **asked)

    def _works(self, role: str) -> None:
        """Return once the leader of the role has done something that was asked of it only now."""
        store, archived = self.desk.client, key(ENVIRONMENT, "archived")
        if role in ("orders", "gateway"):
            done = {"orders": Stage.QUEUED, "gateway": Stage.ACKNOWLEDGED}[role]
            name = self.asked[-1]
            wait_for(lambda: done.value in self.desk.stages(name) or self._ended(name), TAKEN_S)
        elif role == "ingest":
            sent = self.ledger.sent
            wait_for(lambda: self._newest() >= sent, TAKEN_S)
        else:
            before = store.get(archived)
            wait_for(lambda: store.get(archived) != before, TAKEN_S)

    def _newest(self) -> int:
        for _, fields in self.desk.client.xrevrange(buffer_key(ENVIRONMENT, JOURNAL), count=20):
            if fields[b"t"].decode() in TOPICS:
                return int(json.loads(fields[b"p"])["n"])
        return -1

    def _ended(self, name: str) -> bool:
        try:
            return any(stage in FINAL_STAGES for stage in self.desk.stages(name))
        except RedisError:
            return False

    def _open(self) -> str:
        return str([(n, self.desk.stages(n)) for n in self.asked if not self._ended(n)])

    def _judge_commands(self) -> None:
        """Once, in time, told as it was: what arrived is what people were told."""
        deadlines = {o.command_id: o.expires_at for o in self.desk.models("outbox", Outgoing)}
        decided = defaultdict(list)
        for name in self.asked:
            arrived, stages = self.witness.arrived[name], self.desk.stages(name)
            [final] = [stage for stage in stages if stage in FINAL_STAGES]
            decided[final].append(name)
            assert len(arrived) <= 1, (name, stages)
            assert all(at < deadlines[name] + LATE_S for at in arrived), (name, arrived)
            assert arrived or final != Stage.EFFECT, name
            assert not arrived or final not in (Stage.REFUSED, Stage.EXPIRED), name
            parts = [record.part for record in self.desk.audit(name)]
            assert parts.count("decision") == 1, (name, parts)
        self.ends = {final: len(names) for final, names in decided.items()}
