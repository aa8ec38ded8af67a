"""Many ask the store over one connection: each gets its own answer, or is told why not."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.exceptions import RedisError, ResponseError

from services.common.store import joint_redis
from services.common.store.connections import connection_options
from services.common.store.joint_redis import JointRedis


@pytest.fixture
async def two(store_url: str) -> AsyncIterator[tuple[Any, Any]]:
    found = [JointRedis.at(store_url, connection_options()) for _ in range(2)]
    yield found[0], found[1]
    for client in found:
        await client.aclose()
    assert not joint_redis._OPEN


async def connections(client: Any) -> int:
    return len(await client.client_list())


async def test_each_gets_its_own_answer_over_one_connection(two: tuple[Any, Any]) -> None:
    one, other = two
    before = await connections(one)
    await asyncio.gather(*(client.set(f"k{n}", n) for n in range(50) for client in two))
    found = await asyncio.gather(*(two[n % 2].get(f"k{n}") for n in range(50)))
    assert [int(value) for value in found] == list(range(50))
    assert await connections(other) <= before + 2
    assert await one.xadd("stream", {"a": "b"})
    assert (await one.xinfo_stream("stream"))["length"] == 1
    seconds, micros = await other.time()
    assert seconds > 0 <= micros


async def test_a_refusal_reaches_only_whoever_asked(two: tuple[Any, Any]) -> None:
    await two[0].set("text", "a")
    found = await asyncio.gather(
        two[0].hget("text", "b"), two[1].get("text"), return_exceptions=True
    )
    assert isinstance(found[0], ResponseError)
    assert found[1] == b"a"


async def test_who_gives_up_leaves_the_answers_of_the_others_in_place(two: tuple[Any, Any]) -> None:
    await two[0].mset({"a": "1", "b": "2"})
    given_up = asyncio.ensure_future(two[0].get("a"))
    kept = asyncio.ensure_future(two[1].get("b"))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await kept == b"2"
    assert await two[0].get("a") == b"1"


async def test_a_connection_that_breaks_is_told_and_made_again(two: tuple[Any, Any]) -> None:
    one, other = two
    await one.set("a", "1")
    # A script that never ends within its time would block the test: the connection is cut instead.
    for row in await other.client_list():
        if row["cmd"] == "set":
            await other.client_kill_filter(_id=row["id"])
    found = await asyncio.gather(one.get("a"), return_exceptions=True)
    assert found == [b"1"] or isinstance(found[0], RedisError)
    assert await one.get("a") == b"1"
