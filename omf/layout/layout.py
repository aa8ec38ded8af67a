"""The shop floor as a graph: where the vehicles may drive, and the shortest way (PROTOCOL E)."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from omf.layout.parts import LayoutFault, read_crossings, read_modules, read_roads
from omf.layout.roads import TURNS, Road, Route, quarters
from omf.texts import Saying, Text


class LayoutError(ValueError, Saying):
    """The layout message is no usable graph; `text` names the part that is wrong."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class NoRoute(LookupError):  # noqa: N818 - an answer to a question, not a fault
    """There is no way from `start` to `target`; the text says which node stands in it."""


class Layout(BaseModel):
    """The graph of one layout message: modules, intersections and roads, each usable both ways."""

    model_config = ConfigDict(frozen=True)

    modules: dict[str, str]
    """Serial (which is the node id) to module type, in the order of the message."""
    intersections: tuple[str, ...]
    roads: tuple[Road, ...]
    """As in the message, one direction each."""

    @classmethod
    def read(cls, payload: Mapping[str, Any] | BaseModel) -> tuple[Self, tuple[LayoutFault, ...]]:
        """Read `ccu/state/layout` (PROTOCOL B.8) as far as it can be drawn, and what is left out.

        Takes the model or plain JSON; never raises. A road is left out when one of its ends, its
        direction or its length is not known.
        """
        body = payload.model_dump(by_alias=True) if isinstance(payload, BaseModel) else payload
        faults: list[LayoutFault] = []
        modules = read_modules(body.get("modules"), faults)
        crossings = read_crossings(body.get("intersections"), modules, faults)
        roads = read_roads(body.get("roads"), modules, crossings, faults)
        return cls(modules=modules, intersections=crossings, roads=roads), tuple(faults)

    @classmethod
    def from_message(cls, payload: Mapping[str, Any] | BaseModel) -> Self:
        """Read a layout somebody wants to set, as a model or as plain JSON.

        A road to an unknown node is left out, as the CCU does (PROTOCOL C.10). Raises LayoutError
        for whatever else `read` would leave out.
        """
        layout, faults = cls.read(payload)
        if grave := [fault for fault in faults if not fault.usual]:
            raise LayoutError(grave[0].text)
        return layout

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
    return [road for road in exits if quarters(arrival.direction, road.direction) in TURNS]


def _trace(arrivals: Mapping[str, Road], start: str, target: str) -> tuple[Road, ...]:
    roads: list[Road] = []
    node = target
    while node != start:
        roads.append(arrivals[node])
        node = arrivals[node].start
    return tuple(reversed(roads))
