"""The time to the charge threshold: where the course tells it, and unknown everywhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from omf.state.battery import forecast
from omf.state.vehicles import BatteryReading

END = 10_000.0


def _course(percents: list[float | None], *, every_s: float = 60.0) -> list[BatteryReading]:
    begin = END - every_s * (len(percents) - 1)
    return [
        BatteryReading(begin + n * every_s, 8.5, p, charging=False) for n, p in enumerate(percents)
    ]


def _falling(count: int = 11, first: float = 60.0, per_step: float = 1.0) -> list[BatteryReading]:
    return _course([first - per_step * n for n in range(count)])


def test_a_steady_fall_reaches_the_limit_when_its_line_does() -> None:
    found = forecast(_falling(), 35.0, END)
    assert found is not None
    assert found.in_s == pytest.approx(15 * 60)
    assert found.seen_s == 600
    later = forecast(_falling(), 35.0, END + 60)
    assert later is not None
    assert later.in_s == pytest.approx(14 * 60)


def test_below_the_limit_it_is_reached() -> None:
    found = forecast(_falling(), 55.0, END)
    assert found is not None
    assert found.in_s == 0


UNTOLD = {
    "nothing was heard": [],
    "too few": _falling(5),
    "too short": _course([60 - n for n in range(11)], every_s=10),
    "it rises": _falling(per_step=-1),
    "it stands": _falling(per_step=0),
    "it wavers": _course([50, 55, 49, 56, 48, 55, 50, 54, 49, 55, 48]),
    "it never said a percentage": _course([None] * 11),
}


@pytest.mark.parametrize("readings", UNTOLD.values(), ids=UNTOLD.keys())
def test_what_the_course_does_not_tell_is_unknown(readings: list[BatteryReading]) -> None:
    assert forecast(readings, 20.0, END) is None


def test_a_limit_far_beyond_what_was_seen_is_unknown() -> None:
    assert forecast(_falling(), 19.0, END) is None


def test_a_silent_vehicle_tells_nothing_more() -> None:
    assert forecast(_falling(), 35.0, END + 121) is None


def test_only_the_course_since_the_charger_counts() -> None:
    readings = _falling(22)
    readings[10].charging = True
    found = forecast(readings, 35.0, END)
    assert found is not None
    assert found.seen_s == 600
    readings[18].charging = None
    assert forecast(readings, 35.0, END) is None


@given(
    some.lists(some.floats(-50, 219), max_size=40),
    some.floats(0, 100),
    some.floats(0, 500),
)
def test_whatever_it_says_it_is_a_time_to_come(
    percents: list[float], limit: float, later: float
) -> None:
    found = forecast(_course(list(percents)), limit, END + later)
    assert found is None or 0 <= found.in_s <= 3 * found.seen_s
