"""How wide the throttle is by what is asked for and what gets done. Time is a number here."""

import pytest

from services.orders.throttle import (
    MAX_EVERY_S,
    MIN_EVERY_S,
    THROTTLE_CALM_S,
    THROTTLE_STEP_S,
    Demand,
    ThrottleInterval,
)


class Factory:
    """What gets done of what passes: a queue with as many places as are done in two seconds."""

    def __init__(self, per_s: float, people: int) -> None:
        self.interval = ThrottleInterval()
        self._per_s = per_s
        self._people = people
        self._places = 2 * per_s
        self._waiting = 0.0
        self.turned_away = self.refused = self.done = 0.0

    def step(self, asked_per_s: float) -> None:
        """Everybody asks as often as the others."""
        every_s = self.interval.every_s
        most = self._people / every_s if every_s else asked_per_s
        passed = min(asked_per_s, most)
        queued = self._waiting + passed * THROTTLE_STEP_S
        done = min(queued, self._per_s * THROTTLE_STEP_S)
        self._waiting = min(self._places, queued - done)
        self.turned_away = queued - done - self._waiting
        self.refused = (asked_per_s - passed) * THROTTLE_STEP_S
        self.done += done
        demand = Demand(passed, round(self.refused), round(self.turned_away), self._people)
        full = self._waiting / self._places
        self.interval.step(demand, self._per_s, full, THROTTLE_STEP_S)


@pytest.mark.parametrize("times", [2, 5, 20, 200])
@pytest.mark.parametrize("people", [10, 100, 1000])
def test_of_what_is_too_much_as_much_passes_as_gets_done(times: int, people: int) -> None:
    factory = Factory(100.0, people)
    for _ in range(40):
        factory.step(100.0 * times)
    factory.done = 0.0
    away = 0.0
    for _ in range(40):
        factory.step(100.0 * times)
        away += factory.turned_away
    assert factory.done == pytest.approx(100.0 * 40 * THROTTLE_STEP_S, rel=0.05)
    assert away < factory.done / 20


def test_there_is_none_while_all_is_taken_on() -> None:
    factory = Factory(100.0, 10)
    for _ in range(100):
        factory.step(90.0)
    assert factory.interval.every_s == 0


def test_it_ends_some_seconds_after_nobody_was_turned_away_any_more() -> None:
    factory = Factory(100.0, 50)
    for _ in range(40):
        factory.step(1000.0)
    assert factory.interval.every_s
    steps = 0
    while factory.interval.every_s:
        factory.step(10.0)
        steps += 1
    assert THROTTLE_CALM_S <= steps * THROTTLE_STEP_S <= THROTTLE_CALM_S + 3


def test_a_pause_does_not_widen_it_for_nobody_asked() -> None:
    interval = ThrottleInterval()
    interval.step(Demand(0.0, 0, 9, 100), 100.0, 1.0, THROTTLE_STEP_S)
    before = interval.every_s
    interval.step(Demand(0.0, 0, 0, 100), 100.0, 0.0, THROTTLE_STEP_S)
    assert interval.every_s == before == 1.0


def test_it_stays_within_its_bounds() -> None:
    interval = ThrottleInterval()
    interval.step(Demand(0.0, 0, 9, 100_000), 1.0, 1.0, THROTTLE_STEP_S)
    assert interval.every_s == MAX_EVERY_S
    for _ in range(40):
        interval.step(Demand(0.0, 9, 0, 10), 100.0, 0.0, THROTTLE_STEP_S)
    assert interval.every_s == MIN_EVERY_S


@pytest.mark.parametrize("per_s", [5.0, 400.0])
def test_a_machine_that_becomes_faster_is_used(per_s: float) -> None:
    """What gets done is first known from a time when nothing more was let in."""
    interval, passed = ThrottleInterval(), 0.0
    interval.step(Demand(0.0, 0, 9, 100), per_s, 1.0, THROTTLE_STEP_S)
    for _ in range(24):
        passed = 100 / interval.every_s
        interval.step(Demand(passed, 50, 0, 100), per_s, 0.0, THROTTLE_STEP_S)
    assert passed > 2 * per_s
