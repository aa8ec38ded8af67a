"""The roads of the shop floor, and a way along them as the vehicle is told it (PROTOCOL B.6, E)."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Direction = Literal["NORTH", "EAST", "SOUTH", "WEST"]
Move = Literal["PASS", "LEFT", "RIGHT", "DOCK"]
COMPASS: tuple[Direction, ...] = ("NORTH", "EAST", "SOUTH", "WEST")
TURNS: dict[int, Move] = {0: "PASS", 1: "RIGHT", 3: "LEFT"}
"""Quarter turns clockwise between the way in and the way out; 2 is straight back, never driven."""


class Road(BaseModel):
    """One direction of a road, driven from `start` to `end`; `length` in millimetres."""

    model_config = ConfigDict(frozen=True)

    start: str
    end: str
    length: float = Field(gt=0, allow_inf_nan=False)
    direction: Direction

    @property
    def id(self) -> str:
        """Edge id as the vehicle knows it: `<from>-<to>` in driving direction."""
        return f"{self.start}-{self.end}"

    def reverse(self) -> "Road":
        """The same road driven the other way."""
        back = COMPASS[(COMPASS.index(self.direction) + 2) % 4]
        return Road(start=self.end, end=self.start, length=self.length, direction=back)


class Route(BaseModel):
    """A way through the graph: `roads` in driving order, none when the vehicle is there already."""

    model_config = ConfigDict(frozen=True)

    start: str
    roads: tuple[Road, ...] = ()

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node of the way, first the vehicle's own, last the target."""
        return (self.start, *(road.end for road in self.roads))

    @property
    def length(self) -> float:
        """Sum of the road lengths in millimetres."""
        return sum(road.length for road in self.roads)

    @property
    def moves(self) -> tuple[Move, ...]:
        """What the vehicle does at each node after the first; at the last it docks."""
        pairs = zip(self.roads, self.roads[1:], strict=False)
        return (*(TURNS[quarters(a.direction, b.direction)] for a, b in pairs), "DOCK")

    def order_edges(self) -> list[dict[str, Any]]:
        """`edges` of an FTS order (PROTOCOL B.6); keys in the order the CCU writes them."""
        return [
            {"id": road.id, "length": _whole(road.length), "linkedNodes": [road.start, road.end]}
            for road in self.roads
        ]

    def order_nodes(
        self, dock: Mapping[str, Any], new_id: Callable[[], str]
    ) -> list[dict[str, Any]]:
        """`nodes` of an FTS order (PROTOCOL B.6); `dock` is the last node's action, with its id.

        The first node carries no action, for the vehicle stands there; the way to itself is one
        node that only docks. `new_id` gives the ids of PASS and TURN.
        """
        if not self.roads:
            return [{"id": self.start, "linkedEdges": [], "action": dict(dock)}]
        pairs = zip(self.roads, self.roads[1:], self.moves, strict=False)
        between = [
            {
                "id": road.end,
                "linkedEdges": [road.id, onward.id],
                "action": _passing(move, new_id()),
            }
            for road, onward, move in pairs
        ]
        first, last = self.roads[0], self.roads[-1]
        start = {"id": first.start, "linkedEdges": [first.id]}
        return [
            start,
            *between,
            {"id": last.end, "linkedEdges": [last.id], "action": dict(dock)},
        ]


def _passing(move: Move, action_id: str) -> dict[str, Any]:
    if move == "PASS":
        return {"id": action_id, "type": "PASS"}
    return {"id": action_id, "type": "TURN", "metadata": {"direction": move}}


def quarters(came: Direction, goes: Direction) -> int:
    """Return the quarter turns clockwise from one direction to another."""
    return (COMPASS.index(goes) - COMPASS.index(came)) % 4


def _whole(length: float) -> float | int:
    """380, not 380.0: the CCU writes whole millimetres as integers."""
    return int(length) if length.is_integer() else length
