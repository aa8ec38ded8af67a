"""Layout, flows and settings given to the simulated CCU (PROTOCOL C.5 to C.16)."""

from omf.simulation.device import message
from omf.simulation.simulated_factory import MILL, layout
from tests.support.mock_world import STAMP, factory, finish, order, pairing, say


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
    assert "pairedSince" not in pairing(world)[MILL.serial]
    say(world, "ccu_set_default_layout", {"timestamp": STAMP})
    assert "pairedSince" in pairing(world)[MILL.serial]


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
    assert "pairedSince" not in pairing(world)[MILL.serial]
    say(world, "ccu_set_layout", renamed)
    assert world.last("ccu/state/layout") == renamed
    world.publish(known_type)
    world.run(1)
    assert world.last("ccu/state/layout") == layout()
    assert pairing(world)[MILL.serial]["available"] == "READY"
    order(world, "RED")
    assert finish(world)[0]["state"] == "FINISHED"
