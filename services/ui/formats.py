"""How times, ages and figures read: by language and by the clock a person chose."""

import sys
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

from babel.dates import format_date, format_timedelta

from omf.constants import DAY_S, HOUR_S, MINUTE_S
from omf.texts import render
from omf.texts.figures import NONE, number, took
from services.ui.translator import Language

__all__ = [
    "NONE",
    "Clock",
    "age",
    "ago",
    "date_and_time",
    "day_of",
    "iso_day",
    "moment",
    "number",
    "past_moment",
    "same_day",
    "size",
    "stamp",
    "took",
    "when",
    "zone",
]

Clock = Literal["utc", "local"]


def age(seconds: float | None, language: Language) -> str:
    """How long ago, coarse enough to be read in passing: `42 s`, `7 min`, `5 h`, `3 d`."""
    if seconds is None:
        return NONE
    seconds = max(0.0, seconds)
    if seconds < 2 * MINUTE_S:
        return f"{int(seconds)} s"
    if seconds < 2 * HOUR_S:
        return f"{int(seconds // MINUTE_S)} min"
    if seconds < 2 * DAY_S:
        return f"{int(seconds // HOUR_S)} h"
    return render(language, "format.days", {"count": int(seconds // DAY_S)})


def size(count: int, language: Language) -> str:
    """A payload's length: `512 B`, `9,8 kB`, `3,1 MB`."""
    for unit, bytes_ in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)):
        if count >= bytes_:
            return f"{number(count / bytes_, language, 1)} {unit}"
    return f"{count} B"


def moment(at: float | None, clock: Clock, *, millis: bool = False) -> str:
    """Time of day; None is a dash."""
    if at is None:
        return NONE
    when = datetime.fromtimestamp(at, _zone(clock))
    text = f"{when:%H:%M:%S}"
    return f"{text}.{when.microsecond // 1000:03d}" if millis else text


def when(
    at: float | None, *, now: float, clock: Clock, language: Language, millis: bool = False
) -> str:
    """Time of day if it is of today, to the millisecond if wanted; else with the day before it."""
    if at is None or same_day(at, now, clock):
        return moment(at, clock, millis=millis)
    day = datetime.fromtimestamp(at, _zone(clock))
    time = f"{day:%H:%M:%S}" if millis else f"{day:%H:%M}"
    return render(language, "format.day_and_time", {"at": day, "time": time})


def same_day(at: float, other: float, clock: Clock) -> bool:
    """True if two times lie in one day of this person's clock."""
    return _day(at, clock) == _day(other, clock)


def day_of(at: float, clock: Clock) -> tuple[float, float]:
    """The first moments of a time's day and of the day after it, by this person's clock."""
    day = _day(at, clock)
    first, after = (
        datetime.combine(one, time(), tzinfo=_zone(clock)).timestamp()
        for one in (day, day + timedelta(days=1))
    )
    return first, after


def iso_day(at: float, clock: Clock) -> str:
    """`2026-08-07`, by this person's clock."""
    return _day(at, clock).isoformat()


def date_and_time(at: float | None, clock: Clock, language: Language) -> str:
    """Day and time of day, in the order the language is used to."""
    if at is None:
        return NONE
    when = datetime.fromtimestamp(at, _zone(clock))
    return render(language, "format.date_and_time", {"at": when})


def past_moment(at: float, clock: Clock, language: Language) -> str:
    """A moment of the past, its day in words: `15 May 2026, 14:03:21`."""
    when = datetime.fromtimestamp(at, _zone(clock))
    day = format_date(when, "long", locale="en_GB" if language == "en" else language)
    return f"{day}, {when:%H:%M:%S}"


def ago(seconds: float, language: Language) -> str:
    """How long ago in words, in one unit: `196 days ago`, `5 minutes ago`."""
    unit: Literal["second", "minute", "hour", "day"] = "day"
    if seconds < 2 * MINUTE_S:
        unit = "second"
    elif seconds < 2 * HOUR_S:
        unit = "minute"
    elif seconds < 2 * DAY_S:
        unit = "hour"
    passed = timedelta(seconds=-max(1.0, seconds))
    never = sys.maxsize
    return format_timedelta(passed, unit, never, add_direction=True, locale=language)


def stamp(text: str | None) -> float | None:
    """Unix seconds of an ISO 8601 time as the factory writes it; None if it is none."""
    try:
        return None if text is None else datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None


def zone(clock: Clock, at: float) -> str:
    """The name of the zone whose time is shown: `CEST`, `UTC`."""
    return datetime.fromtimestamp(at, _zone(clock)).astimezone(_zone(clock)).tzname() or NONE


def _day(at: float, clock: Clock) -> date:
    return datetime.fromtimestamp(at, _zone(clock)).date()


def _zone(clock: Clock) -> tzinfo | None:
    return UTC if clock == "utc" else None
