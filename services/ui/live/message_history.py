"""What the store holds beyond the newest messages; read in small pieces.

Each piece is awaited, and a long search lets others go first every few milliseconds: looking
through a day of traffic never holds up the pages.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from services.common.process import clock
from services.common.store import journal
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL
from services.ui.live.message_filter import MessageFilter

SEARCH_PAGE = 100
"""Messages at a time: so many camera frames are 10 MB."""
MAX_SCANNED = 5_000
"""A rare message is looked for among so many; the answer says where to go on."""
MAX_BYTES = 24_000_000
MAX_POINTS = 400
REPLAY_SLACK_S = 2.0
"""At maximum speed the recorded time of a message is known to a second."""
SLICE_S = 0.005
"""Work without a pause; a page is drawn within a tenth of a second."""
NEWEST = f"{2**64 - 1}-{2**64 - 1}"

Ours = Callable[[Message], object]


class HistoryPage(NamedTuple):
    """Messages newest first, and the id before which to go on; None when nothing is left."""

    messages: list[Message]
    before: str | None


async def backwards(bus: Bus, selection: MessageFilter, before: str) -> AsyncIterator[Message]:
    """Every kept message that a look might take, newest first, from before an id on.

    Ends at the look's own beginning; TopicError for topics that no buffer holds.
    """
    for source in await journal.sources(bus, selection.topic_filter or JOURNAL):
        async for message in journal.backwards(bus, source, before, SEARCH_PAGE):
            if selection.since is not None and message.received_at < selection.since:
                return
            if bus.times and bus.times.over(message):
                return
            before = message.id
            yield message


def beginning(bus: Bus | None, selection: MessageFilter, oldest: str | None) -> str:
    """The id before which a look is searched for behind what is at hand."""
    ends = [oldest] if oldest else []
    if bus is not None and selection.until is not None:
        ends.append(_end(bus, selection.until))
    return min(ends, key=StreamId.parse, default=NEWEST)


def _end(bus: Bus, until: float) -> str:
    """An id a little behind what is wanted: the look itself is asked about each message."""
    if bus.times is None:
        return journal.id_at(until + 0.002)
    return journal.id_at(bus.arrival(until + REPLAY_SLACK_S) + REPLAY_SLACK_S)


async def older(
    bus: Bus, selection: MessageFilter, before: str, wanted: int, ours: Ours = lambda _: ""
) -> HistoryPage:
    """Up to `wanted` messages of a look from before an id."""
    found: list[Message] = []
    scanned = size = 0
    async for message in backwards(bus, selection, before):
        scanned, size = scanned + 1, size + len(message.payload)
        if selection.takes(message, ours):
            found.append(message)
        if len(found) == wanted or scanned == MAX_SCANNED or size > MAX_BYTES:
            return HistoryPage(found, message.id)
    return HistoryPage(found, None)


async def message(bus: Bus, message_id: str) -> Message | None:
    """One message by its id; None if it is kept no more."""
    found = await bus.messages(
        JOURNAL, after=journal.just_before(message_id), until=message_id, count=1
    )
    return found[0] if found else None


async def previous(bus: Bus, of: Message) -> Message | None:
    """The message before it on the same topic; None if none is kept."""
    found = await history(bus, of.topic, of.id, 1)
    return found[0] if found else None


async def history(bus: Bus, topic: str, before: str, wanted: int = MAX_POINTS) -> list[Message]:
    """Up to `wanted` messages of one topic from before an id, newest first."""
    look = MessageFilter(topic_filter=topic)
    return (await older(bus, look, before, wanted)).messages


async def stretch(
    bus: Bus, selection: MessageFilter, ours: Ours = lambda _: ""
) -> AsyncIterator[Message]:
    """Every message of a look that is kept, oldest first, up to its end or to this moment."""
    after = journal.BEGINNING
    if bus.times is not None:
        after = await journal.before(bus, 0.0)
    if selection.since is not None:
        after = await journal.before(bus, selection.since)
    last = await journal.last_id(bus)
    if selection.until is not None:
        last = min(last, _end(bus, selection.until), key=StreamId.parse)
    pause = Pause()
    for source, until in await journal.parts(bus, selection.topic_filter or JOURNAL, last):
        async for one in journal.stretch(bus, source, after=after, until=until, page=SEARCH_PAGE):
            after = one.id
            await pause()
            if selection.takes(one, ours):
                yield one


class Pause:
    """Lets everybody else go first whenever a slice of work is over; await it after each piece."""

    def __init__(self, slice_s: float | None = None) -> None:
        self._slice_s = SLICE_S if slice_s is None else slice_s
        self._since = clock.monotonic()

    @property
    def due(self) -> bool:
        """True once the slice is over."""
        return clock.monotonic() - self._since >= self._slice_s

    async def __call__(self) -> None:
        """Return at once, or after the others had their turn."""
        if self.due:
            await asyncio.sleep(0)
            self._since = clock.monotonic()
