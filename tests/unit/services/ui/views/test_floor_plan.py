"""The shop floor and the stock: what is drawn, what a click tells, who says what lies where."""

from nicegui import ui

from omf.layout.layout import Layout
from services.ui.views import floor_plan
from tests.support import ui_pages
from tests.support.factory import (
    DRILL,
    FTS,
    HBW,
    SERIALS,
    layout_message,
    warehouse_factsheet,
    warehouse_loads,
)
from tests.support.ui_pages import Pages
from tests.support.ui_story import driving, floor, made, step


def _classed(pages: Pages, name: str) -> list[ui.element]:
    assert pages.user.client is not None
    return [e for e in pages.user.client.elements.values() if name in e.classes]


async def test_without_a_layout_nothing_is_drawn_and_vehicles_stand_beside(pages: Pages) -> None:
    pages.factory.vehicle("1")
    await pages.user.open("/mock/floor")
    await pages.user.should_see("Layout not received")
    await pages.user.should_see("5iO4: at 1")


async def test_a_click_on_a_module_tells_of_it_and_what_it_may_be_told(pages: Pages) -> None:
    floor(pages)
    pages.factory.module(DRILL, "DRILL", "RUNNING")
    await pages.user.open("/mock/floor")
    pages.user.find(marker=f"floor-{DRILL}").click()
    for words in ("DRILL · Drilling station", "drills", "Module step: takes the piece"):
        await pages.user.should_see(words)
    pages.user.find(marker="offer-module-factsheet").click()
    await pages.user.should_see("factsheetRequest")
    pages.user.find(marker="close-side").click()
    (side,) = _classed(pages, "floor-side")
    assert "hidden" in side.classes


async def test_an_address_opens_the_vehicle_it_names(pages: Pages) -> None:
    floor(pages)
    driving(pages, HBW, "1", "2")
    await pages.user.open(f"/mock/floor?show={FTS}&turn=1&hide=ages,loads")
    await pages.user.should_see("Vehicle 5iO4")
    await pages.user.should_see("HBW → 2")
    (chosen,) = _classed(pages, "chosen")
    assert chosen.props["data-serial"] == FTS


async def test_a_drive_shows_its_way_the_crossings_held_and_that_its_place_is_a_guess(
    pages: Pages,
) -> None:
    floor(pages)
    driving(pages, HBW, "1", "2")
    await pages.user.open("/mock/floor")
    held = [ring for ring in _classed(pages, "held-ring") if "hidden" not in ring.classes]
    assert len(held) == 2
    assert len(_classed(pages, "planned")) == 2
    (way,), (name, *_) = _classed(pages, "path-line"), _classed(pages, "crossing-name")
    drawn = list(name.parent_slot.parent.default_slot.children)
    assert drawn.index(way.parent_slot.parent) < drawn.index(name)
    (guess,) = _classed(pages, "vehicle-estimate")
    assert "hidden" not in guess.classes
    for layer in ("held", "paths"):
        pages.user.find(marker=f"layer-{layer}").click()
    held = [ring for ring in _classed(pages, "held-ring") if "hidden" not in ring.classes]
    assert held == []
    assert _classed(pages, "planned") == []


async def test_a_vehicle_that_lost_its_place_stands_in_the_strip_and_not_on_the_map(
    pages: Pages,
) -> None:
    floor(pages)
    pages.factory.vehicle("UNKNOWN")
    await pages.user.open("/mock/floor")
    await pages.user.should_see("5iO4: position unknown")
    (mark,) = _classed(pages, "vehicle-mark")
    assert "hidden" in mark.classes


async def test_a_placeholder_of_the_layout_is_drawn_as_not_assigned(pages: Pages) -> None:
    pages.factory.say("ccu_state_layout", layout_message())
    await pages.user.open(f"/mock/floor?show={DRILL}")
    await pages.user.should_see("not assigned")
    await pages.user.should_see("DRILL · Drilling station")
    await pages.user.should_see(f"{DRILL} is foreseen in the layout, but never heard of")
    await pages.user.open("/mock/floor?show=%3Cb%3E")
    await pages.user.should_see("<b> is not in the layout and was never heard of")


def test_a_quarter_turn_moves_what_was_left_to_the_top() -> None:
    layout = Layout.from_message(layout_message())
    straight, turned = floor_plan.plan(layout), floor_plan.plan(layout, quarters=1)
    hbw, dps = SERIALS["HBW"], SERIALS["DPS"]
    assert straight.places[hbw][0] < straight.places[dps][0]
    assert turned.places[hbw][1] < turned.places[dps][1]
    assert floor_plan.plan(layout, quarters=4) == straight


async def test_never_reported_is_not_the_same_as_reported_empty(pages: Pages) -> None:
    await pages.user.open("/mock/stock")
    await pages.user.should_see("until then it is unknown, not empty")
    await pages.user.should_see("never reported")
    pages.factory.stock()
    pages.tick()
    await pages.user.should_see("Reported empty: no bay is taken")
    await pages.user.should_see("9 of 9 bays empty")


async def test_a_bay_names_its_piece_and_the_order_it_may_be_for(pages: Pages) -> None:
    pages.factory.say("module_factsheet", warehouse_factsheet(HBW), serial=HBW)

    pages.factory.say("ccu_state_stock", ui_pages.stock("WHITE", "RESERVED"))
    steps = (step(1, "ENQUEUED", "HBW", "DROP"),)
    pages.factory.orders(made("for-white", "IN_PROGRESS", *steps))
    await pages.user.open("/mock/stock")
    for words in ("04798eca341290", "White · reserved", "for order", "for-whit"):
        await pages.user.should_see(words)
    await pages.user.should_see("0 free, 1 reserved, 2 missing")


async def test_a_piece_released_is_reserved_for_that_order_no_more(pages: Pages) -> None:
    pages.factory.say("ccu_state_stock", ui_pages.stock("WHITE", "RESERVED"))
    steps = (step(1, "FINISHED", "HBW", "DROP", began=60, ended=20),)
    pages.factory.orders(made("for-white", "IN_PROGRESS", *steps))
    await pages.user.open("/mock/stock")
    await pages.user.should_see("for no known order")


async def test_sources_that_disagree_are_shown_side_by_side(pages: Pages) -> None:
    pages.factory.stock(A1="RED:04a1")
    pages.factory.module(HBW, loads=warehouse_loads(A1="BLUE:04b2"))
    await pages.user.open("/mock/stock")
    await pages.user.should_see(f"A1: CCU says Red 04a1, High-bay store {HBW} says Blue 04b2")
    await pages.user.should_see("disagrees (bays: 1)")
