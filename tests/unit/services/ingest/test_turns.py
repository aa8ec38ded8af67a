"""Code of many in one thread: who waits for what, and what goes to the store together."""

import threading
from collections.abc import Sequence
from typing import Any
from unittest import mock

import pytest

from services.common.store.clients import DriverError
from services.ingest import turns as turns_module
from services.ingest.turns import TurnEvent, Turns


class FakeConnection:
    """Answers each command with itself; remembers what came together."""

    def __init__(self, _: str) -> None:
        self.rounds: list[list[bytes]] = []
        self.broken = 0

    def exchange(self, commands: Sequence[bytes]) -> list[Any]:
        self.rounds.append(list(commands))
        if self.broken:
            self.broken -= 1
            raise DriverError("gone")
        return list(commands)

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def turns() -> Turns:
    with mock.patch.object(turns_module, "JointConnection", FakeConnection):
        return Turns("redis://nowhere")


def rounds(turns: Turns) -> list[list[bytes]]:
    connection: Any = turns._connection
    found: list[list[bytes]] = connection.rounds
    return found


def test_what_all_ask_in_a_round_goes_out_together_and_each_gets_its_own(turns: Turns) -> None:
    got: dict[bytes, list[Any]] = {}

    def body(name: bytes) -> None:
        got[name] = [*turns._ask([name + b"1", name + b"2"]), *turns._ask([name + b"3"])]

    turns.run([lambda: body(b"a"), lambda: body(b"b")])
    assert rounds(turns) == [[b"a1", b"a2", b"b1", b"b2"], [b"a3", b"b3"]]
    assert got == {b"a": [b"a1", b"a2", b"a3"], b"b": [b"b1", b"b2", b"b3"]}


def test_a_store_that_is_away_is_told_to_each_and_asked_again(turns: Turns) -> None:
    connection: Any = turns._connection
    connection.broken = 1
    failed: list[str] = []

    def body() -> None:
        with pytest.raises(DriverError, match="gone"):
            turns._ask([b"x"])
        failed.append("once")
        assert turns._ask([b"y"]) == [b"y"]

    turns.run([body, body])
    assert failed == ["once", "once"]


def test_one_that_always_has_something_to_ask_does_not_keep_others_waiting(turns: Turns) -> None:
    done, event = turns.event(), turns.event()

    def busy() -> None:
        while not done.is_set():
            turns._ask([b"more"])

    def waiting() -> None:
        event.wait(0.001)
        done.set()

    turns.run([busy, waiting])


def test_another_thread_wakes_whoever_waits(turns: Turns) -> None:
    event, begun = turns.event(), threading.Event()
    woken: list[bool] = []

    def body() -> None:
        begun.set()
        while not event.wait():
            pass
        woken.append(True)

    def from_outside() -> None:
        begun.wait()
        event.set()

    other = threading.Thread(target=from_outside)
    other.start()
    turns.run([body])
    other.join()
    assert woken == [True]


def test_an_event_set_before_the_wait_ends_it_and_the_time_ends_another(turns: Turns) -> None:
    seen: list[bool] = []

    def body(event: TurnEvent) -> None:
        event.set()
        seen.append(event.wait(60))
        event.clear()
        seen.append(event.wait(0.001))

    turns.run([lambda: body(turns.event())])
    assert seen == [True, False]


def test_a_bug_of_one_ends_only_that_one(turns: Turns) -> None:
    done: list[str] = []

    def broken() -> None:
        raise ValueError("a bug")

    def well() -> None:
        turns.event().wait(0.001)
        done.append("well")

    turns.run([broken, well])
    assert done == ["well"]


def test_what_blocks_is_done_aside_while_others_go_on(turns: Turns) -> None:
    order: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def blocks() -> None:
        begun.set()
        go_on.wait()
        order.append("blocked")

    def first() -> None:
        turns.aside(blocks)
        order.append("after it")

    def second() -> None:
        while not begun.is_set():
            turns.event().wait(0.001)
        order.append("meanwhile")
        go_on.set()

    turns.run([first, second])
    assert order == ["meanwhile", "blocked", "after it"]
