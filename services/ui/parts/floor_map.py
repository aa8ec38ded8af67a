"""The shop floor as a drawing: modules, roads, vehicles with their loads, and how old it all is."""

from nicegui import ui

from omf.layout import Layout
from services.ui import floor_plan
from services.ui.floor_plan import FULL, Plan, Scale
from services.ui.parts.build import attribute, box, mark, text
from services.ui.parts.floor_marks import module_mark, vehicle_marks
from services.ui.parts.listing import Draw
from services.ui.parts.svg import hatching, shape, words
from services.ui.screen import Screen


def floor_map(screen: Screen, scale: Scale = FULL) -> None:
    """Draw the map now and keep it true; a new layout is drawn anew."""
    holder = box("floor")
    strip = text("", "hint wrong")
    drawn: list[Layout | None] = []
    parts: list[Draw] = []

    def draw() -> None:
        layout = screen.model.factory.layout
        if drawn != [layout]:
            drawn[:] = [layout]
            holder.clear()
            with holder:
                parts[:] = _sheet(screen, layout, scale) if layout else _nothing(screen)
        for part in parts:
            part()
        strip.say(_lost(screen))
        mark(strip, hidden=not strip.text)

    screen.live(draw)


def _nothing(screen: Screen) -> list[Draw]:
    text(screen.say("floor.no_layout"), "empty")
    return []


def _lost(screen: Screen) -> str:
    """Vehicles whose position nobody knows are named, never drawn at a guessed place."""
    vehicles = screen.model.factory.vehicles.values()
    lost = [v.serial for v in vehicles if not v.position_known]
    return screen.say("floor.lost", vehicles=", ".join(lost)) if lost else ""


def _sheet(screen: Screen, layout: Layout, scale: Scale) -> list[Draw]:
    plan = floor_plan.plan(layout, scale)
    sheet = ui.element("svg").classes("map small" if scale.small else "map")
    attribute(sheet, "viewBox", f"0 0 {plan.width:.0f} {plan.height:.0f}")
    attribute(sheet, "role", "img")
    attribute(sheet, "aria-label", screen.say("page.floor"))
    with sheet:
        hatching()
        parts = [_road(screen, plan, road.start, road.end) for road in layout.roads]
        for node in layout.intersections:
            _crossing(plan, node, 11 if scale.small else 15)
        parts += [module_mark(screen, plan, scale, s) for s in layout.modules if s in plan.places]
        parts.append(vehicle_marks(screen, plan, scale))
    return parts


def _road(screen: Screen, plan: Plan, start: str, end: str) -> Draw:
    a, b = plan.places.get(start), plan.places.get(end)
    if a is None or b is None:
        return lambda: None
    line = shape("line", "road", x1=a[0], y1=a[1], x2=b[0], y2=b[1])

    def draw() -> None:
        driven = any(
            {start, end} == set(pair)
            for vehicle in screen.model.factory.vehicles.values()
            if vehicle.driving
            for pair in zip(vehicle.path, vehicle.path[1:], strict=False)
        )
        mark(line, planned=driven)

    return draw


def _crossing(plan: Plan, name: str, radius: int) -> None:
    if at := plan.places.get(name):
        shape("circle", "crossing", cx=at[0], cy=at[1], r=radius)
        words("crossing-name", (at[0], at[1] + 4), name)
