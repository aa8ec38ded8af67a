"""The simulated CCU does on the wire what the vendor's does, line by line (PROTOCOL H)."""

import json

import pytest

from omf.simulation.device import message
from omf.simulation.simulated_factory import AIQS, DPS, HBW, MILL, flows, layout
from tests.support.mock_world import STAMP, World, factory, finish, order, pairing, say

TAG = "04a1b2c3d4e5f6"


def answers(world: World) -> bool:
    """Whether the CCU answers an order."""
    before = len(world.bodies("ccu/order/response"))
    order(world, "RED")
    world.run(2)
    return len(world.bodies("ccu/order/response")) > before


# --- layouts it takes ------------------------------------------------------------------------


def worded(body):
    body["roads"][0]["length"] = "360"


def wordy(body):
    body["roads"][0]["length"] = "long"


def stranger(body):
    body["modules"].append({"type": "LASER", "serialNumber": "LAS1"})


def placeholder(body):
    body["modules"].append({"type": "OVEN", "serialNumber": "free", "placeholder": True})


@pytest.mark.parametrize("change", [worded, wordy, stranger, placeholder])
def test_some_odd_layouts_are_taken_and_published_as_sent(change):
    world = factory()
    body = layout()
    change(body)
    say(world, "ccu_set_layout", body)
    assert world.last("ccu/state/layout") == body
    assert answers(world)
    assert finish(world)[0]["state"] == "FINISHED"


# --- storage ---------------------------------------------------------------------------------


def test_a_storage_by_hand_is_carried_out_and_no_state_of_nobody_follows_it():
    world = factory()
    say(world, "ccu_order_request", storage("RED"), 1)
    assert pairing(world)[DPS.serial]["assigned"] is True
    assert finish(world)[0]["state"] == "FINISHED"
    asked = next(n for n, seen in enumerate(world.seen) if seen.topic == "ccu/order/request")
    told = [seen.body for seen in world.seen[asked:] if seen.topic.endswith("F73275/state")]
    told += [s.body for s in world.seen[asked:] if s.topic == f"module/v1/ff/{DPS.serial}/state"]
    ids = {body["orderId"] for body in told}
    assert ids == {world.last("ccu/order/completed")[0]["orderId"]}


def storage(colour):
    return {"type": colour, "timestamp": STAMP, "orderType": "STORAGE", "workpieceId": TAG}


@pytest.mark.parametrize("colour", ["UNKNOWN", "PURPLE", "red"])
def test_a_storage_of_no_known_colour_is_not_answered(colour):
    world = factory(stock={})
    say(world, "ccu_order_request", storage(colour), 20)
    assert world.bodies("ccu/order/response") == []
    assert world.last("ccu/order/active") == []
    order(world, "RED", "STORAGE", workpieceId=TAG)
    assert finish(world)[0]["state"] == "FINISHED"


def test_a_storage_beside_the_last_bay_throws_out_the_piece_of_the_running_one():
    world = factory(stock={"RED": 2})
    for _ in range(2):
        order(world, "RED", "STORAGE", workpieceId=TAG)
        world.run(0.5)
    assert len(world.bodies("ccu/order/response")) == 1
    kinds = [
        body["actions"][0]["actionType"]
        for body in world.bodies(f"module/v1/ff/{DPS.serial}/instantAction")
    ]
    assert kinds.count("cancelStorageOrder") == 1
    assert world.last(f"module/v1/ff/{DPS.serial}/state")["loads"] == []
    world.run(120)
    step = world.last("ccu/order/active")[0]["productionSteps"][1]
    assert (step["state"], pairing(world)[DPS.serial]["available"]) == ("IN_PROGRESS", "BUSY")


def test_a_drop_without_a_piece_fails_and_keeps_the_station_busy_until_a_reset():
    world = factory()
    piece = {"workpieceId": TAG, "type": "RED", "state": "PROCESSED", "history": []}
    action = {"id": "a", "command": "DROP", "metadata": {"workpiece": piece}}
    body = {"timestamp": STAMP, "serialNumber": DPS.serial, "orderId": "o", "orderUpdateId": 1}
    world.publish(message("module_order", body | {"action": action}, {"serial": DPS.serial}))
    world.run(60)
    state = world.last(f"module/v1/ff/{DPS.serial}/state")
    assert state["actionState"]["state"] == "FAILED"
    assert pairing(world)[DPS.serial]["available"] == "BUSY"
    say(world, "ccu_set_reset", {"timestamp": STAMP}, 40)
    assert pairing(world)[DPS.serial]["available"] == "READY"


# --- what waits, what is ignored, what is carried out ----------------------------------------


def test_a_production_waits_at_a_module_that_is_not_paired_and_goes_on_once_it_is():
    world = factory()
    without = layout()
    without["modules"] = [m for m in without["modules"] if m["type"] != "AIQS"]
    say(world, "ccu_set_layout", without)
    assert answers(world)
    world.run(900)
    steps = world.last("ccu/order/active")[0]["productionSteps"]
    waits = next(step for step in steps if step["state"] == "ENQUEUED")
    assert (waits.get("target"), world.last("ccu/order/active")[0]["state"]) == (
        "AIQS",
        "IN_PROGRESS",
    )
    say(world, "ccu_set_layout", layout())
    assert finish(world)[0]["state"] == "FINISHED"


def test_what_it_ignores_changes_nothing():
    world = factory()
    say(world, "ccu_set_charge", {"serialNumber": "5iO4", "charge": True}, 40)
    order(world, "RED")
    world.run(1)
    running = [each["orderId"] for each in world.last("ccu/order/active")]
    before = len(world.seen), pairing(world)
    for name, body in (
        ("ccu_order_cancel", running),
        ("ccu_set_charge", {"serialNumber": "5iO4", "charge": True}),
        ("ccu_set_charge", {"serialNumber": "leJ4", "charge": True}),
        ("ccu_set_module_duration", {"serialNumber": HBW.serial, "duration": 60}),
        ("ccu_pairing_pair_fts", {"serialNumber": "5iO4"}),
        ("ccu_set_delete_module", {"serialNumber": "SVR0000000"}),
        ("ccu_set_delete_module", {"serialNumber": "5iO4"}),
    ):
        world.publish(message(name, body))
    world.run(0.5)
    said = {s.topic for s in world.seen[before[0] :]} - {"ccu/order/cancel"}
    asked = {topic for topic in said if topic.startswith(("ccu/set/", "ccu/pairing/pair"))}
    assert said == asked
    assert pairing(world) == before[1]


def test_flows_and_config_are_carried_out_while_an_order_runs():
    world = factory()
    order(world, "RED")
    world.run(20)
    other = flows() | {"RED": {"steps": ["AIQS"]}}
    settings = {
        "productionDurations": {"RED": 1, "WHITE": 1, "BLUE": 1},
        "productionSettings": {"maxParallelOrders": 1},
        "ftsSettings": {"chargeThresholdPercent": 5},
    }
    say(world, "ccu_set_flows", other)
    say(world, "ccu_set_config", settings)
    assert world.last("ccu/state/flows") == other
    assert world.last("ccu/state/config") == settings
    assert len(finish(world)[0]["productionSteps"]) == 12


def test_a_parked_module_an_order_waits_for_is_let_go_and_the_order_goes_on():
    world = factory()
    say(world, "ccu_set_park", {"timestamp": STAMP}, 5)
    order(world, "RED")
    world.run(60)
    assert world.last("ccu/order/active")[0]["productionSteps"][0]["state"] == "ENQUEUED"
    for serial in (HBW.serial, DPS.serial):
        let_go = {"timestamp": STAMP, "serialNumber": serial, "command": "stopCalibration"}
        say(world, "ccu_set_calibration", let_go)
    assert finish(world)[0]["state"] == "FINISHED"


def test_a_calibration_position_that_does_not_exist_fails_at_once():
    world = factory()
    about = {"timestamp": STAMP, "serialNumber": AIQS.serial}
    say(world, "ccu_set_calibration", about | {"command": "startCalibration"})
    wrong = {"command": "selectCalibrationPosition", "position": "MOON"}
    say(world, "ccu_set_calibration", about | wrong, 0.1)
    state = world.last(f"module/v1/ff/{AIQS.serial}/state")
    assert state["actionState"]["command"] == "selectCalibrationPosition"
    assert state["actionState"]["state"] == "FAILED"


def test_a_deleted_module_leaves_the_list_and_its_topics_are_cleared_with_empty_payloads():
    world = factory()
    say(world, "ccu_set_delete_module", {"serialNumber": MILL.serial}, 0.5)
    assert MILL.serial not in pairing(world)
    cleared = {s.topic.rpartition("/")[2] for s in world.seen if s.send.payload == b""}
    assert cleared == {"state", "order", "connection", "factsheet", "instantAction"}
    assert all(s.send.retain for s in world.seen if s.send.payload == b"")


# --- after its restart -----------------------------------------------------------------------


def test_after_its_restart_a_vehicle_is_unknown_until_it_says_again_that_it_is_there():
    world = factory()
    world.fault("ccu-restart")
    world.run(60)
    assert "5iO4" not in pairing(world)
    assert json.loads(world.retained["fts/v1/ff/5iO4/connection"].payload)
    assert answers(world)
    say(world, "ccu_set_charge", {"serialNumber": "5iO4", "charge": True}, 300)
    assert world.bodies("fts/v1/ff/5iO4/order") == []
    step = world.last("ccu/order/active")[0]["productionSteps"][0]
    assert step["state"] == "ENQUEUED"
    world.fault("lost")
    world.fault("found")
    world.run(2)
    say(world, "ccu_pairing_pair_fts", {"serialNumber": "5iO4"}, 20)
    assert finish(world)[0]["state"] == "FINISHED"


def test_a_vehicle_that_is_reset_by_hand_is_known_again():
    world = factory()
    world.fault("ccu-restart")
    world.run(40)
    action = {"serialNumber": "5iO4", "timestamp": STAMP}
    reset = {"actions": [{"actionType": "reset", "actionId": "x"}]}
    world.publish(message("fts_instant_action", action | reset, {"serial": "5iO4"}))
    world.run(2)
    assert pairing(world)["5iO4"]["connected"] is True
