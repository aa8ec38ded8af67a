"""Reset, charge, parking and pairing of the simulated CCU (PROTOCOL C.5 to C.16, D.4, D.5)."""

from omf.simulation.device import message
from omf.simulation.simulated_factory import AIQS, DPS, HBW, MILL
from tests.support.mock_world import STAMP, factory, finish, order, pairing, say

STATE = "fts/v1/ff/5iO4/state"


def test_everything_is_ready_soon_after_the_start():
    entries = pairing(factory())
    assert {entry["available"] for entry in entries.values()} == {"READY"}
    assert "hasCalibration" not in entries["CHRG0"]
    assert entries["5iO4"]["lastNodeId"] == DPS.serial


def test_what_the_ccu_knows_is_retained_at_the_start():
    world = factory()
    for topic in ("layout", "flows", "config", "version-mismatch", "stock"):
        assert f"ccu/state/{topic}" in world.retained
    assert {"ccu/order/active", "ccu/order/completed", "ccu/pairing/state"} <= set(world.retained)


def test_a_reset_needs_a_timestamp():
    world = factory()
    say(world, "ccu_set_reset", {"withStorage": True}, 30)
    assert pairing(world)["5iO4"]["lastNodeId"] == DPS.serial


def test_a_reset_deletes_orders_blocks_everything_and_brings_the_modules_back():
    world = factory()
    order(world, "RED")
    world.run(60)
    say(world, "ccu_set_reset", {"timestamp": STAMP})
    entries = pairing(world)
    blocked = [e["available"] for e in entries.values() if e["type"] == "MODULE"]
    assert (blocked.count("BLOCKED"), entries["CHRG0"]["available"]) == (5, "READY")
    assert world.last("ccu/order/active") == world.last("ccu/order/completed") == []
    assert world.last(STATE)["lastNodeId"] == "UNKNOWN"
    world.run(30)
    states = [body["connectionState"] for body in world.bodies("module/v1/ff/NodeRed/status")]
    assert states == ["ONLINE", "OFFLINE", "OFFLINE", "ONLINE"]
    entries = pairing(world)
    assert {e["available"] for e in entries.values() if e["type"] == "MODULE"} == {"READY"}
    states = {item["workpiece"]["state"] for item in world.last("ccu/state/stock")["stockItems"]}
    assert states == {"RAW"}


def test_after_a_reset_the_vehicle_is_docked_again_and_works():
    world = factory()
    say(world, "ccu_set_reset", {"timestamp": STAMP}, 40)
    assert "pairedSince" not in pairing(world)["5iO4"]
    say(world, "ccu_pairing_pair_fts", {"serialNumber": "5iO4"}, 20)
    assert pairing(world)["5iO4"]["lastNodeId"] == DPS.serial
    order(world, "RED")
    assert finish(world)[0]["state"] == "FINISHED"


def test_a_reset_with_storage_empties_the_warehouse():
    world = factory()
    say(world, "ccu_set_reset", {"timestamp": STAMP, "withStorage": True}, 40)
    items = world.last("ccu/state/stock")["stockItems"]
    assert (len(items), {item["workpiece"]["type"] for item in items}) == (9, {""})
    order(world, "RED")
    world.run(5)
    assert world.bodies("ccu/order/response") == []


def test_a_vehicle_that_is_reset_alone_takes_its_orders_with_it():
    world = factory()
    order(world, "RED")
    world.run(30)
    action = {"actionType": "reset", "actionId": "x"}
    body = {"serialNumber": "5iO4", "timestamp": STAMP, "actions": [action]}
    world.publish(message("fts_instant_action", body, {"serial": "5iO4"}))
    assert finish(world)[0]["state"] == "CANCELLED"
    world.run(60)
    assert pairing(world)[HBW.serial]["assigned"] is False


def test_a_charge_is_driven_shown_and_stopped():
    world = factory()
    say(world, "ccu_set_charge", {"serialNumber": "5iO4", "charge": True}, 30)
    entries = pairing(world)
    assert (entries["CHRG0"]["available"], entries["CHRG0"]["assigned"]) == ("BUSY", True)
    assert (entries["5iO4"]["available"], entries["5iO4"]["charging"]) == ("BLOCKED", True)
    drive = next(seen for seen in world.seen if seen.topic == "fts/v1/ff/5iO4/order")
    assert (drive.send.qos, drive.body["orderUpdateId"]) == (0, 0)
    say(world, "ccu_set_charge", {"serialNumber": "5iO4", "charge": False}, 5)
    entries = pairing(world)
    assert (entries["CHRG0"]["available"], entries["5iO4"]["available"]) == ("READY", "READY")
    order(world, "RED")
    assert finish(world)[0]["state"] == "FINISHED"


def test_a_charge_waits_until_the_vehicle_is_ready_and_the_order_until_it_is_back():
    world = factory()
    order(world, "RED")
    world.run(5)
    say(world, "ccu_set_charge", {"serialNumber": "5iO4", "charge": True})
    assert len(world.bodies("fts/v1/ff/5iO4/order")) == 1
    assert world.run(300, lambda: pairing(world)["5iO4"]["charging"])
    assert len(world.last("ccu/order/active")) == 1
    say(world, "ccu_set_charge", {"serialNumber": "5iO4", "charge": False})
    assert finish(world)[0]["state"] == "FINISHED"


def test_an_empty_battery_sends_the_vehicle_to_the_charger():
    world = factory()
    say(world, "ccu_set_config", config(threshold=101))
    order(world, "RED")
    finish(world)
    world.run(60)
    assert pairing(world)["5iO4"]["charging"] is True


def config(threshold=10, parallel=4):
    return {
        "productionDurations": {"RED": 1, "WHITE": 1, "BLUE": 1},
        "productionSettings": {"maxParallelOrders": parallel},
        "ftsSettings": {"chargeThresholdPercent": threshold},
    }


def test_parking_pauses_warehouse_and_delivery_station():
    world = factory()
    say(world, "ccu_set_park", {"timestamp": STAMP}, 5)
    entries = pairing(world)
    assert {s for s, e in entries.items() if e.get("calibrating")} == {HBW.serial, DPS.serial}
    assert world.bodies(f"ccu/state/calibration/{HBW.serial}")[-1]["calibrating"] is True
    for serial in (HBW.serial, DPS.serial):
        say(
            world,
            "ccu_set_calibration",
            {"timestamp": STAMP, "serialNumber": serial, "command": "stopCalibration"},
        )
    assert pairing(world)[HBW.serial]["available"] == "READY"


def test_the_lamp_is_red_for_a_fatal_error_and_green_when_all_is_ready():
    def lamp(world):
        bodies = world.bodies(f"module/v1/ff/{DPS.serial}/instantAction")
        lamps = [
            b["actions"][0]["metadata"]
            for b in bodies
            if b["actions"][0]["actionType"] == "setStatusLED"
        ]
        return [colour for colour, lit in lamps[-1].items() if lit]

    world = factory()
    assert lamp(world) == ["green"]
    order(world, "RED")
    world.run(1)
    assert lamp(world) == ["yellow"]
    world.fault("fatal", "HBW")
    world.run(120)
    assert lamp(world) == ["red"]


def test_a_step_whose_module_failed_stays_in_progress_until_a_reset():
    world = factory()
    world.fault("fatal", "MILL")
    order(world, "RED")
    world.run(300)
    steps = world.last("ccu/order/active")[0]["productionSteps"]
    at_mill = [step["state"] for step in steps if step.get("moduleType") == "MILL"]
    assert at_mill == ["IN_PROGRESS", "ENQUEUED", "ENQUEUED"]


def test_pairing_repeats_at_a_steady_rate_when_nothing_changes():
    world = factory()
    before = len(world.bodies("ccu/pairing/state"))
    world.run(600)
    per_minute = (len(world.bodies("ccu/pairing/state")) - before) / 10
    assert 15 <= per_minute <= 46


def test_a_race_leaves_a_storage_hanging_until_a_reset():
    world = factory(stock={})
    world.fault("race")
    order(world, "RED", "STORAGE", workpieceId="04a1b2c3d4e5f6")
    world.run(300)
    entry = pairing(world)[DPS.serial]
    assert (entry["available"], entry["assigned"]) == ("READY", True)
    steps = world.last("ccu/order/active")[0]["productionSteps"]
    assert {step["state"] for step in steps} == {"ENQUEUED"}
    say(world, "ccu_set_reset", {"timestamp": STAMP}, 40)
    assert pairing(world)[DPS.serial]["assigned"] is False


def test_a_skewed_clock_dates_the_messages_of_one_program_alone():
    world = factory()
    world.fault("skew", "fts-5iO4")
    order(world, "RED")
    world.run(5)
    assert world.last(STATE)["timestamp"] < world.last("fts/v1/ff/5iO4/order")["timestamp"]


def test_what_the_broker_retained_of_an_earlier_day_reserves_nothing():
    world = factory()
    state = dict(world.last(f"module/v1/ff/{MILL.serial}/state"))
    yesterday = {"id": "x", "command": "PICK", "state": "FINISHED"}
    old = {"orderId": "old", "actionState": yesterday, "loads": [{"loadType": "RED"}]}
    for body, assigned in ((state | old, True), (state, False)):
        world.publish(message("module_state", body, {"serial": MILL.serial}))
        world.run(1)
        assert pairing(world)[MILL.serial]["assigned"] is assigned


def test_a_device_that_was_offline_is_asked_for_its_factsheet_at_once():
    world = factory()
    asked = f"module/v1/ff/{MILL.serial}/instantAction"
    beat = world.last(f"module/v1/ff/{MILL.serial}/connection")
    for state in ("CONNECTIONBROKEN", "ONLINE"):
        body = {**beat, "connectionState": state}
        world.publish(message("module_connection", body, {"serial": MILL.serial}))
        world.run(0.1)
    assert world.last(asked)["actions"][0]["actionType"] == "factsheetRequest"


def test_a_ccu_that_starts_anew_has_forgotten_its_orders_and_resets_the_factory():
    world = factory()
    order(world, "RED")
    world.run(20)
    world.fault("ccu-restart")
    assert world.last("ccu/order/active") == []
    world.fault("lost")
    world.fault("found")
    world.run(31)
    assert world.last(STATE)["lastNodeId"] == "UNKNOWN"
    world.run(30)
    say(world, "ccu_pairing_pair_fts", {"serialNumber": "5iO4"}, 20)
    order(world, "WHITE")
    assert finish(world)[0]["state"] == "FINISHED"


def test_a_piece_in_the_quality_station_that_no_action_explains_blocks_it():
    world = factory()
    state = world.last(f"module/v1/ff/{AIQS.serial}/state")
    stranded = {**state, "actionState": None, "loads": [{"loadType": "RED"}]}
    world.publish(message("module_state", stranded, {"serial": AIQS.serial}))
    world.run(1)
    assert pairing(world)[AIQS.serial]["available"] == "BLOCKED"
