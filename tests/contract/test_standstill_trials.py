"""Twenty ways in which an order of the mock stands still: what it waits for, and what frees it.

Counted from the moment the order could have gone on, within a minute; where nobody has to do
anything the page says so, else an alarm names the device.
"""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import pytest

from omf.commands import KINDS, Plan, prepare
from omf.recovery.remedies import Remedy
from omf.recovery.trial import AFTER_REMEDY_S, REMEDY_WAIT_S, standstills
from omf.simulation import simulated_factory
from omf.simulation.device import Send
from omf.state.orders import Order
from omf.state.waiting_texts import WaitCause
from tests.support.mock_world import STAMP, say
from tests.support.watched_mock import WatchedMock

FTS = "5iO4"
SERIALS = {one.type: one.serial for one in simulated_factory.PLC_MODULES}
NAMED_WITHIN_S = 60
NO_COMMAND_HELPS = (
    "module falls silent",
    "module out of reach",
    "warehouse takes no order",
    "drill takes no order",
    "check takes no order",
    "bridge is gone",
    "vehicle is gone",
    "vehicle takes no order",
    "vehicle not listed",
)
"""Somebody has to look at the device; or the CCU, just started, resets all in half a minute."""
MOST_S = 900


class Trial(NamedTuple):
    """What is done to the factory, the colour then ordered, and what the order waits for."""

    seed: Callable[[WatchedMock], None]
    colour: str
    cause: WaitCause
    device: str | None


def fault(kind: str, target: str = "") -> Callable[[WatchedMock], None]:
    return lambda watched: watched.world.fault(kind, target) and None


def found_again(watched: WatchedMock) -> None:
    fault("lost", FTS)(watched)
    watched.run(4)
    fault("found", FTS)(watched)
    watched.run(4)


def forgotten(watched: WatchedMock) -> None:
    """The CCU starts anew; the reset after its start is over, and the vehicle says nothing."""
    fault("ccu-restart")(watched)
    watched.run(5)


def without(kind: str) -> Callable[[WatchedMock], None]:
    def change(watched: WatchedMock) -> None:
        layout = simulated_factory.layout()
        layout["modules"] = [one for one in layout["modules"] if one["type"] != kind]
        layout["roads"] = [one for one in layout["roads"] if one["from"] != SERIALS[kind]]
        say(watched.world, "ccu_set_layout", layout)

    return change


def calibrating(kind: str) -> Callable[[WatchedMock], None]:
    def begin(watched: WatchedMock) -> None:
        asked = {"timestamp": STAMP, "serialNumber": SERIALS[kind], "command": "startCalibration"}
        say(watched.world, "ccu_set_calibration", asked)
        watched.run(3)

    return begin


def charging(watched: WatchedMock) -> None:
    say(watched.world, "ccu_set_charge", {"serialNumber": FTS, "charge": True})
    watched.run(60)


TRIALS: dict[str, Trial] = {
    "module fails for good": Trial(fault("fatal", "DRILL"), "WHITE", "module-fatal", "DRILL"),
    "module fails": Trial(fault("warning", "MILL"), "RED", "module-failed", "MILL"),
    "module falls silent": Trial(fault("silent", "AIQS"), "WHITE", "module-silent", "AIQS"),
    "module out of reach": Trial(fault("unreachable", "HBW"), "RED", "module-lost", "HBW"),
    "warehouse takes no order": Trial(fault("deaf", "HBW"), "RED", "module-idle", "HBW"),
    "drill takes no order": Trial(fault("deaf", "DRILL"), "WHITE", "module-idle", "DRILL"),
    "check takes no order": Trial(fault("deaf", "AIQS"), "WHITE", "module-idle", "AIQS"),
    "warehouse without end": Trial(fault("stuck", "HBW"), "RED", "module-endless", "HBW"),
    "mill without end": Trial(fault("stuck", "MILL"), "RED", "module-endless", "MILL"),
    "drill without end": Trial(fault("stuck", "DRILL"), "WHITE", "module-endless", "DRILL"),
    "check without end": Trial(fault("stuck", "AIQS"), "BLUE", "module-endless", "AIQS"),
    "bridge is gone": Trial(fault("bridge-dead"), "WHITE", "bridge-down", None),
    "vehicle is gone": Trial(fault("lost", FTS), "WHITE", "vehicle-lost", FTS),
    "vehicle without place": Trial(found_again, "WHITE", "vehicle-position", FTS),
    "vehicle takes no order": Trial(fault("deaf", FTS), "WHITE", "vehicle-idle", FTS),
    "drive without end": Trial(fault("stuck", FTS), "RED", "vehicle-endless", FTS),
    "vehicle not listed": Trial(forgotten, "WHITE", "vehicle-unlisted", FTS),
    "module not paired": Trial(without("MILL"), "RED", "module-unpaired", None),
    "module is calibrated": Trial(calibrating("AIQS"), "WHITE", "module-paused", "AIQS"),
    "only vehicle charges": Trial(charging, "WHITE", "vehicle-charging", FTS),
}


@pytest.mark.parametrize("name", TRIALS)
def test_what_an_order_waits_for_is_named_within_a_minute(name: str) -> None:
    trial, watched = TRIALS[name], WatchedMock()
    watched.run(5)
    trial.seed(watched)
    order = watched.order(trial.colour)
    assert watched.run(MOST_S, lambda: watched.wait_of(order) is not None)
    assert watched.run(NAMED_WITHIN_S, lambda: _named(watched, order, trial))
    wait = watched.wait_of(order)
    if wait is not None and not wait.ordinary:
        since = wait.since
        assert watched.run(NAMED_WITHIN_S, lambda: _alarmed(watched, order, trial))
        assert watched.now - since <= NAMED_WITHIN_S


@pytest.mark.parametrize("name", TRIALS)
def test_what_a_remedy_leads_to_in_the_simulation_it_leads_to_in_the_mock(name: str) -> None:
    trial, watched = TRIALS[name], WatchedMock()
    watched.run(5)
    trial.seed(watched)
    order = watched.order(trial.colour)
    watched.run(MOST_S, lambda: _named(watched, order, trial))
    wait = watched.wait_of(order)
    found = standstills(watched.state, watched.now)
    if wait is not None and wait.ordinary:
        assert found == []
        return
    (standstill,) = found
    best = standstill.tried[0]
    assert standstill.orders == (order.id,)
    assert best.helps is (name not in NO_COMMAND_HELPS)
    done, known = _finished_steps(order), set(watched.state.orders)
    for command in best.commands:
        _carry_out(watched, command)
    assert watched.run(AFTER_REMEDY_S, lambda: _works(watched, order, done, known)) is best.helps
    now = watched.state.orders[order.id]
    assert (now.vanished or now.state == "CANCELLED") is (order.id in best.lost)


def _finished_steps(order: Order) -> int:
    return sum(step.state == "FINISHED" for step in order.steps)


def _works(watched: WatchedMock, order: Order, done: int, known: set[str]) -> bool:
    """The order got further, or one that was given again has ended."""
    now = watched.state.orders[order.id]
    new = (one for name, one in watched.state.orders.items() if name not in known)
    went_on = _finished_steps(now) > done and not now.vanished
    return went_on or any(one.state == "FINISHED" for one in new)


def _carry_out(watched: WatchedMock, command: Remedy) -> None:
    """As orders does: once nothing stands against it, one message after the other."""
    kind, numbers = KINDS[command.kind], itertools.count()
    word = {"confirm": kind.typed_word.en} if kind.typed_word else {}

    def plan() -> Plan:
        given = command.parameters | word
        state, now = watched.state, watched.now
        return prepare(command.kind, given, state, now=now, new_id=lambda: f"id-{next(numbers)}")

    watched.run(REMEDY_WAIT_S, lambda: plan().allowed)
    for step in plan().steps:
        watched.world.publish(Send(step.topic, step.payload.encode(), step.qos, step.retain))
        watched.run(5)


def _named(watched: WatchedMock, order: Order, trial: Trial) -> bool:
    wait = watched.wait_of(order)
    serial = SERIALS.get(trial.device or "", trial.device)
    named = wait is not None and wait.cause == trial.cause
    return named and (serial is None or wait is None or wait.device == serial)


def _alarmed(watched: WatchedMock, order: Order, trial: Trial) -> bool:
    """An alarm that is about the device, or about the order and names the device."""
    names = [alarm.en + alarm.subject for alarm in watched.alarms().values()]
    return any((trial.device or "") in one or order.id[:8] in one for one in names)
