"""Reading buffers to their present end, and the ids of their messages."""

from collections.abc import AsyncIterator

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.texts import text
from omf.topics import catalogue
from omf.topics.filters import TopicError, check_filter, covers
from services.common.store import entries, keys
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL

JOURNAL_PAGE = 2000
BEGINNING = "0-0"


async def stretch(
    bus: Bus,
    topic_filter: str = JOURNAL,
    *,
    after: str = BEGINNING,
    until: str = "",
    page: int = JOURNAL_PAGE,
) -> AsyncIterator[Message]:
    """Messages of a buffer behind the id `after`, up to `until` or to its present end.

    `page` bounds how many are held at a time.
    """
    last = until or await last_id(bus, topic_filter)
    while batch := await bus.messages(topic_filter, after=after, until=last, count=page):
        for message in batch:
            yield message
        after = batch[-1].id


async def backwards(
    bus: Bus, topic_filter: str, before: str, piece: int = JOURNAL_PAGE
) -> AsyncIterator[Message]:
    """Messages of a buffer from before an id, newest first, read in pieces of so many."""
    name = keys.buffer_key(bus.environment, topic_filter)
    while True:
        found = await bus.call(bus.client.xrevrange(name, f"({before}", "-", piece))
        for message in await bus.dated(entries.message(*entry) for entry in found):
            before = message.id
            yield message
        if len(found) < piece:
            return


async def last_id(bus: Bus, topic_filter: str = JOURNAL) -> str:
    """The newest id of a buffer; the beginning when it is empty."""
    newest = await bus.newest(topic_filter, 1)
    return newest[-1].id if newest else BEGINNING


async def message_now(bus: Bus) -> float:
    """This moment on the clock by which messages are dated: their ages are measured from it."""
    now, link = await bus.time(), await bus.link("ingest")
    return link.message_now(now) if link else now


async def before(bus: Bus, at: float) -> str:
    """The last id of what was said before `at`, on the clock by which messages are dated."""
    await bus.dated(())
    return id_before(bus.arrival(at))


def buffer_of(topic_filter: str) -> str:
    """The narrowest buffer that holds every message of a filter.

    TopicError for a bad filter, and for one no buffer covers: what begins with `$` is the broker's
    own talk and is not mirrored.
    """
    check_filter(topic_filter)
    mirrored = catalogue.filters(catalogue.EVERYTHING)
    if topic_filter in mirrored:
        return topic_filter
    wide = [candidate for candidate in mirrored if covers(candidate, topic_filter)]
    if not wide:
        raise TopicError(text("topic.not_mirrored", filter=topic_filter))
    return next(
        one for one in wide if not any(covers(one, other) for other in wide if other != one)
    )


async def sources(bus: Bus, topic_filter: str) -> list[str]:
    """The buffers that together hold the most of a filter, the one with the newest first.

    A buffer of a busy topic forgets by count long before the journal forgets by age: behind its
    oldest message the journal goes on. TopicError as in `buffer_of`.
    """
    source = buffer_of(topic_filter)
    if source == JOURNAL:
        return [JOURNAL]
    [narrow] = await bus.buffers([source])
    whole = narrow.first_id is not None and not narrow.trimmed
    return [source] if whole else [source, JOURNAL]


async def parts(bus: Bus, topic_filter: str, last: str) -> list[tuple[str, str]]:
    """The same buffers, oldest part first, and the id up to which each is to be read."""
    found = await sources(bus, topic_filter)
    if len(found) == 1:
        return [(found[0], last)]
    [narrow] = await bus.buffers(found[:1])
    if narrow.first_id is None or StreamId.parse(narrow.first_id) > StreamId.parse(last):
        return [(JOURNAL, last)]
    return [(JOURNAL, just_before(narrow.first_id)), (found[0], last)]


def just_before(message_id: str) -> str:
    """The id in front of an id."""
    return str(StreamId.parse(message_id).previous)


def class_of(topic_filter: str) -> int:
    """The priority class from which on a buffer is mirrored."""
    return next(n for n in catalogue.CLASSES if topic_filter in catalogue.filters(n))


def id_at(at: float) -> str:
    """The first message id that could have been given at `at`."""
    return str(StreamId.first_at(at))


def id_before(at: float) -> str:
    """The last message id that could have been given before `at`."""
    return str(StreamId.last_before(at))
