"""Facts about FastStream and redis-py that `faststream_adapter.py` and `consumer.py` stand on.

A failure here after an upgrade means: read those two files again, something got better or worse.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from faststream.middlewares import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from services.common.store.bus import BLOCK_MS
from services.common.store.connections import STORE_TIMEOUT_S

STREAM, GROUP = "canary", "g"
Handle = Callable[[Any], Awaitable[None]]


@pytest.fixture
async def client(store_url: str) -> AsyncIterator[Any]:
    async with Redis.from_url(store_url) as client:
        yield client


async def run(
    url: str, sub: StreamSub[Any], handle: Handle, until: Callable[[], object] = lambda: True
) -> None:
    """Let a subscriber work for a while, and until something is so, as FastStream would."""
    broker = RedisBroker(url, logger=None)
    broker.subscriber(stream=sub)(handle)
    async with broker:
        await broker.start()
        await asyncio.sleep(0.3)
        await come(until)


async def come(until: Callable[[], object]) -> None:
    """Return once it is so."""
    async with asyncio.timeout(30):
        while not until():  # noqa: ASYNC110 - what is waited for knows no event
            await asyncio.sleep(0.02)


def group(polling_ms: int = 50, **options: Any) -> StreamSub[Any]:
    return StreamSub(STREAM, group=GROUP, consumer="c", polling_interval=polling_ms, **options)


class Seen:
    def __init__(self, *, fails: bool = False) -> None:
        self.bodies: list[Any] = []
        self.fails = fails

    async def __call__(self, body: Any) -> None:
        self.bodies.append(body)
        if self.fails:
            raise ValueError("no")


async def test_m1_a_failed_entry_is_never_delivered_again(store_url: str, client: Any) -> None:
    await client.xgroup_create(STREAM, GROUP, "0", mkstream=True)
    await client.xadd(STREAM, {"__data__": "1"})
    failing, later = Seen(fails=True), Seen()
    await run(store_url, group(), failing, lambda: failing.bodies)
    await run(store_url, group(), later)
    assert (len(failing.bodies), later.bodies) == (1, [])
    assert (await client.xpending(STREAM, GROUP))["pending"] == 1


async def test_m2_what_was_pending_at_a_crash_is_not_delivered_again(
    store_url: str, client: Any
) -> None:
    await client.xgroup_create(STREAM, GROUP, "0", mkstream=True)
    await client.xadd(STREAM, {"__data__": "1"})
    await client.xreadgroup(GROUP, "c", {STREAM: ">"})
    seen = Seen()
    await run(store_url, group(), seen)
    assert seen.bodies == []


async def test_m3_a_group_made_by_faststream_skips_what_was_there(
    store_url: str, client: Any
) -> None:
    await client.xadd(STREAM, {"__data__": "1"})
    seen = Seen()
    await run(store_url, group(), seen)
    assert seen.bodies == []


async def test_m3_a_group_made_before_at_zero_is_left_as_it_is(store_url: str, client: Any) -> None:
    await client.xadd(STREAM, {"__data__": "1"})
    await client.xgroup_create(STREAM, GROUP, "0")
    seen = Seen()
    await run(store_url, group(), seen, lambda: seen.bodies)
    assert seen.bodies == [1]


@pytest.mark.filterwarnings("ignore:`polling_interval` is not supported")
async def test_m4_last_id_with_a_group_spins_and_delivers_nothing(
    store_url: str, client: Any
) -> None:
    await client.xgroup_create(STREAM, GROUP, "0", mkstream=True)
    await client.xadd(STREAM, {"__data__": "1"})
    before = await reads(client)
    seen = Seen()
    # One that waited as it should would read once in ten seconds.
    await run(store_url, group(polling_ms=10_000, last_id="0"), seen)
    assert seen.bodies == []
    assert await reads(client) - before > 3


async def reads(client: Any) -> int:
    found = await client.info("commandstats")
    return int(found.get("cmdstat_xreadgroup", {}).get("calls", 0))


async def test_m5_a_lost_stream_stops_the_subscriber_and_ping_stays_true(
    store_url: str, client: Any
) -> None:
    await client.xgroup_create(STREAM, GROUP, "0", mkstream=True)
    broker, seen = RedisBroker(store_url, logger=None), Seen()
    broker.subscriber(stream=group())(seen)
    async with broker:
        await broker.start()
        await client.delete(STREAM)
        await asyncio.sleep(0.3)
        await client.xgroup_create(STREAM, GROUP, "0", mkstream=True)
        await client.xadd(STREAM, {"__data__": "1"})
        await asyncio.sleep(0.3)
        assert await broker.ping(1.0)
        assert seen.bodies == []


async def test_m7_we_block_far_shorter_than_the_driver_waits() -> None:
    assert BLOCK_MS / 1000 + 5 < STORE_TIMEOUT_S


async def test_m8_claiming_while_reading_is_not_there_on_the_servers_we_ship(client: Any) -> None:
    version = (await client.info("server"))["redis_version"]
    if tuple(map(int, version.split(".")[:2])) >= (8, 4):
        pytest.fail("XREADGROUP CLAIM exists here: StreamConsumer could use it")
    await client.xgroup_create(STREAM, GROUP, "0", mkstream=True)
    with pytest.raises(ResponseError, match="syntax"):
        await client.xreadgroup(GROUP, "c", {STREAM: ">"}, claim_min_idle_time=1)


async def test_m9_a_claimer_delivers_a_failing_entry_without_end(
    store_url: str, client: Any
) -> None:
    await client.xgroup_create(STREAM, GROUP, "0", mkstream=True)
    await client.xadd(STREAM, {"__data__": "1"})
    await client.xreadgroup(GROUP, "other", {STREAM: ">"})
    failing = Seen(fails=True)
    await run(store_url, group(min_idle_time=20), failing, lambda: len(failing.bodies) > 5)


async def test_a_batch_hands_over_ids_and_undecoded_fields(store_url: str, client: Any) -> None:
    await client.xgroup_create(STREAM, GROUP, "0", mkstream=True)
    await client.xadd(STREAM, {"__data__": '{"a":1}'}, id="1-1")
    await client.xadd(STREAM, {"__data__": "no json"}, id="1-2")
    got: list[Any] = []
    broker = RedisBroker(store_url, logger=None)

    @broker.subscriber(stream=group(batch=True), ack_policy=AckPolicy.MANUAL)
    async def take(_: list[Any]) -> None:
        message = broker.context.get("message")
        got.append(message.raw_message)

    async with broker:
        await broker.start()
        await come(lambda: got)
    assert got[0]["message_ids"] == [b"1-1", b"1-2"]
    assert got[0]["data"] == [{b"__data__": b'{"a":1}'}, {b"__data__": b"no json"}]
    assert (await client.xpending(STREAM, GROUP))["pending"] == 2
