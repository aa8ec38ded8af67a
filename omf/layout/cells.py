"""The grid of the shop floor: which cell each node has by the directions of the roads (PROTOCOL E).

cells(layout)       node -> (column, row); a node no road reaches has none
crowded(layout)     nodes that would stand in one cell
cut_off(layout)     modules no vehicle gets to from the others
"""

from collections import deque

from omf.layout.layout import Layout, NoRoute
from omf.layout.roads import Direction, Road

Cell = tuple[int, int]
CELL_STEP: dict[Direction, Cell] = {
    "NORTH": (0, -1),
    "EAST": (1, 0),
    "SOUTH": (0, 1),
    "WEST": (-1, 0),
}


def cells(layout: Layout) -> dict[str, Cell]:
    """The cell of every node a road reaches; separate parts lie beside each other."""
    found: dict[str, Cell] = {}
    reached = {node for road in layout.roads for node in (road.start, road.end)}
    for node in (*layout.intersections, *layout.modules):
        if node in reached and node not in found:
            _add(found, _part(layout, node))
    return found


def crowded(layout: Layout) -> tuple[str, ...]:
    """Nodes whose cell another one has, or to whose cell two roads lead differently."""
    placed = cells(layout)
    taken: dict[Cell, list[str]] = {}
    for node, cell in placed.items():
        taken.setdefault(cell, []).append(node)
    bad = {node for nodes in taken.values() if len(nodes) > 1 for node in nodes}
    for road in layout.roads:
        (x, y), (dx, dy) = placed[road.start], CELL_STEP[road.direction]
        if placed[road.end] != (x + dx, y + dy):
            bad.add(road.end)
    return tuple(node for node in layout.nodes if node in bad)


def cut_off(layout: Layout) -> tuple[str, ...]:
    """Modules to which there is no way from the first one; the order of the message."""
    first, *others = layout.modules or [""]
    return tuple(one for one in others if not _reached(layout, first, one))


def _reached(layout: Layout, start: str, target: str) -> bool:
    try:
        layout.route(start, target)
    except NoRoute:
        return False
    return True


def _add(found: dict[str, Cell], part: dict[str, Cell]) -> None:
    """Beside what is there already: no road tells how a second part lies to the first."""
    right = max((x for x, _ in found.values()), default=0)
    left = min(x for x, _ in part.values())
    shift = right - left + 2 if found else 0
    found.update({node: (x + shift, y) for node, (x, y) in part.items()})


def _part(layout: Layout, start: str) -> dict[str, Cell]:
    found = {start: (0, 0)}
    waiting = deque(found)
    while waiting:
        node = waiting.popleft()
        x, y = found[node]
        for road in _from(layout, node):
            if road.end not in found:
                dx, dy = CELL_STEP[road.direction]
                found[road.end] = (x + dx, y + dy)
                waiting.append(road.end)
    return found


def _from(layout: Layout, node: str) -> list[Road]:
    ways = [road for road in layout.roads if road.start == node]
    return ways + [road.reverse() for road in layout.roads if road.end == node]
