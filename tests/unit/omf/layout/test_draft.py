"""A layout is edited on its grid: what is moved keeps its lengths, one cell has one node."""

from typing import Any

from omf.layout.cells import cells, crowded, cut_off
from omf.layout.default import default_layout
from omf.layout.draft import LayoutDraft
from omf.layout.layout import Layout
from tests.support.factory import AIQS, DPS, DRILL, HBW, MILL


def layout(body: dict[str, Any]) -> Layout:
    return Layout.from_message(body)


def draft() -> LayoutDraft:
    return LayoutDraft.opened(default_layout())


def roads_of(made: LayoutDraft, node: str) -> set[tuple[str, float, str]]:
    return {
        (r["from"] if r["to"] == node else r["to"], r["length"], r["direction"])
        for r in made.body["roads"]
        if node in (r["from"], r["to"])
    }


def test_a_draft_that_is_only_opened_is_the_message_it_was() -> None:
    assert draft().body == default_layout()
    assert draft().cells == cells(layout(default_layout()))
    assert cut_off(layout(default_layout())) == crowded(layout(default_layout())) == ()


def test_a_module_that_is_moved_is_joined_to_the_crossing_it_stands_beside() -> None:
    made = draft()
    below = made.beside("3", "SOUTH")
    moved = made.moved(MILL, below)
    assert moved.cells[MILL] == below
    assert roads_of(moved, MILL) == {("3", 380, "NORTH")}
    assert cells(layout(moved.body)) | {MILL: below} == moved.cells
    assert cut_off(layout(moved.body)) == ()


def test_a_module_between_two_crossings_is_joined_to_one_and_a_full_cell_stays_full() -> None:
    made = draft()
    assert made.moved(MILL, made.cells[AIQS]) is made
    alone = made.moved(MILL, (9, 9))
    assert not alone.has_road(MILL)
    assert cut_off(layout(alone.body)) == (MILL,)


def test_roads_are_laid_between_neighbours_only_and_taken_away() -> None:
    made = draft().parted(MILL, "1")
    assert not made.has_road(MILL)
    assert made.joined(MILL, "4").body == made.body
    again = made.joined(MILL, "1")
    assert roads_of(again, MILL) == {("1", 380, "SOUTH")}
    assert roads_of(again.with_length("1", MILL, 400), MILL) == {("1", 400, "SOUTH")}


def test_nodes_are_set_and_taken_out_with_their_roads() -> None:
    made = draft().without(DRILL)
    assert not made.has_road(DRILL)
    assert DRILL not in made.modules
    back = made.with_module(DRILL, "DRILL", made.beside("3", "SOUTH"))
    assert roads_of(back, DRILL) == {("3", 380, "NORTH")}
    more = back.with_crossing(back.beside(HBW, "NORTH"))
    assert {"id": "5"} in more.body["intersections"]
    assert "x" not in more.body
    kept = LayoutDraft.opened({**default_layout(), "x": 1}).without(MILL)
    assert kept.body["x"] == 1


def test_two_nodes_in_one_cell_are_named() -> None:
    body = default_layout()
    next(one for one in body["roads"] if one["from"] == AIQS)["direction"] = "WEST"
    assert set(crowded(layout(body))) == {AIQS, DPS}


def test_roads_that_do_not_close_a_square_are_named() -> None:
    body = default_layout()
    next(one for one in body["roads"] if one["to"] == "4")["direction"] = "SOUTH"
    assert crowded(layout(body)) != ()


def test_a_message_of_nothing_can_be_edited() -> None:
    made = LayoutDraft.opened({}).with_crossing((0, 0)).with_module("S1", "MILL", (0, -1))
    assert made.body["roads"] == [{"length": 380, "from": "S1", "to": "1", "direction": "SOUTH"}]
