"""Where everything of the shop floor stands on paper, by the directions of the layout's roads."""

from collections import deque
from dataclasses import dataclass

from omf.layout.layout import Layout
from omf.layout.roads import Road

_STEP = {"NORTH": (0, -1), "EAST": (1, 0), "SOUTH": (0, 1), "WEST": (-1, 0)}

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
        return self.box[0] / 2 + 8, self.box[1] / 2 + (30 if self.small else 36)


FULL = Scale(210, 128, (168, 88), (84, 34))
SMALL = Scale(126, 96, (116, 46), (62, 32), small=True, crossing=11)


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """Grid places in drawing units; `width` and `height` hold all of them with a margin."""

    places: dict[str, Point]
    width: float
    height: float


def plan(layout: Layout, scale: Scale = FULL, quarters: int = 0) -> FloorPlan:
    """Place every node that a road reaches, turned clockwise by so many quarters of a turn."""
    cells, margin = _turned(_cells(layout), quarters), scale.margin
    if not cells:
        return FloorPlan({}, 2 * margin[0], 2 * margin[1])
    left, top = min(x for x, _ in cells.values()), min(y for _, y in cells.values())
    places = {
        node: (margin[0] + (x - left) * scale.column, margin[1] + (y - top) * scale.line)
        for node, (x, y) in cells.items()
    }
    right, low = max(x for x, _ in places.values()), max(y for _, y in places.values())
    return FloorPlan(places, right + margin[0], low + margin[1])


def _cells(layout: Layout) -> dict[str, tuple[int, int]]:
    cells: dict[str, tuple[int, int]] = {}
    reached = {node for road in layout.roads for node in (road.start, road.end)}
    for node in (*layout.intersections, *layout.modules):
        if node in reached and node not in cells:
            _add(cells, _part(layout, node))
    return cells


def _add(cells: dict[str, tuple[int, int]], part: dict[str, tuple[int, int]]) -> None:
    """Beside what is there already: no road tells how a second part lies to the first."""
    right = max((x for x, _ in cells.values()), default=0)
    left = min(x for x, _ in part.values())
    shift = right - left + 2 if cells else 0
    cells.update({node: (x + shift, y) for node, (x, y) in part.items()})


def _part(layout: Layout, start: str) -> dict[str, tuple[int, int]]:
    cells = {start: (0, 0)}
    waiting = deque(cells)
    while waiting:
        node = waiting.popleft()
        x, y = cells[node]
        for road in _from(layout, node):
            if road.end not in cells:
                dx, dy = _STEP[road.direction]
                cells[road.end] = (x + dx, y + dy)
                waiting.append(road.end)
    return cells


def _turned(cells: dict[str, tuple[int, int]], quarters: int) -> dict[str, tuple[int, int]]:
    for _ in range(quarters % 4):
        cells = {node: (-y, x) for node, (x, y) in cells.items()}
    return cells


def _from(layout: Layout, node: str) -> list[Road]:
    ways = [road for road in layout.roads if road.start == node]
    return ways + [road.reverse() for road in layout.roads if road.end == node]


def between(a: Point, b: Point, part: float) -> Point:
    """The point `part` of the way from `a` to `b`."""
    return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
