"""The script that submits: who passes while orders throttles, and that a no leaves nothing."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from services.common.store.bus import Bus
from services.common.store.keys import Command
from services.common.store.submission import (
    FULL_BUCKET,
    MAX_RETRY_AFTER_S,
    THROTTLE,
    THROTTLE_COUNTS,
    TooBusyError,
)
from tests.support.command_examples import command_of

LONG_MS = 3_600_000
"""No test takes so long: nobody gets a token meanwhile."""


class Submitted:
    """A store, and what was submitted to it."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self._number = 0

    async def throttle(self, every_ms: int) -> None:
        await self.bus.client.set(self.bus.key(THROTTLE), every_ms)

    def command(self, who: str, kind: str = "free-message") -> Command:
        self._number += 1
        given = {"topic": "x/y", "payload": "1"} if kind == "free-message" else {"order_id": "o"}
        return command_of(kind, command_id=f"c{self._number}", operator=who, parameters=given)

    async def passes(self, who: str, kind: str = "free-message") -> bool:
        with suppress(TooBusyError):
            return bool(await self.bus.submit(self.command(who, kind)))
        return False

    async def entries(self) -> int:
        return len(await self.bus.models("commands", Command))

    async def counted(self) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = await self.bus.client.hgetall(self.bus.key(THROTTLE_COUNTS))
        return found


@pytest.fixture
async def submitted(store_url: str) -> AsyncIterator[Submitted]:
    async with Bus(store_url, "mock") as bus:
        yield Submitted(bus)


async def test_while_nobody_throttles_all_of_it_is_handed_over(submitted: Submitted) -> None:
    assert all([await submitted.passes("anna") for _ in range(30)])
    assert await submitted.entries() == 30
    assert await submitted.counted() == {}


async def test_who_asks_faster_is_turned_away_and_nothing_is_written_of_it(
    submitted: Submitted,
) -> None:
    await submitted.throttle(LONG_MS)
    passed = [await submitted.passes("anna") for _ in range(20)]
    assert passed == [True, *[False] * 19]
    assert await submitted.passes("bert")
    assert await submitted.entries() == 2
    assert await submitted.counted() == {b"passed": b"2", b"refused": b"19"}


async def test_the_next_one_is_told_when_it_passes(submitted: Submitted) -> None:
    await submitted.throttle(4_000)
    await submitted.passes("anna")
    with pytest.raises(TooBusyError) as error:
        await submitted.bus.submit(submitted.command("anna"))
    assert 1 <= error.value.retry_s <= 4
    await submitted.throttle(LONG_MS)
    with pytest.raises(TooBusyError) as error:
        await submitted.bus.submit(submitted.command("anna"))
    assert error.value.retry_s == MAX_RETRY_AFTER_S


async def test_after_a_pause_several_pass_at_once_and_no_more(submitted: Submitted) -> None:
    await submitted.throttle(LONG_MS)
    await submitted.passes("anna")
    people = submitted.bus.key("throttle:people")
    await submitted.bus.client.hset(people, "anna", "0.000 1000")  # in the year 1970
    passed = [await submitted.passes("anna") for _ in range(FULL_BUCKET + 2)]
    assert passed == [True] * FULL_BUCKET + [False] * 2


async def test_a_throttle_that_grows_wider_lets_those_pass_who_were_turned_away(
    submitted: Submitted,
) -> None:
    await submitted.throttle(LONG_MS)
    assert [await submitted.passes("anna") for _ in range(3)] == [True, False, False]
    await submitted.throttle(1)
    while not await submitted.passes("anna"):  # a millisecond later
        pass


async def test_what_only_holds_something_back_passes_however_often(submitted: Submitted) -> None:
    await submitted.throttle(LONG_MS)
    assert all([await submitted.passes("anna", "bracket-cancel") for _ in range(9)])
    assert await submitted.counted() == {}
    assert await submitted.passes("anna")


async def test_a_command_that_orders_knows_passes_for_it_is_no_new_one(
    submitted: Submitted,
) -> None:
    await submitted.throttle(LONG_MS)
    command = submitted.command("anna")
    await submitted.bus.submit(command)
    with pytest.raises(TooBusyError):
        await submitted.bus.submit(command)
    record = submitted.bus.key(f"command:{command.command_id}")
    await submitted.bus.client.rpush(record, command.model_dump_json())
    await submitted.bus.submit(command)
