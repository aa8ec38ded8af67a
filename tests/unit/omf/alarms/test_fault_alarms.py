"""Each fault of the mock: the right device is named with the right advice, once, until it ends."""

import re
from collections.abc import Callable

import pytest

from omf.simulation import simulated_factory
from services.mock.fault_injection import FAULT_KINDS
from tests.support import mock_world
from tests.support.watched_mock import WatchedMock

FTS = "5iO4"
DRILL, MILL, AIQS = "SVR4H76449", "SVR3QA2098", "SVR4H76530"
TYPES = {"DRILL", "MILL", "AIQS", "OVEN"}
"""Names of devices that people use."""
RAW = re.compile(r"[A-Z_]{4,}")


def watched(*orders: str, vehicles: int = 1) -> WatchedMock:
    one = WatchedMock(vehicles)
    for colour in orders:
        one.order(colour)
    return one


def reset(one: WatchedMock) -> None:
    """Reset the factory and dock the vehicle, as people do."""
    mock_world.say(
        one.world, "ccu_set_reset", {"timestamp": mock_world.STAMP, "withStorage": False}
    )
    one.run(90)
    for serial in one.state.vehicles:
        mock_world.say(one.world, "ccu_pairing_pair_fts", {"serialNumber": serial})
    one.run(30)


def stand(one: WatchedMock, alarm_id: str, within_s: float = 400) -> None:
    """Wait until an alarm stands."""
    assert one.run(within_s, lambda: alarm_id in one.alarms()), sorted(one.alarms())


def only(one: WatchedMock, alarm_id: str) -> None:
    """No second alarm for the same cause: the one stands alone, and goes on doing so."""
    for _ in range(60):
        one.run(1)
        assert set(one.alarms()) == {alarm_id}


@pytest.mark.parametrize(
    ("fault", "rule", "mend"),
    [
        ("fatal", "device-fatal", "reset the factory"),
        ("warning", "action-failed", "reset the factory"),
    ],
)
def test_an_action_that_fails_names_the_module_and_a_reset_it_obeys(
    fault: str, rule: str, mend: str
) -> None:
    one = watched()
    one.world.fault(fault, "DRILL")
    one.order("WHITE")
    stand(one, f"{rule}:{DRILL}")
    only(one, f"{rule}:{DRILL}")
    alarm = one.alarms()[f"{rule}:{DRILL}"]
    assert "DRILL" in alarm.de
    assert alarm.action.en.endswith(f"then {mend}.")
    assert "Production White" in alarm.en
    reset(one)
    assert not {name for name in one.alarms() if DRILL in name}


def test_a_fatal_error_at_a_module_that_obeys_its_own_reset_advises_that() -> None:
    one = watched()
    one.world.fault("fatal", "HBW")
    one.order("WHITE")
    stand(one, "device-fatal:SVR3QA0022")
    assert "reset the module" in one.alarms()["device-fatal:SVR3QA0022"].action.en


def test_a_silent_module_is_one_alarm_until_it_speaks() -> None:
    one = watched()
    one.world.fault("silent", "MILL")
    stand(one, f"device-silent:{MILL}", 60)
    only(one, f"device-silent:{MILL}")
    assert one.alarms()[f"device-silent:{MILL}"].en == "MILL has been silent for more than 40 s"
    one.world.fault("speaks", "MILL")
    one.run(20)
    assert one.alarms() == {}


def test_an_unreachable_module_is_one_alarm_until_it_is_back() -> None:
    one = watched()
    one.world.fault("unreachable", "AIQS")
    stand(one, f"connection-lost:{AIQS}", 30)
    only(one, f"connection-lost:{AIQS}")
    assert (
        one.alarms()[f"connection-lost:{AIQS}"].de == "AIQS nicht erreichbar: Verbindung verloren"
    )
    one.world.fault("speaks", "AIQS")
    one.run(20)
    assert one.alarms() == {}


def test_node_red_gone_is_one_alarm_and_not_six() -> None:
    one = watched()
    one.world.fault("bridge-dead")
    stand(one, "bridge-down:nodered", 10)
    for _ in range(150):
        one.run(1)
        assert set(one.alarms()) == {"bridge-down:nodered"}
    one.world.fault("bridge-back")
    assert one.run(30, lambda: one.alarms() == {})


def test_a_piece_that_fails_the_check_is_said() -> None:
    one = watched()
    one.world.fault("nok")
    order = one.order("RED")
    stand(one, f"quality-failed:{order.id}")
    alarm = one.alarms()[f"quality-failed:{order.id}"]
    assert alarm.severity == "advisory"
    assert alarm.en == f"Order Production Red {order.id[:8]}: quality check not passed"
    only(one, f"quality-failed:{order.id}")
    one.run(700)
    assert one.alarms() == {}


def test_a_collision_lasts_as_long_as_the_obstacle() -> None:
    one = watched("WHITE")
    one.world.fault("collision", FTS)
    stand(one, f"collision:{FTS}", 30)
    assert one.alarms()[f"collision:{FTS}"].en.startswith("FTS 5iO4 is stopped by an obstacle")
    assert one.run(30, lambda: one.alarms() == {})


def test_a_lost_vehicle_is_named_and_back_again_has_to_dock() -> None:
    one = watched()
    one.world.fault("lost", FTS)
    stand(one, f"connection-lost:{FTS}", 5)
    order = one.order("WHITE")
    one.run(5)
    alarm = one.alarms()[f"connection-lost:{FTS}"]
    assert (alarm.severity, order.id[:8] in alarm.en) == ("warning", True)
    only(one, f"connection-lost:{FTS}")
    one.world.fault("found", FTS)
    one.run(2)
    only(one, f"position-unknown:{FTS}")
    alarm = one.alarms()[f"position-unknown:{FTS}"]
    assert (alarm.severity, order.id[:8] in alarm.en) == ("warning", True)


def test_a_vehicle_without_position_nobody_waits_for_is_an_advice() -> None:
    one = watched()
    one.world.fault("lost", FTS)
    one.run(3)
    one.world.fault("found", FTS)
    one.run(5)
    assert one.alarms()[f"position-unknown:{FTS}"].severity == "advisory"


def test_a_ccu_that_begins_anew_is_said_with_the_orders_it_lost() -> None:
    one = watched("WHITE", "RED")
    lost = list(one.state.active_orders)
    one.world.fault("ccu-restart")
    stand(one, "ccu-restarted:ccu", 10)
    alarm = one.alarms()["ccu-restarted:ccu"]
    assert all(order_id[:8] in alarm.en for order_id in lost)
    unlisted = f"vehicle-unlisted:{FTS}"
    assert one.run(40, lambda: unlisted in one.under("ccu-restarted:ccu"))
    assert "off and on" in one.alarms()["ccu-restarted:ccu"].action.en
    only(one, "ccu-restarted:ccu")


def test_a_vehicle_the_ccu_does_not_list_is_listed_once_it_says_that_it_is_there() -> None:
    one = watched("WHITE")
    one.world.fault("ccu-restart")
    unlisted = f"vehicle-unlisted:{FTS}"
    assert one.run(40, lambda: unlisted in one.under("ccu-restarted:ccu"))
    order = one.order("RED")
    alarm = one.under("ccu-restarted:ccu")[unlisted]
    assert (alarm.severity, order.id[:8] in alarm.en) == ("warning", True)
    assert one.alarms()["ccu-restarted:ccu"].severity == "warning"
    stand(one, unlisted, 620)
    assert "off and on" in one.alarms()[unlisted].action.en
    one.world.fault("lost", FTS)
    one.run(2)
    one.world.fault("found", FTS)
    one.run(5)
    assert unlisted not in one.alarms()


def test_a_module_that_is_not_paired_is_named_with_every_order_that_waits_for_it() -> None:
    one = watched()
    whole = simulated_factory.layout()
    less = {
        **whole,
        "modules": [module for module in whole["modules"] if module["type"] != "MILL"],
        "roads": [road for road in whole["roads"] if road["from"] != MILL],
    }
    mock_world.say(one.world, "ccu_set_layout", less)
    orders = [one.order("RED"), one.order("BLUE")]
    stand(one, "module-unpaired:MILL")
    one.run(300)
    assert set(one.alarms()) == {"module-unpaired:MILL"}
    alarm = one.alarms()["module-unpaired:MILL"]
    assert all(order.id[:8] in alarm.en for order in orders)
    mock_world.say(one.world, "ccu_set_layout", whole)
    one.run(30)
    assert one.alarms() == {}


def test_a_reset_says_which_orders_it_took_away() -> None:
    one = watched("WHITE")
    (lost,) = one.state.active_orders
    reset(one)
    alarm = one.alarms()["orders-lost:orders"]
    assert lost[:8] in alarm.en
    assert "ccu-restarted:ccu" not in one.raised


def test_the_race_is_one_alarm_that_stays_while_other_orders_are_served() -> None:
    one = watched("WHITE")
    one.world.fault("race")
    storage = one.order("RED", "STORAGE")
    stand(one, f"order-stuck:{storage.id}")
    for _ in range(400):
        one.run(1)
        assert f"order-stuck:{storage.id}" in one.alarms()
        assert {alarm.rule for alarm in one.alarms().values()} == {"order-stuck"}
    alarm = one.alarms()[f"order-stuck:{storage.id}"]
    assert "DPS" in alarm.en
    assert "Production White" in alarm.en
    reset(one)
    assert f"order-stuck:{storage.id}" not in one.alarms()


@pytest.mark.parametrize("what", ["nodered", "ccu", "fts-5iO4", "txt-dps"])
def test_a_clock_that_is_wrong_is_no_alarm(what: str) -> None:
    one = watched()
    one.world.fault("skew", what)
    one.order("WHITE")
    one.run(300)
    assert one.raised == {}


def test_a_piece_put_in_is_no_alarm() -> None:
    one = watched()
    one.world.fault("input", "BLUE")
    one.run(200)
    assert one.raised == {}


def _faults(one: WatchedMock, kind: str) -> None:
    targets: dict[str, str] = {"collision": FTS, "lost": FTS, "found": FTS, "input": "BLUE"}
    targets |= dict.fromkeys(("fatal", "warning", "silent", "unreachable", "speaks"), "DRILL")
    one.world.fault(kind, targets.get(kind, ""))


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_no_alarm_speaks_in_codes(kind: str) -> None:
    one = watched("WHITE", "RED", vehicles=2)
    said: set[str] = set()
    keep: Callable[[], bool] = lambda: bool(  # noqa: E731
        said.update(
            text
            for alarm in one.alarms().values()
            for text in (alarm.de, alarm.en, alarm.action.de, alarm.action.en)
        )
    )
    _faults(one, kind)
    one.run(150, keep)
    raw = {code for text in said for code in RAW.findall(text)}
    assert raw <= TYPES
    assert not [text for text in said if "SVR" in text]


@pytest.mark.parametrize("vehicles", [1, 2])
def test_three_orders_in_traffic_are_no_alarm(vehicles: int) -> None:
    one = watched("WHITE", "RED", "BLUE", vehicles=vehicles)
    assert one.run(1500, lambda: not one.state.active_orders)
    assert {name.partition(":")[0] for name in one.raised} <= {"order-standstill"}
    assert set(one.severities.values()) <= {"advisory"}
