"""A setting's card opens as the factory stands; rack, flow and layout are edited as such."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from nicegui import ui

from tests.support import ui_pages
from tests.support.factory import FLOWS, HBW, MILL, TAG, layout_message, module_state
from tests.support.ui_pages import Pages

CONFIG = {
    "productionDurations": {"WHITE": 580, "BLUE": 550, "RED": 560},
    "productionSettings": {"maxParallelOrders": 4},
    "ftsSettings": {"chargeThresholdPercent": 10},
}
LOADS = [
    {"loadPosition": "A1", "loadType": "RED", "loadId": TAG},
    {"loadPosition": "B1", "loadType": "WHITE", "loadId": ""},
    {"loadPosition": "C1", "loadType": "", "loadId": ""},
]


@pytest.fixture
def told(pages: Pages) -> Pages:
    ui_pages.working_factory(pages.factory)
    pages.factory.say("ccu_state_layout", layout_message())
    steps = {colour: {"steps": steps} for colour, steps in FLOWS.items()}
    pages.factory.say("ccu_state_flows", steps)
    pages.factory.say("module_state", module_state(HBW, loads=LOADS), serial=HBW)
    pages.factory.say("ccu_state_config", CONFIG)
    return pages


def field(pages: Pages, name: str) -> ui.input:
    return next(iter(pages.user.find(marker=name, kind=ui.input).elements))


async def open_card(pages: Pages, kind: str, **given: Any) -> None:
    query = "".join(f"&{name}={quote(str(value))}" for name, value in given.items())
    await pages.user.open(f"/mock/steering?kind={kind}{query}")


async def test_settings_open_as_they_are_and_only_what_is_changed_is_meant(told: Pages) -> None:
    await open_card(told, "config")
    assert field(told, "field-charge_threshold_percent").value == "10"
    field(told, "field-charge_threshold_percent").set_value("25")
    told.factory.say("ccu_state_config", {**CONFIG, "productionSettings": {"maxParallelOrders": 2}})
    told.tick()
    assert field(told, "field-max_parallel_orders").value == "2"
    assert field(told, "field-charge_threshold_percent").value == "25"


async def test_what_nobody_told_is_said_to_be_unknown(pages: Pages) -> None:
    await open_card(pages, "config")
    await pages.user.should_see("now: not told")


async def test_the_rack_keeps_every_bay_that_is_not_touched(told: Pages) -> None:
    await open_card(told, "set-storage")
    await told.user.should_see("Changes nothing against now.")
    told.user.find(marker="bay-C1").click()
    told.user.find(marker="bay-colour-BLUE").click()
    await told.user.should_see("Bay C1")
    told.user.find(marker="bay-B1").click()
    told.user.find(marker="bay-colour-none").click()
    await told.user.should_see("Will be lost")
    told.user.find(marker="bay-keep").click()
    await told.user.should_not_see("Bay B1: White")


async def test_a_flow_is_moved_and_checked_against_the_layout(told: Pages) -> None:
    await open_card(told, "flows")
    told.user.find(marker="red-add-OVEN").click()
    await told.user.should_see("MILL → AIQS → OVEN")
    await told.user.should_see("The layout has no module: OVEN")
    told.user.find(marker="red-2-out").click()
    told.user.find(marker="red-0-right").click()
    await told.user.should_see("AIQS → MILL")


async def test_a_layout_is_edited_on_its_grid(told: Pages) -> None:
    await open_card(told, "layout")
    await told.user.should_see("Changes nothing against now.")
    told.user.find(marker="cell-0--1").click()
    await told.user.should_see(f"MILL {MILL}")
    told.user.find(marker="layout-move-WEST").click()
    await told.user.should_see("There is no way to: MILL")


async def test_a_way_back_that_is_a_link_opens_the_same_editor(told: Pages) -> None:
    await open_card(told, "set-storage", contents=json.dumps({"A1": {}}))
    await told.user.should_see(f"Bay A1: Red {TAG}")


async def test_only_what_a_command_sets_is_compared_with_what_is(told: Pages) -> None:
    await open_card(told, "calibration", serial=HBW, command="startCalibration")
    await told.user.should_not_see("now: not told")
    await open_card(told, "calibration", serial=HBW, command="setCalibrationValues")
    await told.user.should_see("now: not told")
