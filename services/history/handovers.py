"""The shift that goes on or waits to be taken, and the last ones that were handed over."""

import asyncio
from typing import NamedTuple

from omf.alarms.handover import (
    HandoverEntry,
    HandoverReport,
    PendingHandover,
    SignedHandover,
    handover_report,
    signed_handovers,
)
from omf.analysis.shifts import ShiftCalendar, ShiftSpan
from services.common.store.alarm_lives import (
    HANDOVERS,
    passages_since,
    read_lives,
    read_owner,
)
from services.common.store.bus import Bus
from services.common.store.entries import readable
from services.history.reader import History

ENTRIES_OF_EACH = 4
"""Of a hand-over: given, ended, and some that were refused."""


class ShiftNow(NamedTuple):
    """What is to be read before a shift is given or taken."""

    shift: ShiftSpan
    """The one that goes on, or that waits."""
    waiting: PendingHandover | None
    report: HandoverReport
    """As it is now; of one that waits, as it was given."""


async def shift_now(bus: Bus, calendar: ShiftCalendar) -> ShiftNow:
    """The shift as it stands; StoreError."""
    now, owner = await bus.time(), await read_owner(bus)
    waiting = owner.handover if owner else None
    if waiting and (given := await _given(bus, waiting)):
        shift = ShiftSpan(waiting.shift, waiting.since, waiting.until)
        return ShiftNow(shift, waiting, given)
    shift = calendar.handed_over_at(now)
    passed = await passages_since(bus, shift.since)
    report = handover_report(await read_lives(bus), passed, since=shift.since, until=now)
    return ShiftNow(shift, waiting, report)


async def last_handovers(bus: Bus, history: History, count: int) -> list[SignedHandover]:
    """The last shifts that were given, newest first, from the store, and older ones archived."""
    found = dict(await bus.newest_models(HANDOVERS, HandoverEntry, count * ENTRIES_OF_EACH))
    if len(signed_handovers(found.values())) < count:
        found = await asyncio.to_thread(_with_archived, history, found, count)
    return signed_handovers(found.values())[:count]


def _with_archived(
    history: History, found: dict[str, HandoverEntry], count: int
) -> dict[str, HandoverEntry]:
    """With those of the archive, newest day first, until `count` are known: it may hold years."""
    for day in reversed(history.days()):
        archived = history.entries(HANDOVERS, days=[day])
        told = {one.id: entry for one in archived if (entry := readable(HandoverEntry, one.data))}
        found = {**told, **found}
        if len(signed_handovers(found.values())) >= count:
            break
    return found


async def _given(bus: Bus, waiting: PendingHandover) -> HandoverReport | None:
    entries = await bus.newest_models(HANDOVERS, HandoverEntry, 10 * ENTRIES_OF_EACH)
    reports = (one.report for _, one in reversed(entries) if one.handover == waiting.id)
    return next((report for report in reports if report), None)
