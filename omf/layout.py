"""The shop floor as a graph: where the vehicles may drive, and the shortest way (PROTOCOL E)."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Direction = Literal["NORTH", "EAST", "SOUTH", "WEST"]
Move = Literal["PASS", "LEFT", "RIGHT", "DOCK"]
_COMPASS: tuple[Direction, ...] = ("NORTH", "EAST", "SOUTH", "WEST")
_TURNS: dict[int, Move] = {0: "PASS", 1: "RIGHT", 3: "LEFT"}
"""Quarter turns clockwise between the way in and the way out; 2 is straight back, never driven."""


class LayoutError(ValueError):
    """The layout message is no usable graph; the text names the part that is wrong."""


class NoRoute(LookupError):  # noqa: N818 - an answer to a question, not a fault
    """There is no way from `start` to `target`; the text says which node stands in it."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Road(_Frozen):
    """One direction of a road, driven from `start` to `end`; `length` in millimetres."""

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
        back = _COMPASS[(_COMPASS.index(self.direction) + 2) % 4]
        return Road(start=self.end, end=self.start, length=self.length, direction=back)


class Route(_Frozen):
    """A way through the graph: `roads` in driving order, none when the vehicle is there already."""

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
        return (*(_TURNS[_quarters(a.direction, b.direction)] for a, b in pairs), "DOCK")

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


class Layout(_Frozen):
    """The graph of one layout message: modules, intersections and roads, each usable both ways."""

    modules: dict[str, str]
    """Serial (which is the node id) to module type, in the order of the message."""
    intersections: tuple[str, ...]
    roads: tuple[Road, ...]
    """As in the message, one direction each."""

    @classmethod
    def from_message(cls, payload: Mapping[str, Any] | BaseModel) -> Self:
        """Read `ccu/state/layout` (PROTOCOL B.8), as a model or as plain JSON.

        A road to an unknown node is left out, as the CCU does (PROTOCOL C.10). Raises LayoutError
        when a part is missing or a node or a road is listed twice.
        """
        body = payload.model_dump(by_alias=True) if isinstance(payload, BaseModel) else payload
        try:
            modules = [(str(m["serialNumber"]), str(m["type"])) for m in body["modules"]]
            crossings = [str(i["id"]) for i in body["intersections"]]
            roads = [_road(r) for r in body["roads"]]
        except (KeyError, TypeError, ValidationError) as error:
            raise LayoutError(f"not a layout: {error!r}") from error
        nodes = [serial for serial, _ in modules] + crossings
        if len(set(nodes)) != len(nodes):
            raise LayoutError("not a layout: a node is listed twice")
        known = tuple(road for road in roads if {road.start, road.end} <= set(nodes))
        if len({frozenset((road.start, road.end)) for road in known}) != len(known):
            raise LayoutError("not a layout: a road is listed twice")
        return cls(modules=dict(modules), intersections=tuple(crossings), roads=known)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node id: modules first, then intersections, in the order of the message."""
        return (*self.modules, *self.intersections)

    def serials(self, module_type: str) -> tuple[str, ...]:
        """Serials of all modules of one type, in the order of the message."""
        return tuple(s for s, t in self.modules.items() if t == module_type)

    def route(self, start: str, target: str, blocked: Collection[str] = ()) -> Route:
        """The shortest way from `start` to `target` that enters no blocked node; else NoRoute.

        Dijkstra over the road lengths. Ties as in the CCU (PROTOCOL E): of equally near nodes the
        one listed first in the layout is settled first, and a way once found is kept unless a
        strictly shorter one turns up. Modules are ends, never passed through; a vehicle never
        turns straight back.
        """
        for node in (start, target):
            if node not in self.nodes:
                raise NoRoute(f"{node} is not in the layout")
        if target in blocked and target != start:
            raise NoRoute(f"{target} is held by another vehicle")
        closed = (set(blocked) | set(self.modules)) - {start, target}
        arrivals = self._search(start, target, closed)
        if target != start and target not in arrivals:
            raise NoRoute(f"no way from {start} to {target}")
        return Route(start=start, roads=_trace(arrivals, start, target))

    def _search(self, start: str, target: str, closed: Collection[str]) -> dict[str, Road]:
        """The last road of the shortest way to each node settled before `target`."""
        rank = {node: index for index, node in enumerate(self.nodes)}
        exits = self._exits()
        distance = {start: 0.0}
        arrivals: dict[str, Road] = {}
        open_nodes = {start}
        while open_nodes:
            node = min(open_nodes, key=lambda n: (distance[n], rank[n]))
            open_nodes.remove(node)
            if node == target:
                break
            for road in _onward(exits.get(node, ()), arrivals.get(node)):
                reach = distance[node] + road.length
                if road.end in closed or reach >= distance.get(road.end, float("inf")):
                    continue
                distance[road.end] = reach
                arrivals[road.end] = road
                open_nodes.add(road.end)
        return arrivals

    def _exits(self) -> dict[str, list[Road]]:
        exits: dict[str, list[Road]] = {}
        for road in self.roads:
            exits.setdefault(road.start, []).append(road)
            exits.setdefault(road.end, []).append(road.reverse())
        return exits


def _onward(exits: Iterable[Road], arrival: Road | None) -> list[Road]:
    """The exits a vehicle that came by `arrival` can take: all but straight back."""
    if arrival is None:
        return list(exits)
    return [road for road in exits if _quarters(arrival.direction, road.direction) in _TURNS]


def _trace(arrivals: Mapping[str, Road], start: str, target: str) -> tuple[Road, ...]:
    roads: list[Road] = []
    node = target
    while node != start:
        roads.append(arrivals[node])
        node = arrivals[node].start
    return tuple(reversed(roads))


def _passing(move: Move, action_id: str) -> dict[str, Any]:
    if move == "PASS":
        return {"id": action_id, "type": "PASS"}
    return {"id": action_id, "type": "TURN", "metadata": {"direction": move}}


def _road(raw: Mapping[str, Any]) -> Road:
    return Road(
        start=str(raw["from"]),
        end=str(raw["to"]),
        length=raw["length"],
        direction=raw["direction"],
    )


def _quarters(came: Direction, goes: Direction) -> int:
    return (_COMPASS.index(goes) - _COMPASS.index(came)) % 4


def _whole(length: float) -> float | int:
    """380, not 380.0: the CCU writes whole millimetres as integers."""
    return int(length) if length.is_integer() else length
