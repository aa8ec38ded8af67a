"""Which shift a moment lies in, by the calendar of the site (shifts.yaml beside this file).

calendar = ShiftCalendar.parse(text)
span = calendar.at(1_790_000_000.0)     # its name, its beginning and its end, Unix s
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from omf.analysis.time_spans import Span, merged, without
from omf.constants import HOUR_S
from omf.yaml_files import TimeOfDay, YamlFileError, read_yaml

HANDED_OVER_LATE_S = HOUR_S
"""Who hands over within the first hour of a shift means the one before it."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_SHIFTS = 12
"""Of a day."""
SHIFT_NAMES = ("early", "late", "night")
"""Names that have words in every language (`shift.<name>`)."""


class ShiftFileError(ValueError):
    """The file is no calendar; the text says where, what and how to mend it."""


class _Break(BaseModel):
    model_config = ConfigDict(extra="forbid")

    begin: TimeOfDay
    end: TimeOfDay


class _ShiftEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=40)
    begin: TimeOfDay
    days: tuple[Weekday, ...] = WEEKDAYS
    breaks: tuple[_Break, ...] = Field((), max_length=MAX_SHIFTS)


class _ShiftFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    zone: str = ""
    shifts: list[_ShiftEntry] = Field(min_length=1, max_length=MAX_SHIFTS)
    free: tuple[date, ...] = ()


class ShiftPlan(NamedTuple):
    """When a shift is meant to work."""

    days: tuple[Weekday, ...] = WEEKDAYS
    """On which it begins."""
    breaks: tuple[tuple[time, time], ...] = ()


@dataclass(frozen=True, slots=True)
class ShiftSpan:
    """One shift of one day, [since, until) in Unix s."""

    name: str
    since: float
    until: float


@dataclass(frozen=True)
class ShiftCalendar:
    """The shifts of a day, in the order they begin."""

    begins: tuple[tuple[time, str], ...]
    zone: tzinfo | None = None
    """None: that of this machine."""
    plans: tuple[tuple[time, ShiftPlan], ...] = ()
    """By when a shift begins; one that is not here works each day without a break."""
    free: frozenset[date] = frozenset()
    """Days on which no shift that begins then is meant to work."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The calendar of a file; ShiftFileError."""
        try:
            told = read_yaml(text, _ShiftFile)
        except YamlFileError as error:
            raise ShiftFileError(f"the file: {error}") from None
        begins = sorted((entry.begin, entry.name) for entry in told.shifts)
        if len({begin for begin, _ in begins}) < len(begins):
            raise ShiftFileError("shifts: two begin at the same time; take one of them out")
        plans = ((one.begin, _plan(one)) for one in told.shifts)
        return cls(tuple(begins), _zone(told.zone), tuple(plans), frozenset(told.free))

    def at(self, moment: float) -> ShiftSpan:
        """The shift a moment lies in."""
        day = datetime.fromtimestamp(moment, self.zone).date()
        spans = list(self._spans(day - timedelta(days=1), 3))
        return next(span for span in reversed(spans) if span.since <= moment)

    def handed_over_at(self, moment: float) -> ShiftSpan:
        """The shift that is given at a moment: early in a shift it is the one before it."""
        span = self.at(moment)
        return self.before(span) if moment - span.since < HANDED_OVER_LATE_S else span

    def before(self, span: ShiftSpan) -> ShiftSpan:
        """The shift before another one."""
        return self.at(span.since - 1)

    def between(self, since: float, until: float) -> list[ShiftSpan]:
        """Every shift of which something lies in [since, until), oldest first, each whole."""
        found = [self.at(since)]
        while found[-1].until < until:
            found.append(self.at(found[-1].until))
        return found

    def id_of(self, span: ShiftSpan) -> str:
        """`2026-05-13/early`: the day it begins on, and its name."""
        return f"{self._day(span).isoformat()}/{span.name}"

    def named(self, shift_id: str) -> ShiftSpan | None:
        """The shift of an id; None where the calendar has none of it."""
        told, _, name = shift_id.partition("/")
        try:
            day = date.fromisoformat(told)
        except ValueError:
            return None
        spans = (one for one in self._spans(day, 1) if self._day(one) == day)
        return next((one for one in spans if one.name == name), None)

    def planned(self, since: float, until: float) -> tuple[Span, ...]:
        """When the factory is meant to work in [since, until): disjoint, in order."""
        parts = (part for span in self.between(since, until) for part in self._works(span))
        return merged((max(a, since), min(b, until)) for a, b in parts)

    def _works(self, span: ShiftSpan) -> tuple[Span, ...]:
        day = self._day(span)
        begin = datetime.fromtimestamp(span.since, self.zone).time()
        plan = dict(self.plans).get(begin, ShiftPlan())
        if day in self.free or WEEKDAYS[day.weekday()] not in plan.days:
            return ()
        pauses = (self._break(day, span, one) for one in plan.breaks)
        return without((span.since, span.until), pauses)

    def _break(self, day: date, span: ShiftSpan, clock: tuple[time, time]) -> Span:
        """A break of a night shift may lie behind midnight."""
        begin, end = clock
        if self._moment(day, begin) < span.since:
            day += timedelta(days=1)
        behind = day + timedelta(days=1) if end <= begin else day
        return self._moment(day, begin), self._moment(behind, end)

    def _day(self, span: ShiftSpan) -> date:
        return datetime.fromtimestamp(span.since, self.zone).date()

    def _spans(self, first: date, days: int) -> Iterator[ShiftSpan]:
        """The shifts that begin within so many days."""
        begins = [
            (self._moment(first + timedelta(days=number), begin), name)
            for number in range(days + 1)
            for begin, name in self.begins
        ]
        for (since, name), (until, _) in itertools.pairwise(begins):
            # Where the clock is set forward over a whole shift there is none on that day.
            if since < until:
                yield ShiftSpan(name, since, until)

    def _moment(self, day: date, begin: time) -> float:
        return datetime.combine(day, begin, self.zone).timestamp()


def _plan(entry: _ShiftEntry) -> ShiftPlan:
    return ShiftPlan(entry.days, tuple((one.begin, one.end) for one in entry.breaks))


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, OSError, ValueError):
        raise ShiftFileError(f"zone: {name!r} is none; write one as Europe/Berlin") from None


@cache
def default_shifts() -> ShiftCalendar:
    """Three shifts of eight hours, in the zone of this machine."""
    return ShiftCalendar.parse(files(__package__).joinpath("shifts.yaml").read_text("utf-8"))
