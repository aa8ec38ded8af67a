"""Ten people at once while orders, gateway and store are killed: what all of them saw is judged.

`make chaos LONG=1` asks and kills longer. The judge itself is judged: of a hundred changed
histories that no correct lease or lock could show it must catch ninety-five.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from redis.exceptions import RedisError

from services.common.process import clock
from services.common.store import entries
from services.common.store.bus import store
from services.common.store.keys import FINAL_STAGES, Command, CommandEvent, Role, Stage, key
from services.common.store.lease import Lease
from tests.chaos.scene import ROUNDS, SEED
from tests.support.circle import ENVIRONMENT, World
from tests.support.linearizability import (
    LEASE,
    LOCK,
    Listing,
    ObjectModel,
    Operation,
    append_faults,
    linearizable,
)
from tests.support.mutants import mutants
from tests.support.processes import Processes, Service
from tests.support.servers import Addresses

PEOPLE = [f"person-{number}" for number in range(10)]
KILLS = 2 * ROUNDS
LEASE_ACTS = ("control-take", "control-release", "control-request", "control-hand-over")
LEASE_REFUSALS = {"control", "control-free", "control-yours", "parameter:to", "asked-before"}
WISHES = 3
ENDS_S = 60.0
EVENTS = key(ENVIRONMENT, "events")


class Person(threading.Thread):
    """Asks for one thing after the other and notes when and what came of it."""

    def __init__(self, name: str, store_url: str, stop: threading.Event, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.history: dict[str, list[Operation]] = defaultdict(list)
        self.failed: Exception | None = None
        self.unjudged: list[str] = []
        self.listings: list[Listing] = []
        self._client: Any = store(store_url)
        self._stop_asking = stop
        self._dice = Random(seed)  # noqa: S311 - to be repeated by its seed
        self._count = 0

    def run(self) -> None:
        """Ask until told to stop; what went wrong is in `failed`."""
        acts = (self._lead, self._lead, self._look, self._wish, self._list)
        try:
            while not self._stop_asking.is_set():
                self._dice.choice(acts)()
                # Slower than the pace at which a person is held back.
                time.sleep(self._dice.uniform(0.1, 0.2))
        except (AssertionError, RedisError) as problem:
            self.failed = problem

    def _lead(self) -> None:
        kind = self._dice.choice(LEASE_ACTS)
        minutes = {"minutes": 60} if kind in ("control-take", "control-hand-over") else {}
        command, called = self._ask(kind, minutes)
        ended = self._wait(command, FINAL_STAGES)
        judged = ended.stage is Stage.REFUSED and ended.reasons[0].id in LEASE_REFUSALS
        # Else it was too old when orders was back: nothing was asked of the lease.
        if judged or ended.stage is Stage.EFFECT:
            self._note("lease", kind, (self.name,), ended.stage.value, called)
        else:
            self.unjudged.append(ended.stage.value + ended.reasons[0].id)

    def _look(self) -> None:
        called = time.monotonic()
        found = self._tried(lambda: self._client.get(key(ENVIRONMENT, "lease")))
        lease = Lease.model_validate_json(found) if found else Lease()
        self._note("lease", "read", (), (lease.holder, lease.asked_by), called)

    def _wish(self) -> None:
        number = self._dice.randrange(WISHES)
        wish = {"topic": f"site/lamp-{number}", "payload": "{}", "confirm": "SENDEN"}
        command, called = self._ask("free-message", wish)
        decided = self._wait(command, FINAL_STAGES | {Stage.ACCEPTED})
        if decided.stage is Stage.ACCEPTED:
            self._note(f"wish {number}", "ask", (command,), "accepted", called)
            self._wait(command, FINAL_STAGES)
            self._note(f"wish {number}", "end", (command,), "", called)
            return
        # Else it was too old when orders was back.
        reason = decided.reasons[0]
        if reason.id == "occupied":
            faster = reason.en.rpartition("command ")[2].rstrip(").")
            self._note(f"wish {number}", "ask", (command,), faster, called)

    def _list(self) -> None:
        called = time.monotonic()
        rows = self._tried(lambda: self._client.xrange(EVENTS))
        found = tuple(entry.decode() for entry, _ in rows)
        self.listings.append(Listing(found, called, time.monotonic()))

    def _note(self, thing: str, name: str, given: tuple[str, ...], out: Any, called: float) -> None:
        one = Operation(self.name, name, given, out, called, time.monotonic())
        self.history[thing].append(one)

    def _ask(self, kind: str, parameters: dict[str, Any]) -> tuple[str, float]:
        self._count += 1
        command = Command(
            command_id=f"{self.name}-{self._count}",
            kind=kind,
            parameters=parameters,
            environment=ENVIRONMENT,
            operator=self.name,
            role=Role.ADMIN,
            created_at=clock.now(),
            source="test",
        )
        fields = entries.encode(command)
        called = time.monotonic()
        # The same command twice is one: a person presses again when the first press was lost.
        self._tried(lambda: self._client.xadd(key(ENVIRONMENT, "commands"), fields))
        return command.command_id, called

    def _wait(self, command_id: str, stages: Any) -> CommandEvent:
        deadline = time.monotonic() + ENDS_S
        name = key(ENVIRONMENT, f"command:{command_id}")
        while time.monotonic() < deadline:
            found = self._tried(lambda: self._client.lrange(name, 1, -1))
            life = [CommandEvent.model_validate_json(one) for one in found]
            if reached := next((one for one in life if one.stage in stages), None):
                return reached
            time.sleep(0.01)
        raise AssertionError(f"{command_id} did not end within {ENDS_S} s: {life}")

    def _tried(self, call: Any) -> Any:
        """The answer of the store, asked again while it is away."""
        deadline = time.monotonic() + ENDS_S
        while True:
            try:
                return call()
            except RedisError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


@pytest.mark.timeout(900)
def test_what_ten_people_saw_is_what_one_lease_one_lock_and_one_list_could_show(
    world: World, servers: Addresses
) -> None:
    people = _shift(world, servers.store_url)
    objects = _histories(people)
    assert len(objects["lease"]) > len(PEOPLE)
    for thing, history in objects.items():
        assert linearizable(history, _model(thing)), (thing, [one.unjudged for one in people])
    final = [entry.decode() for entry, _ in world.desk.client.xrange(EVENTS)]
    listings = [seen for person in people for seen in person.listings]
    assert append_faults(final, [], listings) == []
    changed = [
        (thing, one) for thing, history in objects.items() for one in mutants(history, 25, SEED)
    ]
    caught = [not linearizable(one, _model(thing)) for thing, one in changed]
    assert len(changed) == 100
    assert sum(caught) >= 95


def _shift(world: World, store_url: str) -> list[Person]:
    """Everybody asks, and what decides and sends is killed by turns."""
    dice = Random(SEED)  # noqa: S311 - to be repeated by its seed
    running: dict[str, Service] = {name: world.start(name) for name in ("orders", "gateway")}
    for service in running.values():
        service.wait_ready()
    stop = threading.Event()
    people = [Person(name, store_url, stop, SEED + n) for n, name in enumerate(PEOPLE)]
    for person in people:
        person.start()
    for number in range(KILLS):
        time.sleep(dice.uniform(0.5, 1.5))
        name = ("orders", "gateway")[number % 2]
        running[name].kill()
        running[name] = world.start(name).wait_ready()
    time.sleep(1.0)
    stop.set()
    for person in people:
        person.join(ENDS_S)
        assert person.failed is None, person.failed
    return people


def _histories(people: list[Person]) -> dict[str, list[Operation]]:
    joined: dict[str, list[Operation]] = defaultdict(list)
    for person in people:
        for thing, operations in person.history.items():
            joined[thing] += operations
    return dict(joined)


def _model(thing: str) -> ObjectModel:
    return LEASE if thing == "lease" else LOCK
