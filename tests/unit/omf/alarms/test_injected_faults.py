"""Every fault of the mock, ten times at other moments of other days.

It is found, in time, at the right device, and nothing else is announced.
"""

from collections.abc import Callable

import pytest

from omf.alarms.lifecycle import AlarmState
from services.mock.fault_injection import FAULT_KINDS
from tests.support.kept_alarms import KeptAlarms
from tests.support.watched_mock import WatchedMock

FTS = "5iO4"
SERIALS = {
    "DRILL": "SVR4H76449",
    "MILL": "SVR3QA2098",
    "AIQS": "SVR4H76530",
    "HBW": "SVR3QA0022",
}
COLOURS = {"DRILL": "WHITE", "MILL": "RED", "AIQS": "BLUE", "HBW": "WHITE"}
"""An order that comes to the module."""
ORDINARY = "order-standstill"
"""An order in traffic that has not moved for long: worth knowing, no fault."""


class Day:
    """A factory with its alarms, some time after the morning; `run` makes each another one."""

    def __init__(self, run: int) -> None:
        self.one = WatchedMock(1 + run % 2, seed=run)
        self.kept = KeptAlarms()
        self.target = list(SERIALS)[run % len(SERIALS)]
        self.serial = SERIALS[self.target]
        self.pass_s(20 + 7 * run)
        assert not self.kept.announced

    def pass_s(self, seconds: int, until: Callable[[], bool] = lambda: False) -> bool:
        for _ in range(seconds):
            self.one.run(1)
            self.kept.look(self.one.state, self.one.now)
            if until():
                return True
        return until()

    def fault(self, kind: str, target: str = "") -> float:
        self.one.world.fault(kind, target)
        return self.one.now

    def order(self, colour: str, kind: str = "PRODUCTION") -> str:
        order = self.one.order(colour, kind)
        self.kept.look(self.one.state, self.one.now)
        return order.id

    def found(self, alarm: str, within_s: int) -> float:
        """When it came before people, and nothing else then or in the minute after."""
        assert self.pass_s(within_s, lambda: self.kept.first(alarm) is not None), self.one.alarms()
        self.pass_s(60)
        others = {entry.alarm for entry in self.kept.announced if entry.rule != ORDINARY}
        assert others == {alarm}
        at = self.kept.first(alarm)
        assert at is not None
        return at

    def delay_s(self, alarm: str) -> float:
        """From when the factory said it to when people were told."""
        [raised] = [one for one in self.kept.announced if one.alarm == alarm]
        assert raised.since is not None
        return raised.at - raised.since


def fatal(day: Day) -> None:
    day.fault("fatal", day.target)
    day.order(COLOURS[day.target])
    day.found(f"device-fatal:{day.serial}", 400)
    assert day.delay_s(f"device-fatal:{day.serial}") <= 5


def warning(day: Day) -> None:
    day.fault("warning", day.target)
    day.order(COLOURS[day.target])
    day.found(f"action-failed:{day.serial}", 400)
    assert day.delay_s(f"action-failed:{day.serial}") <= 5


def silent(day: Day) -> None:
    at = day.fault("silent", day.target)
    assert day.found(f"device-silent:{day.serial}", 60) - at <= 42


def unreachable(day: Day) -> None:
    day.fault("unreachable", day.target)
    day.found(f"connection-lost:{day.serial}", 30)
    assert day.delay_s(f"connection-lost:{day.serial}") <= 2


def deaf(day: Day) -> None:
    """It says it is there, and does not begin."""
    day.fault("deaf", day.target)
    order = day.order(COLOURS[day.target])
    day.found(f"order-held-up:{order}", 400)
    assert day.target in day.kept.lives[f"order-held-up:{order}"].text.en


def stuck(day: Day) -> None:
    """It began and does not end; the vehicle as well as a module."""
    target = day.target if day.target != "AIQS" else FTS
    day.fault("stuck", target)
    order = day.order(COLOURS[day.target])
    day.found(f"order-held-up:{order}", 700)
    assert target in day.kept.lives[f"order-held-up:{order}"].text.en


def speaks(day: Day) -> None:
    day.fault("silent", day.target)
    day.found(f"device-silent:{day.serial}", 60)
    day.fault("speaks", day.target)
    day.pass_s(20)
    assert day.one.alarms() == {}


def bridge_dead(day: Day) -> None:
    at = day.fault("bridge-dead")
    assert day.found("bridge-down:nodered", 10) - at <= 5


def bridge_back(day: Day) -> None:
    bridge_dead(day)
    day.fault("bridge-back")
    day.pass_s(120)
    assert day.one.alarms() == {}
    assert {entry.alarm for entry in day.kept.announced} == {"bridge-down:nodered"}


def nok(day: Day) -> None:
    day.fault("nok")
    order = day.order(COLOURS[day.target])
    day.found(f"quality-failed:{order}", 600)


def collision(day: Day) -> None:
    """Over after seconds, and it waits for somebody nevertheless."""
    order = day.order(COLOURS[day.target])
    day.pass_s(20)
    serial = day.one.state.orders[order].vehicle or FTS
    day.fault("collision", serial)
    day.found(f"collision:{serial}", 200)
    assert day.delay_s(f"collision:{serial}") <= 1
    assert day.kept.lives[f"collision:{serial}"].state is AlarmState.RETURNED


def lost(day: Day) -> None:
    at = day.fault("lost", FTS)
    assert day.found(f"connection-lost:{FTS}", 10) - at <= 2


def found(day: Day) -> None:
    """It says in words that it is back and has to dock."""
    day.fault("lost", FTS)
    day.pass_s(10)
    at = day.fault("found", FTS)
    day.pass_s(10)
    first = day.kept.first(f"position-unknown:{FTS}")
    assert first is not None
    assert first - at <= 2
    said = {entry.alarm for entry in day.kept.announced}
    assert said == {f"connection-lost:{FTS}", f"position-unknown:{FTS}"}
    assert not [entry for entry in day.kept.told if "connected=" in entry.text.en]


def ccu_restart(day: Day) -> None:
    order = day.order(COLOURS[day.target])
    day.pass_s(20)
    at = day.fault("ccu-restart")
    assert day.found("ccu-restarted:ccu", 30) - at <= 5
    assert order[:8] in day.kept.lives["ccu-restarted:ccu"].text.en


def race(day: Day) -> None:
    day.order(COLOURS[day.target])
    day.fault("race")
    storage = day.order("RED", "STORAGE")
    day.found(f"order-stuck:{storage}", 400)
    assert day.delay_s(f"order-stuck:{storage}") <= 15


def harmless(kind: str, target: str) -> Callable[[Day], None]:
    def check(day: Day) -> None:
        day.fault(kind, target)
        day.pass_s(200)
        assert not day.kept.announced

    return check


CHECKS: dict[str, Callable[[Day], None]] = {
    "fatal": fatal,
    "warning": warning,
    "silent": silent,
    "unreachable": unreachable,
    "deaf": deaf,
    "stuck": stuck,
    "speaks": speaks,
    "bridge-dead": bridge_dead,
    "bridge-back": bridge_back,
    "nok": nok,
    "collision": collision,
    "lost": lost,
    "found": found,
    "ccu-restart": ccu_restart,
    "race": race,
    "skew": harmless("skew", "ccu"),
    "input": harmless("input", "BLUE"),
    "refill": harmless("refill", ""),
}


def test_every_fault_of_the_mock_is_among_them() -> None:
    assert CHECKS.keys() == FAULT_KINDS.keys()


@pytest.mark.parametrize("run", range(10))
@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_fault_is_found_in_time_at_the_right_device_and_nothing_else(kind: str, run: int) -> None:
    CHECKS[kind](Day(run))
