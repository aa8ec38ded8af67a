"""The shop floor as a drawing: modules, roads, vehicles with their loads, and how old it all is."""

from collections.abc import Callable
from functools import partial
from itertools import starmap
from typing import NamedTuple

from nicegui import ui

from omf.layout import parts as layout_parts
from omf.layout.layout import Layout
from omf.state.assignments import RoadBlock, blocked_roads, held_nodes
from omf.state.device_names import place_name, station_name
from services.ui.live.screen import Screen
from services.ui.views import floor_plan, urls
from services.ui.views.floor_plan import FULL, Point, Scale
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import attribute, div, set_classes, text
from services.ui.widgets.floor_map.modules import module_mark
from services.ui.widgets.floor_map.sheet import LAYERS, Layer, Sheet
from services.ui.widgets.floor_map.vehicles import vehicle_marks
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.plain_element import PlainElement
from services.ui.widgets.svg import arrow_head, hatching, shape, sheet, words


class FloorMap:
    """The map of the layout message; a new layout, another turn or layer is drawn anew."""

    def __init__(
        self,
        screen: Screen,
        scale: Scale = FULL,
        pick: Callable[[str], None] | None = None,
        *,
        quarters: int = 0,
        layers: frozenset[Layer] = frozenset(LAYERS),
    ) -> None:
        """`pick` gets the serial of what is clicked; without it the page of it is opened."""
        self._screen = screen
        self._scale = scale
        self._pick = pick or (lambda serial: ui.navigate.to(urls.to_device(screen, serial)))
        self.quarters, self.layers = quarters, layers
        self._holder = div("floor")
        self._source = text("", "hint hidden").mark("layout-source")
        self._blocked = text("", "hint hidden").props("role=status").mark("blocked-roads")
        self._strip = _strip(screen, self._pick)
        self._drawn: object = None
        self._chosen = ""
        self._parts: list[Draw] = []
        screen.live(self._draw)

    def look(self, *, quarters: int, layers: frozenset[Layer]) -> None:
        """Turn the map, or switch layers on and off."""
        self.quarters, self.layers = quarters, layers
        self._draw()

    def choose(self, serial: str) -> None:
        """Mark one module or vehicle; an empty serial marks none."""
        self._chosen = serial
        self._draw()

    def zoom(self, percent: int) -> None:
        """Enlarge the drawing; what does not fit is reached by scrolling."""
        self._holder.style(f"--zoom: {percent}%")
        set_classes(self._holder, zoomed=percent > 100)  # noqa: PLR2004 - percent

    def _draw(self) -> None:
        model = self._screen.model
        layout = model.layout
        wanted = (layout, model.factory.plant.layout_faults, self.quarters, self.layers)
        if self._drawn != wanted:
            self._drawn = wanted
            self._holder.clear()
            with self._holder:
                self._parts = self._sheet(layout) if layout else _nothing(self._screen)
        for part in self._parts:
            part()
        self._strip()
        said = self._screen.shared("blocked words", partial(_blocked_words, self._screen))
        self._blocked.say(said)
        set_classes(self._blocked, hidden=not said)
        source = self._screen.model.layout_is
        told = "" if source == "received" else self._screen.say(f"floor.layout.{source}")
        self._source.say(told)
        set_classes(self._source, hidden=not told)

    def _sheet(self, layout: Layout) -> list[Draw]:
        plan, small = floor_plan.plan(layout, self._scale, self.quarters), self._scale.small
        paper = Sheet(self._screen, plan, self._scale, self.layers, self._pick, self.quarters)
        drawing = sheet("map small" if small else "map", plan.width, plan.height)
        attribute(drawing, "role", "group")
        attribute(drawing, "aria-label", self._screen.say("page.floor"))
        with drawing:
            hatching()
            arrow_head()
            parts = [_roads(paper, layout)]
            ways_ahead = PlainElement("g")
            parts += [_crossing(paper, node) for node in layout.intersections]
            parts += [module_mark(paper, s) for s in layout.modules if s in plan.places]
            parts.append(vehicle_marks(paper, ways_ahead))
            marked = partial(self._mark_chosen, paper)
            parts.append(drawn_from(lambda: (self._chosen, *paper.marks.values()), marked))
        if not small:
            _faults(self._screen)
        return parts

    def _mark_chosen(self, paper: Sheet, _: object) -> None:
        for serial, made in paper.marks.items():
            set_classes(made, chosen=serial == self._chosen)


def _nothing(screen: Screen) -> list[Draw]:
    if not _faults(screen):
        text(screen.say("floor.no_layout"), "empty")
    return []


def _faults(screen: Screen) -> bool:
    """Name what of the layout cannot be drawn; False if all of it can."""
    faults = screen.model.factory.plant.layout_faults
    if faults:
        said = screen.say.either(layout_parts.told(faults))
        text(screen.say("floor.bad_layout", fault=said), "hint wrong")
    return bool(faults)


def _strip(screen: Screen, pick: Callable[[str], None]) -> Draw:
    """What stands nowhere on the map is named beside it, never drawn at a guessed place."""
    with div("off-map") as strip:
        text(screen.say("floor.off_map"), "off-map-title")
        listing = KeyedList(div("off-map-list"), lambda key: _off(screen, pick, key), text(""))

    def draw() -> None:
        found = _off_map(screen)
        set_classes(strip, hidden=not found)
        listing.show(found)

    return draw


def _off_map(screen: Screen) -> list[str]:
    return screen.model.shared("off the map", lambda: _nowhere(screen))


def _nowhere(screen: Screen) -> list[str]:
    factory, layout = screen.model.factory, screen.model.layout
    nodes = set(floor_plan.plan(layout).places) if layout else set()
    lost = [v.serial for v in factory.vehicles.values() if v.last_node not in nodes]
    known = dict.fromkeys([*factory.modules, *(layout.modules if layout else ())])
    return [*lost, *(serial for serial in known if layout and serial not in nodes)]


def _off(screen: Screen, pick: Callable[[str], None], serial: str) -> Draw:
    entry = text("", "act small", "button").on("click", lambda: pick(serial))
    entry.mark(f"floor-{serial}")

    def draw() -> None:
        factory, say = screen.model.factory, screen.say
        vehicle, module = factory.vehicles.get(serial), factory.modules.get(serial)
        if vehicle is None:
            layout = screen.model.layout
            foreseen = layout.modules if layout else {}
            kind = (module.type if module else None) or foreseen.get(serial)
            key = "floor.no_road" if serial in foreseen else "floor.not_in_layout"
            called = say.either(station_name(factory, kind, serial)) if kind else ""
            entry.say(say(key, name=f"{called} {serial}".strip()))
            return
        known, layout = vehicle.position_known, screen.model.layout
        set_classes(entry, warn=not known)
        listed = not layout or vehicle.last_node in layout.nodes
        where = "floor.at_node" if listed else "floor.at_unknown_node"
        key = where if known else "floor.lost"
        entry.say(say(key, vehicle=serial, node=vehicle.last_node or "?"))

    return draw


class RoadMark(NamedTuple):
    """What the line of a road shows."""

    driven: bool
    block: RoadBlock | None


def _roads(paper: Sheet, layout: Layout) -> Draw:
    """A line for each road both ends of which have a place."""
    places = paper.plan.places
    drawn = [one for one in layout.roads if one.start in places and one.end in places]
    lines = [_road(places[one.start], places[one.end]) for one in drawn]

    def paint(shown: tuple[RoadMark, ...]) -> None:
        for line, (driven, block) in zip(lines, shown, strict=True):
            halted = block is not None and block.cause != "stands"
            set_classes(line, planned=driven, blocked=block is not None, halted=halted)

    def marks() -> tuple[RoadMark, ...]:
        return tuple(_road_mark(paper, one.start, one.end) for one in drawn)

    return drawn_from(lambda: paper.shared("roads", "", marks), paint)


def _road(start: Point, end: Point) -> ui.element:
    return shape("line", "road", x1=start[0], y1=start[1], x2=end[0], y2=end[1])


def _road_mark(paper: Sheet, start: str, end: str) -> RoadMark:
    driven = paper.shows("paths") and frozenset((start, end)) in _driven(paper.screen)
    return RoadMark(driven, _blocked(paper.screen).get((start, end)))


def _driven(screen: Screen) -> frozenset[frozenset[str]]:
    """The roads on the ways of the vehicles that are under way, by their ends."""
    found = screen.model.factory.vehicles
    return screen.model.shared(
        "driven roads",
        lambda: frozenset(
            frozenset(pair)
            for vehicle in found.values()
            if vehicle.ahead
            for pair in zip(vehicle.path, vehicle.path[1:], strict=False)
        ),
    )


def _blocked(screen: Screen) -> dict[tuple[str, str], RoadBlock]:
    model = screen.model
    layout = model.layout
    if layout is None:
        return {}
    return model.shared("blocked roads", lambda: blocked_roads(model.factory, layout))


def _blocked_words(screen: Screen) -> str:
    """Each road that nobody gets over, and why; those of one crossing together."""
    say, factory = screen.say, screen.model.factory

    def place(node: str) -> str:
        name = place_name(factory, node)
        return say.either(name) if name else node

    def words_of(ends: tuple[str, str], block: RoadBlock) -> str:
        node = place(factory.vehicles[block.vehicle].last_node or "")
        named = {"a": place(ends[0]), "b": place(ends[1]), "node": node}
        return say(f"floor.blocked.{block.cause}", vehicle=block.vehicle, **named)

    return "; ".join(dict.fromkeys(starmap(words_of, _blocked(screen).items())))


def _crossing(paper: Sheet, name: str) -> Draw:
    at = paper.plan.places.get(name)
    if at is None:
        return lambda: None
    radius = paper.scale.crossing
    ring = shape("circle", "held-ring", cx=at[0], cy=at[1], r=radius + 5)
    shape("circle", "crossing", cx=at[0], cy=at[1], r=radius)
    words("crossing-name", (at[0], at[1] + 4), name)

    def draw() -> None:
        held = paper.shows("held") and name in _held(paper.screen)
        set_classes(ring, hidden=not held)

    return draw


def _held(screen: Screen) -> frozenset[str]:
    model = screen.model
    return model.shared("held nodes", lambda: frozenset(held_nodes(model.factory, None)))
