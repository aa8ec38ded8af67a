"""A search of the message centre: memory first, then the store; each message is asked once."""

from collections.abc import AsyncIterator

import pytest

from omf.messages.message import Message
from omf.topics.catalogue import address
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL, buffer_key
from services.ui.features.messages.message_search import Search
from services.ui.live import message_history, recent_messages
from services.ui.live.message_filter import MessageFilter
from services.ui.live.model import ViewModel
from services.ui.live.recent_messages import Arrivals, Journal

BEGIN = 1_000_000
"""The first message of these tests, in milliseconds; they are a second apart."""
PAIRING = address("ccu_pairing_state")


class Asked(MessageFilter):
    """Counts the questions."""

    count = 0

    def takes(self, message: Message, _: object = None) -> bool:
        """Whatever ends in an even figure."""
        Asked.count += 1
        return int(message.topic[-1]) % 2 == 0


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as made:
        yield made


def _message(number: int, topic: str = "", payload: bytes = b"") -> Message:
    return Message(topic or f"topic/{number}", payload, f"{BEGIN + number * 1000}-0")


def _say(kept: Journal, *numbers: int) -> None:
    for number in numbers:
        kept.add(_message(number))


async def _store(bus: Bus, *messages: Message, into: tuple[str, ...] = (JOURNAL,)) -> None:
    async with bus.client.pipeline(transaction=False) as pipe:
        for one in messages:
            fields = {"t": one.topic, "p": one.payload, "q": 0, "r": 0}
            for name in into:
                pipe.xadd(buffer_key("mock", name), fields, one.id)
        await pipe.execute()


def _search(bus: Bus, kept: Journal, selection: MessageFilter) -> Search:
    return Search(ViewModel("mock", journal=kept), bus, selection)


async def _all(search: Search) -> list[str]:
    found = [one.id for one in search.at_hand(1000)]
    async for piece in search.pieces():
        found += [one.id for one in piece]
    return found


@pytest.mark.servers
async def test_memory_and_store_are_one_list_and_each_message_is_asked_once(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Asked, "count", 0)
    await _store(bus, *(_message(number) for number in range(8)))
    kept = Journal()
    _say(kept, 4, 5, 6, 7)
    search = _search(bus, kept, Asked())
    assert await _all(search) == [_message(number).id for number in (6, 4, 2, 0)]
    _say(kept, 8, 9)
    assert [m.topic for m in search.take()] == ["topic/8"]
    assert search.take() == []
    assert (search.found, search.stage, Asked.count) == (5, "done", 10)
    assert search.back_to == BEGIN / 1000


@pytest.mark.servers
async def test_what_leaves_memory_stays_found(bus: Bus) -> None:
    kept = Journal(keep_count=3)
    _say(kept, 0, 2, 4)
    await _store(bus, *(_message(number) for number in (0, 2, 4)))
    search = _search(bus, kept, MessageFilter(text="topic"))
    await _all(search)
    for number in (6, 7, 8, 9):
        _say(kept, number)
        search.take()
    assert search.found == 7


@pytest.mark.servers
async def test_a_range_in_the_past_begins_at_its_end_and_stops_at_its_beginning(bus: Bus) -> None:
    await _store(bus, *(_message(number, "a", b"%d" % number) for number in range(500)))
    kept = Journal()
    for number in range(490, 500):
        kept.add(_message(number, "a", b"%d" % number))
    wanted = MessageFilter(since=BEGIN / 1000 + 100, until=BEGIN / 1000 + 110)
    search = _search(bus, kept, wanted)
    ids = await _all(search)
    assert ids == [_message(number).id for number in range(110, 99, -1)]
    exported = [one.id async for one in message_history.stretch(bus, wanted)]
    assert exported == ids[::-1]
    assert (search.found, search.back_to) == (11, wanted.since)


@pytest.mark.servers
async def test_a_busy_topic_that_its_buffer_forgot_is_found_in_the_journal(bus: Bus) -> None:
    old = [_message(number, PAIRING, b"old") for number in range(5)]
    await _store(bus, *old)
    new = [_message(number, PAIRING, b"new") for number in range(5, 8)]
    await _store(bus, *new, into=(JOURNAL, PAIRING))
    await bus.client.hset(bus.key("counters"), f"trimmed:{PAIRING}", 5)
    wanted = MessageFilter(topic_filter=PAIRING)
    ids = await _all(_search(bus, Journal(), wanted))
    assert ids == [one.id for one in reversed(old + new)]
    assert [one.id async for one in message_history.stretch(bus, wanted)] == ids[::-1]


@pytest.mark.servers
async def test_a_stopped_search_goes_on_where_it_was(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_history, "SLICE_S", 0.0)
    await _store(bus, *(_message(number, "a") for number in range(300)))
    search = _search(bus, Journal(), MessageFilter(text="a"))
    async for _ in search.pieces():
        if search.found == 50:
            search.stop()
    assert (search.found, search.stage) == (50, "stopped")
    async for _ in search.pieces():
        pass
    assert (search.found, search.stage) == (300, "done")


@pytest.mark.servers
async def test_everything_is_counted_without_being_read(bus: Bus) -> None:
    await _store(bus, *(_message(number, "a") for number in range(300)))
    kept = Journal()
    for number in range(298, 302):
        kept.add(_message(number, "a"))
    search = _search(bus, kept, MessageFilter())
    await _all(search)
    assert (search.found, search.back_to, search.stage) == (302, BEGIN / 1000, "done")


@pytest.mark.servers
async def test_nothing_is_found_in_an_empty_store(bus: Bus) -> None:
    search = _search(bus, Journal(), MessageFilter(text="x"))
    assert (await _all(search), search.found, search.back_to) == ([], 0, None)


def test_arrivals_are_those_of_the_window_by_topic() -> None:
    came = Arrivals(10.0)
    for at in (980, 989, 990, 995):
        came.add(at, "a" if at < 995 else "b")
    assert dict(came.by_topic(1_000.0)) == {"a": 1, "b": 1}
    assert came.per_second(1_000.0) == 0.2
    assert dict(came.by_topic(1_004.0)) == {"b": 1}
    assert came.per_second(1_020.0) == 0.0


def test_arrivals_of_a_flood_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_messages, "MOST_RECENT", 3)
    came = Arrivals(10.0)
    for number in range(5):
        came.add(1_000.0, f"topic/{number}")
    assert set(came.by_topic(1_000.0)) == {"topic/2", "topic/3", "topic/4"}
