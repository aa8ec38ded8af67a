"""The way of a workpiece on the map; each stop opens the map as it was then."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from nicegui import ui

from omf.layout.layout import Layout
from omf.state.device_names import place_name
from omf.workpieces.life import LifeEvent, WorkpieceLife
from services.ui.features.workpieces.shown_life import ShownLife
from services.ui.live.screen import Screen, past_address
from services.ui.views import floor_plan
from services.ui.views.floor_plan import SMALL, Point
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.svg import arrow_head, shape, sheet, words

STOP_RADIUS = 13
STOPS_APART = 12
"""Between stops at one place, so that each can be hit."""


class PathStop:
    """A place on the map a piece came to, and the event that told it."""

    def __init__(self, node: str, event: LifeEvent) -> None:
        self.node = node
        self.at = event.at


def stops(life: WorkpieceLife) -> list[PathStop]:
    """Nodes and modules a piece came to, in order of time; staying is one stop."""
    found: list[PathStop] = []
    for event in sorted(life.events, key=lambda one: one.at):
        node = event.node if event.column == "transport" else event.device
        if node is not None and (not found or found[-1].node != node):
            found.append(PathStop(node, event))
    return found


def piece_path(screen: Screen, shown: ShownLife) -> None:
    """The panel with the drawing, and the stops in words below it."""
    with panel(screen.say("workpiece.path")) as whole:
        holder, listed = div("piece-path"), div("row piece-stops")
    drawn: list[object] = []

    def draw() -> None:
        life, layout = shown.life, screen.model.layout
        way = stops(life) if life else []
        set_classes(whole, hidden=not way)
        state = ([(one.node, one.at) for one in way], layout)
        if drawn == [state]:
            return
        drawn[:] = [state]
        holder.clear()
        listed.clear()
        with holder:
            if layout is None:
                text(screen.say("floor.no_layout"), "empty")
            else:
                _drawing(screen, layout, way)
        with listed:
            for number, one in enumerate(way, 1):
                name = place_name(screen.model.factory, one.node) or one.node
                link(f"{number} {name}", _then(screen, one), "way-in hint")

    screen.live(draw)


def _then(screen: Screen, stop: PathStop) -> str:
    return past_address(f"/{screen.environment}/floor", stop.at)


def _drawing(screen: Screen, layout: Layout, way: Sequence[PathStop]) -> None:
    plan = floor_plan.plan(layout, SMALL)
    paper = sheet("map small path-map", plan.width, plan.height)
    attribute(paper, "role", "group")
    attribute(paper, "aria-label", screen.say("workpiece.path"))
    with paper:
        arrow_head()
        for road in layout.roads:
            if road.start in plan.places and road.end in plan.places:
                _line("road", plan.places[road.start], plan.places[road.end])
        for serial, kind in layout.modules.items():
            if serial in plan.places:
                x, y = plan.places[serial]
                words("crossing-name", (x, y - STOP_RADIUS - 8), kind)
        known = [one for one in way if one.node in plan.places]
        for one, other in pairwise(known):
            driven = _line("piece-way", plan.places[one.node], plan.places[other.node])
            attribute(driven, "marker-end", "url(#arrow)")
        for number, one, place in _placed(way, plan.places):
            _stop(screen, number, one, place)


def _line(classes: str, start: Point, end: Point) -> ui.element:
    return shape("line", classes, x1=start[0], y1=start[1], x2=end[0], y2=end[1])


def _placed(
    way: Sequence[PathStop], places: dict[str, Point]
) -> Iterator[tuple[int, PathStop, Point]]:
    """Where each stop is drawn: those at one place beside each other."""
    taken: dict[str, int] = {}
    for number, one in enumerate(way, 1):
        if one.node in places:
            x, y = places[one.node]
            yield number, one, (x + STOPS_APART * taken.get(one.node, 0), y)
            taken[one.node] = taken.get(one.node, 0) + 1


def _stop(screen: Screen, number: int, stop: PathStop, place: Point) -> None:
    target = link("", _then(screen, stop), "piece-stop")
    name = place_name(screen.model.factory, stop.node) or stop.node
    attribute(target, "aria-label", f"{number} {name} {screen.when(stop.at)}")
    with target:
        shape("circle", "piece-dot", cx=place[0], cy=place[1], r=STOP_RADIUS)
        words("piece-number", (place[0], place[1] + 4), str(number))
