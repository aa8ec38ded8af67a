"""A message of which a part cannot be read: the rest is taken, the part is unknown and named."""

import json

import pytest

from omf.commands.facts.module import has_room, piece_there, stores
from omf.state.traffic import MAX_KEPT_REJECTS
from omf.topics import catalogue
from tests.support.factory import (
    DRILL,
    FTS,
    HBW,
    Factory,
    connection,
    module_state,
    order,
    stock_message,
    vehicle_state,
)

VEHICLE = catalogue.address("fts_state", serial=FTS)


def vehicle_bytes(**raw: bytes) -> bytes:
    """A vehicle state at node 2 with these fields as bytes."""
    body = {name: f"@{name}@" for name in raw}
    text = json.dumps(vehicle_state("2") | body).encode()
    for name, value in raw.items():
        text = text.replace(f'"@{name}@"'.encode(), value)
    return text


@pytest.mark.parametrize("field", ["actionStates", "errors", "load", "batteryState", "nodeStates"])
def test_null_tells_nothing_and_the_rest_is_taken(field: str) -> None:
    told = Factory().raw(VEHICLE, vehicle_bytes(**{field: b"null"}))
    assert told.state.vehicles[FTS].last_node == "2"
    assert told.state.traffic.partly == told.state.traffic.rejected == 0
    assert told.alarms() == {}


def test_what_is_not_told_of_the_load_is_unknown_and_not_empty() -> None:
    told = Factory().vehicle("2")
    assert told.state.vehicles[FTS].bays == {"1": None, "2": None, "3": None}
    told.raw(VEHICLE, vehicle_bytes(load=b"null"))
    assert told.state.vehicles[FTS].bays == {}
    told.raw(VEHICLE, vehicle_bytes(load=b'[{"loadPosition":"1","loadType":NaN},7]'))
    assert told.state.vehicles[FTS].bays == {}
    told.raw(VEHICLE, vehicle_bytes(load=b'[{"loadPosition":"1","loadType":"RED"},7]'))
    assert list(told.state.vehicles[FTS].bays) == ["1"]


def module_bytes(serial: str, loads: bytes) -> bytes:
    """A module state with these loads as bytes."""
    return json.dumps(module_state(serial, loads="@")).encode().replace(b'"@"', loads)


UNREAD_LOADS = [b"[NaN]", b'[{"loadType":NaN}]', b'{"loadType":"RED"}', b'"x"', b"[5]"]


@pytest.mark.parametrize("loads", UNREAD_LOADS)
def test_a_module_whose_loads_cannot_be_read_is_neither_empty_nor_as_before(loads: bytes) -> None:
    told = Factory.known().module(DRILL, loads=[{"loadType": "RED"}])
    told.raw(catalogue.address("module_state", serial=DRILL), module_bytes(DRILL, loads))
    drill = told.state.modules[DRILL]
    assert (drill.loads, drill.loads_known) == ([], False)
    # Neither a drop from an empty module nor a pick onto a piece goes out on a guess.
    assert piece_there(told.state, DRILL, "DROP") is None
    assert piece_there(told.state, DRILL, "PICK") is None


def test_a_warehouse_with_an_unread_bay_has_perhaps_room_and_perhaps_the_piece() -> None:
    told = Factory.known()
    loads = b'[{"loadType":"RED","loadPosition":"A1"},{"loadType":NaN,"loadPosition":"B1"}]'
    told.raw(catalogue.address("module_state", serial=HBW), module_bytes(HBW, loads))
    assert list(told.state.modules[HBW].bays) == ["A1"]
    assert has_room(told.state, HBW) is None
    assert (stores(told.state, HBW, "RED"), stores(told.state, HBW, "WHITE")) == (True, None)


@pytest.mark.parametrize("battery", [b"NaN", b'"x"', b"[]"])
def test_a_battery_that_cannot_be_read_is_unknown_and_not_as_before(battery: bytes) -> None:
    told = Factory().vehicle("2", batteryState={"percentage": 50, "charging": True})
    told.raw(VEHICLE, vehicle_bytes(batteryState=battery))
    vehicle = told.state.vehicles[FTS]
    assert (vehicle.battery_percentage, vehicle.charging) == (None, None)


def test_a_danger_is_not_over_because_its_field_cannot_be_read() -> None:
    told = Factory()
    topic = catalogue.address("arduino_state", kind="flame", sensor="1")
    told.raw(topic, {"flameDetected": True, "rawValue": 3})
    told.raw(topic, b'{"flameDetected":NaN,"rawValue":4}')
    assert told.alarms()["danger:flame/1"] == told.now - 1
    told.raw(topic, {"flameDetected": False, "rawValue": 4})
    assert "danger:flame/1" not in told.alarms()


def test_the_field_is_named_by_an_alarm_in_both_languages_that_ends_by_itself() -> None:
    told = Factory().raw(VEHICLE, vehicle_bytes(driving=b"NaN"))
    vehicle = told.state.vehicles[FTS]
    assert (vehicle.last_node, vehicle.driving) == ("2", None)
    (alarm,) = told.state.alarms(told.now)
    assert alarm.id == f"message-partly-read:{VEHICLE}"
    assert "driving: muss eine endliche Zahl sein" in alarm.de
    assert "driving: must be a finite number" in alarm.en
    last = told.state.view(told.now)["messages"]["partly_read"]
    assert (last["total"], last["last"][0]["detail"]) == (1, "driving: must be a finite number")
    told.wait(190)
    told.vehicle("2")
    told.wait(120)
    assert told.alarms() == {}


def test_a_byte_order_mark_is_counted_and_is_no_alarm() -> None:
    told = Factory().raw(VEHICLE, b"\xef\xbb\xbf" + vehicle_bytes() + b"\0")
    assert told.state.vehicles[FTS].last_node == "2"
    assert [one.reason for one in told.state.traffic.partly_read.values()] == ["odd"]
    assert told.alarms() == {}


def test_the_topics_that_are_remembered_are_bounded() -> None:
    told = Factory()
    for number in range(MAX_KEPT_REJECTS + 5):
        topic = catalogue.address("module_state", serial=f"M{number}")
        told.raw(topic, b'{"paused":true,"errors":5}')
    assert len(told.state.traffic.partly_read) == MAX_KEPT_REJECTS
    assert told.state.traffic.partly == MAX_KEPT_REJECTS + 5


@pytest.mark.parametrize("payload", [b"{", b"[]", b" " * 70_000, b'{"lastNodeId":[]}'])
def test_who_sends_what_nobody_can_read_is_not_silent(payload: bytes) -> None:
    told = Factory().vehicle("2")
    told.online(DRILL)
    for _ in range(60):
        told.wait(10)
        told.raw(VEHICLE, payload)
        told.raw(catalogue.address("module_connection", serial=DRILL), payload)
    assert not [name for name in told.alarms() if name.startswith("device-silent")]
    assert told.state.modules[DRILL].connection == "ONLINE"
    assert told.state.vehicles[FTS].last_node == "2"


def test_the_ccu_and_a_sensor_are_heard_whatever_they_say() -> None:
    told = Factory().stock(A1="RED:t")
    told.say("arduino_state", {"temperature": 20}, kind="temperature", sensor="d")
    for _ in range(60):
        told.wait(10)
        told.raw("ccu/state/stock", b"{")
        told.raw("osf/arduino/temperature/d/state", b"{")
    assert list(told.alarms()) == ["messages-rejected:messages"]


def test_an_unreadable_list_of_errors_ends_no_error() -> None:
    told = Factory()
    fatal = {"errorType": "x", "errorLevel": "FATAL"}
    told.vehicle("2", errors=[fatal])
    told.raw(VEHICLE, vehicle_bytes(errors=b"[NaN]"))
    assert told.state.vehicles[FTS].fatal
    told.raw(VEHICLE, vehicle_bytes(errors=b'"none"'))
    assert told.state.vehicles[FTS].fatal
    told.vehicle("2")
    assert not told.state.vehicles[FTS].fatal


def test_who_cannot_be_read_in_the_pairing_has_not_left_it() -> None:
    told = Factory()
    modules = [{"serialNumber": DRILL, "available": "READY"}, {"serialNumber": HBW}]
    transports = [{"serialNumber": FTS, "available": "READY"}]
    told.say("ccu_pairing_state", {"modules": modules, "transports": transports})
    broken = [{"serialNumber": DRILL, "available": {}}, {"serialNumber": []}]
    told.say("ccu_pairing_state", {"modules": broken, "transports": None})
    assert told.state.modules[DRILL].available is None
    assert told.state.modules[DRILL].listed
    assert told.state.modules[HBW].listed
    assert told.state.vehicles[FTS].listed
    told.say("ccu_pairing_state", {"modules": [], "transports": []})
    assert not told.state.modules[HBW].listed
    assert not told.state.vehicles[FTS].listed


def test_an_order_that_cannot_be_read_has_not_vanished() -> None:
    told = Factory().orders(order("a"), order("b"))
    told.orders(order("a"), order("b") | {"orderId": [1]})
    assert set(told.state.active_orders) == {"a", "b"}
    told.orders(order("a"), 7)
    assert not told.state.orders["b"].vanished
    told.orders(order("a") | {"state": {}, "productionSteps": None})
    assert told.state.orders["a"].state is None
    assert told.state.orders["b"].vanished


def test_a_bay_that_cannot_be_read_is_unknown_and_not_empty() -> None:
    told = Factory()
    stock = stock_message(A1="RED:t", A2="")
    stock["stockItems"][0]["workpiece"] = 5
    told.say("ccu_state_stock", stock)
    assert "A1" not in told.state.stock.bays
    assert told.state.stock.bays["A2"].colour is None
    told.say("ccu_state_stock", {"stockItems": None})
    assert told.state.stock.bays["A2"].colour is None


def test_a_damaged_connection_state_is_no_other_connection() -> None:
    told = Factory().online(DRILL)
    told.say("module_connection", connection(DRILL) | {"connectionState": 5.5}, serial=DRILL)
    told.say("module_connection", {"ip": "10.0.0.7"}, serial=DRILL)
    module = told.state.modules[DRILL]
    assert module.ip == "10.0.0.7"
    assert [one.state for one in module.connection_changes] == ["ONLINE", "5.5"]


def test_a_factsheet_of_the_makers_documentation_is_taken_as_far_as_it_fits() -> None:
    told = Factory()
    offered = [{"actionType": "PICK", "actionParameters": {"type": "string"}, "actionScopes": 5}]
    sheet = {
        "version": "1.3.0",
        "serialNumber": DRILL,
        "typeSpecification": {"seriesName": "MOD-FF22+DRILL+24V", "moduleClass": "DRILL"},
        "protocolFeatures": {"moduleActions": [*offered, {"actionType": "DRILL"}]},
        "loadSpecification": {
            "loadPositions": "1",
            "loadSets": [{"setName": "REDS", "maxAmount": 3}],
        },
    }
    told.say("module_factsheet", sheet, serial=DRILL)
    module = told.state.modules[DRILL]
    assert (module.type, module.version, module.commands) == ("DRILL", "1.3.0", ("PICK", "DRILL"))
    (alarm,) = told.state.alarms(told.now)
    assert "actionParameters" in alarm.en
    assert "loadPositions" in alarm.en


def test_a_state_of_a_module_without_loads_keeps_what_is_known_of_them() -> None:
    told = Factory()
    loads = [{"loadType": "RED", "loadPosition": "A1"}]
    told.module(HBW, loads=loads)
    told.module(HBW, loads=None)
    assert told.state.modules[HBW].bays["A1"] is not None
