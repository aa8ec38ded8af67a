"""Orders that wait for each other are told from those in traffic."""

from typing import Any

from omf.alarms.order_rules import subjects_of
from omf.state.deadlock import deadlocked
from tests.support.factory import AIQS, DRILL, FTS, MILL, OTHER_FTS, Factory, order, paired

DONE = {"id": "done", "type": "MANUFACTURE", "state": "FINISHED"}


def drive(name: str, source: str, target: str, state: str = "ENQUEUED") -> dict[str, Any]:
    return {"id": name, "type": "NAVIGATION", "state": state, "source": source, "target": target}


def begun(name: str, *steps: dict[str, Any]) -> dict[str, Any]:
    return order(name, state="IN_PROGRESS", productionSteps=[{**DONE, "id": f"{name}-0"}, *steps])


def two_that_want_each_others_module() -> Factory:
    """One order's piece lies in the DRILL and goes to the MILL, the other's the other way."""
    told = Factory.known()
    told.orders(
        begun("a", drive("a-1", "DRILL", "MILL")), begun("b", drive("b-1", "MILL", "DRILL"))
    )
    for serial, kind, name in ((DRILL, "DRILL", "a"), (MILL, "MILL", "b")):
        told.module(serial, kind, orderId=name, loads=[{"loadType": "WHITE"}])
    modules = [
        paired(DRILL, "DRILL", assigned=True),
        paired(MILL, "MILL", assigned=True),
        paired(AIQS, "AIQS"),
    ]
    transport = {"serialNumber": FTS, "available": "READY", "connected": True}
    return told.say("ccu_pairing_state", {"modules": modules, "transports": [transport]})


def test_two_orders_that_want_each_others_module_are_a_deadlock() -> None:
    told = two_that_want_each_others_module()
    found = deadlocked(told.state, told.now)
    assert {name: (wait.device, wait.order_id) for name, wait in found.items()} == {
        "a": (MILL, "b"),
        "b": (DRILL, "a"),
    }
    assert not any(wait.ordinary for wait in found.values())


def test_who_only_waits_for_one_of_them_goes_on_as_little() -> None:
    told = two_that_want_each_others_module()
    told.orders(
        begun("a", drive("a-1", "DRILL", "MILL")),
        begun("b", drive("b-1", "MILL", "DRILL")),
        begun("c", drive("c-1", "HBW", "MILL")),
    )
    assert set(deadlocked(told.state, told.now)) == {"a", "b", "c"}


def test_a_row_of_orders_with_one_that_goes_on_is_traffic() -> None:
    told = two_that_want_each_others_module()
    told.orders(
        begun("a", drive("a-1", "DRILL", "MILL")),
        begun("b", drive("b-1", "MILL", "AIQS")),
    )
    assert deadlocked(told.state, told.now) == {}


def test_vehicles_that_stand_in_each_others_way_are_a_deadlock() -> None:
    told = Factory.known()
    told.orders(
        begun("a", drive("a-1", "MILL", "DRILL")), begun("b", drive("b-1", "DRILL", "MILL"))
    )
    told.online(OTHER_FTS)
    for serial, name, node in ((FTS, "a", MILL), (OTHER_FTS, "b", DRILL)):
        told.vehicle(node, serial=serial, orderId=name, driving=False)
    ready = {"available": "READY", "connected": True}
    told.say(
        "ccu_pairing_state",
        {
            "modules": [paired(DRILL, "DRILL"), paired(MILL, "MILL")],
            "transports": [{"serialNumber": one, **ready} for one in (FTS, OTHER_FTS)],
        },
    )
    for name, serial in (("a", FTS), ("b", OTHER_FTS)):
        told.state.orders[name].vehicle = serial
    found = deadlocked(told.state, told.now)
    assert {name: wait.cause for name, wait in found.items()} == {
        "a": "vehicle-way",
        "b": "vehicle-way",
    }


def test_a_deadlock_is_one_alarm_that_names_who_waits_for_what() -> None:
    told = two_that_want_each_others_module()
    told.step_s = 1.0
    told.wait(19)
    assert "order-deadlock:a" not in told.alarms()
    told.wait(3)
    (alarm,) = (one for one in told.state.alarms(told.now) if one.rule == "order-deadlock")
    assert "MILL" in alarm.en
    assert "DRILL" in alarm.en
    assert alarm.severity == "warning"


def test_each_order_of_a_deadlock_is_what_its_alarm_is_about() -> None:
    told = two_that_want_each_others_module()
    told.wait(25)
    (alarm,) = [one for one in told.state.alarms(told.now) if one.rule == "order-deadlock"]
    for name in ("a", "b"):
        assert alarm.subject in subjects_of(told.state, told.state.orders[name], told.now)
