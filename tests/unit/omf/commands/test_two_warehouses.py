"""Room and capacity of any number of warehouses, by their factsheets; a rack for each."""

from typing import Any

import pytest

from omf.commands.facts.factory import stock_room
from omf.constants import COLOURS
from omf.state import FactoryState
from tests.support.command_examples import plan_of
from tests.support.factory import NOW, SERIALS, TAG, Factory, pairing, warehouse_factsheet

HBW, SECOND = SERIALS["HBW"], "SVR3QA0099"
BAYS = ("A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3")


def bays(hbw: str, state: str = "RAW", **pieces: str) -> list[dict[str, Any]]:
    return [
        {
            "workpiece": {
                "id": f"{hbw[-2:]}{bay}" if bay in pieces else "",
                "type": pieces.get(bay, ""),
                "state": state if bay in pieces else "RAW",
            },
            "location": bay,
            "hbw": hbw,
        }
        for bay in BAYS
    ]


def full(colour: str = "RED") -> dict[str, str]:
    return dict.fromkeys(BAYS, colour)


def factory(*items: dict[str, Any], **most: int) -> FactoryState:
    """Two warehouses: the first takes three of each colour, the second what `most` says."""
    factory, told = Factory.known(), pairing()
    second = {**told["modules"][0], "serialNumber": SECOND, "subType": "HBW"}
    told["modules"].append(second)
    factory.say("ccu_pairing_state", told)
    sheet = warehouse_factsheet(SECOND, **most)
    factory.say("module_factsheet", sheet, serial=SECOND)
    factory.say("ccu_state_stock", {"ts": "x", "stockItems": list(items)})
    return factory.state


def test_a_full_warehouse_beside_an_empty_one_leaves_room() -> None:
    three_each = dict(zip(BAYS, [c for c in COLOURS for _ in range(3)], strict=True))
    state = factory(*bays(HBW, **three_each), *bays(SECOND))
    assert all(stock_room(state, colour) for colour in COLOURS)
    assert plan_of("storage-order", state).allowed
    state = factory(*bays(HBW, **three_each), *bays(SECOND, **three_each))
    assert not any(stock_room(state, colour) for colour in COLOURS)


def test_the_capacity_is_what_the_factsheets_say() -> None:
    state = factory(*bays(HBW), *bays(SECOND), BLUE=9, RED=0)
    told = state.view(NOW)["stock"]
    assert told["capacity"] == {"RED": 3, "WHITE": 6, "BLUE": 12}
    assert told["racks"][SECOND]["capacity"] == {"RED": 0, "WHITE": 3, "BLUE": 9}


@pytest.mark.parametrize("mixed", [False, True])
def test_each_warehouse_has_a_rack_of_its_own(*, mixed: bool) -> None:
    items = [*bays(HBW, A1="RED"), *bays(SECOND, A1="BLUE", B2="WHITE")]
    state = factory(*(sorted(items, key=lambda one: one["location"]) if mixed else items))
    racks = state.view(NOW)["stock"]["racks"]
    assert list(racks) == [HBW, SECOND]
    assert racks[HBW]["bays"]["A1"]["colour"] == "RED"
    assert racks[SECOND]["bays"]["A1"]["colour"] == "BLUE"
    assert racks[SECOND]["counts"] == {"RED": 0, "WHITE": 1, "BLUE": 1}
    assert [rack["empty_bays"] for rack in racks.values()] == [8, 7]
    assert state.stock.counts() == {"RED": 1, "WHITE": 1, "BLUE": 1}


def test_a_rack_nobody_told_of_is_unknown_and_not_empty() -> None:
    state = factory(*bays(HBW))
    rack = state.view(NOW)["stock"]["racks"][SECOND]
    assert set(rack["bays"].values()) == {None}
    assert rack["empty_bays"] is None


def test_a_warehouse_the_ccu_stores_nothing_in_adds_no_room() -> None:
    state = factory(*bays(HBW, A1="RED", A2="RED", A3="RED"), RED=9)
    assert state.store_capacity("RED") == 3
    assert stock_room(state, "RED") is False


def test_a_warehouse_nobody_heard_of_makes_the_capacity_unknown() -> None:
    factory = Factory.known()
    items = [*bays(HBW), *bays("SVR3QA0100")]
    factory.say("ccu_state_stock", {"ts": "x", "stockItems": items})
    assert factory.state.store_capacity("RED") is None


def test_without_a_factsheet_the_capacity_is_unknown() -> None:
    state = factory(*bays(HBW), *bays(SECOND))
    state.modules[SECOND].capacity = {}
    assert state.store_capacity("RED") is None
    assert stock_room(state, "RED") is None
    assert not plan_of("storage-order", state).allowed


STORING = {
    "orderId": "s1",
    "orderType": "STORAGE",
    "type": "BLUE",
    "state": "IN_PROGRESS",
    "workpieceId": TAG,
}


@pytest.mark.parametrize(
    ("pieces", "orders", "room"),
    [
        ({"A1": "BLUE", "A2": "BLUE"}, [], True),
        ({"A1": "BLUE", "A2": "BLUE"}, [STORING], False),
        ({"A1": "BLUE", "A2": "BLUE"}, [{**STORING, "type": "RED"}], True),
        ({"A1": "BLUE"}, [STORING], True),
        ({"A1": "BLUE"}, [STORING, {**STORING, "orderId": "s2", "workpieceId": "other"}], False),
        ({"A1": "BLUE", "A2": "BLUE"}, [{**STORING, "orderType": "PRODUCTION"}], True),
        ({"A1": "BLUE", "A2": "BLUE", "A3": "BLUE"}, [], False),
    ],
)
def test_room_counts_what_running_storage_orders_bring(
    pieces: dict[str, str], orders: list[dict[str, Any]], *, room: bool
) -> None:
    factory = Factory.known().say("ccu_state_stock", {"ts": "x", "stockItems": bays(HBW, **pieces)})
    factory.say("ccu_order_active", orders)
    assert stock_room(factory.state, "BLUE") is room
    assert plan_of("storage-order", factory.state).allowed is room


def test_a_piece_the_stock_shows_already_is_counted_once() -> None:
    factory = Factory.known()
    items = bays(HBW, A1="BLUE", A2="BLUE")
    items[0]["workpiece"]["id"] = TAG
    factory.say("ccu_state_stock", {"ts": "x", "stockItems": items})
    factory.orders(STORING)
    assert stock_room(factory.state, "BLUE") is True


def test_an_empty_bay_that_is_reserved_is_no_room() -> None:
    state = factory(*bays(HBW, **full()), *bays(SECOND, **full("WHITE")), RED=9, WHITE=9)
    items = [*bays(HBW, **full()), *bays(SECOND, **full("WHITE"))]
    items[0]["workpiece"] = {"id": "", "type": "", "state": "RESERVED"}
    Factory(state).say("ccu_state_stock", {"ts": "x", "stockItems": items})
    assert stock_room(state, "BLUE") is False
    items[1]["workpiece"] = {"id": "", "type": "", "state": "RAW"}
    Factory(state).say("ccu_state_stock", {"ts": "x", "stockItems": items})
    assert stock_room(state, "BLUE") is True


def test_the_contents_are_set_by_the_bays_the_warehouse_has() -> None:
    sheet = warehouse_factsheet(HBW)
    sheet["loadSpecification"]["loadPositions"] = ["A1", "B1", "D1"]
    state = FactoryState()
    Factory(state).say("module_factsheet", sheet, serial=HBW)
    plan = plan_of("set-storage", state, serial=HBW, contents={"D1": {"type": "RED"}})
    assert '"contents":{"A1":{},"B1":{},"D1":{"type":"RED","workpieceId":""}}' in (
        plan.steps[0].payload
    )
