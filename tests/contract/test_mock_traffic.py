"""What the simulated factory says is what the recorded one said: fields, flags, order, times."""

import json
from functools import cache

import pytest

from omf.simulation.device import Moment, message
from omf.simulation.sensors.arduino import SensorStation
from omf.simulation.sensors.environment import EnvironmentSensors
from omf.simulation.simulated_factory import DPS, PLC_MODULES
from omf.topics import catalogue
from tests.support.mock_world import STAMP, factory, finish, order
from tests.support.shapes import Shapes, kind_of, missing
from tests.support.shared import RECORDINGS, recording, samples
from tests.support.story import between, story

NEVER_SIMULATED = {
    "arduino_alarm_enabled": "a switch of the sensor station's own page",
    "arduino_station_config": "thresholds of the sensor station's own page",
    "arduino_station_factsheet": "thresholds of the sensor station's own page",
    "ccu_set_calibration": "an operator sends it",
    "cloud_order_request": "an operator sends it",
    "txt_keep_alive": "a user interface sends it",
    "txt_set_bme680": "an operator sends it",
    "txt_set_cam": "an operator sends it",
    "txt_set_ldr": "an operator sends it",
}
"""Kinds of the recordings that no simulated device sends, and why."""
NEVER_WRITTEN = {
    ".actionState.metadata.priority": "invented by an older dashboard, echoed by the module",
    ".actionState.metadata.timeout": "invented by an older dashboard, echoed by the module",
    ".actionState.metadata.duration": "a refusal of DRILL echoed the whole metadata once",
    ".actionState.metadata": "a refusal of DRILL echoed the whole metadata once",
    ".actionState.metadata.type": "a refusal of DRILL echoed the whole metadata once",
    ".reason": "an alarm of the sensor station",
    ".actions[].metadata.references": "values an operator sets",
    ".actions[].metadata.position": "positions an operator chooses",
    ".information[].infoReferences[].referenceValue": "the real DPS has other values to teach",
    ".references[].referenceValue": "the real DPS has other values to teach",
    ".status_references[].referenceValue": "the real DPS has other values to teach",
}
"""Fields of the recordings the simulation leaves out, and why."""
NEVER_RECORDED = {
    ".modules[].calibrating": "no calibration was recorded; B.8 names the field",
    ".information[]": "of the calibrations only one of the DPS was recorded",
    ".errors[].timestamp": "a FATAL failure was recorded of MILL and DRILL only",
}
"""Fields the simulation writes in situations nobody recorded, and where they come from."""


@cache
def recorded():
    shapes = Shapes()
    for name in RECORDINGS:
        shapes.add((m.topic, json.loads(m.payload)) for m in recording(name))
    shapes.add((sample["topic"], sample["payload"]) for sample in samples().values())
    return shapes


@cache
def simulated():
    """A day in which all that the recordings contain happens once."""
    world = factory(2)
    for colour in ("RED", "WHITE", "BLUE"):
        order(world, colour, requestId=f"request-{colour}")
    finish(world, 3)
    world.run(60)
    for charge in (True, False):
        world.publish(message("ccu_set_charge", {"serialNumber": "5iO4", "charge": charge}))
        world.run(60)
    world.fault("nok")
    world.fault("input", "RED")
    order(world, "WHITE")
    finish(world, 5)
    misuse(world)
    world.fault("collision")
    world.publish(message("ccu_set_park", {"timestamp": STAMP}))
    world.run(5)
    world.publish(message("ccu_set_reset", {"timestamp": STAMP, "withStorage": False}))
    world.run(60)
    world.publish(message("ccu_pairing_pair_fts", {"serialNumber": "5iO4"}))
    world.run(60)
    return world


def misuse(world):
    """Failing actions, orders out of turn, questions."""
    for kind in ("HBW", "MILL", "DRILL", "AIQS"):
        world.fault("fatal", kind)
    for serial in (facts.serial for facts in PLC_MODULES if facts is not DPS):
        refused = {"timestamp": STAMP, "serialNumber": serial, "orderId": "x", "orderUpdateId": 1}
        refused |= {"action": {"id": "x", "command": "PICK", "metadata": {"type": "RED"}}}
        world.publish(message("module_order", refused, {"serial": serial}))
        ask = {"actionType": "factsheetRequest", "actionId": "x"}
        body = {"serialNumber": serial, "timestamp": STAMP, "actions": [ask]}
        world.publish(message("module_instant_action", body, {"serial": serial}))
    world.run(60)


@cache
def simulated_shapes():
    shapes = Shapes()
    shapes.add((seen.topic, seen.body) for seen in simulated().seen)
    for machine in (SensorStation(), EnvironmentSensors()):
        sends = machine.connect(Moment(0.0, 1_786_000_000.0))
        shapes.add((send.topic, json.loads(send.payload)) for send in sends)
    return shapes


def test_no_message_carries_a_field_or_type_the_factory_never_sent():
    there = recorded().seen
    invented = {
        (kind, entry)
        for kind, shape in simulated_shapes().seen.items()
        if kind in there
        for entry in missing(shape, there[kind])
    }
    assert _unexplained(invented, NEVER_RECORDED) == set()


def test_every_kind_of_message_is_simulated_but_for_the_explained_ones():
    absent = {kind for kind in recorded().seen if kind not in simulated_shapes().seen}
    assert absent == set(NEVER_SIMULATED)


def test_every_field_the_factory_sends_is_simulated_but_for_the_explained_ones():
    there = simulated_shapes().seen
    left_out = {
        (kind, entry)
        for kind, shape in recorded().seen.items()
        if kind in there
        for entry in missing(shape, there[kind])
    }
    assert _unexplained(left_out, NEVER_WRITTEN) == set()


def _unexplained(found, explained):
    return {(kind, field) for kind, field in found if not field.startswith(tuple(explained))}


def test_a_field_the_factory_never_leaves_out_is_never_left_out():
    left_out = {
        kind: always - simulated_shapes().constant.get(kind, set())
        for kind, always in recorded().constant.items()
        if kind not in NEVER_SIMULATED
    }
    assert {kind: found for kind, found in left_out.items() if found} == {}


def test_every_message_has_the_qos_and_retain_of_its_real_publisher():
    flags: dict[str, set[tuple[int, bool]]] = {}
    for sample in samples().values():
        if sample["qos"] is not None:
            flags.setdefault(kind_of(sample["topic"]), set()).add((sample["qos"], sample["retain"]))
    world = simulated()
    wrong = {
        (seen.topic, seen.send.qos, seen.send.retain)
        for seen in world.seen
        if seen.topic.split("/")[1] != "set"
        and kind_of(seen.topic) in flags
        and (seen.send.qos, seen.send.retain) not in flags[kind_of(seen.topic)]
    }
    assert {entry for entry in wrong if catalogue.of(entry[0]).publisher != "UI"} == set()


def last_order(world, kind):
    """The traffic of the newest order of a simulation."""
    traffic = [(seen.topic, seen.body) for seen in world.seen]
    begins = [n for n, (topic, _) in enumerate(traffic) if topic == "ccu/order/request"]
    return between(traffic[begins[-1] :], kind)


def recorded_order(name, kind):
    return between(((m.topic, json.loads(m.payload)) for m in recording(name)), kind)


def store_one(world, colour):
    """Leaves the vehicle at the warehouse."""
    order(world, colour, "STORAGE", workpieceId="04a1b2c3d4e5f6")
    finish(world)
    world.run(5)


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("WHITE", "white-storage-production_20260807_111716"),
        ("RED", "red-storage-production_20260807_113213"),
        ("BLUE", "blue-storage-production_20260807_112530"),
    ],
)
def test_a_production_is_told_in_the_recorded_order_of_events(colour, name):
    world = factory(stock={})
    store_one(world, colour)
    order(world, colour)
    finish(world, 2)
    assert story(last_order(world, "PRODUCTION")) == story(recorded_order(name, "PRODUCTION"))


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("RED", "red-storage-production_20260807_113213"),
        ("BLUE", "blue-storage-production_20260807_112530"),
    ],
)
def test_a_storage_is_told_in_the_recorded_order_of_events(colour, name):
    world = factory(stock={})
    world.fault("input", colour)
    finish(world)
    assert story(last_order(world, "STORAGE")) == story(recorded_order(name, "STORAGE"))


def test_a_piece_that_fails_is_told_in_the_recorded_order_of_events():
    world = factory(stock={})
    store_one(world, "WHITE")
    world.fault("nok")
    order(world, "WHITE")
    finish(world, 2)
    wanted = recorded_order("white-storage-production-nok_20260807_114322", "PRODUCTION")
    assert story(last_order(world, "PRODUCTION")) == story(wanted)
