"""What the buffers of the bus still hold beyond the newest messages; read in small pieces.

Every question is bounded by messages and bytes, and each piece is awaited: a search through a day
of traffic never holds up the other pages.
"""

from collections.abc import AsyncIterator
from typing import NamedTuple

from omf.message import Message
from services.common import journal
from services.common.bus import Bus
from services.common.streams import JOURNAL
from services.ui.selection import Selection

PIECE = 100
"""Messages at a time: so many camera frames are 10 MB."""
MAX_SCANNED = 5_000
"""A rare message is looked for among so many; the answer says where to go on."""
MAX_BYTES = 24_000_000
MAX_POINTS = 400


class Page(NamedTuple):
    """Messages newest first, and the id before which to go on; None when nothing is left."""

    messages: list[Message]
    before: str | None


async def older(bus: Bus, selection: Selection, before: str, wanted: int) -> Page:
    """Up to `wanted` messages of a look from before an id."""
    found: list[Message] = []
    scanned = size = 0
    source = journal.buffer_of(selection.topic_filter or JOURNAL)
    async for message in journal.backwards(bus, source, before, PIECE):
        if selection.since is not None and message.received_at < selection.since:
            return Page(found, None)
        scanned, size = scanned + 1, size + len(message.payload)
        if selection.takes(message):
            found.append(message)
        if len(found) == wanted or scanned == MAX_SCANNED or size > MAX_BYTES:
            return Page(found, message.id)
    return Page(found, None)


async def message(bus: Bus, message_id: str) -> Message | None:
    """One message by its id; None if it is kept no more."""
    found = await bus.messages(JOURNAL, after=_just_before(message_id), until=message_id, count=1)
    return found[0] if found else None


def _just_before(message_id: str) -> str:
    millis, sequence = journal.place(message_id)
    return f"{millis}-{sequence - 1}" if sequence else f"{millis - 1}-{2**64 - 1}"


async def previous(bus: Bus, of: Message) -> Message | None:
    """The message before it on the same topic; None if none is kept."""
    found = await history(bus, of.topic, of.id, 1)
    return found[0] if found else None


async def history(bus: Bus, topic: str, before: str, wanted: int = MAX_POINTS) -> list[Message]:
    """Up to `wanted` messages of one topic from before an id, newest first."""
    look = Selection(topic_filter=topic)
    return (await older(bus, look, before, wanted)).messages


async def stretch(bus: Bus, selection: Selection) -> AsyncIterator[Message]:
    """Every message of a look that is still kept, oldest first, between its two times."""
    begin, end = selection.since, selection.until
    after = journal.id_before(begin) if begin is not None else journal.BEGINNING
    until = journal.id_at(end + 0.001) if end is not None else ""
    source = journal.buffer_of(selection.topic_filter or JOURNAL)
    async for one in journal.stretch(bus, source, after=after, until=until):
        if selection.takes(one):
            yield one
