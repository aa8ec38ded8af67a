"""Routes over the shop floor of PROTOCOL E."""

import re

import pytest

from omf.layout.layout import Layout, LayoutError, NoRoute
from tests.support.factory import SERIALS, layout_message

TABLE = """
from  | HBW            | DRILL          | MILL           | DPS            | AIQS          | CHRG
HBW   | dock           | 1R 3R 1120     | 1L 760         | 1P 2P 1120     | 1P 2L 1120    | 1P 2R 4L 1530
DRILL | 3L 1L 1120     | dock           | 3L 1P 1120     | 3L 1R 2P 1480  | 3L 1R 2L 1480 | 3P 4P 1170
MILL  | 1R 760         | 1P 3R 1120     | dock           | 1L 2P 1120     | 1L 2L 1120    | 1L 2R 4L 1530
DPS   | 2P 1P 1120     | 2P 1L 3R 1480  | 2P 1R 1120     | dock           | 2R 760        | 2L 4L 1170
AIQS  | 2R 1P 1120     | 2R 1L 3R 1480  | 2R 1R 1120     | 2L 760         | dock          | 2P 4L 1170
CHRG  | 4R 2L 1P 1530  | 4P 3P 1170     | 4R 2L 1R 1530  | 4R 2R 1170     | 4R 2P 1170    | dock
"""  # noqa: E501 - the table as it stands in PROTOCOL E
LETTER = {"P": "PASS", "L": "LEFT", "R": "RIGHT"}


def _pairs() -> list[tuple[str, str, str]]:
    rows = [[cell.strip() for cell in row.split("|")] for row in TABLE.strip().splitlines()]
    targets = rows[0][1:]
    return [
        (row[0], target, way)
        for row in rows[1:]
        for target, way in zip(targets, row[1:], strict=True)
        if way != "dock"
    ]


WAYS_ROUND = [
    ("DRILL", "AIQS", "1", "3P 4L 2P"),
    ("DRILL", "DPS", "1", "3P 4L 2R"),
    ("HBW", "CHRG", "2", "1R 3L 4P"),
    ("MILL", "CHRG", "2", "1P 3L 4P"),
    ("DPS", "DRILL", "1", "2L 4R 3P"),
    ("AIQS", "DRILL", "1", "2P 4R 3P"),
    ("CHRG", "HBW", "2", "4P 3R 1L"),
    ("CHRG", "MILL", "2", "4P 3R 1P"),
]


@pytest.fixture(scope="module")
def layout() -> Layout:
    return Layout.from_message(layout_message())


def _as_written(layout: Layout, start: str, end: str, blocked: tuple[str, ...] = ()) -> str:
    route = layout.route(SERIALS[start], SERIALS[end], blocked)
    letters = [next(k for k, v in LETTER.items() if v == move) for move in route.moves[:-1]]
    assert route.moves[-1] == "DOCK"
    return " ".join(f"{n}{m}" for n, m in zip(route.nodes[1:-1], letters, strict=True))


@pytest.mark.parametrize(("start", "end", "way"), _pairs())
def test_the_shortest_way_is_the_one_the_ccu_drives(
    layout: Layout, start: str, end: str, way: str
) -> None:
    length = layout.route(SERIALS[start], SERIALS[end]).length
    assert f"{_as_written(layout, start, end)} {length:.0f}" == way


def test_all_thirty_pairs_are_in_the_table() -> None:
    assert len(_pairs()) == 30


@pytest.mark.parametrize(("start", "end", "held", "way"), WAYS_ROUND)
def test_a_held_node_is_driven_round(
    layout: Layout, start: str, end: str, held: str, way: str
) -> None:
    assert _as_written(layout, start, end, (held,)) == way


def test_the_way_to_where_one_stands_is_a_single_dock(layout: Layout) -> None:
    route = layout.route("CHRG0", "CHRG0")
    dock = {"type": "DOCK", "id": "d", "metadata": {"loadPosition": "1"}}
    assert route.order_edges() == []
    assert route.order_nodes(dock, lambda: "x") == [
        {"id": "CHRG0", "linkedEdges": [], "action": dock}
    ]


def test_a_module_is_never_passed_through(layout: Layout) -> None:
    with pytest.raises(NoRoute, match="no way from SVR3QA0022 to CHRG0"):
        layout.route(SERIALS["HBW"], SERIALS["CHRG"], blocked=("2", "3"))


def test_a_target_held_by_another_vehicle_is_no_target(layout: Layout) -> None:
    with pytest.raises(NoRoute, match="held by another vehicle"):
        layout.route(SERIALS["HBW"], SERIALS["MILL"], blocked=(SERIALS["MILL"],))


def test_an_unknown_node_is_named(layout: Layout) -> None:
    with pytest.raises(NoRoute, match="SVR0 is not in the layout"):
        layout.route("SVR0", SERIALS["HBW"])


def test_no_way_leads_straight_back() -> None:
    message = {
        "modules": [{"type": "HBW", "serialNumber": "A"}, {"type": "DPS", "serialNumber": "B"}],
        "intersections": [{"id": "1"}],
        "roads": [
            {"from": "A", "to": "1", "length": 100, "direction": "EAST"},
            {"from": "B", "to": "1", "length": 100, "direction": "EAST"},
        ],
    }
    with pytest.raises(NoRoute):
        Layout.from_message(message).route("A", "B")


def test_a_road_to_an_unknown_node_is_left_out() -> None:
    message = layout_message()
    message["roads"].append({"from": "1", "to": "99", "length": 1, "direction": "EAST"})
    assert len(Layout.from_message(message).roads) == 10


@pytest.mark.parametrize(
    ("part", "value", "complaint"),
    [
        ("roads", None, "roads are not listed"),
        ("roads", [{"from": "1", "to": "2", "length": -1, "direction": "EAST"}], "length"),
        ("roads", [{"from": "1", "to": "2", "length": 1, "direction": "UP"}], "direction"),
        ("modules", [{"type": "HBW"}], "serialNumber"),
        ("intersections", [{"id": "1"}, {"id": "1"}], "node 1 is listed twice"),
        (
            "roads",
            [
                {"from": "1", "to": "2", "length": 1, "direction": "EAST"},
                {"from": "2", "to": "1", "length": 1, "direction": "WEST"},
            ],
            "is listed twice",
        ),
    ],
)
def test_a_broken_layout_is_refused_by_name(part: str, value: object, complaint: str) -> None:
    with pytest.raises(LayoutError, match=re.escape(complaint)):
        Layout.from_message(layout_message() | {part: value})


def test_a_layout_survives_json(layout: Layout) -> None:
    assert Layout.model_validate_json(layout.model_dump_json()) == layout
