"""Reading a stream so that nothing is lost, overtaken or tried for ever; on a real store."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import pytest

from services.common import inbox as reading
from services.common.bus import Bus, StoreError
from services.common.inbox import MAX_DELIVERIES, Entry, Inbox, InboxLostError
from services.common.streams import Dead

FAST = (0.02, 0.02, 0.02, 0.02)


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as bus:
        yield bus


class Handler:
    """Notes what it is given and fails for the bodies it is told to."""

    def __init__(self, *poison: str) -> None:
        self.inbox: Inbox | None = None
        self.handled: list[str] = []
        self.tries: list[str] = []
        self.poison = poison

    async def __call__(self, entry: Entry) -> None:
        body = entry.fields[b"__data__"].decode()
        self.tries.append(body)
        if body in self.poison:
            raise ValueError(f"cannot digest {body}")
        self.handled.append(body)
        assert self.inbox
        await self.inbox.acknowledge(entry)


def inbox(bus: Bus, handler: Handler, **options: Any) -> Inbox:
    handler.inbox = Inbox(bus, "work", "worker", handler, **options)
    handler.inbox.backoff_s = FAST
    return handler.inbox


async def add(bus: Bus, *bodies: str) -> None:
    for body in bodies:
        await bus.client.xadd(bus.key("work"), {"__data__": body})


async def read_as(bus: Bus, consumer: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Read what is new as FastStream would, without handling it."""
    streams = {bus.key("work"): ">"}
    found = await bus.client.xreadgroup("worker", consumer, streams)
    return found[bus.key("work").encode()][0] if isinstance(found, dict) else found[0][1]


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110 - a test looks from outside, nothing tells it
        await asyncio.sleep(0.005)


async def quiet(one: Inbox) -> None:
    await until(lambda: not one.backlog)


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

    async def slow(entry: Entry) -> None:
        tries.append(entry.id)
        await gate.wait()

    one = Inbox(bus, "work", "worker", slow)
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

    async def handle(entry: Entry) -> None:
        body = entry.fields[b"__data__"].decode()
        if body == "a1":
            await gate.wait()
        done.append(body)

    def lane(entry: Entry) -> str:
        return entry.fields[b"__data__"].decode()[0]

    one = Inbox(bus, "work", "worker", handle, lane=lane)
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
async def test_a_lost_group_is_told(bus: Bus, loss: str) -> None:
    one = inbox(bus, Handler())
    await one.open()
    await one.sweep()
    if loss == "stream":
        await bus.client.delete(one.key)
    else:
        await bus.client.xgroup_destroy(one.key, "worker")
    with pytest.raises(InboxLostError):
        await one.sweep()


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


async def deliveries(one: Inbox, bus: Bus) -> dict[str, int]:
    """How often each pending entry was begun, by its body."""
    rows = await bus.client.xpending_range(one.key, "worker", min="-", max="+", count=10)
    found = {}
    for row in rows:
        [(_, fields)] = await bus.client.xrange(one.key, row["message_id"], row["message_id"])
        found[fields[b"__data__"].decode()] = row["times_delivered"]
    return found


async def test_only_the_entry_that_was_in_work_counts_the_death_of_the_process(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CATCH_UP_S", 0.05)

    async def hang(_: Entry) -> None:
        await asyncio.Event().wait()

    await inbox(bus, Handler()).open()
    await add(bus, "deadly", "second", "third")
    await read_as(bus, "worker")
    for _ in range(3):
        life = Inbox(bus, "work", "worker", hang)
        await life.open()
        await life.close(0)
    assert await deliveries(life, bus) == {"deadly": 4, "second": 1, "third": 1}


async def test_nothing_new_begins_before_what_was_left_is_done(bus: Bus) -> None:
    gate, begun = asyncio.Event(), []

    async def handle(entry: Entry) -> None:
        begun.append(entry.fields[b"__data__"])
        await gate.wait()

    await inbox(bus, Handler()).open()
    await add(bus, "left")
    await read_as(bus, "worker")
    one = Inbox(bus, "work", "worker", handle, lane=lambda entry: entry.id)
    one.backoff_s = FAST
    await one.open()
    await add(bus, "new")
    rows = await read_as(bus, "worker")
    batch = [entry_id for entry_id, _ in rows], [fields for _, fields in rows]
    taking = asyncio.create_task(one.take(*batch))
    await asyncio.sleep(0.05)
    await one.sweep()
    await asyncio.sleep(0.05)
    assert begun == [b"left"]
    gate.set()
    await taking
    await quiet(one)
    assert begun == [b"left", b"new"]
    assert await deliveries(one, bus) == {"left": 2, "new": 1}


async def test_a_reader_that_waits_for_what_was_left_is_not_called_dead(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CATCH_UP_S", 0.02)
    monkeypatch.setattr(reading, "STALLED_S", 0.0)
    gate = asyncio.Event()

    async def hang(_: Entry) -> None:
        await gate.wait()

    await inbox(bus, Handler()).open()
    await add(bus, "left")
    await read_as(bus, "worker")
    one = Inbox(bus, "work", "worker", hang)
    await one.open()
    await add(bus, "new")
    for _ in range(2):
        await one.sweep()
        await asyncio.sleep(0.01)
    gate.set()
    await quiet(one)
    # From here on nobody reads the new one, and that is told.
    with pytest.raises(InboxLostError, match="nobody has read"):
        await one.sweep()


async def test_who_stops_takes_nothing_more_and_leaves_it_pending(bus: Bus) -> None:
    handler = Handler()
    one = inbox(bus, handler)
    await one.open()
    await add(bus, "late")
    rows = await read_as(bus, "worker")
    one.refuse()
    await one.take([entry_id for entry_id, _ in rows], [fields for _, fields in rows])
    assert (handler.tries, one.backlog) == ([], 0)
    assert await deliveries(one, bus) == {"late": 1}


async def test_a_word_the_store_did_not_take_is_said_again(bus: Bus) -> None:
    tries = []

    async def give_up(_: Entry) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise StoreError("away for a moment")

    one = inbox(bus, Handler("poison"), give_up=give_up)
    await one.open()
    await add(bus, "poison")
    rows = await read_as(bus, "worker")
    await one.take([entry_id for entry_id, _ in rows], [fields for _, fields in rows])
    while not one.buried:
        with suppress(StoreError):
            await one.sweep()
        await asyncio.sleep(0.03)
    assert len(tries) == 2


@pytest.mark.parametrize("failing", [False, True])
async def test_who_waits_for_a_buried_entry_is_told_and_cannot_keep_it(
    bus: Bus, *, failing: bool
) -> None:
    told: list[bytes] = []

    async def give_up(entry: Entry) -> None:
        told.append(entry.fields[b"__data__"])
        if failing:
            raise RuntimeError("cannot tell either")

    handler = Handler("poison")
    one = inbox(bus, handler, give_up=give_up)
    await one.open()
    await add(bus, "poison")
    rows = await read_as(bus, "worker")
    await one.take([entry_id for entry_id, _ in rows], [fields for _, fields in rows])
    while not one.buried:
        await one.sweep()
        await asyncio.sleep(0.03)
    assert told == [b"poison"]
    assert await deliveries(one, bus) == {}
