"""A setting begins with what is: what is not named stays, and the preview says what changes."""

import json
from typing import Any

import pytest

from omf.commands import CommandError, Plan, fingerprint, prepare
from omf.commands.present import from_present, present
from omf.commands.undo import undo
from omf.layout.default import default_layout
from omf.state import FactoryState
from tests.support.factory import HBW, MILL, NOW, TAG, Factory, known_factory, module_state

CONFIG: dict[str, Any] = {
    "productionDurations": {"WHITE": 580, "BLUE": 550, "RED": 560},
    "productionSettings": {"maxParallelOrders": 4},
    "ftsSettings": {"chargeThresholdPercent": 10},
}
LOADS = [
    {"loadPosition": "A1", "loadType": "RED", "loadId": TAG},
    {"loadPosition": "B1", "loadType": "WHITE", "loadId": ""},
    {"loadPosition": "C1", "loadType": "", "loadId": ""},
]


def factory(config: dict[str, Any] | None = None) -> Factory:
    found = Factory(known_factory())
    found.say("module_state", module_state(HBW, loads=LOADS), serial=HBW)
    return found.say("ccu_state_config", config or CONFIG)


def planned(kind: str, state: FactoryState, **parameters: Any) -> Plan:
    return prepare(kind, parameters, state, now=NOW, new_id=lambda: "id")


def body(plan: Plan) -> Any:
    return json.loads(plan.steps[0].payload)


def said(plan: Plan) -> list[tuple[str, str, str]]:
    return [(one.name.en, one.before.en, one.after.en) for one in plan.changes or ()]


def test_one_setting_of_the_ccu_leaves_all_others_as_they_are() -> None:
    config = {**CONFIG, "newSettings": {"a": 1}}
    config["ftsSettings"] = {"chargeThresholdPercent": 10, "speed": 2}
    plan = planned("config", factory(config).state, charge_threshold_percent=25)
    wanted = {**config, "ftsSettings": {"chargeThresholdPercent": 25, "speed": 2}}
    assert body(plan) == wanted
    assert said(plan) == [("Charge at (%)", "10", "25")]


@pytest.mark.parametrize("name", ["charge_threshold_percent", "duration_red"])
def test_a_setting_nobody_told_has_to_be_named(name: str) -> None:
    with pytest.raises(CommandError, match="not been told"):
        planned("config", known_factory(), **{name: 25})
    with pytest.raises(CommandError, match="no value to change"):
        planned("config", factory().state)


@pytest.mark.parametrize("bay", ["A1", "B1", "C1"])
def test_a_bay_that_is_not_named_keeps_its_piece(bay: str) -> None:
    piece = {"type": "BLUE", "workpieceId": ""}
    plan = planned("set-storage", factory().state, contents={bay: piece}, confirm="LAGER")
    contents = body(plan)["actions"][0]["metadata"]["contents"]
    before = {"A1": {"type": "RED", "workpieceId": TAG}, "B1": {"type": "WHITE", "workpieceId": ""}}
    rest = {name: contents[name] for name in ("A1", "B1", "C1") if name != bay}
    assert rest == {name: before.get(name, {}) for name in rest}
    assert contents[bay] == piece
    lost = [loss.en for loss in plan.losses if loss.en.startswith(f"Bay {bay}")]
    assert bool(lost) == (bay in before)


def test_only_the_difference_of_the_store_is_told() -> None:
    red = {"type": "RED", "workpieceId": TAG}
    plan = planned("set-storage", factory().state, contents={"A1": red, "B1": {}})
    assert said(plan) == [("Bay B1", "White", "empty")]
    assert planned("set-storage", factory().state, contents={"A1": red}).changes == ()


def test_bays_nobody_told_of_are_said_to_become_empty() -> None:
    untold = Factory(known_factory()).say(
        "module_state", module_state(HBW, loads=LOADS[:2]), serial=HBW
    )
    plan = planned("set-storage", untold.state, contents={"A1": {}})
    assert any("C3" in loss.en and "not been told" in loss.en for loss in plan.losses)
    assert not any("B1" in loss.en for loss in plan.losses)


def test_a_layout_tells_its_difference_and_what_it_drops() -> None:
    state = factory().state
    wanted = default_layout()
    wanted["modules"] = [one for one in wanted["modules"] if one["type"] != "MILL"]
    wanted["roads"] = [one for one in wanted["roads"] if MILL not in (one["from"], one["to"])]
    wanted["roads"][0]["length"] = 400
    plan = planned("layout", state, layout=wanted)
    assert [loss.en for loss in plan.losses] == [f"Module MILL {MILL}", "Road MILL – 1"]
    assert ("Road 1 – 2", "360 mm, to the east", "400 mm, to the east") in said(plan)
    turned = default_layout()
    turned["roads"][0] = {"length": 360, "from": "2", "to": "1", "direction": "WEST"}
    assert planned("layout", state, layout=turned).changes == ()
    assert planned("default-layout", state).changes == ()


def test_flows_and_periods_tell_what_was() -> None:
    state = factory().state
    assert said(planned("flows", state, red=["DRILL"])) == [
        ("Flow of red pieces", "MILL → AIQS", "DRILL")
    ]
    assert said(planned("sensor-period", state, sensor="ldr", period=30)) == [
        ("Period (s)", "unknown", "30")
    ]
    assert planned("park", state).changes is None


def test_what_is_not_given_can_be_taken_from_the_present() -> None:
    state = factory().state
    given = from_present("config", {"duration_red": 7}, state)
    assert given == {**present("config", {}, state), "duration_red": 7}
    assert planned("layout", state, **from_present("layout", {}, state)).changes == ()
    assert from_present("config", {"duration_red": 7}, FactoryState()) == {"duration_red": 7}


def test_what_another_person_set_meanwhile_is_no_longer_what_was_read() -> None:
    world = factory()
    read = fingerprint("config", {"duration_red": 7}, world.state)
    world.say("ccu_state_config", {**CONFIG, "productionSettings": {"maxParallelOrders": 2}})
    assert fingerprint("config", {"duration_red": 7}, world.state) != read


def test_a_rewritten_bay_has_a_way_back() -> None:
    state = factory().state
    found = undo("set-storage", {"contents": {"A1": {}}, "confirm": "LAGER"}, state)
    assert found is not None
    assert found.parameters["contents"] == {"A1": {"type": "RED", "workpieceId": TAG}}
    assert undo("set-storage", {"contents": {"C3": {}}}, state) is None
    part = undo("config", {"duration_red": 7}, state)
    assert part is not None
    assert part.parameters == {"duration_red": 560}
