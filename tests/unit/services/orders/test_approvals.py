"""What waits for a second person is asked for only where it can be there."""

import asyncio
from typing import Any

import pytest

from services.common.store.bus import Bus
from services.common.store.consumer import StreamEntry
from services.common.store.keys import Stage
from services.common.store.lease import Lease
from services.orders.command_observers import CommandObservers
from services.orders.decision import Decision, View, decide
from services.orders.kept.approvals import ApprovalKeeper
from services.orders.kept.owner import OwnerContext
from services.orders.repository import CommandRepository
from tests.support.command_examples import command_of
from tests.support.factory import NOW, known_factory

WISH = {"topic": "x/y", "payload": "{}", "confirm": "SENDEN"}


class Hash:
    """The part of the driver that keeps what waits; counts what is asked of one command."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.asked: list[str] = []

    async def hget(self, _: str, name: str) -> str | None:
        self.asked.append(name)
        return self.kept.get(name)

    async def hvals(self, _: str) -> list[str]:
        return list(self.kept.values())


class HashBus(Bus):
    """A store in which hold.lua writes down what waits."""

    def __init__(self) -> None:
        super().__init__("redis://127.0.0.1:1", "mock")
        self.client = Hash()

    async def script(self, _: Any, __: Any, args: Any) -> Any:
        self.client.kept.setdefault(args[2], args[3])
        return [b"written"]

    async def time(self) -> float:
        return NOW


def keeper(bus: HashBus) -> ApprovalKeeper:
    """That of a process that has just begun."""
    view: Any = None  # judged by what is given
    return ApprovalKeeper(OwnerContext(bus, CommandRepository(bus), view, CommandObservers("mock")))


async def judged(approvals: ApprovalKeeper, name: str, *, four_eyes: bool) -> Decision | None:
    command = command_of("free-message", command_id=name, parameters=WISH, known_by="account")
    lease = Lease(four_eyes=four_eyes)
    view = View("mock", known_factory(), NOW, "0-0", None, NOW, lease)
    decision = decide(command, NOW, view, lambda: "id")
    assert decision.stage is Stage.ACCEPTED, decision.reasons
    return await approvals.judged(StreamEntry("1-0", {}), command, decision, view)


async def test_where_nothing_waits_no_dangerous_command_asks_the_store() -> None:
    bus = HashBus()
    approvals = keeper(bus)
    await approvals.tick()
    for name in ("one", "two", "three"):
        assert await judged(approvals, name, four_eyes=False)
    assert bus.client.asked == []


async def test_a_new_life_asks_until_it_has_looked() -> None:
    bus = HashBus()
    approvals = keeper(bus)
    await judged(approvals, "one", four_eyes=False)
    await approvals.tick()
    approvals.forget()
    await judged(approvals, "two", four_eyes=False)
    await approvals.tick()
    await judged(approvals, "three", four_eyes=False)
    assert bus.client.asked == ["one", "two"]


@pytest.mark.parametrize("restarted", [False, True])
async def test_what_waits_is_found_by_this_life_and_the_next(*, restarted: bool) -> None:
    bus = HashBus()
    approvals = keeper(bus)
    await approvals.tick()
    assert await judged(approvals, "one", four_eyes=True) is None
    if restarted:
        approvals = keeper(bus)
        await approvals.tick()
    # A repetition of it, though nobody asks for a second person any more: it still waits.
    assert await judged(approvals, "one", four_eyes=False) is None
    assert bus.client.asked == ["one"]


async def test_what_begins_to_wait_while_the_timer_asks_is_not_lost() -> None:
    bus = HashBus()
    approvals = keeper(bus)
    asked, answered = asyncio.Event(), asyncio.Event()
    at_once: Any = bus.client.hvals

    async def slow(name: str) -> list[str]:
        if asked.is_set():
            return list(await at_once(name))
        asked.set()
        await answered.wait()
        return []

    bus.client.hvals = slow
    asking = asyncio.create_task(approvals.tick())
    await asked.wait()
    assert await judged(approvals, "one", four_eyes=True) is None
    answered.set()
    await asking
    assert await judged(approvals, "one", four_eyes=False) is None
