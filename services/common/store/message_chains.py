"""Reads what a message follows from and what followed from it out of the buffers."""

import asyncio
from collections.abc import AsyncIterator

from omf.analysis.message_chain import CHAIN_WINDOW_S, CHAINED, MessageChain, chain_of, is_chained
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.topics import catalogue
from services.common.store import journal
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL

CHAIN_PAGE = 200
"""Messages read at a time: between two pieces others have their turn."""


async def read_chain(bus: Bus, wanted: Message) -> MessageChain:
    """The chain of a message among all that is kept of the time around it; StoreError."""
    after = await journal.before(bus, wanted.received_at - CHAIN_WINDOW_S)
    until = await journal.before(bus, wanted.received_at + CHAIN_WINDOW_S)
    found = {one.id: one async for one in _kept(bus, after, until)}
    ordered = sorted(found.values(), key=lambda one: StreamId.parse(one.id))
    return await asyncio.to_thread(chain_of, ordered, wanted)


async def _kept(bus: Bus, after: str, until: str) -> AsyncIterator[Message]:
    """By the buffers of the topics; what one of them has forgotten, by the journal, once."""
    patterns = [entry.pattern for entry in catalogue.TOPICS if entry.name in CHAINED]
    begin = StreamId.parse(after)
    firsts = [one.first_id for one in await bus.buffers(patterns) if one.trimmed and one.first_id]
    forgotten = [first for first in firsts if StreamId.parse(first) > begin]
    if forgotten:
        last = min((max(forgotten, key=StreamId.parse), until), key=StreamId.parse)
        async for one in journal.stretch(bus, JOURNAL, after=after, until=last, page=CHAIN_PAGE):
            if is_chained(one.topic):
                yield one
    for pattern in patterns:
        async for one in journal.stretch(bus, pattern, after=after, until=until, page=CHAIN_PAGE):
            yield one
