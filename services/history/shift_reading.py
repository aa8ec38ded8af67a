"""The figures of a shift from archive and store: only the topics they are made of are read."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from omf.alarms.life import AlarmEntry
from omf.analysis.figure import Figure
from omf.analysis.shift_clock import SHIFT_ENTRIES, ShiftClock
from omf.analysis.shift_figures import CommandDone, RangeFigures, ShiftRecords, shift_figures
from omf.analysis.shifts import ShiftCalendar
from omf.analysis.time_spans import Span
from omf.constants import DAY_S
from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from omf.texts import Text, text, verbatim
from omf.topics import catalogue
from services.common.process import clock, time_parsing
from services.common.store.bus import Bus
from services.common.store.journal import before, id_before, stretch
from services.common.store.keys import AuditRecord, Command, Stage
from services.history.moments import NothingKnownError, reach_of, state_at
from services.history.past_views import decoded
from services.history.reader import History
from services.history.rows import ArchivedMessage, StoredEntry

SLICE_ROWS = 500
M = TypeVar("M", bound=BaseModel)
MAX_RANGE_S = timedelta(days=35).total_seconds()


class ShiftRange(NamedTuple):
    """What is asked for."""

    begin: float
    """Unix s; in a replay recorded time."""
    end: float
    shift: str = ""
    """The id of the shift; "" for any other range."""

    @property
    def span(self) -> Span:
        """From when to when."""
        return self.begin, self.end


class RangeError(Exception):
    """What was asked for is no range; `told` says how to ask."""

    def __init__(self, told: Text) -> None:
        super().__init__(told.en)
        self.told = told


def range_of(asked: str, calendar: ShiftCalendar, now: float) -> ShiftRange:
    """The range of `now`, `last`, `today`, `yesterday`, a day, a shift, or `FROM..TO`.

    `now` is the shift that is under way, up to now; `last` the one that ended last. A day is
    `2026-05-13`, a shift `2026-05-13/early`, a time as everywhere. RangeError for anything else.
    """
    try:
        found = _range_of(asked, calendar, now)
        # At the ends of what a date can show there is no shift before or behind.
        calendar.planned(*found.span)
    except (OverflowError, ValueError):
        raise RangeError(text("report.no_range")) from None
    return found


def _range_of(asked: str, calendar: ShiftCalendar, now: float) -> ShiftRange:
    if asked in ("", "now"):
        shift = calendar.at(now)
        return ShiftRange(shift.since, now, calendar.id_of(shift))
    if asked == "last":
        last = calendar.before(calendar.at(now))
        return ShiftRange(last.since, last.until, calendar.id_of(last))
    if (named := calendar.named(asked)) is not None:
        return ShiftRange(named.since, min(named.until, max(now, named.since)), asked)
    found = _day(asked, calendar, now) or _between(asked)
    if found[1] - found[0] > MAX_RANGE_S:
        raise RangeError(text("report.range_too_long", days=round(MAX_RANGE_S / DAY_S)))
    return ShiftRange(*found)


def _day(asked: str, calendar: ShiftCalendar, now: float) -> Span | None:
    today = datetime.fromtimestamp(now, calendar.zone).date()
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        day = named.get(asked) or date.fromisoformat(asked)
    except ValueError:
        return None
    begin, end = (
        datetime.combine(one, time(), tzinfo=calendar.zone).astimezone(UTC).timestamp()
        for one in (day, day + timedelta(days=1))
    )
    return begin, min(end, max(now, begin))


def _between(asked: str) -> Span:
    begin, dots, end = asked.partition("..")
    if not dots:
        raise RangeError(text("report.no_range"))
    try:
        span = time_parsing.moment(begin), time_parsing.moment(end) if end else clock.now()
    except ValueError as error:
        raise RangeError(verbatim(str(error))) from None
    if span[0] >= span[1]:
        raise RangeError(text("report.no_range"))
    return span


class ShiftProgress:
    """How far a report is; `stop` ends it. For the thread that reads and the one that waits."""

    def __init__(self) -> None:
        self.share = 0.0
        self.stopped = False

    def stop(self) -> None:
        """Read no further."""
        self.stopped = True


class ReportStoppedError(Exception):
    """Somebody stopped it."""


async def figures_between(
    bus: Bus,
    history: History,
    span: Span,
    calendar: ShiftCalendar,
    progress: ShiftProgress | None = None,
) -> RangeFigures:
    """The figures of [since, until), as far as archive and journal have its messages.

    StoreError; ReportStoppedError once `progress` was stopped.
    """
    since, until = span
    work = progress or ShiftProgress()
    heard = ShiftClock(await _state(bus, history, since), since)
    reach = await reach_of(bus, history)
    after, last = await before(bus, since), await before(bus, until)
    archived = str(reach.archived)
    if StreamId.parse(after) < reach.archived:
        end = min(StreamId.parse(last), reach.archived)
        await asyncio.to_thread(_read, history, heard, (after, str(end)), span, work)
    begin = max(StreamId.parse(after), StreamId.parse(archived))
    if StreamId.parse(last) > begin:
        await _journal(bus, heard, (str(begin), last), work)
    heard.close(until)
    records = await _records(bus, history, span)
    # Of five weeks it takes seconds: whoever else is served must not wait for it.
    found = await asyncio.to_thread(shift_figures, heard, span, calendar.planned(*span), records)
    return _with_unread(found, len(history.faults))


def _with_unread(found: RangeFigures, files: int) -> RangeFigures:
    """Figures made of less than there is say so in every form of the report."""
    if not files:
        return found
    return found._replace(figures=(*found.figures, Figure("time", "", "unread", files, "count")))


async def _state(bus: Bus, history: History, since: float) -> FactoryState | None:
    """The factory at the beginning; None where nothing is known of it."""
    try:
        return (await state_at(bus, history, since)).state
    except NothingKnownError:
        return None


def _read(
    history: History,
    heard: ShiftClock,
    ids: tuple[str, str],
    span: Span,
    progress: ShiftProgress,
) -> None:
    for count, row in enumerate(rows_of(history, *ids), 1):
        heard.take(row.message)
        if count % SLICE_ROWS == 0:
            _tell(progress, row.message.received_at, span)


def _tell(progress: ShiftProgress, at: float, span: Span) -> None:
    progress.share = (at - span[0]) / max(1.0, span[1] - span[0])
    if progress.stopped:
        raise ReportStoppedError


def rows_of(history: History, after: str, until: str) -> Iterator[ArchivedMessage]:
    """The archived messages the figures are made of, in the order of their ids."""
    patterns = sorted(catalogue.find(name).pattern for name in SHIFT_ENTRIES)
    return history.messages(after=after, until=until, topic_filter=patterns)


async def _journal(
    bus: Bus, heard: ShiftClock, ids: tuple[str, str], progress: ShiftProgress
) -> None:
    async for message in stretch(bus, after=ids[0], until=ids[1]):
        heard.take(message)
        if progress.stopped:
            raise ReportStoppedError


async def _records(bus: Bus, history: History, span: Span) -> ShiftRecords:
    """Alarms and commands of the range, each once: archived, and still in the store."""
    times = bus.arrival(span[0]), bus.arrival(span[1])
    archived = round(times[0] * 1000), round(times[1] * 1000)
    alarms = await asyncio.to_thread(history.entries, "alarms", *archived)
    audit = await asyncio.to_thread(history.entries, "audit", *archived)
    passages: dict[tuple[object, ...], AlarmEntry] = {}
    asked: dict[tuple[str, str], AuditRecord] = {}
    stored_alarms = await _stored(bus, "alarms", AlarmEntry, times)
    for one in (*await asyncio.to_thread(_decoded, AlarmEntry, alarms), *stored_alarms):
        passages[one.alarm, one.at, one.event] = one
    stored_audit = await _stored(bus, "audit", AuditRecord, times)
    for record in (*await asyncio.to_thread(_decoded, AuditRecord, audit), *stored_audit):
        asked[record.command.command_id, record.part] = record
    ordered = sorted(passages.values(), key=lambda one: one.at)
    return ShiftRecords(ordered, _commands(asked.values(), times))


def _decoded(kind: type[M], found: Iterable[StoredEntry]) -> list[M]:
    return [one for entry in found if (one := decoded(kind, entry)) is not None]


async def _stored(bus: Bus, stream: str, kind: type[M], times: Span) -> list[M]:
    """What a stream of the store still has of a range."""
    last = StreamId.first_at(times[1])
    after, kept = id_before(times[0]), list[M]()
    while found := await bus.models(stream, kind, after=after):
        within = [one for entry_id, one in found if StreamId.parse(entry_id) < last]
        kept += within
        after = found[-1][0]
        if len(within) < len(found):
            break
    return kept


def _commands(records: Iterable[AuditRecord], times: Span) -> list[CommandDone]:
    """Each command with how it ended, as far as that is known; oldest first."""
    known: dict[str, tuple[Command, Stage]] = {}
    for record in sorted(records, key=lambda one: one.part == "outcome"):
        known[record.command.command_id] = record.command, record.decision
    ordered = sorted(known.values(), key=lambda one: one[0].created_at)
    return [
        CommandDone(command.command_id, command.operator, command.kind, str(stage.value))
        for command, stage in ordered
        if times[0] <= command.created_at < times[1]
    ]
