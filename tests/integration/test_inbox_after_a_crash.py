"""What a death of the process leaves in hand, and who is told of what is buried."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from services.common.store import consumer as reading
from services.common.store.bus import Bus, StoreError
from services.common.store.consumer import InboxLostError, StreamConsumer, StreamEntry
from tests.support.inboxes import FAST, Handler, add, inbox, quiet, read_as


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as bus:
        yield bus


async def deliveries(one: StreamConsumer, bus: Bus) -> dict[str, int]:
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

    async def hang(_: StreamEntry) -> None:
        await asyncio.Event().wait()

    await inbox(bus, Handler()).open()
    await add(bus, "deadly", "second", "third")
    await read_as(bus, "worker")
    for _ in range(3):
        life = StreamConsumer(bus, "work", "worker", hang)
        await life.open()
        await life.close(0)
    assert await deliveries(life, bus) == {"deadly": 4, "second": 1, "third": 1}


async def test_nothing_new_begins_before_what_was_left_is_done(bus: Bus) -> None:
    gate, begun = asyncio.Event(), []

    async def handle(entry: StreamEntry) -> None:
        begun.append(entry.fields[b"__data__"])
        await gate.wait()

    await inbox(bus, Handler()).open()
    await add(bus, "left")
    await read_as(bus, "worker")
    one = StreamConsumer(bus, "work", "worker", handle, lane=lambda entry: entry.id)
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

    async def hang(_: StreamEntry) -> None:
        await gate.wait()

    await inbox(bus, Handler()).open()
    await add(bus, "left")
    await read_as(bus, "worker")
    one = StreamConsumer(bus, "work", "worker", hang)
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

    async def give_up(_: StreamEntry) -> None:
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

    async def give_up(entry: StreamEntry) -> None:
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
