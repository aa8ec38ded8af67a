"""The fold against the real factory: each recording ends in exactly its ground truth."""

import json
from collections.abc import Iterator
from typing import Any

from omf.state import Action, CarriedLoad, Channel, Module, Vehicle
from tests.support.folds import every_recording, folded, seconds
from tests.support.shared import RECORDINGS, recording, shared_path, truth

NO_ORDER = ("", "0", 0, None)


def test_there_are_recordings_to_compare_with() -> None:
    shared_path("recordings", "truth")
    assert len(RECORDINGS) == 10


@every_recording
def test_every_message_is_counted_on_its_topic(name: str) -> None:
    traffic, told = folded(name).traffic, truth(name)
    assert traffic.total == told["messages"]
    assert traffic.bytes == told["payload_bytes"]["total"]
    counted = {topic: (n.count, n.bytes, n.retained) for topic, n in traffic.topics.items()}
    assert counted == {
        topic: (n["count"], n["bytes"], n["retained"]) for topic, n in told["topics"].items()
    }
    assert (traffic.rejected, traffic.unmodelled, traffic.overflow) == (0, 0, 0)


@every_recording
def test_every_filter_counts_what_a_broker_delivers_on_it(name: str) -> None:
    told = truth(name)
    for topic_filter, count in {**told["filters"], **told["filters_extra"]}.items():
        assert folded(name).traffic.count(topic_filter) == count, topic_filter


@every_recording
def test_every_device_heard_of_is_known_and_no_other(name: str) -> None:
    state, told = folded(name), truth(name)
    pairing = told["pairing_final"] or {"modules": [], "transports": []}
    modules = {s for s, device in told["modules"].items() if device["kind"] == "MODULE"}
    assert set(state.modules) == modules | {m["serialNumber"] for m in pairing["modules"]}
    vehicles = set(told["modules"]) - modules
    assert set(state.vehicles) == vehicles | {v["serialNumber"] for v in pairing["transports"]}


def channels(name: str) -> Iterator[tuple[Channel, dict[str, Any], list[Any]]]:
    state = folded(name)
    for serial, told in truth(name)["modules"].items():
        device = state.vehicles[serial] if told["kind"] == "FTS" else state.modules[serial]
        yield device, told["direct"], told["connection_changes"]
        if "nodered" in told:
            assert isinstance(device, Module)
            assert device.nodered is not None
            changes = told.get("connection_changes_nodered", [])
            yield device.nodered, told["nodered"], changes


@every_recording
def test_every_connection_ends_as_it_was_last_told(name: str) -> None:
    for channel, told, changes in channels(name):
        last = told["last_connection"]
        if last is None:
            assert channel.connection is None
            continue
        assert channel.connection == last["connectionState"]
        noted = [(change.state, change.at) for change in channel.connection_changes]
        assert noted == [(state, seconds(at)) for state, at in changes]
        if last["ip"] is not None:
            assert channel.ip == last["ip"]


@every_recording
def test_every_device_ends_in_its_last_state(name: str) -> None:
    for channel, told, _ in channels(name):
        last = told["last_state"]
        assert channel.state_known is (last is not None)
        assert said(channel.last_action) == action(told["last_actionState"])
        if last is None:
            continue
        assert channel.device_time == last["device_timestamp"]
        assert channel.order_id == ("" if last["orderId"] in NO_ORDER else last["orderId"])
        # An idle MILL writes its counter as text: "0".
        assert channel.order_update_id == int(last["orderUpdateId"])
        assert channel.paused == last["paused"]
        assert channel.operating_mode == last["operatingMode"]
        assert said(channel.action) == action(last["actionState"])
        types = [fault.type for fault in channel.errors]
        assert types == [error["errorType"] for error in last["errors"] if error]


def said(one: Action | None) -> tuple[Any, ...] | None:
    return one and (one.id, one.command, one.state, one.result, one.duration, one.workpiece_id)


def action(told: dict[str, Any] | None) -> tuple[Any, ...] | None:
    if told is None:
        return None
    keys = ("id", "command", "state", "result", "duration")
    return (*(told.get(key) for key in keys), told.get("metadata", {}).get("workpieceId"))


@every_recording
def test_every_age_is_that_of_the_last_live_message(name: str) -> None:
    told = truth(name)
    retained = {m.topic for m in recording(name) if m.retain}
    for channel, part, _ in channels(name):
        last = part["last_state"]
        if last is None or channel.state_at is None:
            assert last is None or retained
            continue
        assert channel.state_at == seconds(last["ts"])
    assert folded(name).last_received == seconds(told["last_ts"])


@every_recording
def test_every_module_ends_with_its_last_loads(name: str) -> None:
    for channel, told, _ in channels(name):
        last = told["last_state"]
        if not isinstance(channel, Module) or last is None or last["loads"] is None:
            continue
        listed = [load for load in last["loads"] if load.get("loadType") or load.get("type")]
        assert [load.colour for load in channel.loads] == [
            load.get("loadType") or load["type"] for load in listed
        ]
        assert [load.workpiece_id for load in channel.loads] == [
            load.get("loadId") or None for load in listed
        ]


@every_recording
def test_every_vehicle_ends_where_it_stood_with_what_it_carried(name: str) -> None:
    for channel, told, _ in channels(name):
        last = told["last_state"]
        if not isinstance(channel, Vehicle) or last is None:
            continue
        assert channel.last_node == last["lastNodeId"]
        assert channel.driving == last["driving"]
        assert channel.waiting_for_load == last["waitingForLoadHandling"]
        assert channel.battery_voltage == last["batteryState"]["currentVoltage"]
        assert channel.battery_percentage == last["batteryState"]["percentage"]
        assert channel.charging == last["batteryState"]["charging"]
        carried = {bay: piece(load) for bay, load in channel.bays.items() if load}
        assert carried == {
            load["loadPosition"]: (load["loadType"], load["loadId"])
            for load in last["load"]
            if load["loadType"] or load["loadId"]
        }


def piece(load: CarriedLoad) -> tuple[str | None, str | None]:
    return load.colour, load.workpiece_id


@every_recording
def test_the_last_pairing_holds(name: str) -> None:
    state, told = folded(name), truth(name)["pairing_final"]
    if told is None:
        assert not any(module.listed for module in state.modules.values())
        return
    for paired in told["modules"]:
        module = state.modules[paired["serialNumber"]]
        assert module.listed
        assert module.type == paired["subType"]
        assert module.connected == paired["connected"]
        assert module.available == paired["available"]
        assert module.assigned == paired["assigned"]
        assert module.has_calibration == paired["hasCalibration"]
        assert module.ccu_last_seen == paired["lastSeen"]
    for paired in told["transports"]:
        vehicle = state.vehicles[paired["serialNumber"]]
        assert vehicle.connected == paired["connected"]
        assert vehicle.available == paired["available"]
        assert vehicle.last_module == paired["lastModuleSerialNumber"]
        assert vehicle.ccu_last_seen == paired["lastSeen"]


@every_recording
def test_the_view_is_json_and_tells_the_same(name: str) -> None:
    state, told = folded(name), truth(name)
    view = json.loads(json.dumps(state.view(seconds(told["last_ts"])), allow_nan=False))
    assert view["messages"]["total"] == told["messages"]
    assert sum(view["messages"]["by_topic"].values()) == told["messages"]
    assert [order["id"] for order in view["orders"]] == list(state.orders)
    for serial, device in told["modules"].items():
        shown = view["vehicles" if device["kind"] == "FTS" else "modules"][serial]
        last = device["direct"]["last_connection"]
        assert shown["connection"] == (last and last["connectionState"])
