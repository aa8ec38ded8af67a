"""The figures of a shift from archive and store: only the topics they are made of are read."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from omf.alarms.life import AlarmEntry
from omf.analysis.figure import Figure, named
from omf.analysis.shift_clock import ShiftClock
from omf.analysis.shift_facts import FactsRecorder, ShiftFacts, joined
from omf.analysis.shift_figures import CommandDone, RangeFigures, ShiftRecords, shift_figures
from omf.analysis.shifts import ShiftCalendar
from omf.analysis.time_spans import Span
from omf.constants import DAY_S
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from omf.texts import Text, text, verbatim
from services.common.process import clock, time_parsing
from services.common.store.access_notes import ACCESS_KINDS
from services.common.store.bus import Bus
from services.common.store.entries import all_readable
from services.common.store.journal import before, id_before, stretch
from services.common.store.keys import AuditRecord, Command, Stage
from services.common.store.site_settings import read_site
from services.history.manifest import ArchiveGap
from services.history.moments import NothingKnownError, reach_of, state_at
from services.history.reader import History
from services.history.rows import StoredEntry
from services.history.shift_hours import WARM_UP_S, gaps_in, kept_days, messages_of

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


class ReportStoppedError(Exception):
    """Somebody stopped it."""


class ShiftProgress:
    """How far a report is; `stop` ends it. For the thread that reads and the one that waits."""

    def __init__(self) -> None:
        self.share = 0.0
        self.stopped = False

    def stop(self) -> None:
        """Read no further."""
        self.stopped = True

    def tell(self, at: float, span: Span) -> None:
        """All up to `at` was read; ReportStoppedError once somebody stopped it."""
        self.share = max(0.0, min(1.0, (at - span[0]) / max(1.0, span[1] - span[0])))
        if self.stopped:
            raise ReportStoppedError


async def figures_between(
    bus: Bus,
    history: History,
    span: Span,
    calendar: ShiftCalendar,
    progress: ShiftProgress | None = None,
) -> RangeFigures:
    """The figures of [since, until), as far as archive and journal have its messages.

    Hours that are kept are read, the others heard anew. StoreError; ReportStoppedError once
    `progress` was stopped; whoever is cancelled while it waits leaves nothing going on.
    """
    work = progress or ShiftProgress()
    try:
        return await _figures_between(bus, history, span, calendar, work)
    except asyncio.CancelledError:
        work.stop()
        raise


async def _figures_between(
    bus: Bus, history: History, span: Span, calendar: ShiftCalendar, work: ShiftProgress
) -> RangeFigures:
    parts = list[ShiftFacts]()
    kept = kept_days(history, span)
    at = span[0]
    while (day := await asyncio.to_thread(next, kept, None)) is not None:
        if at < day.hours[0].since:
            parts.append(await _heard(bus, history, (at, day.hours[0].since), span, work))
        parts += day.hours
        at = parts[-1].until
        work.tell(at, span)
    if at < span[1] or not parts:
        parts.append(await _heard(bus, history, (at, span[1]), span, work))
    records = await _records(bus, history, span)
    gaps = await asyncio.to_thread(gaps_in, history, span)
    # Of five weeks it takes seconds: whoever else is served must not wait for it.
    planned = calendar.planned(*span)
    found = await asyncio.to_thread(_figures, parts, span, planned, records)
    names = site.module_names if (site := await read_site(bus)) else {}
    return _with_missing(found._replace(names=names), len(history.faults), gaps)


def _figures(
    parts: Sequence[ShiftFacts], span: Span, planned: Sequence[Span], records: ShiftRecords
) -> RangeFigures:
    return shift_figures(joined(parts), span, planned, records)


async def _heard(
    bus: Bus, history: History, part: Span, whole: Span, progress: ShiftProgress
) -> ShiftFacts:
    """A part of a range from its messages."""
    begin = part[0] - WARM_UP_S
    state = await _state(bus, history, begin)
    if state is None:
        begin, state = part[0], await _state(bus, history, part[0])
    ends = [one for one in (part[0], part[1]) if one > begin]
    recorder = FactsRecorder(ShiftClock(state, begin), begin, ends or [part[1]])
    reach = await reach_of(bus, history)
    after, last = await before(bus, begin), await before(bus, part[1])
    if StreamId.parse(after) < reach.archived:
        end = min(StreamId.parse(last), reach.archived)
        said = messages_of(history, after, str(end))
        await asyncio.to_thread(_read, said, recorder, whole, progress)
    first = max(StreamId.parse(after), reach.archived)
    if StreamId.parse(last) > first:
        await _journal(bus, recorder, (str(first), last), whole, progress)
    return recorder.close()[-1]


def _with_missing(found: RangeFigures, files: int, gaps: Sequence[ArchiveGap]) -> RangeFigures:
    """Figures made of less than there is say so in every form of the report."""
    missing = []
    if files:
        missing.append(Figure("time", "", "unread", files, "count"))
    if gaps:
        edges = named("message", (one for gap in gaps for one in (gap.after, gap.until)))
        missing.append(Figure("time", "", "gaps", len(gaps), "count", *edges))
    return found._replace(figures=(*found.figures, *missing))


async def _state(bus: Bus, history: History, since: float) -> FactoryState | None:
    """The factory at the beginning; None where nothing is known of it."""
    try:
        return (await state_at(bus, history, since)).state
    except NothingKnownError:
        return None


def _read(
    said: Iterator[Message], recorder: FactsRecorder, span: Span, progress: ShiftProgress
) -> None:
    for count, message in enumerate(said, 1):
        recorder.take(message)
        if count % SLICE_ROWS == 0:
            progress.tell(message.received_at, span)


async def _journal(
    bus: Bus, recorder: FactsRecorder, ids: tuple[str, str], span: Span, progress: ShiftProgress
) -> None:
    count = 0
    async for message in stretch(bus, after=ids[0], until=ids[1]):
        recorder.take(message)
        count += 1
        if count % SLICE_ROWS == 0:
            progress.tell(message.received_at, span)
            await asyncio.sleep(0)


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
    # In a replay they are dated by the store and the range by the recording.
    dated = bus.times.moment if bus.times else float
    told = (one.model_copy(update={"at": dated(one.at)}) for one in passages.values())
    ordered = sorted(told, key=lambda one: one.at)
    return ShiftRecords(ordered, _commands(asked.values(), times))


def _decoded(kind: type[M], found: Iterable[StoredEntry]) -> list[M]:
    return all_readable(kind, (entry.data for entry in found))


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
    return [
        CommandDone(command.command_id, command.operator, command.kind, str(stage.value))
        for command, stage in sorted(known.values(), key=lambda one: one[0].created_at)
        if times[0] <= command.created_at < times[1] and command.kind not in ACCESS_KINDS
    ]
