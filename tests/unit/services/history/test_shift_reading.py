"""Which range is meant by what people ask for."""

from dataclasses import replace
from datetime import UTC

import pytest

from omf.analysis.shifts import default_shifts
from services.history.shift_reading import RangeError, range_of

CALENDAR = replace(default_shifts(), zone=UTC)
NOON = 1_786_104_000.0
"""2026-08-07 12:00 UTC."""
HOUR = 3600.0


@pytest.mark.parametrize(
    ("asked", "hours", "shift"),
    [
        ("now", (-6, 0), "2026-08-07/early"),
        ("last", (-14, -6), "2026-08-06/night"),
        ("today", (-12, 0), ""),
        ("yesterday", (-36, -12), ""),
        ("2026-08-05", (-60, -36), ""),
        ("2026-08-05/late", (-46, -38), "2026-08-05/late"),
        ("2026-08-07/early", (-6, 0), "2026-08-07/early"),
        ("2026-08-07T10:00Z..2026-08-07T11:00Z", (-2, -1), ""),
    ],
)
def test_a_range_is_named(asked: str, hours: tuple[int, int], shift: str) -> None:
    found = range_of(asked, CALENDAR, NOON)
    assert [(one - NOON) / HOUR for one in found.span] == list(hours)
    assert found.shift == shift


@pytest.mark.parametrize(
    "asked",
    [
        "9999-12-31",
        "9999-12-31/early",
        "0001-01-01",
        "0001-01-01/early",
        "9999-12-30..9999-12-31T23:59:59",
    ],
)
def test_the_ends_of_the_calendar_are_refused(asked: str) -> None:
    with pytest.raises(RangeError):
        range_of(asked, CALENDAR, NOON)


@pytest.mark.parametrize(
    "asked", ["soon", "2026-08-07/none", "..", "2026-08-07..2026-08-01", "1d..9d", "x..y", "90d.."]
)
def test_what_is_no_range_is_refused(asked: str) -> None:
    with pytest.raises(RangeError):
        range_of(asked, CALENDAR, NOON)
