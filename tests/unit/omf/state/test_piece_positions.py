"""A workpiece is shown at one place, also while a vehicle and a module hand it over."""

from typing import Any

import pytest

from omf.state import piece_positions
from omf.state.device_names import own_name
from omf.state.loose_pieces import loose_pieces
from tests.support.factory import AIQS, DRILL, FTS, HBW, Factory, warehouse_loads

TAG = "92e0ad91595f63"
WHITE = [{"loadType": "WHITE"}]


def _aboard(tag: str | None = TAG) -> list[dict[str, Any]]:
    return [{"loadPosition": "1", "loadType": "WHITE", "loadId": tag}]


def _places(told: Factory) -> list[str]:
    """Every place a piece is drawn at."""
    state = told.state
    modules = [s for s, m in state.modules.items() if piece_positions.on_module(m, state)]
    carried = piece_positions.on_vehicle(state.vehicles[FTS], state)
    return [*modules, *(f"{FTS}/{bay}" for bay, load in carried.items() if load)]


@pytest.mark.parametrize("serial", [DRILL, AIQS])
@pytest.mark.parametrize(
    ("command", "state", "told_by", "where"),
    [
        (None, "", "vehicle", "vehicle"),  # docked, about to give
        ("PICK", "RUNNING", "both", "vehicle"),
        ("PICK", "FAILED", "both", "vehicle"),
        ("PICK", "FINISHED", "both", "module"),  # not yet confirmed
        ("PICK", "FINISHED", "module", "module"),
        ("CHECK_QUALITY", "FINISHED", "both", "module"),  # docked again, bay preset
        ("DROP", "RUNNING", "both", "module"),
        ("DROP", "FINISHED", "vehicle", "vehicle"),
    ],
)
def test_a_piece_is_at_one_place_while_it_changes_hands(
    serial: str, command: str | None, state: str, told_by: str, where: str
) -> None:
    told = Factory()
    lying = [] if told_by == "vehicle" else WHITE
    told.module(serial, command, state, loads=lying)
    load = [] if told_by == "module" else _aboard()
    told.vehicle(serial, waitingForLoadHandling=True, load=load)
    assert _places(told) == [serial if where == "module" else f"{FTS}/1"]
    there = own_name(told.state, serial) if where == "module" else f"FTS {FTS}/1"
    assert loose_pieces(told.state) == [(there, "WHITE")], "to be taken away once, after a reset"


@pytest.mark.parametrize(
    ("command", "state", "tag", "shown"),
    [
        (None, "", None, []),  # preset: it lies in the store still
        ("DROP", "RUNNING", None, []),
        ("DROP", "FINISHED", None, [f"{FTS}/1"]),
        (None, "", TAG, [f"{FTS}/1"]),  # brought to be stored
        ("PICK", "RUNNING", TAG, [f"{FTS}/1"]),
        ("PICK", "FINISHED", TAG, []),
    ],
)
def test_a_piece_of_the_store_is_aboard_only_once_it_was_given(
    command: str | None, state: str, tag: str | None, shown: list[str]
) -> None:
    told = Factory()
    told.module(HBW, command, state, loads=warehouse_loads(A1=f"WHITE:{TAG}"), orderId="one")
    told.vehicle(HBW, waitingForLoadHandling=True, load=_aboard(tag), orderId="one")
    assert _places(told) == shown


def test_an_action_of_the_order_before_says_nothing_of_this_one() -> None:
    told = Factory()
    told.module(HBW, "DROP", "FINISHED", loads=warehouse_loads(A1=f"WHITE:{TAG}"), orderId="before")
    told.vehicle(HBW, waitingForLoadHandling=True, load=_aboard(None), orderId="one")
    assert _places(told) == []


def test_only_one_of_two_pieces_of_a_colour_changes_hands() -> None:
    told = Factory().module(DRILL, "DROP", "RUNNING", loads=WHITE)
    two = [*_aboard(), {"loadPosition": "2", "loadType": "WHITE", "loadId": None}]
    told.vehicle(DRILL, waitingForLoadHandling=True, load=two)
    assert _places(told) == [DRILL, f"{FTS}/1"]


def test_a_vehicle_that_only_passes_keeps_its_load() -> None:
    told = Factory().module(DRILL, "DRILL", "RUNNING", loads=WHITE)
    told.vehicle(DRILL, load=_aboard())
    assert _places(told) == [DRILL, f"{FTS}/1"]
