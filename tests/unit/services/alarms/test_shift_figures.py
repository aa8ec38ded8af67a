"""What Prometheus learns of the shift that goes on."""

import math
from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY

from omf.alarms.lifecycle import AlarmEvent
from omf.analysis.shifts import ShiftCalendar
from services.alarms.metrics import ShiftFigures
from tests.unit.omf.alarms.test_kpis import Shift

CALENDAR = ShiftCalendar.parse(
    "{zone: UTC, shifts: [{name: early, begin: '06:00'}, {name: late, begin: '14:00'}]}"
)
SIX = datetime(2026, 11, 29, 6, tzinfo=UTC).timestamp()
HOUR_S = 3600.0


def shown(name: str, shift: str) -> float | None:
    return REGISTRY.get_sample_value(f"omf_alarm_shift_{name}", {"shift": shift})


def test_they_begin_anew_with_each_shift_and_show_none_that_is_over() -> None:
    shift, figures = Shift(), ShiftFigures(CALENDAR)
    shift.look(SIX - 60, "collision:before")
    shift.look(SIX + 60, "collision:before", "collision:a", "collision:b")
    shift.act(SIX + 90, "collision:a", AlarmEvent.ACKNOWLEDGED)
    figures.take(shift.told)
    figures.show(shift.lives, SIX + 2 * HOUR_S)
    assert figures.begin(SIX + 1) == SIX
    assert (shown("raised", "early"), shown("acknowledge_seconds", "early")) == (2.0, 30.0)
    assert shown("rate", "early") == pytest.approx(2 / 12)
    figures.show(shift.lives, SIX + 9 * HOUR_S)
    assert (shown("raised", "early"), shown("raised", "late")) == (None, 0.0)
    assert math.isnan(shown("acknowledge_seconds", "late") or 0.0)
