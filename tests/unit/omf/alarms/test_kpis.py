"""The figures of ISA-18.2, of passages a person can count by hand."""

import pytest

from omf.alarms.changes import carry_out, observe
from omf.alarms.kpis import FLOOD_BEGINS, AlarmFigures, figures, load
from omf.alarms.life import AlarmAct, AlarmEntry, AlarmLife, AlarmLoad
from omf.alarms.lifecycle import AlarmEvent
from omf.constants import DAY_S
from tests.unit.omf.alarms.test_lifecycle import alarm

HOUR_S = 3600.0


class Shift:
    """Raises and ends alarms at given times."""

    def __init__(self) -> None:
        self.lives: dict[str, AlarmLife] = {}
        self.told: list[AlarmEntry] = []

    def look(self, at: float, *names: str) -> None:
        self.lives, entries = observe(self.lives, map(alarm, names), at)
        self.told += entries

    def act(self, at: float, name: str, event: AlarmEvent, until: float | None = None) -> None:
        self.lives, entry = carry_out(self.lives, name, event, AlarmAct(at, "anna", "", until))
        self.told.append(entry)

    def figures(self, until: float = HOUR_S, since: float = 0.0) -> AlarmFigures:
        return figures(self.told, self.lives, since=since, until=until)


@pytest.fixture
def shift() -> Shift:
    return Shift()


def flashes(shift: Shift, begin: float, count: int, every_s: float) -> None:
    for number in range(count):
        shift.look(begin + number * every_s, f"collision:{number}")


def test_a_quiet_hour_has_no_figures_to_speak_of(shift: Shift) -> None:
    found = shift.figures()
    assert (found.raised, found.per_ten_minutes, found.flood_share) == (0, 0.0, 0.0)
    assert (found.acknowledge_s, found.top, found.chattering) == (None, (), ())


def test_alarms_are_counted_for_ten_minutes_and_an_operator(shift: Shift) -> None:
    flashes(shift, 100.0, 6, 600.0)
    found = shift.figures()
    assert (found.raised, found.per_ten_minutes, found.most_in_ten_minutes) == (6, 1.0, 2)
    halved = figures(shift.told, shift.lives, since=0, until=HOUR_S, operators=2)
    assert halved.per_ten_minutes == 0.5
    assert shift.figures(HOUR_S, since=1000.0).raised == 4


def test_more_than_ten_in_ten_minutes_are_a_flood_until_few_come(shift: Shift) -> None:
    flashes(shift, 1000.0, FLOOD_BEGINS, 10.0)
    assert shift.figures().floods == 0
    shift.look(1100.0, "collision:more")
    found = shift.figures()
    # It began with the eleventh, and ended when only the last four were younger than ten minutes.
    assert (found.floods, found.most_in_ten_minutes) == (1, 11)
    assert found.flood_share == pytest.approx((1070.0 + 600.0 - 1100.0) / HOUR_S)


def test_a_flood_that_goes_on_is_one_and_lasts_to_the_end(shift: Shift) -> None:
    flashes(shift, 0.0, 60, 30.0)
    found = shift.figures(1800.0)
    assert found.floods == 1
    assert found.flood_share == pytest.approx((1800.0 - 300.0) / 1800.0)
    flashes(shift, 10_000.0, 12, 1.0)
    assert shift.figures(12_000.0).floods == 2


def test_what_comes_three_times_in_a_minute_chatters(shift: Shift) -> None:
    for at in (0.0, 20.0, 40.0):
        shift.look(at, "collision:5iO4")
        shift.look(at + 10)
    for at in (0.0, 100.0, 200.0):
        shift.look(at + 1000, "danger:gas")
        shift.look(at + 1010)
    found = shift.figures()
    assert found.chattering == ("collision:5iO4",)
    assert found.top == (("collision:5iO4", 3), ("danger:gas", 3))


def test_what_stands_for_a_day_is_stale_unless_it_is_hidden(shift: Shift) -> None:
    shift.look(0.0, "collision:a", "collision:b", "danger:gas")
    shift.act(10.0, "collision:b", AlarmEvent.TAKEN_OUT, until=9 * DAY_S)
    shift.look(20.0, "collision:a", "collision:b")
    found = shift.figures(2 * DAY_S)
    assert (found.stale, found.standing, found.hidden) == (("collision:a",), 1, 1)
    assert found.waiting == 2


def test_the_time_to_acknowledge_is_the_one_in_the_middle(shift: Shift) -> None:
    names = [f"collision:{number}" for number in range(3)]
    shift.look(0.0, *names)
    for name, at in zip(names, (10.0, 300.0, 30.0), strict=True):
        shift.act(at, name, AlarmEvent.ACKNOWLEDGED)
    found = shift.figures()
    assert (found.acknowledged, found.acknowledge_s) == (3, 30.0)
    assert found.by_priority == (0, 3, 0, 0)


def test_a_flood_lasts_until_few_come_and_its_own_alarm_is_not_counted(shift: Shift) -> None:
    flashes(shift, 1000.0, FLOOD_BEGINS, 10.0)
    assert load(shift.told, 1100.0).flood_since is None
    shift.look(1110.0, "alarm-flood:alarms")
    assert load(shift.told, 1110.0).flood_since is None
    shift.look(1120.0, "collision:one more")
    found = load(shift.told, 1120.0)
    assert (found.flood_since, found.flood_count) == (1120.0, FLOOD_BEGINS + 1)
    assert load(shift.told, 1121.0).flood_since == 1120.0
    assert load(shift.told, 1800.0) == AlarmLoad(flood_count=0)


def test_what_comes_three_times_within_a_minute_is_named_while_the_hour_lasts(
    shift: Shift,
) -> None:
    for at in (100.0, 110.0, 120.0):
        shift.look(at, "collision:A")
        shift.look(at + 5.0)
    assert load(shift.told, 200.0).chattering == ("collision:A",)


def test_what_its_cause_explains_is_no_news_until_it_outlasts_the_cause(shift: Shift) -> None:
    under = alarm("device-silent:A", cause="bridge-down:nodered")
    shift.lives, shift.told = observe({}, [alarm("bridge-down:nodered"), under], 100.0)
    assert (shift.figures().raised, shift.figures().hidden) == (1, 1)
    for at in (110.0, 200.0):
        shift.look(at, "device-silent:A")
    assert (shift.figures().raised, shift.figures().hidden) == (2, 0)
