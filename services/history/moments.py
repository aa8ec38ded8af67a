"""The factory at a moment of the past, as far back as the archive reaches.

The nearest state that was kept before it, in the store or in the archive, and the messages behind
that: the archive's own as far as it has them, then the journal's.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from omf.texts import Text, text
from services.common.store.alarm_rules import read_rules
from services.common.store.bus import Bus
from services.common.store.fold_reader import nearest_fold
from services.common.store.journal import before, message_now, stretch
from services.common.store.keys import JOURNAL
from services.common.store.site_settings import KnownSite
from services.history.manifest import day_of, midnight_ms
from services.history.reader import FOLD_BACK_MS, History
from services.history.rows import DERIVED_KINDS, ArchivedMessage

SLICE = 500
"""Messages folded before others have their turn."""
CLOCK_TOLERANCE_S = 2.0
"""Clocks of people's links are not exact; this much later is still now."""
_START = StreamId(0, 0)


class NothingKnownError(Exception):
    """Nothing is known of a moment; `told` says why in words."""

    def __init__(self, told: Text) -> None:
        super().__init__(told.en)
        self.told = told


class PastState(NamedTuple):
    """The fold of everything up to a moment, and the id of the last message in it."""

    through: str
    state: FactoryState


class Reach(NamedTuple):
    """Which messages can still be read: the archive's up to an id, the journal's from one on."""

    first: StreamId | None
    """The oldest message of both; None if there is none."""
    archived: StreamId
    """The last archived message; the beginning if there is none."""
    journal_after: StreamId
    """Everything behind this id is in the journal."""


async def state_at(bus: Bus, history: History, at: float) -> PastState:
    """The factory at `at`, Unix seconds; in a replay the recorded time of what is played.

    NothingKnownError for a moment before the first message, inside a gap, on a day that cannot be
    read, or still to come; StoreError.
    """
    if at > await message_now(bus) + CLOCK_TOLERANCE_S:
        raise NothingKnownError(text("past.not_yet"))
    until = StreamId.parse(await before(bus, behind(at)))
    reach = await reach_of(bus, history)
    await _check(history, reach, until)
    base, state = await _nearest(bus, history, reach, until)
    if (rules := await read_rules(bus)) is not None:
        # What the site watches and shows of old messages are its present wishes.
        state.alarm_rules = rules.in_force()
    await KnownSite(bus).note(state)
    through = str(base)
    count = 0
    async for message in messages_between(bus, history, reach, base, until):
        state.apply(message, message.received_at)
        through, count = message.id, count + 1
        if count % SLICE == 0:
            await asyncio.sleep(0)
    played = bus.times.newest if bus.times else None
    if played is not None and state.session != played.session:
        raise NothingKnownError(text("past.before_session"))
    return PastState(through, state)


def behind(at: float) -> float:
    """A moment behind all that came in the millisecond of another, whatever a float makes of it."""
    return round(at, 3) + 0.0015


async def reach_of(bus: Bus, history: History) -> Reach:
    """How far archive and journal reach now."""
    [journal] = await bus.buffers([JOURNAL])
    archived = StreamId.parse(await asyncio.to_thread(history.through))
    kept = StreamId.parse(journal.first_id) if journal.first_id else None
    oldest = await asyncio.to_thread(_first_archived, history)
    first = min((one for one in (oldest, kept) if one is not None), default=None)
    if kept is None:
        return Reach(first, archived, archived)
    return Reach(first, archived, kept.previous if journal.trimmed else _START)


def _first_archived(history: History) -> StreamId | None:
    """The oldest archived message, of whatever class; states may be kept longer."""
    for day in history.days():
        files = [file for file in day.files if file.kind not in DERIVED_KINDS]
        if files:
            return min(StreamId.parse(file.first) for file in files)
    return None


async def _check(history: History, reach: Reach, until: StreamId) -> None:
    """NothingKnownError where no state could be told truly."""
    if reach.first is None:
        raise NothingKnownError(text("past.no_messages"))
    if until < reach.first:
        raise NothingKnownError(text("past.before_first", at=_stamp(reach.first)))
    for day in await asyncio.to_thread(history.unreadable_days):
        begin = StreamId(midnight_ms(day), 0)
        if reach.archived >= begin and day_of(until.ms) == day:
            raise NothingKnownError(text("past.day_unreadable", day=day))
    gaps = [
        (StreamId.parse(gap.after), StreamId.parse(gap.until))
        for gap in await asyncio.to_thread(history.gaps)
    ]
    if reach.archived != _START and reach.journal_after > reach.archived:
        gaps.append((reach.archived, reach.journal_after))
    for after, behind in gaps:
        if after.ms < until.ms and until < behind:
            raise NothingKnownError(text("past.in_gap", begin=_stamp(after), end=_stamp(behind)))


async def _nearest(
    bus: Bus, history: History, reach: Reach, until: StreamId
) -> tuple[StreamId, FactoryState]:
    """The newest state kept up to an id from which all messages can be read, and its own id."""
    stored, state = await nearest_fold(bus, str(until))
    base = StreamId.parse(stored)
    found = await asyncio.to_thread(history.nearest_state, str(until))
    archived = StreamId.parse(found[0])
    readable = base >= reach.journal_after or reach.archived >= base > _START
    if archived > base or not readable:
        base, state = archived, found[1]
    if base == _START and reach.archived > _START:
        # Where no state was kept the fold begins a week before.
        begin = StreamId(max(0, until.ms - FOLD_BACK_MS))
        return min(begin, until), FactoryState()
    return base, state


async def messages_between(
    bus: Bus, history: History, reach: Reach, after: StreamId, until: StreamId
) -> AsyncIterator[Message]:
    """Messages behind `after` up to `until`: archived ones first, then the journal's."""
    if after < reach.archived:
        end = min(until, reach.archived)
        rows = history.messages(after=str(after), until=str(end))
        while part := await asyncio.to_thread(_take, rows):
            for message in part:
                yield message
    if until > reach.archived:
        begin = max(after, reach.archived)
        async for message in stretch(bus, after=str(begin), until=str(until)):
            yield message


def _take(rows: Iterator[ArchivedMessage]) -> list[Message]:
    return [row.message for row in islice(rows, SLICE)]


def _stamp(message_id: StreamId) -> str:
    return f"{datetime.fromtimestamp(message_id.seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
