"""What happened on a day, as marks to jump to: orders, commands, alarms, and silences."""

import asyncio
from itertools import pairwise
from typing import Literal, NamedTuple

from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmEvent
from omf.texts import Text
from omf.topics import catalogue
from services.common.store.alarm_lives import ALARMS
from services.common.store.bus import Bus
from services.common.store.entries import readable
from services.common.store.journal import before, id_at, stretch
from services.history import parquet, tables
from services.history.manifest import ArchiveError
from services.history.moments import reach_of
from services.history.past_views import commands_until
from services.history.reader import History
from services.history.rows import DERIVED_KINDS

SILENCE_S = 60.0
"""A factory says something every second; this long without a word is worth a look."""
MAX_DAY_MARKS = 400
"""Of each kind; more could not be told apart on a screen."""
MAX_JOURNAL = 20_000
"""Of what is not archived yet; a minute's worth is usual."""
MarkKind = Literal["order", "command", "alarm", "silence"]
_TOPICS = tuple(catalogue.address(name) for name in ("ccu_order_request", "ccu_order_completed"))


class DayMark(NamedTuple):
    """One thing worth a jump; `until` is the end of a silence."""

    kind: MarkKind
    at: float
    name: str = ""
    """The kind of a command, the topic of an order's message."""
    until: float | None = None
    text: Text | None = None
    """What an alarm says."""


async def day_marks(bus: Bus, history: History, begin: float, end: float) -> list[DayMark]:
    """The marks of [begin, end), Unix seconds, in order of time; StoreError."""
    times, orders = await asyncio.to_thread(_archived, history, begin, end)
    newer = await _in_journal(bus, history, begin, end)
    times += [at for at, _ in newer]
    orders += [(at, topic) for at, topic in newer if topic in _TOPICS]
    found = [DayMark("order", at, topic) for at, topic in orders]
    found = _thinned(found)
    found += _thinned([mark for mark in await _commands(bus, history, end) if mark.at >= begin])
    found += _thinned(await _alarms(bus, history, begin, end))
    found += _silences(sorted(times))
    return sorted(found, key=lambda mark: mark.at)


async def _commands(bus: Bus, history: History, end: float) -> list[DayMark]:
    dated = bus.times.moment if bus.times else float
    asked = (record.command for record in await commands_until(bus, history, end))
    return [DayMark("command", dated(one.created_at), one.kind) for one in asked]


async def _alarms(bus: Bus, history: History, begin: float, end: float) -> list[DayMark]:
    """Where an alarm was raised, by the owner of the alarms."""
    dated = bus.times.moment if bus.times else float
    since, until = bus.arrival(begin), bus.arrival(end)
    span = round(since * 1000), round(until * 1000)
    archived = (readable(AlarmEntry, one.data) for one in history.entries(ALARMS, *span))
    known = {(one.alarm, one.at): one for one in archived if one is not None}
    after = id_at(since)
    while found := await bus.models(ALARMS, AlarmEntry, after=after):
        after = found[-1][0]
        known |= {(one.alarm, one.at): one for _, one in found if one.at < until}
        if found[-1][1].at >= until:
            break
    raised = (one for one in known.values() if one.event is AlarmEvent.RAISED)
    return [DayMark("alarm", dated(one.at), one.rule, text=one.text) for one in raised]


def _archived(
    history: History, begin: float, end: float
) -> tuple[list[float], list[tuple[float, str]]]:
    """When messages were received, and those of orders, without reading any payload."""
    span = round(begin * 1000), round(end * 1000)
    times: list[float] = []
    orders: list[tuple[float, str]] = []
    for day in history.days():
        for file in day.files:
            if file.kind in DERIVED_KINDS or file.last_ms < span[0] or file.first_ms >= span[1]:
                continue
            try:
                path = history.storage.local(day.day, file)
                found = parquet.read(path, ("topic", "time"), parquet.between(*span))
            except ArchiveError as error:
                history.note_fault(error)
                continue
            seconds = tables.seconds_of(found)
            times += sorted({at for _, at in seconds})
            orders += [(at, topic) for topic, at in seconds if topic in _TOPICS]
    return times, orders


async def _in_journal(
    bus: Bus, history: History, begin: float, end: float
) -> list[tuple[float, str]]:
    """What no archive has yet."""
    archived = (await reach_of(bus, history)).archived
    until = await before(bus, end)
    found: list[tuple[float, str]] = []
    async for message in stretch(bus, after=str(archived), until=until):
        if begin <= message.received_at < end:
            found.append((message.received_at, message.topic))
        if len(found) >= MAX_JOURNAL:
            break
    return found


def _thinned(marks: list[DayMark]) -> list[DayMark]:
    """Not more than can be told apart, spread over the whole."""
    if len(marks) <= MAX_DAY_MARKS:
        return marks
    ordered = sorted(marks, key=lambda mark: mark.at)
    step = len(ordered) / MAX_DAY_MARKS
    return [ordered[int(place * step)] for place in range(MAX_DAY_MARKS)]


def _silences(times: list[float]) -> list[DayMark]:
    found = [
        DayMark("silence", one, until=other)
        for one, other in pairwise(times)
        if other - one >= SILENCE_S
    ]
    return sorted(found, key=lambda mark: mark.at)[:MAX_DAY_MARKS]
