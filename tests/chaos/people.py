"""People who ask for one thing after the other, and note when and what came of each."""

import threading
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any

from redis.exceptions import RedisError

from services.common.process import clock
from services.common.store import entries
from services.common.store.bus import store
from services.common.store.keys import Command, CommandEvent, Role, key
from tests.support.circle import ENVIRONMENT
from tests.support.linearizability import Listing, Operation

ENDS_S = 60.0


class AskingPerson(threading.Thread, ABC):
    """Asks until told to stop; `history` has what was asked and seen, by the thing it was of."""

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

    @abstractmethod
    def things_to_do(self) -> Sequence[Callable[[], None]]:
        """One of them is done at a time, at random."""

    def run(self) -> None:
        """Ask until told to stop; what went wrong is in `failed`."""
        things = self.things_to_do()
        try:
            while not self._stop_asking.is_set():
                self._dice.choice(things)()
                # Slower than the pace at which a person is held back.
                time.sleep(self._dice.uniform(0.1, 0.2))
        except (AssertionError, RedisError) as problem:
            self.failed = problem

    def leave(self) -> None:
        """Ask for nothing more."""
        self._stop_asking.set()

    def _list_stream(self, name: str) -> None:
        called = time.monotonic()
        rows = self._tried(lambda: self._client.xrange(name))
        found = tuple(entry.decode() for entry, _ in rows)
        self.listings.append(Listing(found, called, time.monotonic()))

    def _note(self, thing: str, name: str, given: tuple[str, ...], out: Any, called: float) -> None:
        one = Operation(self.name, name, given, out, called, time.monotonic())
        self.history[thing].append(one)

    def _next_command(self) -> str:
        return f"{self.name}-{self._count + 1}"

    def _ask(self, kind: str, parameters: dict[str, Any]) -> tuple[str, float]:
        command_id = self._next_command()
        self._count += 1
        command = Command(
            command_id=command_id,
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


def ended_well(people: Iterable[AskingPerson]) -> None:
    """Wait until the last thing each of them asked for has ended."""
    for person in people:
        person.join(2 * ENDS_S)
        assert person.failed is None, person.failed
        assert not person.is_alive(), f"{person.name} still waits"


def joined_histories(people: Iterable[AskingPerson]) -> dict[str, list[Operation]]:
    """What all of them asked and saw, by the thing it was of."""
    joined: dict[str, list[Operation]] = defaultdict(list)
    for person in people:
        for thing, operations in person.history.items():
            joined[thing] += operations
    return dict(joined)
