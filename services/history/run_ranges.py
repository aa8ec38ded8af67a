"""The range of a report by name: a shift, a day, two times, a planning run, a named range."""

from omf.analysis.shifts import ShiftCalendar
from omf.constants import DAY_S
from omf.texts import text
from services.common.sessions import runs
from services.common.store.bus import Bus
from services.history.shift_reading import MAX_RANGE_S, RangeError, ShiftRange, range_of


async def range_asked(bus: Bus, asked: str, calendar: ShiftCalendar, now: float) -> ShiftRange:
    """As `range_of`, and else the planning run or named range of that name; RangeError.

    A run under way goes up to now. StoreError.
    """
    try:
        return range_of(asked, calendar, now)
    except RangeError:
        found = await runs.span_of(bus, asked)
        if found is None:
            raise
    await bus.dated(())
    end = now if found.end is None else _dated(bus, found.end)
    begin = min(_dated(bus, found.begin), end)
    if end - begin > MAX_RANGE_S:
        raise RangeError(text("report.range_too_long", days=round(MAX_RANGE_S / DAY_S)))
    return ShiftRange(begin, end)


def _dated(bus: Bus, at: float) -> float:
    """A moment as the factory has it: in a replay the recorded one."""
    return at if bus.times is None else bus.times.moment(at)
