"""Scripts that go out together: each is a step of its own, and one's failure is its own."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.common.store.bus import Bus, StoreError

COUNT = "return redis.call('INCR', KEYS[1])"
PUT = "redis.call('RPUSH', KEYS[1], ARGV[1]) return ARGV[1]"
WRONG = "return redis.call('INCR', KEYS[1], 'too much')"
MANY = 50


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as bus:
        yield bus


async def test_they_run_in_the_order_in_which_they_were_asked_for(bus: Bus) -> None:
    name = bus.key("order")
    asked = [str(number) for number in range(MANY)]
    await bus.script(PUT, [name], ["first"])
    told = await asyncio.gather(*(bus.script(PUT, [name], [text]) for text in asked))
    assert [text.decode() for text in told] == asked
    assert [text.decode() for text in await bus.client.lrange(name, 0, -1)] == ["first", *asked]


async def test_the_one_that_fails_leaves_the_others_alone(bus: Bus) -> None:
    name = bus.key("number")
    asked = (bus.script(source, [name], []) for source in (COUNT, WRONG, COUNT))
    one, wrong, two = await asyncio.gather(*asked, return_exceptions=True)
    assert (one, two) == (1, 2)
    assert isinstance(wrong, StoreError)


async def test_a_store_that_forgot_them_learns_them_again(bus: Bus) -> None:
    name = bus.key("number")
    await bus.script(COUNT, [name], [])
    await bus.client.script_flush()
    told = await asyncio.gather(*(bus.script(COUNT, [name], []) for _ in range(3)))
    assert sorted(told) == [2, 3, 4]


async def test_who_gives_up_waiting_holds_up_nobody(bus: Bus) -> None:
    name = bus.key("number")
    hasty = asyncio.create_task(bus.script(COUNT, [name], []))
    patient = asyncio.create_task(bus.script(COUNT, [name], []))
    await asyncio.sleep(0)
    hasty.cancel()
    assert await patient in (1, 2)


async def test_a_store_that_is_not_there_is_told_to_all() -> None:
    async with Bus("redis://127.0.0.1:1/0", "mock") as bus:
        asked = (bus.script(COUNT, [bus.key("number")], []) for _ in range(3))
        told = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(error) for error in told] == [StoreError] * 3
