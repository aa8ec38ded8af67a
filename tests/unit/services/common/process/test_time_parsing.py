"""Times as people type them, around the two changes of the clock in Central Europe."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from services.common.process import clock
from services.common.process.time_parsing import moment

CENTRAL_EUROPE = "CET-1CEST,M3.5.0,M10.5.0/3"
"""Summer time 2026: from 29 March 02:00 CET to 25 October 03:00 CEST."""


@pytest.fixture(autouse=True)
def central_europe(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", CENTRAL_EUROPE)
        time.tzset()
        yield
    time.tzset()


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("now", "typed", "meant"),
    [
        # After the change, a time before it, and the other way round.
        ("2026-03-29T10:00:00+02:00", "01:30", "2026-03-29T01:30:00+01:00"),
        ("2026-03-29T10:00:00+02:00", "23:30", "2026-03-28T23:30:00+01:00"),
        ("2026-03-29T10:00:00+02:00", "03:30", "2026-03-29T03:30:00+02:00"),
        ("2026-10-25T10:00:00+01:00", "01:30", "2026-10-25T01:30:00+02:00"),
        ("2026-10-25T10:00:00+01:00", "23:30:15", "2026-10-24T23:30:15+02:00"),
        ("2026-10-26T00:10:00+01:00", "1:00", "2026-10-25T01:00:00+02:00"),
        # The hour the clock showed twice: the last time it did.
        ("2026-10-25T10:00:00+01:00", "02:30", "2026-10-25T02:30:00+01:00"),
        ("2026-10-25T02:40:00+02:00", "02:30", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:10:00+01:00", "02:30", "2026-10-25T02:30:00+02:00"),
        # The hour spring skipped: the clock showed it the day before.
        ("2026-03-29T10:00:00+02:00", "02:30", "2026-03-28T02:30:00+01:00"),
        ("2026-03-30T01:00:00+02:00", "02:30", "2026-03-28T02:30:00+01:00"),
        # A time that lies ahead was yesterday's; now itself is the last such.
        ("2026-07-01T10:00:00+02:00", "10:00", "2026-07-01T10:00:00+02:00"),
        ("2026-07-01T10:00:00+02:00", "10:01", "2026-06-30T10:01:00+02:00"),
    ],
)
def test_a_time_of_day_is_taken_with_the_offset_of_its_own_moment(
    monkeypatch: pytest.MonkeyPatch, now: str, typed: str, meant: str
) -> None:
    monkeypatch.setattr(clock, "now", lambda: at(now))
    assert moment(typed) == at(meant)
    assert moment(typed, ZoneInfo("Europe/Berlin")) == at(meant)


def test_a_day_and_time_have_the_offset_of_that_day() -> None:
    assert moment("2026-01-15 12:00") == at("2026-01-15T12:00:00+01:00")
    assert moment("2026-07-15 12:00") == at("2026-07-15T12:00:00+02:00")
    assert moment("2026-07-15T12:00", UTC) == at("2026-07-15T12:00:00+00:00")
    assert moment("2026-07-15T12:00:00.123456") == at("2026-07-15T12:00:00.123456+02:00")
    assert moment("2026-07-15T12:00+05:00", UTC) == at("2026-07-15T12:00:00+05:00")


def test_a_time_that_spring_skipped_is_said_to_be_none() -> None:
    with pytest.raises(ValueError, match="clock was set forward"):
        moment("2026-03-29 02:30")
    assert moment("2026-03-29 02:30", UTC) == at("2026-03-29T02:30:00+00:00")


def test_a_zone_of_one_offset_knows_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at("2026-03-29T10:00:00+02:00"))
    assert moment("02:30", timezone(timedelta(hours=1))) == at("2026-03-29T02:30:00+01:00")


@pytest.mark.parametrize("wrong", ["24:00", "12:60", "2026-02-30", "soon", "", "9999-12-31T99:00"])
def test_what_is_no_time_shows_the_forms(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no time; use"):
        moment(wrong)


@pytest.mark.parametrize(
    "typed",
    ["1000000d", "10000000000d", "9" * 400 + "d", "0001-01-01T00:00:00+14:00", "0001-06-01"],
)
def test_what_no_date_can_show_is_no_time(typed: str) -> None:
    with pytest.raises(ValueError, match="is no time; use 10m"):
        moment(typed, UTC)
    assert moment("9999-12-31T23:59:59Z") > clock.now()
