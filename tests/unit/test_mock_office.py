"""Reset, charge, pairing and settings of the simulated CCU (PROTOCOL C.5 to C.16, D.4, D.5)."""

from services.mock.machine import message
from services.mock.plant import AIQS, DPS, HBW, MILL, layout
from tests.support.mock_world import STAMP, factory, finish, order

STATE = "fts/v1/ff/5iO4/state"


def say(world, name, body, seconds=1.0):
    world.publish(message(name, body))
    world.run(seconds)


def pairing(world):
    body = world.last("ccu/pairing/state")
    return {entry["serialNumber"]: entry for entry in body["modules"] + body["transports"]}


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


def test_a_new_flow_concerns_new_orders_only():
    world = factory()
    say(world, "ccu_set_flows", {"RED": {"steps": ["AIQS"]}, "BLUE": {"steps": "x"}})
    assert world.last("ccu/state/flows")["RED"] == {"steps": ["AIQS"]}
    assert world.last("ccu/state/flows")["BLUE"] == {"steps": ["DRILL", "MILL", "AIQS"]}
    order(world, "RED")
    assert len(finish(world)[0]["productionSteps"]) == 8


def test_a_layout_with_a_fault_leaves_the_old_one():
    world = factory()
    broken = layout()
    broken["intersections"].append({"id": "1"})
    say(world, "ccu_set_layout", broken)
    assert world.last("ccu/state/layout") == layout()


def test_a_module_that_is_not_in_the_layout_is_unpaired():
    world = factory()
    without = layout()
    without["modules"] = [m for m in without["modules"] if m["type"] != "MILL"]
    say(world, "ccu_set_layout", without)
    assert MILL.serial not in pairing(world)
    say(world, "ccu_set_default_layout", {"timestamp": STAMP})
    assert MILL.serial in pairing(world)


def test_a_longer_process_is_asked_of_the_module_and_takes_longer():
    world = factory()
    say(world, "ccu_set_module_duration", {"serialNumber": MILL.serial, "duration": 60})
    assert pairing(world)[MILL.serial]["productionDuration"] == 60
    order(world, "RED")
    finish(world)
    mill = [
        b
        for b in world.bodies(f"module/v1/ff/{MILL.serial}/order")
        if b["action"]["command"] == "MILL"
    ]
    assert mill[0]["action"]["metadata"]["duration"] == 60


def test_a_deleted_module_is_forgotten_with_its_retained_messages():
    world = factory()
    say(world, "ccu_set_delete_module", {"serialNumber": MILL.serial})
    assert MILL.serial not in pairing(world)
    assert f"module/v1/ff/{MILL.serial}/factsheet" not in world.retained


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


def test_a_configuration_without_production_settings_loses_each_production_order():
    world = factory()
    say(world, "ccu_set_config", {"productionDurations": {}, "ftsSettings": {}})
    order(world, "RED")
    world.run(10)
    assert world.bodies("ccu/order/response") == []
    assert world.last("ccu/order/active") == []


def test_a_road_listed_twice_leaves_the_old_layout():
    world = factory()
    broken = layout()
    broken["roads"].append({"from": "2", "to": "1", "length": 360, "direction": "WEST"})
    say(world, "ccu_set_layout", broken)
    assert world.last("ccu/state/layout") == layout()


def test_a_placeholder_is_filled_by_the_module_that_was_heard_and_works():
    world = factory()
    renamed = layout()
    for module in renamed["modules"]:
        if module["type"] == "MILL":
            module |= {"serialNumber": "free place", "placeholder": True}
    for road in renamed["roads"]:
        if road["from"] == MILL.serial:
            road["from"] = "free place"
    known_type = message(
        "module_instant_action",
        {
            "serialNumber": MILL.serial,
            "timestamp": STAMP,
            "actions": [{"actionType": "factsheetRequest", "actionId": "x"}],
        },
        {"serial": MILL.serial},
    )
    say(world, "ccu_set_layout", {**renamed, "modules": renamed["modules"][:2]})
    assert MILL.serial not in pairing(world)
    say(world, "ccu_set_layout", renamed)
    world.publish(known_type)
    world.run(1)
    assert world.last("ccu/state/layout") == layout()
    assert pairing(world)[MILL.serial]["available"] == "READY"
    order(world, "RED")
    assert finish(world)[0]["state"] == "FINISHED"


def test_a_ccu_that_starts_anew_has_forgotten_its_orders_and_resets_the_factory():
    world = factory()
    order(world, "RED")
    world.run(20)
    world.fault("ccu-restart")
    assert world.last("ccu/order/active") == []
    assert pairing(world)["5iO4"]["lastNodeId"] != "UNKNOWN"
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
