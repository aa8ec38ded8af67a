"""Where everything of the shop floor stands on paper, by the directions of the layout's roads."""

from dataclasses import dataclass

from omf.layout import cells as layout_cells
from omf.layout.cells import Cell
from omf.layout.layout import Layout

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes in drawing units: distance of grid places, a module's box, a vehicle's."""

    column: int
    line: int
    box: tuple[int, int]
    vehicle: tuple[int, int]
    small: bool = False
    crossing: int = 15
    """The radius of a crossing."""

    @property
    def margin(self) -> Point:
        """From the outermost grid places to the edge of the paper."""
        return self.box[0] / 2 + 10, self.box[1] / 2 + (30 if self.small else 52)


FULL = Scale(262, 162, (200, 104), (96, 36))
SMALL = Scale(126, 96, (116, 46), (62, 32), small=True, crossing=11)


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """Grid places in drawing units; `width` and `height` hold all of them with a margin."""

    places: dict[str, Point]
    width: float
    height: float


def plan(layout: Layout, scale: Scale = FULL, quarters: int = 0) -> FloorPlan:
    """Place every node that a road reaches, turned clockwise by so many quarters of a turn."""
    cells, margin = _turned(layout_cells.cells(layout), quarters), scale.margin
    if not cells:
        return FloorPlan({}, 2 * margin[0], 2 * margin[1])
    left, top = min(x for x, _ in cells.values()), min(y for _, y in cells.values())
    places = {
        node: (margin[0] + (x - left) * scale.column, margin[1] + (y - top) * scale.line)
        for node, (x, y) in cells.items()
    }
    right, low = max(x for x, _ in places.values()), max(y for _, y in places.values())
    return FloorPlan(places, right + margin[0], low + margin[1])


def _turned(cells: dict[str, Cell], quarters: int) -> dict[str, Cell]:
    for _ in range(quarters % 4):
        cells = {node: (-y, x) for node, (x, y) in cells.items()}
    return cells


def between(a: Point, b: Point, part: float) -> Point:
    """The point `part` of the way from `a` to `b`."""
    return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
