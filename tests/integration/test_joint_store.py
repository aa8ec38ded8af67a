"""Many ask the store over one connection: each gets its own answer, or is told why not."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.exceptions import RedisError, ResponseError

from services.common.store import joint_reader, joint_redis
from services.common.store.bus import Bus
from services.common.store.connections import connection_options
from services.common.store.entries import only_stream
from services.common.store.joint_redis import FOLLOWED_JOINTLY, JointRedis
from services.common.store.questions import ask_together


@pytest.fixture
async def two(store_url: str) -> AsyncIterator[tuple[Any, Any]]:
    found = [JointRedis.at(store_url, connection_options()) for _ in range(2)]
    yield found[0], found[1]
    for client in found:
        await client.aclose()
    assert not joint_redis._OPEN


TURNS = 60
"""A connection to the store takes about thirty turns of the loop."""


async def connections(client: Any) -> int:
    return len(await client.client_list())


async def calls(client: Any, command: str) -> int:
    """How often the store was asked so."""
    told = await client.info("commandstats")
    return int(told.get(f"cmdstat_{command}", {"calls": 0})["calls"])


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


@pytest.fixture
async def many(store_url: str) -> AsyncIterator[list[Any]]:
    """As many as read in rounds; each has asked for something."""
    found = [JointRedis.at(store_url, connection_options()) for _ in range(FOLLOWED_JOINTLY)]
    await asyncio.gather(*(client.time() for client in found))
    yield found
    for client in found:
        await client.aclose()
    assert not joint_redis._OPEN


async def test_many_follow_their_streams_over_one_connection(many: list[Any]) -> None:
    before = await connections(many[0])
    for number, client in enumerate(many):
        await client.xadd(f"stream-{number}", {"n": number}, "1-1")
        await client.xadd(f"stream-{number}", {"n": -number}, "1-2")
    follows = [client.xread({f"stream-{n}": "0"}, 500, 1000) for n, client in enumerate(many)]
    found = await asyncio.gather(*follows)
    alone = await many[0].xread({"stream-3": "0"}, 500)
    assert found[3] == alone
    told = [[fields[b"n"] for _, fields in only_stream(one)] for one in found]
    assert told == [[b"%d" % n, b"%d" % -n] for n in range(len(many))]
    assert await connections(many[0]) <= before + 2


async def test_one_stream_is_followed_from_two_places_and_nothing_that_comes_is_missed(
    many: list[Any],
) -> None:
    await many[0].xadd("stream", {"n": 1}, "1-1")
    behind = asyncio.ensure_future(many[0].xread({"stream": "1-1"}, 500, 10_000))
    before = asyncio.ensure_future(many[1].xread({"stream": "0"}, 500, 10_000))
    assert [name for name, _ in only_stream(await before)] == [b"1-1"]
    assert not behind.done()
    await many[2].xadd("stream", {"n": 2}, "1-2")
    assert [name for name, _ in only_stream(await behind)] == [b"1-2"]


async def test_nothing_new_is_told_as_nothing_and_a_refusal_as_such(many: list[Any]) -> None:
    await many[0].set("text", "no stream")
    assert not await many[1].xread({"none": "0"}, 500, 1)
    follow = asyncio.ensure_future(many[0].xread({"none": "0"}, 500, 60_000))
    with pytest.raises(ResponseError):
        await many[1].xread({"text": "0"}, 500, 1000)
    # Both were in one round: what is wrong with one stream is not told of the other.
    assert not follow.done()
    await many[2].xadd("none", {"n": 1}, "1-1")
    assert only_stream(await follow)


async def test_a_connection_that_breaks_is_told_to_whoever_follows_and_made_again(
    many: list[Any],
) -> None:
    await many[0].xadd("stream", {"n": 1}, "1-1")
    assert await many[0].xread({"stream": "0"}, 500, 1000)
    for row in await many[1].client_list():
        if row["cmd"] == "xread":
            await many[1].client_kill_filter(_id=row["id"])
    found = await asyncio.gather(many[0].xread({"stream": "0"}, 500, 1000), return_exceptions=True)
    assert isinstance(found[0], RedisError) or only_stream(found[0])
    assert only_stream(await many[0].xread({"stream": "0"}, 500, 1000))


async def test_silent_streams_are_asked_for_less_often_and_all_that_comes_is_read(
    many: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joint_reader, "QUIET_STREAM_S", 0.0)
    follows = [
        asyncio.ensure_future(client.xread({f"stream-{n}": "0"}, 500, 60_000))
        for n, client in enumerate(many)
    ]
    await asyncio.sleep(0)
    reader = many[0]._joint.reader
    begun, before = reader._round_number, await calls(many[0], "xread")
    while reader._round_number < begun + 4 * joint_reader.QUIET_ROUNDS:  # noqa: ASYNC110 - nothing tells of a round
        await asyncio.sleep(joint_reader.ROUND_S)
    asked = await calls(many[0], "xread") - before
    rounds = reader._round_number - begun
    assert 1 <= asked <= rounds / joint_reader.QUIET_ROUNDS + 1
    assert not any(follow.done() for follow in follows)
    for number, client in enumerate(many):
        await client.xadd(f"stream-{number}", {"n": number})
    assert all(only_stream(found) for found in await asyncio.gather(*follows))


async def test_who_asks_for_the_time_in_one_turn_gets_it_from_one_question(
    two: tuple[Any, Any],
) -> None:
    one, other = two
    await one.set("a", "1")
    before = await calls(other, "time")
    given_up = asyncio.ensure_future(one.time())
    kept = [asyncio.ensure_future(client.time()) for client in two for _ in range(20)]
    await asyncio.sleep(0)
    given_up.cancel()
    assert len(set(await asyncio.gather(*kept))) == 1
    assert await calls(other, "time") == before + 1
    # Later is a question of its own: a clock carried on would not show that it was set.
    await one.time()
    assert await calls(other, "time") == before + 2


async def test_what_is_read_together_is_answered_as_one_by_one(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        await bus.client.xadd("stream", {"a": "b"})
        asked = (("XINFO STREAM", "stream"), ("XINFO GROUPS", "none"), ("HVALS", "none"))
        found = await ask_together(bus, *asked)
        assert found == [await bus.client.xinfo_stream("stream"), None, []]
        with pytest.raises(ValueError, match="DEL"):
            await ask_together(bus, ("DEL", "stream"))


async def _left_early(store_url: str, turns: int) -> None:
    """Ask, and leave while the connection is being made."""
    client = JointRedis.at(store_url, connection_options())
    asking = asyncio.create_task(client.get("a"))
    asking.add_done_callback(lambda task: task.cancelled() or task.exception())
    for _ in range(turns):
        await asyncio.sleep(0)
    await client.aclose()


def test_a_process_ends_at_whatever_point_its_connection_is_being_made(store_url: str) -> None:
    """asyncio cancels what is left once, and waits for it without an end."""
    for turns in range(TURNS):
        life = threading.Thread(
            target=lambda turns=turns: asyncio.run(_left_early(store_url, turns)), daemon=True
        )
        life.start()
        life.join(20)
        assert not life.is_alive(), f"left after {turns} turns it never ended"
