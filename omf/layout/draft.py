"""A layout in the making: nodes on a grid are moved, added and joined; the message follows.

What the message holds beside nodes and roads is kept as it came. A road joins neighbouring cells,
its direction is that of the cells; a length is kept while the road is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

from omf.layout.cells import CELL_STEP, Cell, cells
from omf.layout.layout import Layout
from omf.layout.roads import COMPASS, Direction

CROSSING_ROAD_MM, MODULE_ROAD_MM = 360, 380
"""As in the makers' layout (PROTOCOL E)."""

Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LayoutDraft:
    """The message so far, and where its nodes stand on the grid."""

    body: dict[str, Any]
    cells: dict[str, Cell]

    @classmethod
    def opened(cls, body: Mapping[str, Any]) -> Self:
        """Begin with a message; nodes no road reaches stand in a row below the others."""
        layout, _ = Layout.read(body)
        placed = cells(layout)
        low = max((y for _, y in placed.values()), default=-2) + 2
        loose = [node for node in layout.nodes if node not in placed]
        placed |= {node: (2 * index, low) for index, node in enumerate(loose)}
        return cls(dict(body), placed)

    def at(self, cell: Cell) -> str:
        """The node that stands in a cell; "" for none."""
        return next((node for node, place in self.cells.items() if place == cell), "")

    def beside(self, node: str, direction: Direction) -> Cell:
        """The cell next to a node."""
        (x, y), (dx, dy) = self.cells[node], CELL_STEP[direction]
        return x + dx, y + dy

    def road(self, one: str, other: str) -> Part | None:
        """The road between two nodes, whichever way it is written."""
        return next((road for road in self._roads if _ends(road) == {one, other}), None)

    def moved(self, node: str, cell: Cell) -> Self:
        """Put a node into a free cell; its roads are those to the neighbours it has there.

        A module is joined to one crossing only, a crossing to all that it was joined to before and
        that are still beside it, and to the modules beside it that have no road.
        """
        if self.at(cell) or node not in self.cells:
            return self
        had = {
            other: road
            for road in self._roads
            if node in _ends(road)
            for other in _ends(road) - {node}
        }
        parts = {"roads": [road for road in self._roads if node not in _ends(road)]}
        bare = replace(self, body=self.body | parts, cells={**self.cells, node: cell})
        return _settled(bare, node, had)

    def joined(self, one: str, other: str, like: Part | None = None) -> Self:
        """Lay a road between two neighbours; `like` gives its length."""
        way = next((d for d in COMPASS if self.at(self.beside(one, d)) == other), None)
        if way is None or self.road(one, other):
            return self
        usual = MODULE_ROAD_MM if {one, other} & self.modules.keys() else CROSSING_ROAD_MM
        length = (like or {}).get("length", usual)
        road = {"length": length, "from": one, "to": other, "direction": way}
        return self._with_roads([*self._roads, road])

    def parted(self, one: str, other: str) -> Self:
        """Take the road between two nodes away."""
        return self._with_roads(road for road in self._roads if _ends(road) != {one, other})

    def with_length(self, one: str, other: str, length: float) -> Self:
        """Give the road between two nodes another length, in millimetres."""
        roads = [
            {**road, "length": length} if _ends(road) == {one, other} else road
            for road in self._roads
        ]
        return self._with_roads(roads)

    def with_module(self, serial: str, kind: str, cell: Cell) -> Self:
        """Place a module the layout does not have yet."""
        if self.at(cell) or serial in self.cells:
            return self
        entry = {"type": kind, "serialNumber": serial}
        return self._with_node("modules", entry, serial, cell)

    def with_crossing(self, cell: Cell) -> Self:
        """Place a crossing with the next free number; it joins the modules beside it."""
        if self.at(cell):
            return self
        number = next(str(n) for n in range(1, len(self.cells) + 2) if str(n) not in self.cells)
        return self._with_node("intersections", {"id": number}, number, cell)

    def without(self, node: str) -> Self:
        """Take a node and its roads away."""
        parts = {
            "modules": [m for m in self._listed("modules") if m.get("serialNumber") != node],
            "intersections": [i for i in self._listed("intersections") if i.get("id") != node],
            "roads": [road for road in self._roads if node not in _ends(road)],
        }
        left = {name: cell for name, cell in self.cells.items() if name != node}
        return replace(self, body=self.body | parts, cells=left)

    def has_road(self, node: str) -> bool:
        """Whether any road leads to the node."""
        return any(node in _ends(road) for road in self._roads)

    def _with_node(self, part: str, entry: Part, node: str, cell: Cell) -> Self:
        body = self.body | {part: [*self._listed(part), entry]}
        return _settled(replace(self, body=body, cells={**self.cells, node: cell}), node, {})

    @property
    def modules(self) -> dict[str, str]:
        """Serial to type."""
        return {str(m.get("serialNumber")): str(m.get("type")) for m in self._listed("modules")}

    @property
    def _roads(self) -> list[Part]:
        return self._listed("roads")

    def _listed(self, part: str) -> list[Part]:
        found = self.body.get(part)
        return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []

    def _with_roads(self, roads: Iterable[Part]) -> Self:
        return replace(self, body=self.body | {"roads": list(roads)})


D = TypeVar("D", bound=LayoutDraft)


def _settled(draft: D, node: str, had: Mapping[str, Part]) -> D:
    """The node joined to its neighbours, with the lengths of the roads it had."""
    for direction in COMPASS:
        other = draft.at(draft.beside(node, direction))
        if other and _joins(draft, node, other, had):
            like = had.get(other) or next(iter(had.values()), None)
            draft = draft.joined(node, other, like)
    return draft


def _joins(draft: LayoutDraft, node: str, other: str, had: Mapping[str, Part]) -> bool:
    if node in draft.modules:
        return other not in draft.modules and not draft.has_road(node)
    return other in had or (other in draft.modules and not draft.has_road(other))


def _ends(road: Part) -> set[str]:
    return {str(road.get("from")), str(road.get("to"))}
