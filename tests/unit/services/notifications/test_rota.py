"""Who is on duty by an iCalendar file: repetitions, exceptions, whole days, local times."""

from datetime import UTC, datetime

import pytest

from services.notifications.rota import Rota

WEEK = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//omf//test//EN
BEGIN:VEVENT
UID:early
DTSTART:20260105T060000
DTEND:20260105T140000
RRULE:FREQ=DAILY;COUNT=5
EXDATE:20260107T060000
SUMMARY:Anna, Bert
END:VEVENT
BEGIN:VEVENT
UID:day
DTSTART;VALUE=DATE:20260110
DTEND;VALUE=DATE:20260111
SUMMARY:Carla Groß
END:VEVENT
END:VCALENDAR
"""


def _at(rota: Rota, day: int, hour: int) -> set[str]:
    return set(rota.at(datetime(2026, 1, day, hour, tzinfo=UTC).timestamp()))


def test_repetitions_hold_and_exceptions_do_not() -> None:
    rota = Rota(WEEK.encode(), "Europe/Berlin")
    assert _at(rota, 5, 5) == {"anna", "bert"}, "06:00 in Berlin"
    assert _at(rota, 5, 13) == set()
    assert _at(rota, 6, 12) == {"anna", "bert"}
    assert _at(rota, 7, 8) == set()
    assert _at(rota, 9, 8) == {"anna", "bert"}
    assert _at(rota, 11, 8) == set()


def test_a_whole_day_is_one_of_the_time_zone_of_the_file() -> None:
    rota = Rota(WEEK.encode(), "Europe/Berlin")
    assert _at(rota, 9, 22) == set()
    assert _at(rota, 9, 23) == {"carla gross"}
    assert _at(rota, 10, 22) == {"carla gross"}
    assert _at(rota, 10, 23) == set()


@pytest.mark.parametrize("source", [b"", b"no calendar", b"BEGIN:VCALENDAR\n", b"\xff\xfe"])
def test_what_is_no_calendar_is_refused(source: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - in the words of the library
        Rota(source, "UTC")


@pytest.mark.parametrize("often", ["SECONDLY", "MINUTELY"])
def test_what_repeats_too_often_to_be_counted_is_refused(often: str) -> None:
    event = f"UID:1\r\nDTSTART:20200101T000000Z\r\nRRULE:FREQ={often}\r\nSUMMARY:anna"
    inside = f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT"
    source = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{inside}\r\nEND:VCALENDAR\r\n"
    with pytest.raises(ValueError, match="each second or minute"):
        Rota(source.encode(), "UTC")
