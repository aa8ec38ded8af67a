"""What the fold makes of modules and vehicles."""

import pytest

from omf.state.device import MAX_STAGES
from omf.state.vehicles import MAX_VISITS
from tests.support.factory import AIQS, DPS, DRILL, FTS, HBW, MILL, Factory, module_state, paired


def test_a_module_never_heard_of_is_not_there_and_nothing_is_invented() -> None:
    told = Factory().online(DRILL)
    drill = told.state.modules[DRILL]
    assert list(told.state.modules) == [DRILL]
    assert (drill.connection, drill.connected, drill.available, drill.type) == (
        "ONLINE",
        None,
        None,
        None,
    )
    assert drill.action is None
    assert drill.order_update_id is None


def test_node_red_is_no_serial_number() -> None:
    told = Factory().say("nodered_status", {"connectionState": "ONLINE"})
    told.say("nodered_state", module_state(DPS, "DROP"), serial=DPS)
    assert list(told.state.modules) == [DPS]
    assert told.state.links["nodered"].connection == "ONLINE"


def test_the_txt_behind_a_module_is_kept_apart_from_it() -> None:
    told = Factory().module(AIQS, "CHECK_QUALITY", "RUNNING")
    told.say("nodered_state", module_state(AIQS, "CHECK_QUALITY"), serial=AIQS)
    module = told.state.modules[AIQS]
    assert module.action is not None
    assert module.action.state == "RUNNING"
    assert module.nodered is not None
    assert module.nodered.action is not None
    assert module.nodered.action.state == "FINISHED"
    assert module.messages == 2


def test_an_action_keeps_when_it_began_and_enters_the_history_once() -> None:
    told = Factory().module(DRILL, "DRILL", "RUNNING")
    began = told.now
    told.wait(9)
    told.module(DRILL, "DRILL")
    ended = told.now
    told.module(DRILL, "DRILL")
    drill = told.state.modules[DRILL]
    assert drill.action is not None
    assert (drill.action.began_at, drill.action.since) == (began, ended)
    assert [(past.began_at, past.ended_at) for past in drill.history] == [(began, ended)]


def test_an_end_without_a_beginning_has_an_unknown_duration() -> None:
    told = Factory().module(DRILL, "DRILL")
    assert told.state.modules[DRILL].history[0].began_at is None


def test_the_dps_leaves_out_the_command_while_running_and_it_is_still_one_action() -> None:
    told = Factory()
    running = module_state(DPS, None)
    running["actionState"] = {"id": f"{DPS}-DROP", "state": "RUNNING"}
    told.say("module_state", running, serial=DPS)
    began = told.now
    told.module(DPS, "DROP")
    assert told.state.modules[DPS].history[0].began_at == began


def test_an_idle_state_keeps_the_last_action() -> None:
    told = Factory().module(DRILL, "DRILL")
    told.module(DRILL)
    drill = told.state.modules[DRILL]
    assert drill.action is None
    assert drill.last_action is not None
    assert drill.last_action.command == "DRILL"


def test_a_forwarded_dps_state_without_loads_leaves_the_former_ones_while_it_acts() -> None:
    told = Factory().module(DPS, loads=[{"type": "WHITE"}])
    forwarded = module_state(DPS, "DROP", "RUNNING")
    del forwarded["loads"]
    told.say("module_state", forwarded, serial=DPS)
    assert [load.colour for load in told.state.modules[DPS].loads] == ["WHITE"]


def test_after_the_drop_of_the_dps_its_loads_are_unknown_until_told() -> None:
    told = Factory().module(DPS, loads=[{"type": "WHITE"}])
    forwarded = module_state(DPS, "DROP")
    del forwarded["loads"]
    told.say("module_state", forwarded, serial=DPS)
    assert told.state.view(told.now)["modules"][DPS]["loads"] is None
    told.module(DPS, loads=[])
    assert told.state.view(told.now)["modules"][DPS]["loads"] == []


def test_an_error_has_the_age_of_its_first_message_as_long_as_it_is_listed() -> None:
    told = Factory()
    error = {"errorType": "PICK_failed", "errorLevel": "FATAL"}
    told.module(DRILL, errors=[error])
    began = told.now
    told.module(DRILL, errors=[{}, error])
    assert [fault.since for fault in told.state.modules[DRILL].errors] == [began]
    told.module(DRILL, errors=[{}])
    assert told.state.modules[DRILL].errors == []


def test_an_unpaired_module_loses_the_word_of_the_ccu_and_keeps_its_own() -> None:
    told = Factory().online(DRILL)
    told.say("ccu_pairing_state", {"modules": [paired(DRILL, "DRILL")], "transports": []})
    told.say("ccu_pairing_state", {"modules": [], "transports": []})
    drill = told.state.modules[DRILL]
    assert (drill.listed, drill.connected, drill.available) == (False, None, None)
    assert (drill.type, drill.connection) == ("DRILL", "ONLINE")


def test_a_module_whose_retained_messages_were_deleted_is_gone() -> None:
    told = Factory().online(DRILL)
    told.module(DRILL)
    told.delete("module_state", serial=DRILL)
    assert DRILL in told.state.modules
    told.delete("module_connection", serial=DRILL)
    assert DRILL not in told.state.modules


def test_a_vehicle_has_three_bays_once_it_spoke_and_none_before() -> None:
    told = Factory().online(FTS)
    assert told.state.vehicles[FTS].bays == {}
    load = {"loadPosition": "2", "loadType": "RED", "loadId": None}
    told.vehicle(DPS, load=[load])
    carried = told.state.vehicles[FTS].bays
    assert list(carried) == ["1", "2", "3"]
    assert carried["2"] is not None
    assert (carried["2"].colour, carried["2"].workpiece_id) == ("RED", None)
    assert carried["1"] is None


def test_any_number_of_vehicles_is_known_from_pairing_and_from_their_own_topics() -> None:
    told = Factory()
    transport = {"serialNumber": "leJ4", "type": "FTS", "connected": True, "available": "READY"}
    told.say("ccu_pairing_state", {"modules": [], "transports": [transport]})
    told.vehicle("1")
    assert set(told.state.vehicles) == {"leJ4", FTS}
    assert told.state.vehicles["leJ4"].last_node is None
    assert not told.state.vehicles["leJ4"].position_known


def test_the_position_comes_from_the_vehicle_once_it_spoke() -> None:
    told = Factory()
    transport = {"serialNumber": FTS, "lastNodeId": "1", "batteryVoltage": 8.0}
    told.say("ccu_pairing_state", {"transports": [transport]})
    assert told.state.vehicles[FTS].last_node == "1"
    told.vehicle(HBW)
    told.say("ccu_pairing_state", {"transports": [transport]})
    vehicle = told.state.vehicles[FTS]
    assert (vehicle.last_node, vehicle.battery_voltage) == (HBW, 8.6)


def test_the_planned_path_is_that_of_the_last_drive() -> None:
    told = Factory()
    drive = {
        "orderId": "o",
        "orderUpdateId": 3,
        "nodes": [
            {"id": HBW, "linkedEdges": []},
            {"id": "1", "linkedEdges": [], "action": {"id": "a", "type": "PASS"}},
            {"id": DPS, "linkedEdges": [], "action": {"id": "b", "type": "DOCK"}},
        ],
        "edges": [],
    }
    told.say("fts_order", drive, serial=FTS)
    vehicle = told.state.vehicles[FTS]
    assert vehicle.path == (HBW, "1", DPS)
    assert vehicle.ordered is not None
    assert (vehicle.ordered.action_id, vehicle.ordered.command) == ("b", "DOCK")


def test_the_duration_of_an_ended_action_stands_still() -> None:
    told = Factory().module(DRILL, "DRILL", "RUNNING")
    told.wait(9)
    told.module(DRILL, "DRILL")
    told.wait(100)
    shown = told.state.view(told.now)["modules"][DRILL]["action"]
    assert (shown["elapsed_s"], shown["age_s"]) == (10, 100)


def test_the_stages_of_an_action_are_kept_in_order_and_a_new_action_begins_anew() -> None:
    told = Factory()
    for state in ("WAITING", "RUNNING", "RUNNING", "FINISHED"):
        told.module(DRILL, "DRILL", state)
    action = told.state.modules[DRILL].action
    assert action is not None
    assert [(stage.state, stage.at) for stage in action.stages] == [
        ("WAITING", 1_001.0),
        ("RUNNING", 1_002.0),
        ("FINISHED", 1_004.0),
    ]
    told.module(DRILL, "DROP", "RUNNING")
    action = told.state.modules[DRILL].action
    assert action is not None
    assert [stage.state for stage in action.stages] == ["RUNNING"]


def test_an_action_that_never_settles_keeps_few_stages() -> None:
    told = Factory()
    for number in range(100):
        state = ("RUNNING", "PAUSED")[number % 2]
        told.module(DRILL, "DRILL", state)
    action = told.state.modules[DRILL].action
    assert action is not None
    assert len(action.stages) == MAX_STAGES


def test_the_way_a_vehicle_came_is_kept_node_by_node_and_bounded() -> None:
    told = Factory()
    for node in (HBW, HBW, "1", "2", DPS):
        told.vehicle(node)
    visits = told.state.vehicles[FTS].visits
    assert [(visit.state, visit.at) for visit in visits] == [
        (HBW, 1_001.0),
        ("1", 1_003.0),
        ("2", 1_004.0),
        (DPS, 1_005.0),
    ]
    for number in range(MAX_VISITS * 2):
        told.vehicle(str(number))
    assert len(told.state.vehicles[FTS].visits) == MAX_VISITS


def test_the_battery_is_sampled_in_minutes_not_with_every_message() -> None:
    told = Factory().vehicle("1", retain=True)
    assert told.state.vehicles[FTS].battery == []
    for _ in range(100):
        told.vehicle("1")
    vehicle = told.state.vehicles[FTS]
    assert [reading.at for reading in vehicle.battery] == [1_002.0, 1_032.0, 1_062.0, 1_092.0]
    charging = {"charging": True, "percentage": 51, "currentVoltage": 8.6}
    told.vehicle("1", batteryState=charging)
    assert (vehicle.battery[-1].charging, vehicle.battery[-1].voltage) == (True, 8.6)


@pytest.mark.parametrize("word", ["", None])
def test_a_connection_message_without_a_word_changes_nothing(word: str | None) -> None:
    told = Factory.known()
    told.say("module_connection", {"serialNumber": MILL, "connectionState": word}, serial=MILL)
    told.say("nodered_status", {"connectionState": word})
    told.say("fts_connection", {"serialNumber": FTS, "connectionState": word}, serial=FTS)
    assert told.alarms() == {}
