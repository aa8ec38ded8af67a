"""The passages of an alarm, parted into the times it stood."""

import pytest

from omf.alarms.lifecycle import AlarmEvent
from omf.alarms.occurrences import occurrences
from tests.unit.omf.alarms.test_kpis import Shift

NAME = "collision:5iO4"


@pytest.fixture
def shift() -> Shift:
    return Shift()


def test_each_time_it_stood_has_its_length_and_its_acts(shift: Shift) -> None:
    shift.look(10.0, NAME)
    shift.act(20.0, NAME, AlarmEvent.ACKNOWLEDGED)
    shift.look(40.0)
    shift.act(45.0, NAME, AlarmEvent.COMMENTED)
    shift.look(100.0, NAME)
    shift.look(130.0)
    shift.look(150.0, NAME)
    last, first = occurrences(shift.told)
    assert (first.begun_at, first.ended_at, first.stood_s(999.0), first.raised) == (10, 40, 30, 1)
    assert [entry.event for entry in first.entries][-1] is AlarmEvent.REFUSED
    assert (last.begun_at, last.ended_at, last.raised) == (100.0, None, 2)
    assert last.stood_s(160.0) == 40.0
    assert [*first.entries, *last.entries] == shift.told


def test_a_beginning_that_is_not_known_is_not_invented(shift: Shift) -> None:
    shift.look(10.0, NAME)
    shift.act(20.0, NAME, AlarmEvent.ACKNOWLEDGED)
    shift.look(40.0)
    [cut] = occurrences(shift.told[1:])
    assert (cut.begun_at, cut.ended_at, cut.stood_s(50.0)) == (None, 40.0, None)
    assert occurrences([]) == []


def test_what_is_taken_out_of_service_goes_on_until_it_is_normal(shift: Shift) -> None:
    shift.look(10.0, NAME)
    shift.act(20.0, NAME, AlarmEvent.TAKEN_OUT, until=900.0)
    shift.look(30.0)
    shift.look(60.0, NAME)
    shift.act(70.0, NAME, AlarmEvent.PUT_BACK)
    shift.look(80.0)
    [one] = occurrences(shift.told)
    assert (one.stood_s(500.0), one.ended_at, one.raised) == (40.0, None, 2)
