"""What the marks of the map say: progress, orders, pieces; for eyes, pointer and screen reader."""

import pytest
from nicegui import ui

from omf.simulation.learned import LearnedDurations
from tests.support.factory import AIQS, DPS, DRILL, FTS, HBW, warehouse_loads
from tests.support.ui_pages import Pages, classed
from tests.support.ui_story import driving, floor, made, step

ORDER = "808af799-0000-4000-8000-000000000001"
TAG = "04798eca341290"


def _mark(pages: Pages, serial: str) -> ui.element:
    assert pages.user.client is not None
    marked = pages.user.client.elements.values()
    return next(one for one in marked if one.props.get("data-serial") == serial)


def _inside(mark: ui.element, name: str) -> list[ui.element]:
    found: list[ui.element] = []
    for child in mark.default_slot.children:
        found += [child] * (name in child.classes)
        found += _inside(child, name)
    return found


def _texts(mark: ui.element, name: str) -> list[str]:
    return [one.text for one in _inside(mark, name) if isinstance(one, ui.label)]


async def test_a_ring_shows_the_part_of_the_usual_time(pages: Pages) -> None:
    floor(pages)
    pages.factory.module(DRILL, "DRILL", "RUNNING", ago=4.95)
    await pages.user.open("/mock/floor")
    (ring,) = _inside(_mark(pages, DRILL), "progress-ring")
    assert ring.props["stroke-dasharray"] == "50 100"
    assert "hidden" not in ring.classes
    assert "usually 9.9 s" in _mark(pages, DRILL).props["aria-label"]
    (none,) = _inside(_mark(pages, AIQS), "progress-ring")
    assert "hidden" in none.classes


async def test_learned_times_come_before_recorded_ones(pages: Pages) -> None:
    floor(pages)
    times = (36.0, 38.0, 40.0, 42.0, 44.0)
    pages.models["mock"].learned = LearnedDurations({f"{DRILL}.DRILL": times}, speed=2.0)
    pages.factory.module(DRILL, "DRILL", "RUNNING", ago=5.0)
    await pages.user.open("/mock/floor")
    (ring,) = _inside(_mark(pages, DRILL), "progress-ring")
    assert ring.props["stroke-dasharray"] == "25 100"


@pytest.mark.parametrize(("ago", "slow"), [(10.5, False), (30.0, True)])
async def test_over_the_usual_time_is_said_in_words(pages: Pages, ago: float, slow: bool) -> None:  # noqa: FBT001
    floor(pages)
    pages.factory.module(DRILL, "DRILL", "RUNNING", ago=ago)
    await pages.user.open("/mock/floor")
    mark = _mark(pages, DRILL)
    assert "over the usual 9.9 s" in _texts(mark, "module-action")
    assert "over the usual 9.9 s" in mark.props["aria-label"]
    (ring,) = _inside(mark, "progress-ring")
    assert ("slow" in ring.classes, ring.props["stroke-dasharray"]) == (slow, "100 100")
    await pages.user.open("/mock/overview")
    assert "over time" in _texts(_mark(pages, DRILL), "module-state")


async def test_without_a_usual_time_there_is_no_ring(pages: Pages) -> None:
    floor(pages)
    pages.factory.module(DRILL, "POLISH", "RUNNING", ago=4.0)
    await pages.user.open("/mock/floor")
    (ring,) = _inside(_mark(pages, DRILL), "progress-ring")
    assert "hidden" in ring.classes


async def test_a_running_dps_has_a_ring_though_it_leaves_its_command_out(pages: Pages) -> None:
    floor(pages)
    act = {"id": "act", "command": "PICK", "metadata": {"type": "WHITE"}}
    pages.factory.say("module_order", {"orderId": ORDER, "action": act}, serial=DPS, ago=12)
    running = {"id": "act", "state": "RUNNING"}
    pages.factory.module(DPS, orderId=ORDER, actionState=running, ago=11.7)
    await pages.user.open("/mock/floor")
    (ring,) = _inside(_mark(pages, DPS), "progress-ring")
    assert ring.props["stroke-dasharray"] == "50 100"


async def test_modules_vehicles_and_pieces_name_their_order(pages: Pages) -> None:
    floor(pages)
    white = [{"loadType": "WHITE"}]
    pages.factory.orders(
        made(ORDER, "IN_PROGRESS", step(1, "IN_PROGRESS", "DRILL", "DRILL")),
        made("12345678-blue", "IN_PROGRESS", type="BLUE", workpieceId=TAG),
    )
    pages.factory.module(DRILL, "DRILL", "RUNNING", orderId=ORDER, loads=white)
    pages.factory.module(HBW, loads=warehouse_loads(A1="RED"))
    load = [{"loadPosition": "2", "loadType": "BLUE", "loadId": TAG}]
    driving(pages, HBW, "1", "2", orderId="drive", load=load)
    await pages.user.open("/mock/floor")
    drill, vehicle = _mark(pages, DRILL), _mark(pages, FTS)
    assert _texts(drill, "order-tag") == ["White 808af799"]
    assert "carries White for order White 808af799" in drill.props["aria-label"]
    assert "Blue 12345678" in _texts(vehicle, "order-tag")[0]
    told = vehicle.props["aria-label"]
    assert f"carries 2: Blue {TAG} for order Blue 12345678" in told
    assert "place estimated" in told
    assert _texts(_mark(pages, HBW), "order-tag") == [""]


async def test_a_driving_vehicle_moves_and_stands_half_way_without_motion(pages: Pages) -> None:
    floor(pages)
    driving(pages, "1", "2", "4", orderId="drive")
    await pages.user.open("/mock/floor")
    first = dict(_mark(pages, FTS).style)
    pages.models["mock"].look(pages.models["mock"].now + 1.0)
    for screen in pages.dashboard.screens:
        screen.refresh()
    later = dict(_mark(pages, FTS).style)
    assert float(later["--x"][:-2]) > float(first["--x"][:-2])
    assert later["--still-x"] == first["--still-x"]


async def test_a_module_that_gave_its_piece_away_works_for_nobody(pages: Pages) -> None:
    floor(pages)
    pages.factory.orders(made(ORDER, "IN_PROGRESS", step(1, "FINISHED", "DRILL", "DROP")))
    pages.factory.module(DRILL, "DROP", "FINISHED", orderId=ORDER)
    await pages.user.open("/mock/floor")
    assert _texts(_mark(pages, DRILL), "order-tag") == [""]


def _dashed(pages: Pages) -> int:
    return len(classed(pages, "road", "blocked"))


async def test_a_road_with_an_obstacle_is_dashed_and_said_until_it_is_free(pages: Pages) -> None:
    floor(pages)
    fault = [{"errorType": "COLLISION", "errorLevel": "WARNING"}]
    driving(pages, HBW, "1", "2", at=1, errors=fault)
    await pages.user.open("/mock/floor")
    assert _dashed(pages) == len(classed(pages, "road", "halted")) == 1
    await pages.user.should_see("Road 1 – 2 blocked: obstacle in front of FTS 5iO4")
    driving(pages, HBW, "1", "2", at=1, errors=[])
    pages.tick(1)
    assert _dashed(pages) == 0
    await pages.user.should_not_see("blocked: obstacle in")


@pytest.mark.parametrize(("node", "drives", "count"), [("2", "", 4), ("2", "yes", 0), (HBW, "", 0)])
async def test_who_stands_on_a_crossing_blocks_its_roads_and_at_a_module_none(
    pages: Pages, node: str, drives: str, count: int
) -> None:
    floor(pages)
    pages.factory.vehicle(node, driving=bool(drives))
    await pages.user.open("/mock/floor")
    assert _dashed(pages) == count
    (said,) = pages.user.find(marker="blocked-roads").elements
    assert (said.text == "Roads to crossing 2 blocked: FTS 5iO4 stands there") == bool(count)


async def test_a_vehicle_with_a_fatal_fault_blocks_the_road_it_was_on(pages: Pages) -> None:
    floor(pages)
    fault = [{"errorType": "DRIVE", "errorLevel": "FATAL"}]
    driving(pages, HBW, "1", "2", at=1)
    pages.factory.vehicle("1", driving=False, errors=fault)
    await pages.user.open("/mock/floor")
    assert _dashed(pages) == 1
    await pages.user.should_see("FTS 5iO4 stands there with a fault")
