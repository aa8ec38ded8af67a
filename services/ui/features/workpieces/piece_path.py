"""The way of a workpiece on the map; each stop opens the map as it was then."""

from collections.abc import Sequence
from itertools import pairwise

from nicegui import ui

from omf.layout.layout import Layout
from omf.state.device_names import place_name, station_name
from omf.workpieces.life import LifeEvent, WorkpieceLife
from services.ui.features.workpieces.shown_life import ShownLife
from services.ui.live.screen import Screen, past_address
from services.ui.views import floor_plan
from services.ui.views.floor_plan import SMALL, Point
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.svg import arrow_head, shape, sheet, words

DOT_RADIUS = 7
NUMBERS_A_LINE = 4
NUMBER_WIDTH, NUMBER_HEIGHT = 20, 15
"""Of a number beside its dot, in drawing units: so that each can be hit."""


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
                name = screen.say.either(place_name(screen.model.factory, one.node))
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
                name = screen.say.either(station_name(screen.model.factory, kind, serial))
                words("crossing-name", (x, y - DOT_RADIUS - 8), name)
        known = [one for one in way if one.node in plan.places]
        for one, other in pairwise(known):
            driven = _line("piece-way", plan.places[one.node], plan.places[other.node])
            attribute(driven, "marker-end", "url(#arrow)")
        for node, numbered in _by_node(way).items():
            if node in plan.places:
                _place(screen, plan.places[node], numbered)


def _line(classes: str, start: Point, end: Point) -> ui.element:
    return shape("line", classes, x1=start[0], y1=start[1], x2=end[0], y2=end[1])


def _by_node(way: Sequence[PathStop]) -> dict[str, list[tuple[int, PathStop]]]:
    found: dict[str, list[tuple[int, PathStop]]] = {}
    for number, one in enumerate(way, 1):
        found.setdefault(one.node, []).append((number, one))
    return found


def _place(screen: Screen, place: Point, stops_there: Sequence[tuple[int, PathStop]]) -> None:
    """One dot, and below it the number of each stop, each a way to the map then."""
    x, y = place
    shape("circle", "piece-dot", cx=x, cy=y, r=DOT_RADIUS)
    for count, (number, one) in enumerate(stops_there):
        line, column = divmod(count, NUMBERS_A_LINE)
        target = link("", _then(screen, one), "piece-stop")
        name = screen.say.either(place_name(screen.model.factory, one.node))
        attribute(target, "aria-label", f"{number} {name} {screen.when(one.at)}")
        with target:
            at = x + DOT_RADIUS + NUMBER_WIDTH * (column + 0.5), y + NUMBER_HEIGHT * (line + 1)
            words("piece-number", at, str(number))
