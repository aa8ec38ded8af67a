"""A simulated vehicle drives, refuses and answers as the real one (PROTOCOL B.7, C.21, C.22)."""

import pytest

from omf.layout.layout import Layout
from omf.simulation.device import message
from omf.simulation.simulated_factory import AIQS, CHARGER_SERIAL, DPS, HBW, UNKNOWN, layout
from omf.simulation.vehicles.vehicle import SimulatedVehicle
from tests.support.mock_world import STAMP, World

STATE = "fts/v1/ff/5iO4/state"
LAYOUT = Layout.from_message(layout())


@pytest.fixture
def world():
    world = World([SimulatedVehicle("5iO4", DPS.serial, 0, seed=1)])
    world.run(1)
    return world


def route(start, target, update_id=0, order_id="order-1", **dock):
    numbers = iter(range(100))
    load = {"loadPosition": "1", "loadType": "WHITE", **dock}
    action = {"type": "DOCK", "id": f"dock-{order_id}-{update_id}", "metadata": load}
    way = LAYOUT.route(start, target)
    return {
        "timestamp": STAMP,
        "serialNumber": "5iO4",
        "orderId": order_id,
        "orderUpdateId": update_id,
        "nodes": way.order_nodes(action, lambda: f"act-{next(numbers)}"),
        "edges": way.order_edges(),
    }


def order(world, body, seconds=60):
    before = len(world.seen)
    world.publish(message("fts_order", body, {"serial": "5iO4"}))
    world.run(seconds)
    return [seen.body for seen in world.seen[before:] if seen.topic == STATE]


def act(world, kind, seconds=30, **metadata):
    before = len(world.seen)
    action = {"actionType": kind, "actionId": "instant-1"}
    action |= {"metadata": metadata} if metadata else {}
    body = {"serialNumber": "5iO4", "timestamp": STAMP, "actions": [action]}
    world.publish(message("fts_instant_action", body, {"serial": "5iO4"}))
    world.run(seconds)
    return [seen.body for seen in world.seen[before:] if seen.topic == STATE]


def test_it_drives_node_by_node_and_docks_in_two_messages(world):
    states = order(world, route(DPS.serial, HBW.serial))
    nodes = [state["lastNodeId"] for state in states]
    assert list(dict.fromkeys(nodes)) == [DPS.serial, "2", "1", HBW.serial]
    assert [(s["driving"], s["waitingForLoadHandling"]) for s in states[-2:]] == [
        (True, True),
        (False, True),
    ]
    assert [a["state"] for a in states[0]["actionStates"]] == ["WAITING"] * 3
    assert [a["state"] for a in states[-1]["actionStates"]] == ["FINISHED"] * 3
    assert states[0]["driving"] is False
    assert states[1]["driving"] is True


def test_a_turn_is_initialized_runs_and_finishes(world):
    states = order(world, route(DPS.serial, AIQS.serial))
    turn = [state["actionStates"][0]["state"] for state in states]
    assert list(dict.fromkeys(turn)) == ["WAITING", "INITIALIZING", "RUNNING", "FINISHED"]


def test_an_order_to_where_it_stands_only_shifts_the_bay(world):
    states = order(world, route(DPS.serial, DPS.serial), 5)
    assert [s["actionState"]["state"] for s in states] == [
        "WAITING",
        "INITIALIZING",
        "RUNNING",
        "FINISHED",
        "FINISHED",
    ]
    assert states[-1]["load"] == [{"loadPosition": "1", "loadType": "WHITE", "loadId": None}]


@pytest.mark.parametrize(
    "broken", [{"orderId": ""}, {"timestamp": None}, {"nodes": {}}, {"edges": [1]}]
)
def test_an_order_without_its_parts_is_a_validation_error(world, broken):
    states = order(world, {**route(DPS.serial, HBW.serial), **broken})
    assert [e["errorType"] for e in states[0]["errors"]] == ["validationError"]
    assert states[-1]["lastNodeId"] == DPS.serial


def test_a_lower_update_id_is_refused_and_an_equal_one_only_republished(world):
    order(world, route(DPS.serial, DPS.serial, 3))
    assert (
        order(world, route(DPS.serial, DPS.serial, 2))[0]["errors"][0]["errorType"]
        == "orderUpdateError"
    )
    repeated = order(world, route(DPS.serial, DPS.serial, 3))
    assert len(repeated) == 1


def test_no_order_is_taken_while_driving_or_waiting_for_load_handling(world):
    order(world, route(DPS.serial, HBW.serial), 3)
    assert order(world, route(DPS.serial, AIQS.serial, order_id="order-2"), 1)[0]["errors"]
    world.run(30)
    waiting = order(world, route(HBW.serial, AIQS.serial, order_id="order-3"), 1)
    assert waiting[0]["errors"][0]["errorType"] == "orderError"
    assert waiting[0]["orderId"] == "order-1"


@pytest.mark.parametrize("dock", [{"loadPosition": "4"}, {"loadPosition": None}])
def test_a_dock_needs_one_of_the_three_bays(world, dock):
    assert (
        order(world, route(DPS.serial, HBW.serial, **dock))[0]["errors"][0]["errorType"]
        == "orderError"
    )


def test_a_bay_with_another_piece_is_refused_unless_the_load_stays(world):
    order(world, route(DPS.serial, DPS.serial))
    act(
        world,
        "clearLoadHandler",
        loadDropped=False,
        loadType="WHITE",
        loadId="piece-1",
        loadPosition="1",
    )
    refused = order(world, route(DPS.serial, HBW.serial, 1, loadId="piece-2"))
    assert refused[0]["errors"][0]["errorType"] == "orderError"
    moved = order(world, route(DPS.serial, HBW.serial, 2, loadId="piece-2", noLoadChange=True))
    assert moved[-1]["lastNodeId"] == HBW.serial
    assert moved[-1]["waitingForLoadHandling"] is False


def test_a_route_that_begins_elsewhere_fails_at_once_and_blocks(world):
    states = order(world, route(HBW.serial, AIQS.serial))
    assert {a["state"] for a in states[0]["actionStates"]} == {"FAILED"}
    assert states[0]["errors"][0]["errorLevel"] == "FATAL"
    again = order(world, route(DPS.serial, AIQS.serial, order_id="order-2"))
    assert again[0]["errors"][0]["errorType"] == "orderError"


def test_clear_load_handler_fills_or_empties_the_bay(world):
    order(world, route(DPS.serial, DPS.serial))
    told = act(world, "clearLoadHandler", loadDropped=False, loadType="WHITE", loadId="piece-1")[0]
    assert told["waitingForLoadHandling"] is False
    assert told["load"] == [{"loadPosition": "1", "loadType": "WHITE", "loadId": "piece-1"}]
    assert told["actionStates"][-1]["command"] == "clearLoadHandler"
    assert told["actionState"]["command"] == "DOCK"
    told = act(world, "clearLoadHandler", loadDropped=True, loadPosition="1")[0]
    assert told["load"] == [{"loadPosition": "1", "loadType": None, "loadId": None}]


def test_a_reset_forgets_order_load_and_place(world):
    order(world, route(DPS.serial, HBW.serial), 3)
    told = act(world, "reset")[-1]
    assert (told["lastNodeId"], told["orderId"], told["load"], told["driving"]) == (
        UNKNOWN,
        "",
        [],
        False,
    )
    assert told["errors"][0]["errorType"] == "RESET"
    assert "actionState" not in told
    assert told["errors"][0]["errorReferences"][0]["referenceValue"] == "order-1"


def test_only_a_lost_vehicle_looks_for_its_place(world):
    assert (
        act(world, "findInitialDockPosition", nodeId=DPS.serial)[-1]["actionStates"][-1]["state"]
        == "FAILED"
    )
    act(world, "reset")
    found = act(world, "findInitialDockPosition", nodeId=DPS.serial)
    assert [s["actionStates"][-1]["state"] for s in found] == [
        "INITIALIZING",
        "RUNNING",
        "FINISHED",
        "FINISHED",
    ]
    assert found[-1]["lastNodeId"] == DPS.serial
    assert found[-1]["driving"] is False


def test_it_charges_paused_and_comes_off_two_seconds_after_being_told(world):
    states = order(
        world, route(DPS.serial, CHARGER_SERIAL, loadType=None, loadPosition="2", charge=True)
    )
    assert (states[-1]["paused"], states[-1]["batteryState"]["charging"]) == (True, True)
    assert states[-1]["load"] == []
    told = act(world, "stopCharging", 5)
    assert [s["actionStates"][-1]["state"] for s in told] == ["RUNNING", "FINISHED"]
    assert (told[-1]["paused"], told[-1]["batteryState"]["charging"]) == (False, False)


def test_charging_ends_by_itself_when_the_voltage_no_longer_rises(world):
    order(world, route(DPS.serial, CHARGER_SERIAL, loadPosition="2", charge=True))
    world.run(1200)
    assert world.last(STATE)["batteryState"]["charging"] is False


@pytest.mark.parametrize("kind", ["stop", "status", "pause", "cancelOrder"])
def test_unknown_instant_actions_warn_until_the_next_order(world, kind):
    assert act(world, kind)[0]["errors"][0]["errorType"] == "invalidInstantAction"
    assert order(world, route(DPS.serial, HBW.serial))[0]["errors"] == []


def test_an_obstacle_is_a_warning_that_clears_itself_and_delays(world):
    order(world, route(DPS.serial, HBW.serial), 1)
    before = world.plant
    world.fault("collision", "5iO4")
    assert world.last(STATE)["errors"] == [{"errorLevel": "WARNING", "errorType": "COLLISION"}]
    world.run(60, lambda: world.last(STATE)["waitingForLoadHandling"])
    assert world.plant - before > 11
    assert world.last(STATE)["errors"] == []


def test_a_lost_vehicle_is_told_by_its_will_and_comes_back_without_a_place(world):
    world.fault("lost")
    link = "fts/v1/ff/5iO4/connection"
    assert world.last(link)["connectionState"] == "CONNECTIONBROKEN"
    assert order(world, route(DPS.serial, HBW.serial)) == []
    world.fault("found", "5iO4")
    assert world.last(link)["connectionState"] == "ONLINE"
    assert world.last(STATE)["lastNodeId"] == UNKNOWN


def test_it_is_never_silent_for_longer_than_three_minutes_and_a_check(world):
    count = len(world.bodies(STATE))
    world.run(400)
    assert len(world.bodies(STATE)) == count + 2


@pytest.mark.parametrize(
    "payload", [b"", b"nonsense", b"[1]", b"[" * 100_000, b'"x"', b'{"actions":7}']
)
def test_nonsense_does_not_stop_a_device(world, payload):
    for name in ("fts_order", "fts_instant_action"):
        send = message(name, b"", {"serial": "5iO4"})._replace(payload=payload)
        for machine in world.machines:
            machine.receive(send.topic, send.payload, world.now)
    assert order(world, route(DPS.serial, HBW.serial))[-1]["lastNodeId"] == HBW.serial
