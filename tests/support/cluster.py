"""A cluster of real stores on loopback: three primaries with a third of the slots each."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError

from services.common.store.bus import store
from services.common.store.keys import key
from services.supervisor.child import Child
from services.supervisor.engines import Engine, stores
from services.supervisor.ports import free_port
from services.supervisor.probe import store_answers
from tests.support.processes import base_env, wait_for

PRIMARIES, SLOTS = 3, 16384
NODE_TIMEOUT_MS = 3000
"""After this a node that says nothing is taken for dead, and its replica stands for election."""
KEY_PAUSE_S = 0.05
"""Between two keys of a slot that moves, as if they were large: it is half here and half there."""


class Cluster:
    """Three primaries and a replica of each, or none; `url` names half of them."""

    def __init__(
        self, folder: Path, *, replicas: bool = False, engine: Engine | None = None
    ) -> None:
        self._folder = folder
        # The packaged server if there is one: it is of the same version wherever the tests run.
        self._engine = engine or stores()[-1]
        count = PRIMARIES * (2 if replicas else 1)
        self.ports = [free_port() for _ in range(count)]
        self._buses = [free_port() for _ in range(count)]
        self.children = [self._launch(number) for number in range(count)]
        wait_for(lambda: all(store_answers(_url(port)) for port in self.ports), 20)
        self._join()

    @property
    def url(self) -> str:
        """Address for clients that speak to clusters."""
        named = self.ports[: max(1, len(self.ports) // 2)]
        return "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in named)

    def kill(self, number: int) -> None:
        """End one node as a power cut would."""
        self.children[number].kill()

    def restart(self, number: int) -> None:
        """Start it again with its data; returns when all agree that it is back."""
        self.children[number] = self._launch(number)
        self.agree()

    def owner(self, environment: str) -> int:
        """The number of the node that has the keys of an environment."""
        slot = self.slot(environment)
        for first, last, primary, *_ in self.ask(self._alive(), "CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return self.ports.index(int(primary[1]))
        raise AssertionError(f"nobody has slot {slot}")

    def slot(self, environment: str) -> int:
        """Where the keys of an environment lie."""
        return int(self.ask(self._alive(), "CLUSTER", "KEYSLOT", key(environment, "")))

    def ask(self, number: int, *command: str | int) -> Any:
        """What one node answers."""
        with closing(store(_url(self.ports[number]))) as client:
            return client.execute_command(*command)

    def ask_all(self, *command: str | int) -> None:
        """Say the same to every node that lives."""
        for number in self._living():
            self.ask(number, *command)

    def move(self, environment: str, target: int) -> int:
        """Hand the slot of an environment over key by key, as a reshard does; how many keys."""
        source, slot = self.owner(environment), self.slot(environment)
        source_name, target_name = self._name(source), self._name(target)
        self.ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", source_name)
        self.ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", target_name)
        moved = 0
        while keys := self.ask(source, "CLUSTER", "GETKEYSINSLOT", slot, 1):
            to = ("127.0.0.1", self.ports[target], "", 0, 5000)
            self.ask(source, "MIGRATE", *to, "KEYS", *keys)
            moved += len(keys)
            time.sleep(KEY_PAUSE_S)
        for number in (target, source, *range(len(self.ports))):
            with suppress(RedisError):  # a replica and a dead one need not be told
                self.ask(number, "CLUSTER", "SETSLOT", slot, "NODE", target_name)
        return moved

    @contextmanager
    def file_of(self, number: int) -> Iterator[Any]:
        """A client of what a dead node had written, served by itself and seen by no other."""
        port, folder = free_port(), self._folder / f"node-{number}"
        child = Child(self._engine.command(folder, port), folder / "alone.log", base_env({}))
        try:
            wait_for(lambda: store_answers(_url(port)), 30, child.tail)
            with closing(store(_url(port))) as client:
                yield client
        finally:
            child.kill()

    def drop_slots(self, first: int, last: int) -> None:
        """Take slots from whoever has them, so that nobody does."""
        for number in range(len(self.ports)):
            for slot in range(first, last + 1):
                with suppress(RedisError):
                    self.ask(number, "CLUSTER", "DELSLOTS", slot)

    def agree(self) -> None:
        """Return when every node sees all others and serves."""
        wait_for(lambda: all(map(self._knows_all, self._living())), 30)

    def close(self) -> None:
        """End all."""
        for child in self.children:
            child.kill()

    def _alive(self) -> int:
        return next(self._living())

    def _living(self) -> Iterator[int]:
        return (number for number, child in enumerate(self.children) if child.alive)

    def _launch(self, number: int) -> Child:
        folder = self._folder / f"node-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        command = self._engine.command(folder, self.ports[number])
        more = ["--cluster-enabled", "yes", "--cluster-port", str(self._buses[number])]
        more += ["--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--maxmemory", "256mb"]
        return Child([*command, *more], folder / "node.log", base_env({}))

    def _join(self) -> None:
        share = SLOTS // PRIMARIES
        for number in range(len(self.ports)):
            if number < PRIMARIES:
                last = SLOTS if number == PRIMARIES - 1 else (number + 1) * share
                self.ask(number, "CLUSTER", "ADDSLOTSRANGE", number * share, last - 1)
            self.ask(number, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            self.ask(number, "CLUSTER", "MEET", "127.0.0.1", self.ports[0], self._buses[0])
        self.agree()
        for number in range(PRIMARIES, len(self.ports)):
            self.ask(number, "CLUSTER", "REPLICATE", self._name(number - PRIMARIES))
        replicas = range(PRIMARIES, len(self.ports))
        wait_for(lambda: all(map(self._follows, replicas)), 30)

    def _follows(self, number: int) -> bool:
        told = self.ask(number, "INFO", "replication")
        return str(told.get("master_link_status")) == "up"

    def _knows_all(self, number: int) -> bool:
        try:
            told = self.ask(number, "CLUSTER", "INFO")
        except RedisError:
            return False
        found = (
            told
            if isinstance(told, dict)
            else dict(line.split(":", 1) for line in told.decode().split())
        )
        there = str(len(self.ports))
        return (found["cluster_state"], found["cluster_known_nodes"]) == ("ok", there)

    def _name(self, number: int) -> str:
        return str(self.ask(number, "CLUSTER", "MYID").decode())


def _url(port: int) -> str:
    return f"redis://127.0.0.1:{port}/0"
