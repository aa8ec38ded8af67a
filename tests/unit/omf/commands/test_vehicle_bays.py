"""A vehicle has as many bays as it tells, and carries what it tells without saying where."""

import pytest

from omf.commands import CommandError
from omf.commands.facts.vehicle import bay_usable, free_bay
from omf.state.to_json.state import view
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views.field_choices import choices
from tests.support.command_examples import plan_of
from tests.support.factory import FTS, HBW, Factory, layout_message, vehicle_state
from tests.support.ui_pages import Pages


def factsheet(*positions: str) -> dict[str, object]:
    return {"serialNumber": FTS, "loadSpecification": {"loadPositions": list(positions)}}


def load(position: object, colour: str | None = "RED", tag: str | None = None) -> dict[str, object]:
    return {"loadPosition": position, "loadType": colour, "loadId": tag}


@pytest.mark.parametrize("position", [None, ""])
def test_a_load_without_a_bay_is_somewhere_on_board_and_no_bay_is_called_empty(
    position: object,
) -> None:
    told = Factory().vehicle("2", load=[load(position), load("3", None)])
    vehicle = told.state.vehicles[FTS]
    assert [one.colour for one in vehicle.unplaced] == ["RED"]
    assert vehicle.bays == {"3": None}
    shown = view(told.state, told.now)["vehicles"][FTS]
    assert shown["bay_names"] == ["1", "2", "3"]
    assert shown["unplaced"][0]["colour"] == "RED"
    assert bay_usable(told.state, FTS, "1", None) is None
    assert free_bay(told.state, FTS) == "3"
    told.vehicle("2")
    assert vehicle.unplaced == []
    assert free_bay(told.state, FTS) == "1"


def test_a_load_without_any_position_field_is_on_board_too() -> None:
    told = Factory().vehicle("2", load=[{"loadType": "BLUE"}])
    assert [one.colour for one in told.state.vehicles[FTS].unplaced] == ["BLUE"]


@pytest.mark.parametrize(
    ("positions", "names"),
    [
        ((), ("1", "2", "3")),
        (("LEFT", "MIDDLE", "RIGHT"), ("1", "2", "3")),
        (("1", "2"), ("1", "2")),
        (("A", "B", "C", "D", "E"), ("1", "2", "3", "4", "5")),
    ],
)
def test_the_factsheet_tells_how_many_bays_there_are(
    positions: tuple[str, ...], names: tuple[str, ...]
) -> None:
    told = Factory().say("fts_factsheet", factsheet(*positions), serial=FTS)
    told.vehicle("2")
    assert told.state.vehicles[FTS].bay_names == names
    assert set(told.state.vehicles[FTS].bays) == set(names)


def test_a_state_may_use_the_names_of_the_factsheet_or_tell_a_further_bay() -> None:
    told = Factory().say("fts_factsheet", factsheet("A", "B", "C", "D"), serial=FTS)
    told.vehicle("2", load=[load("C")])
    assert told.state.vehicles[FTS].bay_names == ("A", "B", "C", "D")
    told.vehicle("2")
    assert set(told.state.vehicles[FTS].bays) == {"A", "B", "C", "D"}
    other = Factory().vehicle("2", load=[load("5"), load(4)])
    assert other.state.vehicles[FTS].bay_names == ("1", "2", "3", "4", "5")


def test_a_piece_in_a_store_without_its_bay_is_told_beside_the_bays() -> None:
    told = Factory()
    loads = [{"loadType": "RED", "loadPosition": "A1"}, {"loadType": "BLUE"}]
    told.module(HBW, loads=loads)
    assert [one.colour for one in told.state.modules[HBW].unplaced] == ["BLUE"]
    assert view(told.state, told.now)["modules"][HBW]["unplaced"][0]["colour"] == "BLUE"


async def test_every_bay_and_the_piece_without_one_are_on_the_pages(pages: Pages) -> None:
    pages.factory.online(HBW)
    pages.say("ccu/state/layout", layout_message())
    pages.say(f"fts/v1/ff/{FTS}/factsheet", factsheet("1", "2", "3", "4", "5"))
    node = layout_message()["intersections"][0]["id"]
    loads = [load("5", "WHITE", "tag5"), {"loadType": "BLUE"}]
    pages.say(f"fts/v1/ff/{FTS}/state", vehicle_state(node, load=loads))
    await pages.user.open(f"/mock/vehicle/{FTS}")
    await pages.user.should_see("somewhere on board")
    await pages.user.should_see("tag5")
    await pages.user.open("/mock/floor")
    await pages.user.should_see("somewhere on board: Blue")
    await pages.user.should_see("5: White tag5")
    await pages.user.should_see("1: unknown")


@pytest.mark.parametrize("kind", ["clear-load-handler", "fts-navigate"])
@pytest.mark.parametrize(
    ("positions", "told", "has", "has_not"),
    [
        ((), (), ("1", "3"), ("4", "A")),
        (("1", "2"), (), ("2",), ("3",)),
        (("1", "2", "3", "4", "5"), (), ("5",), ("6", "0")),
        (("LEFT", "RIGHT"), ("LEFT",), ("RIGHT",), ("1",)),
        ((), ("7",), ("7", "3"), ("4",)),
    ],
)
def test_a_command_takes_the_bays_the_vehicle_has(
    kind: str,
    positions: tuple[str, ...],
    told: tuple[str, ...],
    has: tuple[str, ...],
    has_not: tuple[str, ...],
) -> None:
    factory = Factory.known()
    sheet = {"serialNumber": FTS, "loadSpecification": {"loadPositions": list(positions)}}
    factory.say("fts_factsheet", sheet, serial=FTS)
    on_board = [load(name, None) for name in told]
    factory.vehicle("SVR4H73275", load=on_board)
    for bay in has:
        plan = plan_of(kind, factory.state, load_position=bay)
        assert f'"loadPosition":"{bay}"' in plan.steps[0].payload.replace(" ", "")
    for bay in has_not:
        with pytest.raises(CommandError, match=f"no bay {bay}; it has "):
            plan_of(kind, factory.state, load_position=bay)
    offered = choices(
        kind, "load_position", ViewModel("mock", factory=factory.state), Translator("en")
    )
    assert offered
    assert tuple(offered.options) == factory.state.vehicles[FTS].bay_names


def test_the_first_bay_by_its_name_is_taken_where_all_are_free() -> None:
    factory = Factory.known()
    sheet = {"serialNumber": FTS, "loadSpecification": {"loadPositions": ["L", "M"]}}
    factory.say("fts_factsheet", sheet, serial=FTS)
    factory.vehicle("SVR4H73275", load=[load("L"), load("M", None)])
    assert free_bay(factory.state, FTS) == "M"
