"""Simulated modules take and refuse orders as the bridge does (PROTOCOL B.3, C.9, C.20, C.23)."""

import pytest

from omf.simulation.device import message
from omf.simulation.simulated_factory import AIQS, DPS, DRILL, HBW, MILL
from services.mock.process import build
from services.mock.settings import MockSettings
from tests.support.mock_world import STAMP, World

SERIALS = {facts.type: facts.serial for facts in (HBW, DRILL, MILL, DPS, AIQS)}


@pytest.fixture
def world():
    settings = MockSettings(
        mock_speed=1.0, mock_seed=0, mock_parts=("modules",), mock_stock={"WHITE": 2, "RED": 1}
    )
    world = World(build(settings))
    world.run(1)
    return world


def send(world, kind, command, update_id=1, order_id="order-1", **action):
    """One module order, and the states it brings about within two minutes."""
    serial, before = SERIALS[kind], len(world.seen)
    metadata = action.pop("metadata", {"type": "WHITE", "workpieceId": "04a1b2c3d4e5f6"})
    body = {
        "timestamp": STAMP,
        "serialNumber": action.pop("serial", serial),
        "orderId": order_id,
        "orderUpdateId": update_id,
        "action": {"id": f"{command}-{update_id}", "command": command, "metadata": metadata},
    }
    world.publish(message("module_order", body, {"serial": serial}))
    if action.pop("wait", True):
        world.run(120)
    return [s.body for s in world.seen[before:] if s.topic == f"module/v1/ff/{serial}/state"]


def refused(states):
    assert [state["actionState"]["state"] for state in states] == ["FAILED"]
    return states[0]["errors"][-1]["errorMessage"]


def ran(states):
    return [state["actionState"]["state"] for state in states] == ["RUNNING", "FINISHED"]


@pytest.mark.parametrize("kind", ["MILL", "DRILL"])
def test_a_processing_module_works_through_one_bracket(world, kind):
    assert ran(send(world, kind, "PICK", 1))
    assert ran(send(world, kind, kind, 2, metadata={"type": "WHITE", "duration": 5}))
    states = send(world, kind, "DROP", 3)
    assert ran(states)
    assert (states[0]["loads"], states[-1]["loads"]) == ([{"loadType": "WHITE", "duration": 5}], [])


@pytest.mark.parametrize("kind", ["MILL", "DRILL"])
def test_a_lower_or_equal_order_update_id_is_refused_even_under_a_new_order(world, kind):
    send(world, kind, "PICK", 5)
    assert refused(send(world, kind, kind, 5, "order-2")) == "OrderUpdateId not valid"
    assert refused(send(world, kind, kind, 1, "order-3")) == "OrderUpdateId not valid"
    assert ran(send(world, kind, kind, 6, "order-4"))


def test_errors_of_a_mill_pile_up_until_an_order_is_taken(world):
    send(world, "MILL", "PICK", 5)
    send(world, "MILL", "MILL", 1)
    states = send(world, "MILL", "MILL", 2)
    assert len(states[-1]["errors"]) == 2
    assert states[-1]["actionState"]["id"] == "PICK-5"
    assert send(world, "MILL", "MILL", 6)[-1]["errors"] == []


@pytest.mark.parametrize(
    ("kind", "command"), [("MILL", "DROP"), ("DRILL", "DRILL"), ("AIQS", "CHECK_QUALITY")]
)
def test_a_step_out_of_turn_is_refused(world, kind, command):
    assert "accepts only PICK" in refused(send(world, kind, command, 1))


def test_the_delivery_station_drops_only_an_announced_input_piece(world):
    assert "does not accept DROP" in refused(send(world, "DPS", "DROP"))


def test_an_unsupported_command_and_a_wrong_serial_are_refused(world):
    assert "is not supported" in refused(send(world, "HBW", "DRILL"))
    assert "SerialNumber" in refused(send(world, "HBW", "DROP", serial=MILL.serial))


def test_a_repeat_of_a_running_order_is_dropped_and_a_late_one_is_carried_out_again(world):
    send(world, "HBW", "DROP", wait=False)
    world.run(1)
    assert send(world, "HBW", "DROP", wait=False) == []
    world.run(120)
    again = send(world, "HBW", "DROP")
    assert ran(again)
    assert [load["loadType"] for load in again[-1]["loads"]].count("WHITE") == 0


def test_the_quality_station_fails_a_repeat_and_always_tells_update_id_zero(world):
    send(world, "AIQS", "PICK", 7, wait=False)
    world.run(1)
    states = send(world, "AIQS", "PICK", 7, wait=False)
    world.run(1)
    assert world.last(f"module/v1/ff/{AIQS.serial}/state")["actionState"]["state"] == "FAILED"
    assert all(state["orderUpdateId"] == 0 for state in states)


def test_a_second_order_while_one_runs_is_refused_and_the_first_still_finishes(world):
    send(world, "HBW", "DROP", 1, "order-1", wait=False)
    world.run(1)
    states = send(world, "HBW", "PICK", 1, "order-2")
    assert [(s["orderId"], s["actionState"]["state"]) for s in states] == [
        ("order-2", "FAILED"),
        ("order-1", "FINISHED"),
    ]


def test_an_order_without_metadata_vanishes(world):
    assert send(world, "MILL", "PICK", metadata=None) == []


def test_the_warehouse_releases_the_oldest_of_the_colour_and_names_it(world):
    loads = {x["loadPosition"]: x for x in world.last(f"module/v1/ff/{HBW.serial}/state")["loads"]}
    oldest = min(
        (x for x in loads.values() if x["loadType"] == "WHITE"), key=lambda x: x["loadTimestamp"]
    )
    done = send(world, "HBW", "DROP", metadata={"type": "WHITE"})[-1]
    assert done["actionState"]["result"] == oldest["loadId"]
    assert len(done["loads"]) == 9


def test_the_warehouse_without_the_colour_answers_unknown(world):
    done = send(world, "HBW", "DROP", metadata={"type": "BLUE"})[-1]
    assert done["actionState"]["result"] == "unknown"


def test_set_storage_rewrites_every_bay(world):
    contents = {"A1": {"type": "BLUE", "workpieceId": "04a1b2c3d4e5f6"}, "B1": {}}
    action = {"actionType": "SET_STORAGE", "actionId": "x", "metadata": {"contents": contents}}
    body = {"serialNumber": HBW.serial, "timestamp": STAMP, "actions": [action]}
    world.publish(message("module_instant_action", body, {"serial": HBW.serial}))
    world.run(1)
    loads = world.last(f"module/v1/ff/{HBW.serial}/state")["loads"]
    assert [x["loadPosition"] for x in loads if x["loadType"]] == ["A1"]


def test_a_check_is_made_by_the_txt_and_shown_in_a_picture(world):
    send(world, "AIQS", "PICK", 1)
    states = send(world, "AIQS", "CHECK_QUALITY", 2)
    assert states[-1]["actionState"]["result"] == "PASSED"
    asked = world.last(f"module/v1/ff/NodeRed/{AIQS.serial}/order")
    assert asked["orderUpdateId"] == 10
    picture = world.last("/j1/txt/1/i/quality_check")
    assert picture["data"].startswith("data:image/png;base64,iVBOR")
    assert picture["classification"] == "BOHO"


def test_a_piece_that_fails_the_check_is_thrown_out(world):
    world.fault("nok")
    send(world, "AIQS", "PICK", 1)
    done = send(world, "AIQS", "CHECK_QUALITY", 2)[-1]
    assert (done["actionState"]["state"], done["actionState"]["result"]) == ("FINISHED", "FAILED")
    assert done["loads"] == []
    assert ran(send(world, "AIQS", "PICK", 3))


def test_a_delivery_is_told_by_the_txt_and_forwarded_word_for_word(world):
    states = send(world, "DPS", "PICK", 11, metadata={"workpiece": {"type": "WHITE"}})
    assert "command" not in states[0]["actionState"]
    assert (states[0]["orderUpdateId"], states[-1]["orderUpdateId"]) == (0, 11)
    assert states[-1] == world.last(f"module/v1/ff/NodeRed/{DPS.serial}/state")


def test_an_announcement_that_comes_after_its_delivery_blocks_no_input(world):
    send(world, "DPS", "PICK", 11, "order-1", metadata={"workpiece": {"type": "WHITE"}})
    late = {"actionType": "announceOutput", "actionId": "x", "metadata": {"orderId": "order-1"}}
    body = {"serialNumber": DPS.serial, "timestamp": STAMP, "actions": [late]}
    world.publish(message("module_instant_action", body, {"serial": DPS.serial}))
    world.run(1)
    world.fault("input", "RED")
    assert world.last(f"module/v1/ff/{DPS.serial}/state")["loads"] == [{"loadType": "UNKNOWN"}]


def test_the_txt_warns_of_an_order_without_timestamp(world):
    order = {"orderId": "order-1", "action": {"id": "x", "command": "DROP"}}
    world.publish(message("nodered_order", order, {"serial": DPS.serial}))
    world.run(30)
    told = world.last(f"module/v1/ff/NodeRed/{DPS.serial}/state")
    assert told["errors"][0]["errorType"] == "validationError"


def test_the_txt_of_the_delivery_station_compares_update_ids_of_one_order(world):
    def tell(update_id):
        action = {"id": f"a-{update_id}", "command": "DROP", "metadata": {}}
        body = {"orderId": "o", "orderUpdateId": update_id, "timestamp": STAMP, "action": action}
        world.publish(message("nodered_order", body, {"serial": DPS.serial}))
        world.run(30)
        return world.last(f"module/v1/ff/NodeRed/{DPS.serial}/state")

    assert tell(5)["actionState"]["state"] == "FINISHED"
    assert tell(5)["errors"] == []
    lower = tell(4)
    assert lower["errors"][0]["errorType"] == "orderUpdateError"
    assert lower["actionState"]["id"] == "a-5"
    assert tell(6)["actionState"]["id"] == "a-6"


@pytest.mark.parametrize(("kind", "level"), [("fatal", "FATAL"), ("warning", "WARNING")])
def test_a_module_fails_on_demand(world, kind, level):
    world.fault(kind, "DRILL")
    done = send(world, "DRILL", "PICK")[-1]
    assert done["actionState"]["state"] == "FAILED"
    assert done["errors"][0]["errorLevel"] == level


def test_a_silent_module_says_nothing_not_even_its_heartbeat(world):
    world.fault("silent", "MILL")
    before = len(world.bodies(f"module/v1/ff/{MILL.serial}/+"))
    send(world, "MILL", "PICK")
    world.run(60)
    assert len(world.bodies(f"module/v1/ff/{MILL.serial}/+")) == before + 1


def test_heartbeats_count_up_and_their_timestamp_stands_still(world):
    world.run(61)
    beats = world.bodies(f"module/v1/ff/{HBW.serial}/connection")
    assert [beat["headerId"] for beat in beats] == [0, 1, 2, 3, 4]
    assert len({beat["timestamp"] for beat in beats}) == 1


def test_calibration_pauses_a_module_and_other_modules_refuse_it(world):
    def act(serial, kind, **metadata):
        action = {"actionType": kind, "actionId": "x", "metadata": metadata}
        body = {"serialNumber": serial, "timestamp": STAMP, "actions": [action]}
        world.publish(message("module_instant_action", body, {"serial": serial}))
        world.run(1)
        return world.last(f"module/v1/ff/{serial}/state")

    assert act(HBW.serial, "selectCalibrationPosition", position="PARK")["errors"]
    started = act(HBW.serial, "startCalibration")
    assert (started["paused"], started["operatingMode"]) == (True, "TEACHIN")
    chosen = act(HBW.serial, "selectCalibrationPosition", position="PARK")
    status = chosen["information"][1]["infoReferences"]
    assert {"referenceKey": "POSITIONS.CURRENT", "referenceValue": "PARK"} in status
    assert act(HBW.serial, "stopCalibration")["paused"] is False
