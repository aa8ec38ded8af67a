"""Reading a stream so that nothing is lost, overtaken or tried for ever; on a real store."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.common.store import consumer as reading
from services.common.store.bus import Bus, StoreError
from services.common.store.consumer import (
    MAX_DELIVERIES,
    Dead,
    InboxLostError,
    StreamConsumer,
    StreamEntry,
)
from tests.support.inboxes import Handler, add, inbox, quiet, read_as, until


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as bus:
        yield bus


async def test_what_an_earlier_life_left_unfinished_comes_first_and_in_order(bus: Bus) -> None:
    before = Handler()
    await add(bus, "a", "b", "c")
    await inbox(bus, before).open()
    await read_as(bus, "worker")
    after = Handler()
    await inbox(bus, after).open()
    assert after.inbox
    await quiet(after.inbox)
    assert (before.handled, after.handled) == ([], ["a", "b", "c"])


async def test_entries_older_than_the_group_are_delivered(bus: Bus) -> None:
    await add(bus, "old")
    await inbox(bus, Handler()).open()
    assert [fields[b"__data__"] for _, fields in await read_as(bus, "worker")] == [b"old"]


async def test_poison_is_delivered_five_times_then_lies_in_dead_and_its_neighbours_go_on(
    bus: Bus,
) -> None:
    handler = Handler("poison")
    one = inbox(bus, handler)
    await one.open()
    await add(bus, "before", "poison", "after")
    rows = await read_as(bus, "worker")
    await one.take([entry_id for entry_id, _ in rows], [fields for _, fields in rows])
    await quiet(one)
    assert handler.handled == ["before", "after"]
    while not one.buried:
        await one.sweep()
        await asyncio.sleep(0.03)
    assert handler.tries.count("poison") == MAX_DELIVERIES
    [(_, dead)] = await bus.models("dead", Dead)
    assert (dead.stream, dead.body, dead.deliveries) == ("work", "poison", MAX_DELIVERIES)
    assert "cannot digest poison" in dead.reason
    assert (await bus.client.xpending(one.key, "worker"))["pending"] == 0


async def test_an_entry_that_failed_once_is_not_lost(bus: Bus) -> None:
    handler = Handler("late")
    one = inbox(bus, handler)
    await one.open()
    await add(bus, "late")
    rows = await read_as(bus, "worker")
    await one.take([entry_id for entry_id, _ in rows], [fields for _, fields in rows])
    await quiet(one)
    handler.poison = ()
    await asyncio.sleep(0.03)
    await one.sweep()
    await quiet(one)
    assert handler.handled == ["late"]


async def test_an_entry_in_hand_is_not_taken_twice(bus: Bus) -> None:
    gate = asyncio.Event()
    tries = []

    async def slow(entry: StreamEntry) -> None:
        tries.append(entry.id)
        await gate.wait()

    one = StreamConsumer(bus, "work", "worker", slow)
    one.backoff_s = (0.0,)
    await one.open()
    await add(bus, "slow")
    rows = await read_as(bus, "worker")
    await one.take([entry_id for entry_id, _ in rows], [fields for _, fields in rows])
    await one.sweep()
    await one.sweep()
    gate.set()
    await quiet(one)
    assert len(tries) == 1


async def test_a_lane_keeps_its_order_and_does_not_wait_for_the_others(bus: Bus) -> None:
    gate, done = asyncio.Event(), []

    async def handle(entry: StreamEntry) -> None:
        body = entry.fields[b"__data__"].decode()
        if body == "a1":
            await gate.wait()
        done.append(body)

    def lane(entry: StreamEntry) -> str:
        return entry.fields[b"__data__"].decode()[0]

    one = StreamConsumer(bus, "work", "worker", handle, lane=lane)
    await one.open()
    await add(bus, "a1", "a2", "b1", "b2")
    rows = await read_as(bus, "worker")
    await one.take([entry_id for entry_id, _ in rows], [fields for _, fields in rows])
    await until(lambda: len(done) == 2)
    assert done == ["b1", "b2"]
    gate.set()
    await quiet(one)
    assert done == ["b1", "b2", "a1", "a2"]


async def test_only_what_another_consumer_held_for_long_is_taken_over(bus: Bus) -> None:
    handler = Handler()
    one = inbox(bus, handler)
    await one.open()
    await add(bus, "orphan", "young")
    rows = await read_as(bus, "somebody else")
    await bus.client.xclaim(
        one.key, "worker", "somebody else", 0, [rows[0][0]], idle=31_000, justid=True
    )
    await one.sweep()
    await quiet(one)
    assert handler.handled == ["orphan"]


@pytest.mark.parametrize("loss", ["stream", "group"])
async def test_a_lost_group_is_made_again_and_knows_what_came_meanwhile(
    bus: Bus, loss: str
) -> None:
    one, woken = inbox(bus, Handler()), []

    async def read_again() -> None:
        woken.append(await bus.client.xinfo_groups(one.key))

    one.read_again = read_again
    await one.open()
    await one.sweep()
    if loss == "stream":
        await bus.client.delete(one.key)
    else:
        await bus.client.xgroup_destroy(one.key, "worker")
    await add(bus, "meanwhile")
    await one.sweep()
    assert [group["last-delivered-id"] for group in woken[-1]] == [b"0-0"]
    found = await bus.client.xreadgroup("worker", "worker", {one.key: ">"})
    assert "meanwhile" in str(found)


async def test_a_reader_that_reads_no_more_is_told(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "STALLED_S", 0.05)
    one = inbox(bus, Handler())
    await one.open()
    await add(bus, "unread")
    await one.sweep()
    await asyncio.sleep(0.1)
    with pytest.raises(InboxLostError, match="nobody has read"):
        await one.sweep()


async def test_while_the_store_is_away_nobody_is_late_with_reading(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "STALLED_S", 0.05)
    one = inbox(bus, Handler())
    await one.open()
    await add(bus, "unread")
    await one.sweep()
    with monkeypatch.context() as away:
        away.setattr(bus, "call", _away)
        with pytest.raises(StoreError):
            await one.sweep()
    await asyncio.sleep(0.1)
    await one.sweep()
    await asyncio.sleep(0.1)
    with pytest.raises(InboxLostError, match="nobody has read"):
        await one.sweep()


async def _away(answer: Any) -> None:
    answer.close()
    raise StoreError("away")
