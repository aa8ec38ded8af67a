"""What stands and moves on the map: one mark per module, one per vehicle."""

from collections.abc import Collection

from nicegui import ui

from omf.factory.modules import Module
from omf.factory.values import Load
from omf.factory.vehicles import Vehicle
from services.ui import floor_plan, formats
from services.ui.device_rows import (
    MODULE_OLD_S,
    VEHICLE_OLD_S,
    action_words,
    age_of,
    connection_word,
    link_state,
    old,
)
from services.ui.floor_plan import Plan, Point, Scale
from services.ui.model import ViewModel
from services.ui.parts.build import Text, attribute, mark
from services.ui.parts.listing import Draw
from services.ui.parts.svg import shape, words
from services.ui.screen import Screen

ACTION_CHARS = 21
"""What fits into a module's box."""


def module_mark(screen: Screen, plan: Plan, scale: Scale, serial: str) -> Draw:
    """A module's box with name, state and, where there is room, action, load and age."""
    x, y = plan.places[serial]
    width, height = scale.box
    left, top = x - width / 2, y - height / 2
    with ui.element("g") as group:
        body = shape("rect", "module", x=left, y=top, width=width, height=height)
        name = words("module-name", (left + 8, top + 19))
        state = words("module-state", (left + 8, top + 38))
        age = words("module-age", (left + width - 8, top + 19))
        more = (
            [] if scale.small else [words("module-action", (left + 8, top + h)) for h in (57, 76)]
        )

    def draw() -> None:
        factory, say, now = screen.model.factory, screen.say, screen.model.now
        module = factory.modules.get(serial)
        name.say((factory.layout.modules.get(serial) if factory.layout else None) or serial)
        mark(body, unknown=module is None)
        if module is None:
            state.say(say("floor.not_assigned"))
            return
        _state(screen, module, body, state)
        age.say(formats.age(age_of(module, now)))
        mark(group, old=old(module, now, MODULE_OLD_S))
        lines = (_cut(action_words(module, now, say)), _load_words(screen, module))
        for line, content in zip(more, lines, strict=False):
            line.say(content)

    return draw


def _cut(words: str) -> str:
    return words if len(words) <= ACTION_CHARS else f"{words[: ACTION_CHARS - 1]}…"


def _state(screen: Screen, module: Module, body: ui.element, state: Text) -> None:
    down = link_state(module) == "down"
    blocked = not down and module.available == "BLOCKED"
    word = screen.say.known("available", module.available)
    state.say(connection_word(module, screen.say) if down else word)
    mark(body, busy=module.available == "BUSY" and not down, down=down, blocked=blocked)
    mark(state, warn=blocked, comm=down)


def _load_words(screen: Screen, module: Module) -> str:
    if module.bays:
        full = sum(load is not None for load in module.bays.values())
        return screen.say("floor.bays", full=full, all=len(module.bays))
    return ", ".join(screen.say.known("colour", load.colour) for load in module.loads[:2])


def vehicle_marks(screen: Screen, plan: Plan, scale: Scale) -> Draw:
    """One mark per vehicle whose position is known; vehicles may come and go."""
    holder = ui.element("g")
    shown: dict[str, tuple[ui.element, Draw]] = {}

    def draw() -> None:
        found = screen.model.factory.vehicles
        for gone in [serial for serial in shown if serial not in found]:
            shown.pop(gone)[0].delete()
        for serial in found:
            if serial not in shown:
                with holder, ui.element("g").classes("vehicle-mark") as group:
                    shown[serial] = group, _vehicle(screen, scale, serial)
            group, part = shown[serial]
            at = _place(screen.model, plan, scale, serial)
            mark(group, hidden=at is None)
            if at is not None:
                attribute(group, "transform", f"translate({at[0]:.1f} {at[1]:.1f})")
            mark(group, old=old(found[serial], screen.model.now, VEHICLE_OLD_S))
            part()

    return draw


def _vehicle(screen: Screen, scale: Scale, serial: str) -> Draw:
    width, height = scale.vehicle
    left, top = -width / 2, -height / 2
    shape("rect", "vehicle-box", x=left, y=top, width=width, height=height)
    words("vehicle-name", (left + 6, top + 13), serial)
    battery = None if scale.small else words("vehicle-battery", (-left - 6, top + 13))
    bays = {bay: _bay((left + 12 + number * 18, -top - 9)) for number, bay in enumerate("123")}

    def draw() -> None:
        vehicle = screen.model.factory.vehicles.get(serial)
        if vehicle is None:
            return
        if battery:
            battery.say(_percent(vehicle))
        for bay, parts in bays.items():
            _paint(parts, vehicle.bays.get(bay))

    return draw


def _percent(vehicle: Vehicle) -> str:
    percent = vehicle.battery_percentage
    return formats.NONE if percent is None else f"{min(100, max(0, percent)):.0f} %"


def _bay(at: Point) -> tuple[ui.element, Text]:
    return (
        shape("circle", "bay-disc", cx=at[0], cy=at[1], r=6.5),
        words("bay-letter", (at[0], at[1] + 3.3)),
    )


def _paint(parts: tuple[ui.element, Text], load: Load | None) -> None:
    disc, letter = parts
    first = (load.colour or "?")[:1] if load else ""
    letter.say(first)
    mark(disc, **{f"piece_{x}": first == x for x in "RWB"})
    mark(letter, dark=first == "W")


def _place(model: ViewModel, plan: Plan, scale: Scale, serial: str) -> Point | None:
    """Below the node it was last at; on its way, an estimate between that and the next node."""
    vehicles = model.factory.vehicles
    vehicle = vehicles[serial]
    node = vehicle.last_node
    here = plan.places.get(node or "")
    if node is None or here is None:
        return None
    there = plan.places.get(_next(vehicle, node) or "")
    if there is not None:
        return floor_plan.between(here, there, 0.5)
    beside = _beside(vehicles.values(), vehicle) * (scale.vehicle[0] + 6)
    down = (scale.box[1] + scale.vehicle[1]) / 2 - 3 if node in model.factory.modules else 0
    return here[0] + beside, here[1] + down


def _next(vehicle: Vehicle, node: str) -> str | None:
    if not vehicle.driving or node not in vehicle.path:
        return None
    after = vehicle.path[vehicle.path.index(node) + 1 :]
    return after[0] if after else None


def _beside(vehicles: Collection[Vehicle], one: Vehicle) -> int:
    """How many others stand at the same node and were drawn before this one."""
    before = (v for v in vehicles if v.serial < one.serial and not v.driving)
    return sum(v.last_node == one.last_node for v in before)
