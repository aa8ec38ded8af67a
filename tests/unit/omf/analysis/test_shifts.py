"""The shift a moment lies in, on ordinary days and on those whose clock is changed."""

import itertools
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omf.analysis.shifts import SHIFT_NAMES, ShiftCalendar, ShiftFileError, default_shifts
from omf.analysis.time_spans import PlannedTime
from omf.texts import LANGUAGES, text

ZONE = "Europe/Berlin"
THREE = f"""
zone: {ZONE}
shifts:
- {{name: early, begin: "06:00"}}
- {{name: late, begin: 14:00}}
- {{name: night, begin: 22:00}}
"""
CALENDAR = ShiftCalendar.parse(THREE)
TWELVE = ShiftCalendar.parse(
    f"{{zone: {ZONE}, shifts: [{{name: Nacht, begin: '18:30'}}, {{name: Tag, begin: '06:30'}}]}}"
)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp()


@pytest.mark.parametrize(
    ("moment", "name", "since", "hours"),
    [
        ("2026-11-29T06:00", "early", "2026-11-29T06:00", 8),
        ("2026-11-29T13:59:59", "early", "2026-11-29T06:00", 8),
        ("2026-11-29T14:00", "late", "2026-11-29T14:00", 8),
        ("2026-11-29T23:30", "night", "2026-11-29T22:00", 8),
        ("2026-11-30T05:59", "night", "2026-11-29T22:00", 8),
        ("2026-03-29T04:00", "night", "2026-03-28T22:00", 7),
        ("2026-10-25T04:00", "night", "2026-10-24T22:00", 9),
    ],
)
def test_a_moment_lies_in_the_shift_that_began_last(
    moment: str, name: str, since: str, hours: int
) -> None:
    found = CALENDAR.at(at(moment))
    assert (found.name, found.since, found.until - found.since) == (name, at(since), hours * 3600)


def test_two_shifts_need_not_begin_on_the_hour_nor_stand_in_order() -> None:
    found = TWELVE.at(at("2026-11-29T03:00"))
    assert (found.name, found.since) == ("Nacht", at("2026-11-28T18:30"))
    assert TWELVE.before(found).name == "Tag"


@given(st.floats(1.6e9, 2.0e9), st.sampled_from([CALENDAR, TWELVE, default_shifts()]))
def test_every_moment_lies_in_one_shift_and_they_follow_one_another(
    moment: float, calendar: ShiftCalendar
) -> None:
    found = calendar.between(moment, moment + timedelta(days=2).total_seconds())
    assert found[0].since <= moment < found[0].until
    assert all(one.until == other.since for one, other in itertools.pairwise(found))
    assert all(calendar.at(one.since) == one for one in found)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("shifts: [", "line 1"),
        (
            "shifts:\n- {name: a, begin: '06:00'}\n- {name: b, begin: soon}",
            "line 3, shifts.1.begin",
        ),
        ("shifts: [{name: a, begin: '06:00'}]\nshifts: []", "line 2, shifts: stands twice"),
        ("shifts: [{name: a, begin: 99:00}]", "line 1, shifts.0.begin: is no time of day"),
        ("", "the file"),
        ("shifts: []", "shifts"),
        ("shifts: [{name: a}]", "shifts.0.begin"),
        ("shifts: [{name: a, begin: '25:00'}]", "shifts.0.begin"),
        ("shifts: [{name: a, begin: '06:00'}, {name: b, begin: '06:00'}]", "the same time"),
        ("{zone: Mars/Olympus, shifts: [{name: a, begin: '06:00'}]}", "Mars/Olympus"),
        ("{zones: x, shifts: [{name: a, begin: '06:00'}]}", "zones"),
    ],
)
def test_a_file_with_a_fault_is_refused_with_its_place(given: str, said: str) -> None:
    with pytest.raises(ShiftFileError, match=said):
        ShiftCalendar.parse(given)


def test_the_usual_names_have_words_in_every_language() -> None:
    assert [name for _, name in default_shifts().begins] == list(SHIFT_NAMES)
    for name in SHIFT_NAMES:
        assert all(text(f"shift.{name}").in_(language) for language in LANGUAGES)


def test_a_shift_is_found_by_its_day_and_name() -> None:
    night = CALENDAR.at(at("2026-05-14T03:00"))
    assert CALENDAR.id_of(night) == "2026-05-13/night"
    assert CALENDAR.named("2026-05-13/night") == night
    assert CALENDAR.named("2026-05-13/none") is None
    assert CALENDAR.named("yesterday/early") is None


def test_breaks_free_days_and_days_without_the_shift_are_not_planned() -> None:
    told = ShiftCalendar.parse(
        f"zone: {ZONE}\n"
        "shifts:\n"
        "- {name: early, begin: '06:00', days: [wed],\n"
        "   breaks: [{begin: '09:00', end: '09:15'}, {begin: '09:10', end: '09:30'}]}\n"
        "- {name: night, begin: '22:00', breaks: [{begin: '02:00', end: '03:00'}]}\n"
        "free: [2026-05-20]\n"
    )
    wednesday = told.planned(at("2026-05-13T06:00"), at("2026-05-13T22:00"))
    assert wednesday == (
        (at("2026-05-13T06:00"), at("2026-05-13T09:00")),
        (at("2026-05-13T09:30"), at("2026-05-13T22:00")),
    )
    night = told.planned(at("2026-05-13T22:00"), at("2026-05-14T06:00"))
    assert night == (
        (at("2026-05-13T22:00"), at("2026-05-14T02:00")),
        (at("2026-05-14T03:00"), at("2026-05-14T06:00")),
    )
    assert told.planned(at("2026-05-14T06:00"), at("2026-05-14T22:00")) == ()
    assert told.planned(at("2026-05-20T06:00"), at("2026-05-21T06:00")) == ()
    part = told.planned(at("2026-05-13T08:00"), at("2026-05-13T10:00"))
    assert sum(b - a for a, b in part) == 1.5 * 3600
    assert PlannedTime(part).within(at("2026-05-13T08:30"), at("2026-05-13T09:45")) == 0.75 * 3600


@pytest.mark.parametrize(("night", "hours"), [("2026-03-28", 7), ("2026-10-24", 9)])
def test_a_night_in_which_the_clock_is_changed_is_planned_as_long_as_it_was(
    night: str, hours: int
) -> None:
    found = CALENDAR.named(f"{night}/night")
    assert found is not None
    [(begin, end)] = CALENDAR.planned(found.since, found.until)
    assert end - begin == hours * 3600


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{shifts: [{name: a, begin: '06:00', days: [monday]}]}", "shifts.0.days.0"),
        ("{shifts: [{name: a, begin: '06:00', breaks: [{begin: 9:00}]}]}", "shifts.0.breaks.0.end"),
        ("{free: [2026-02-30], shifts: [{name: a, begin: '06:00'}]}", "day is out of range"),
        ("{free: [soon], shifts: [{name: a, begin: '06:00'}]}", "free.0"),
    ],
)
def test_a_plan_with_a_fault_is_refused_with_its_place(given: str, said: str) -> None:
    with pytest.raises(ShiftFileError, match=said):
        ShiftCalendar.parse(given)
