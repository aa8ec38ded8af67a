"""What is told or asked twice: one order, one bay, one place of a vehicle, one free bay."""

import pytest

from omf.commands.facts.factory import stock_room
from omf.constants import CCU_ANSWER_S
from tests.support.factory import FTS, HBW, STAMP, TAG, Factory, module_state, order

PIECE = {"id": "04a", "type": "RED", "state": "RAW"}
NOTHING = {"id": "", "type": "", "state": "RAW"}


def bay(piece: object, location: str | None = "A1", hbw: str | None = HBW) -> dict[str, object]:
    """One item of the stock."""
    return {"workpiece": piece, "location": location, "hbw": hbw}


@pytest.mark.parametrize("where", ["active", "completed"])
def test_an_order_listed_twice_is_one_order(where: str) -> None:
    told = Factory().say(f"ccu_order_{where}", [order("a"), order("b"), order("a")])
    book = told.state.book
    assert (book.active if where == "active" else book.completed) == ("a", "b")


@pytest.mark.parametrize("items", [(PIECE, PIECE), (PIECE, NOTHING), (NOTHING, PIECE)])
def test_a_bay_told_twice_is_one_bay_and_holds_the_piece(items: tuple[object, object]) -> None:
    told = Factory().say("ccu_state_stock", {"stockItems": [bay(one) for one in items]})
    stock = told.state.stock
    assert (list(stock.bays), stock.counts()["RED"], stock.empty_bays) == (["A1"], 1, 0)


def test_bays_without_a_name_are_not_one_and_the_same() -> None:
    told = Factory().say("ccu_state_stock", {"stockItems": [bay(PIECE, None)] * 3})
    assert told.state.stock.counts()["RED"] == 3


def test_two_warehouses_that_are_not_named_have_two_bays_of_one_name() -> None:
    items = [bay(PIECE, hbw=None), bay({**PIECE, "id": "04b"}, hbw=None)]
    told = Factory().say("ccu_state_stock", {"stockItems": items})
    assert told.state.stock.counts()["RED"] == 2


def test_of_two_pieces_in_one_bay_of_a_vehicle_none_is_lost() -> None:
    load = {"loadPosition": "1", "loadType": "RED", "loadId": "04a"}
    empty = {"loadPosition": "2", "loadType": None, "loadId": None}
    told = Factory().vehicle("2", load=[load, {**load, "loadType": "BLUE"}, empty, empty])
    vehicle = told.state.vehicles[FTS]
    assert [one and one.colour for one in vehicle.bays.values()] == ["RED", None, None]
    assert [one.colour for one in vehicle.unplaced] == ["BLUE"]


def test_a_bay_of_a_warehouse_told_twice_holds_the_piece() -> None:
    full = {"loadPosition": "A1", "loadType": "RED", "loadId": "04a"}
    empty = {"loadPosition": "A1", "loadType": "", "loadId": ""}
    for loads in ([full, empty], [empty, full]):
        told = Factory().say("module_state", module_state(HBW, loads=loads), serial=HBW)
        found = told.state.modules[HBW].bays["A1"]
        assert found is not None
        assert found.colour == "RED"


@pytest.mark.parametrize("colour", ["", None])
def test_a_bay_whose_piece_has_a_tag_and_no_colour_is_not_empty(colour: str | None) -> None:
    told = Factory.known()
    tagged = bay({"id": "04zz", "type": colour, "state": "RAW"}, "C3")
    others = [bay({**PIECE, "id": f"04{n}"}, f"{n}") for n in range(1, 3)]
    told.say("ccu_state_stock", {"stockItems": [*others, tagged]})
    stock = told.state.stock
    assert (stock.empty_bays, stock.bays["C3"].empty) == (0, False)
    assert told.state.view(told.now)["stock"]["empty_bays"] == 0
    # A storage order would have the piece thrown out: there is no bay for it.
    assert stock_room(told.state, "BLUE") is False


def test_the_last_free_bay_is_taken_by_who_asked_for_it_a_moment_ago() -> None:
    told = Factory.known().stock(A1="BLUE:a", B1="BLUE:b")
    asked = {"type": "BLUE", "orderType": "STORAGE", "timestamp": STAMP, "workpieceId": TAG}
    told.say("ccu_order_request", asked)
    # The CCU reserves a bay for it; for a second one it would throw the first piece out.
    assert stock_room(told.state, "BLUE") is False
    told.wait(CCU_ANSWER_S + 1).stock(A1="BLUE:a", B1="BLUE:b")
    assert stock_room(told.state, "BLUE") is True
