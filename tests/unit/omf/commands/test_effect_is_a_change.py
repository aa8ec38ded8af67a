"""An effect is a change that means what was asked for; a device's own FAILED ends it at once."""

import copy
import json
from typing import Any

import pytest

from omf.commands import Effect, judge
from omf.messages.message import Message
from omf.state import FactoryState
from tests.support.command_examples import plan_of
from tests.support.factory import (
    FTS,
    SERIALS,
    TAG,
    Factory,
    layout_message,
    module_state,
    pairing,
    vehicle_state,
    warehouse_loads,
)

HBW, DPS = SERIALS["HBW"], SERIALS["DPS"]


def effect_of(kind: str, state: FactoryState | None = None, **changes: Any) -> Effect:
    return plan_of(kind, state, **changes).steps[0].effect


def outcome(effect: Effect, topic: str, body: object) -> str | None:
    text = json.dumps(body).encode()
    found = judge(effect, Message(topic, text, "9-0"))
    return found.outcome if found else None


def _spelt(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(layout_message()) | changes


def _with_placeholder() -> dict[str, Any]:
    body = _spelt()
    for module in body["modules"]:
        if module["type"] == "MILL":
            old, module["serialNumber"] = module["serialNumber"], "mill-to-come"
            module["placeholder"] = True
    for road in body["roads"]:
        for end in ("from", "to"):
            road[end] = "mill-to-come" if road[end] == old else road[end]
    return body


def _lengths(spell: Any) -> list[dict[str, Any]]:
    return [{**road, "length": spell(road["length"])} for road in layout_message()["roads"]]


WRITTEN_OTHERWISE = {
    "a placeholder that became the module": (_with_placeholder(), _spelt()),
    "a placeholder that stayed one": (_with_placeholder(), _with_placeholder()),
    "a length as text": (_spelt(roads=_lengths(str)), _spelt(roads=_lengths(str))),
    "a length as text, told as a number": (_spelt(roads=_lengths(str)), _spelt()),
    "a length with a point": (_spelt(roads=_lengths(lambda one: f"{one}.0")), _spelt()),
    "no placeholder, said": (
        _spelt(modules=[{**m, "placeholder": False} for m in layout_message()["modules"]]),
        _spelt(),
    ),
    "another order": (_spelt(modules=layout_message()["modules"][::-1]), _spelt()),
    "a road to an unknown node": (
        _spelt(
            roads=[
                *layout_message()["roads"],
                {"from": "1", "to": "gone", "direction": "EAST", "length": 5},
            ]
        ),
        _spelt(),
    ),
    "a remark of somebody": (_spelt(comment="draft 3"), _spelt()),
}


@pytest.mark.parametrize("name", WRITTEN_OTHERWISE)
def test_a_layout_that_means_the_same_is_the_one_written(name: str) -> None:
    written, told = WRITTEN_OTHERWISE[name]
    assert outcome(effect_of("layout", layout=written), "ccu/state/layout", told) == "effect"


@pytest.mark.parametrize(
    "told",
    [
        _spelt(modules=layout_message()["modules"][1:]),
        _spelt(roads=layout_message()["roads"][1:]),
        _spelt(roads=_lengths(lambda one: one + 1)),
        _spelt(intersections=[{"id": "1"}]),
    ],
)
def test_another_layout_proves_nothing(told: dict[str, Any]) -> None:
    assert outcome(effect_of("layout"), "ccu/state/layout", told) is None


@pytest.mark.parametrize("serial", [FTS, "SVR0000000"])
def test_what_the_ccu_does_not_list_as_a_module_cannot_be_forgotten(serial: str) -> None:
    refused = {check.id for check in plan_of("delete-module", serial=serial).refusals}
    assert "module-listed" in refused


def test_a_list_read_in_part_shows_no_module_as_gone() -> None:
    effect = effect_of("delete-module")
    assert outcome(effect, "ccu/pairing/state", {"modules": None, "transports": []}) is None
    assert outcome(effect, "ccu/pairing/state", {"transports": []}) is None
    left = pairing()
    left["modules"] = [m for m in left["modules"] if m["subType"] != "MILL"]
    assert outcome(effect, "ccu/pairing/state", left) == "effect"


def test_a_duration_it_has_already_is_no_change() -> None:
    factory, told = Factory.known(), pairing()
    for module in told["modules"]:
        module["productionDuration"] = 7
    factory.say("ccu_pairing_state", told)
    assert [c.id for c in plan_of("module-duration", factory.state).refusals] == [
        "duration-differs"
    ]
    assert plan_of("module-duration", factory.state, duration=8).allowed


def _calibrating(serial: str, action: dict[str, Any] | None = None) -> FactoryState:
    factory = Factory.known()
    factory.module(serial, operatingMode="TEACHIN", paused=True, actionState=action)
    return factory.state


def _taught(serial: str, **action: Any) -> dict[str, Any]:
    return module_state(serial, operatingMode="TEACHIN", paused=True, actionState=action)


@pytest.mark.parametrize("serial", [HBW, DPS, SERIALS["AIQS"]])
@pytest.mark.parametrize("command", ["selectCalibrationPosition", "storeCalibrationValues"])
def test_a_calibration_the_module_refuses_is_failed_at_once(serial: str, command: str) -> None:
    effect = effect_of("calibration", _calibrating(serial), serial=serial, command=command)
    topic = f"module/v1/ff/{serial}/state"
    # The DPS leaves the name of the action out.
    for named in ({"command": command}, {}):
        told = _taught(serial, id="new", state="FAILED", **named)
        told["errors"] = [{"errorType": "Validation", "errorMessage": "no such position"}]
        assert outcome(effect, topic, told) == "failed"


def test_what_the_module_said_before_is_no_answer() -> None:
    before = {"id": "old", "command": "selectCalibrationPosition", "state": "FAILED"}
    state = _calibrating(HBW, before)
    effect = effect_of(
        "calibration", state, serial=HBW, command="selectCalibrationPosition", position="HOME"
    )
    topic = f"module/v1/ff/{HBW}/state"
    assert outcome(effect, topic, _taught(HBW, **before)) is None
    assert outcome(effect, topic, _taught(HBW, **before | {"state": "FINISHED"})) is None
    done = before | {"id": "new", "state": "FINISHED"}
    assert outcome(effect, topic, _taught(HBW, **done)) == "effect"


def test_a_calibration_begun_again_is_proven_by_its_own_action() -> None:
    effect = effect_of("calibration", _calibrating(HBW), serial=HBW, command="startCalibration")
    topic = f"module/v1/ff/{HBW}/state"
    assert outcome(effect, topic, module_state(HBW, operatingMode="TEACHIN", paused=True)) is None
    told = _taught(HBW, id="new", command="startCalibration", state="FINISHED")
    assert outcome(effect, topic, told) == "effect"


@pytest.mark.parametrize(
    ("kind", "changes", "action"),
    [
        ("fts-pair", {}, "findInitialDockPosition"),
        ("charge", {"charge": False}, "stopCharging"),
    ],
)
def test_a_vehicle_that_fails_what_the_ccu_told_it_ends_the_command(
    kind: str, changes: dict[str, Any], action: str
) -> None:
    old = {"id": "old", "command": action, "state": "FAILED"}
    factory = Factory.known()
    told = vehicle_state(DPS, actionStates=[old])
    factory.say("fts_state", told, serial=FTS)
    effect = effect_of(kind, factory.state, **changes)
    topic = f"fts/v1/ff/{FTS}/state"
    told["batteryState"] = {"charging": True}
    assert outcome(effect, topic, told) is None
    told["actionStates"] = [old, {**old, "id": "new"}]
    assert outcome(effect, topic, told) == "failed"


@pytest.mark.parametrize("serial", [HBW, DPS])
def test_a_module_that_does_not_park_ends_parking(serial: str) -> None:
    told = module_state(
        serial, actionState={"id": "new", "command": "startCalibration", "state": "FAILED"}
    )
    assert outcome(effect_of("park"), f"module/v1/ff/{serial}/state", told) == "failed"


@pytest.mark.parametrize("kind", ["module-reset", "set-storage"])
def test_a_module_that_fails_an_instant_action_ends_it(kind: str) -> None:
    serial = HBW if kind == "set-storage" else SERIALS["AIQS"]
    effect = effect_of(kind)
    action = {"id": effect.expect["action_id"], "command": "x", "state": "FAILED"}
    told = module_state(serial, actionState=action, loads=warehouse_loads(A1="RED"))
    assert outcome(effect, f"module/v1/ff/{serial}/state", told) == "failed"


def test_the_contents_written_are_colour_and_tag() -> None:
    effect = effect_of("set-storage")
    topic = f"module/v1/ff/{HBW}/state"
    loads = warehouse_loads(A1="RED")
    assert outcome(effect, topic, module_state(HBW, loads=loads)) == "effect"
    loads[0]["loadId"] = TAG[::-1]
    assert outcome(effect, topic, module_state(HBW, loads=loads)) is None


def test_a_vehicle_is_paired_by_its_own_docking_not_by_what_the_ccu_told_of_before() -> None:
    old = {"id": "old", "command": "findInitialDockPosition", "state": "FINISHED"}
    factory, topic = Factory.known(), f"fts/v1/ff/{FTS}/state"
    factory.raw(topic, vehicle_state("UNKNOWN", actionStates=[old]))
    effect = effect_of("fts-pair", factory.state)
    assert outcome(effect, "ccu/pairing/state", pairing()) is None
    assert outcome(effect, topic, vehicle_state(DPS, actionStates=[old])) is None
    new = {**old, "id": "new"}
    assert outcome(effect, topic, vehicle_state(DPS, actionStates=[old, new])) == "effect"
    assert effect.otherwise is not None
    assert outcome(effect.otherwise, "ccu/pairing/state", pairing()) == "effect"
