"""Driving by hand: the presets as the flows have them, and any target from where one stands."""

import json
from itertools import pairwise
from typing import Any

import pytest

from omf.commands import CommandError, Plan
from omf.state import FactoryState
from tests.support.command_examples import plan_of
from tests.support.factory import (
    FTS,
    OTHER_FTS,
    SERIALS,
    TAG,
    Factory,
    known_factory,
    layout_message,
)

TYPE_OF = {serial: kind for kind, serial in SERIALS.items()}


def navigate(state: FactoryState | None = None, **wish: Any) -> Plan:
    return plan_of("fts-navigate", state, **({"preset": None} | wish))


def orders(plan: Plan) -> list[dict[str, Any]]:
    return [json.loads(step.payload) for step in plan.steps if step.topic.endswith("/order")]


def stops(plan: Plan) -> list[str]:
    return [TYPE_OF[order["nodes"][-1]["id"]] for order in orders(plan)]


def docks(plan: Plan) -> list[dict[str, Any]]:
    return [order["nodes"][-1]["action"]["metadata"] for order in orders(plan)]


@pytest.mark.parametrize(
    ("preset", "wanted"),
    [
        ("DPS-HBW", ["HBW"]),
        ("HBW-DPS", ["HBW", "DPS"]),
        ("RED-Prod", ["HBW", "MILL", "AIQS", "DPS"]),
        ("WHITE-Prod", ["HBW", "DRILL", "AIQS", "DPS"]),
        ("BLUE-Prod", ["HBW", "DRILL", "MILL", "AIQS", "DPS"]),
    ],
)
def test_a_preset_is_the_real_drive_of_the_factory(preset: str, wanted: list[str]) -> None:
    plan = navigate(preset=preset)
    assert stops(plan) == wanted
    assert plan.allowed


@pytest.mark.parametrize("colour", ["RED", "WHITE", "BLUE"])
def test_a_production_preset_carries_its_colour_and_confirms_it_at_both_ends(colour: str) -> None:
    plan = navigate(preset=f"{colour}-Prod")
    assert docks(plan)[0] == {"loadType": colour, "loadPosition": "1"}
    assert all(dock["noLoadChange"] for dock in docks(plan)[1:])
    confirmed = [
        json.loads(step.payload)["actions"][0]["metadata"]["loadDropped"]
        for step in plan.steps
        if step.topic.endswith("/instantAction")
    ]
    assert confirmed == [False, True]
    assert plan.steps[1].topic.endswith("/instantAction")
    assert plan.steps[-1].topic.endswith("/instantAction")


def test_a_known_tag_goes_along_to_the_unloading() -> None:
    last = docks(navigate(preset="RED-Prod", workpiece_id=TAG))[-1]
    assert last == {"loadId": TAG, "loadType": "RED", "loadPosition": "1"}


def test_an_empty_drive_confirms_nothing() -> None:
    plan = navigate(preset="RED-Prod", empty=True)
    assert len(plan.steps) == len(orders(plan)) == 4
    assert all(dock == {"loadPosition": "1", "noLoadChange": True} for dock in docks(plan))


def test_the_legs_are_one_order_with_rising_numbers_from_where_the_vehicle_stands() -> None:
    legs = orders(navigate(known_factory(SERIALS["DRILL"]), preset="BLUE-Prod"))
    assert [leg["orderUpdateId"] for leg in legs] == [1, 2, 3, 4, 5]
    assert len({leg["orderId"] for leg in legs}) == 1
    assert legs[0]["nodes"][0]["id"] == SERIALS["DRILL"]
    for leg, following in pairwise(legs):
        assert following["nodes"][0]["id"] == leg["nodes"][-1]["id"]


def test_a_vehicle_already_at_the_first_stop_docks_there_again_only_to_load() -> None:
    at_hbw = known_factory(SERIALS["HBW"])
    assert stops(navigate(at_hbw, preset="HBW-DPS")) == ["DPS"]
    loading = navigate(at_hbw, preset="HBW-DPS", load_type="RED")
    assert stops(loading) == ["HBW", "DPS"]
    assert orders(loading)[0]["edges"] == []


@pytest.mark.parametrize("target", ["AIQS", SERIALS["AIQS"]])
def test_a_free_target_is_a_type_or_a_serial(target: str) -> None:
    (leg,) = orders(navigate(target=target))
    assert [node["id"] for node in leg["nodes"]] == [SERIALS["DPS"], "2", SERIALS["AIQS"]]
    assert leg["edges"][0]["id"] == f"{SERIALS['DPS']}-2"


def test_a_load_to_one_target_is_left_for_the_operator_to_confirm() -> None:
    plan = navigate(target="MILL", load_type="RED", workpiece_id=TAG, load_position="2")
    assert docks(plan) == [{"loadId": TAG, "loadType": "RED", "loadPosition": "2"}]
    assert len(plan.steps) == 1


def test_the_first_free_bay_is_taken() -> None:
    factory = Factory.known()
    load = [{"loadPosition": "1", "loadType": "BLUE", "loadId": TAG}]
    factory.vehicle(SERIALS["DPS"], load=load)
    assert docks(navigate(factory.state, preset="RED-Prod"))[0]["loadPosition"] == "2"
    taken = navigate(factory.state, preset="RED-Prod", load_position="1")
    assert [check.id for check in taken.refusals] == ["bay-usable"]


def _with_other(node: str, **changes: Any) -> FactoryState:
    factory = Factory.known().vehicle(node, OTHER_FTS, **changes)
    return factory.state


def test_another_vehicle_is_driven_round() -> None:
    (leg,) = orders(navigate(_with_other("1"), serial=FTS, target="DRILL"))
    assert [node["id"] for node in leg["nodes"][1:-1]] == ["2", "4", "3"]


def test_a_target_another_vehicle_holds_is_refused_by_name() -> None:
    plan = navigate(_with_other(SERIALS["MILL"]), serial=FTS, target="MILL")
    assert [check.id for check in plan.refusals] == ["road-free"]


def test_a_vehicle_without_position_gets_no_order_and_is_told_why() -> None:
    plan = navigate(known_factory("UNKNOWN"), target="MILL")
    assert plan.steps == ()
    assert "position-known" in [check.id for check in plan.refusals]


def test_without_layout_or_flow_the_field_is_named() -> None:
    with pytest.raises(CommandError) as caught:
        navigate(FactoryState(), serial=FTS, target="MILL")
    assert caught.value.field == "target"
    state = FactoryState()
    Factory(state).say("ccu_state_layout", layout_message())
    with pytest.raises(CommandError) as caught:
        navigate(state, serial=FTS, preset="RED-Prod")
    assert caught.value.field == "preset"


@pytest.mark.parametrize("wish", [{"preset": "RED-Prod"}, {"target": "MILL"}, {"stops": "AIQS"}])
def test_a_plan_can_be_prepared_again_from_its_own_parameters(wish: dict[str, str]) -> None:
    plan = navigate(**wish)
    again = navigate(**plan.parameters)
    assert stops(again) == stops(plan)
    assert docks(again) == docks(plan)
