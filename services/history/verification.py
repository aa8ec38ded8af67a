"""Whether the archive is what the journal was: checksums, messages, states, gaps."""

import json
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from typing import NamedTuple

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from omf.topics import catalogue
from services.common.store.bus import Bus
from services.common.store.journal import id_before, just_before, stretch
from services.common.store.keys import JOURNAL
from services.history.manifest import ArchiveGap, Manifest, midnight_ms
from services.history.reader import History
from services.history.retention import DAY_MS
from services.history.rows import DERIVED_KINDS, StoredEntry


class DayReport(NamedTuple):
    """What was found of one day."""

    day: str
    messages: int
    compared: int | None
    """Messages that the journal still has too; None if it has none of that day."""
    states: int
    """Archived states that were folded again."""
    gaps: tuple[ArchiveGap, ...]
    faults: tuple[str, ...]
    """What is wrong, in words; nothing if the day is whole."""


async def check(history: History, day: Manifest, bus: Bus | None) -> DayReport:
    """Check one day; with a `bus` against the journal, as far as that still reaches."""
    found = (history.storage.fault(day.day, file) for file in day.files)
    faults = [fault for fault in found if fault]
    states, wrong = _check_states(history, day)
    faults += wrong
    compared = None
    if bus is not None:
        compared, wrong = await _compare(history, day, bus)
        faults += wrong
    messages = sum(file.rows for file in day.files if file.kind not in DERIVED_KINDS)
    return DayReport(day.day, messages, compared, states, day.gaps, tuple(faults))


def _check_states(history: History, day: Manifest) -> tuple[int, list[str]]:
    begin = midnight_ms(day.day)
    # The last state of a day is written with the first messages behind it.
    behind = [one for one in history.days() if one.day >= day.day and one.of("states")][:2]
    states = [
        entry
        for entry in history.entries("states", days=behind)
        if begin <= StreamId.parse(entry.id).ms < begin + DAY_MS
    ]
    checked, faults = 0, []
    for before, after in pairwise(states):
        state, wanted = _restored(before), _restored(after)
        if state is None or wanted is None:
            continue
        for row in history.messages(after=before.id, until=after.id):
            state.apply(row.message, row.message.received_at)
        checked += 1
        if state.snapshot() != wanted.snapshot():
            faults.append(f"the state at {after.id} is not the fold of the messages before it")
    return checked, faults


def _restored(entry: StoredEntry) -> FactoryState | None:
    try:
        return FactoryState.restore(json.loads(entry.data))
    except ValueError:
        return None


async def _compare(history: History, day: Manifest, bus: Bus) -> tuple[int | None, list[str]]:
    """Every message of the journal that the archive should have, and the fold of both."""
    [info] = await bus.buffers([JOURNAL])
    if info.first_id is None:
        return None, []
    begin = midnight_ms(day.day)
    after = max(just_before(info.first_id), id_before(begin / 1000), key=StreamId.parse)
    until = min(id_before((begin + DAY_MS) / 1000), history.through(), key=StreamId.parse)
    if StreamId.parse(after) >= StreamId.parse(until):
        return None, []
    archived = (row.message for row in history.messages(after=after, until=until))
    kept = stretch(bus, after=after, until=until)
    return await _matched(archived, kept)


async def _matched(
    archived: Iterator[Message], kept: AsyncIterator[Message]
) -> tuple[int, list[str]]:
    folds = FactoryState(), FactoryState()
    count, faults = 0, []
    other = next(archived, None)
    async for message in kept:
        while other and StreamId.parse(other.id) < StreamId.parse(message.id):
            # The journal lets pictures go before the rest, and a store may have lost its end.
            other = next(archived, None)
        if other is None or other.id != message.id:
            if message.topic not in catalogue.PICTURES:
                faults.append(f"message {message.id} of {message.topic} is not in the archive")
            continue
        if other[:6] != message[:6]:
            faults.append(f"message {message.id} is another in the archive than in the journal")
        folds[0].apply(other, message.received_at)
        folds[1].apply(message, message.received_at)
        count += 1
    if folds[0].snapshot() != folds[1].snapshot():
        faults.append("the state folded of the archive is another than that of the journal")
    return count, faults
