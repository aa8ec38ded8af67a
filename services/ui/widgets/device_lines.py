"""Modules and vehicles as compact lines for the overview."""

from typing import NamedTuple

from omf.state.modules import Module
from omf.state.piece_positions import on_module
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.views.device_status import action_words, age_of, module_label, modules, status_of
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import (
    attribute,
    div,
    link,
    linked_panel,
    panel,
    set_classes,
    text,
)
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.rack import bays_of, disc, paint


class ModuleLine(NamedTuple):
    """What the line of a module shows."""

    name: str
    word: str
    age: str
    title: str
    has_piece: bool
    colour: str | None
    shape: str | None
    """BUSY, BLOCKED or READY; None of one that cannot be reached."""
    down: bool
    old: bool
    warn: bool


def device_panel(screen: Screen) -> None:
    """Every module: what it is, and what it does, or whether it can work."""
    say = screen.say
    with linked_panel(say("overview.modules"), screen.path("overview/modules"), "modules-now"):
        empty = text(say("empty.modules"), "empty")
        listing = KeyedList(div("lines"), lambda serial: _module(screen, serial), empty)
    screen.live(drawn_from(lambda: _module_lines(screen), lambda lines: listing.show(list(lines))))


def _module_lines(screen: Screen) -> dict[str, ModuleLine]:
    def lines() -> dict[str, ModuleLine]:
        return {module.serial: _module_line(module, screen) for module in modules(screen.model)}

    return screen.shared("module lines", lines)


def _module_line(module: Module, screen: Screen) -> ModuleLine:
    model, say = screen.model, screen.say
    status = status_of(module, model, say)
    acts = module.available == "BUSY" and not status.down
    word = action_words(module, model, say) if acts else status.word
    age = formats.age(age_of(module, model.factory_now), say.language)
    piece = on_module(module, model.factory)
    return ModuleLine(
        module_label(model.factory, module.serial, module.type, say),
        word,
        age,
        f"{word} · {say('device.heard', age=age)}",
        piece is not None,
        piece.colour if piece else None,
        None if status.down else module.available,
        status.down,
        status.old,
        status.warn,
    )


def _module(screen: Screen, serial: str) -> Draw:
    with div("line") as line:
        shape = div("state-shape")
        name = link("", urls.to_device(screen, serial), "line-name cut")
        load = disc(None)
        state = text("", "line-state cut")
        heard = text("", "line-age")

    def paint_line(shown: ModuleLine) -> None:
        name.say(shown.name)
        state.say(shown.word)
        heard.say(shown.age)
        attribute(line, "title", shown.title)
        paint(load, shown.colour)
        set_classes(load, invisible=not shown.has_piece)
        set_classes(line, down=shown.down, old=shown.old)
        for word in ("BUSY", "BLOCKED", "READY"):
            set_classes(shape, **{word.lower(): shown.shape == word})
        set_classes(state, warn=shown.warn, comm=shown.down)

    return drawn_from(lambda: _module_lines(screen)[serial], paint_line)


class VehicleLine(NamedTuple):
    """What the line of a vehicle shows beside its bays."""

    word: str
    age: str
    battery: str
    down: bool
    old: bool
    warn: bool


def vehicle_panel(screen: Screen) -> None:
    """One line per vehicle: where it is, what it carries, how much it has left."""
    say = screen.say
    with panel(say("overview.vehicles")):
        empty = text(say("empty.vehicles"), "empty")
        listing = KeyedList(div("lines"), lambda serial: _vehicle(screen, serial), empty)
    screen.live(lambda: listing.show(sorted(screen.model.factory.vehicles)))


def _vehicle_line(screen: Screen, serial: str) -> VehicleLine:
    model, say = screen.model, screen.say
    vehicle = model.factory.vehicles[serial]
    status = status_of(vehicle, model, say)
    return VehicleLine(
        status.word,
        formats.age(age_of(vehicle, model.factory_now), say.language),
        battery_words(screen, vehicle.battery_percentage, vehicle.battery_voltage),
        status.down,
        status.old,
        status.warn,
    )


def _vehicle(screen: Screen, serial: str) -> Draw:
    with div("vehicle") as tile:
        link(serial, urls.to_device(screen, serial), "line-name")
        motion = text("", "grow cut")
        bays = bays_of(screen, serial)
        battery = text("", "battery")
        age = text("", "line-age")

    def paint_line(shown: VehicleLine) -> None:
        motion.say(shown.word)
        attribute(motion, "title", shown.word)
        age.say(shown.age)
        battery.say(shown.battery)
        set_classes(tile, old=shown.old)
        set_classes(motion, warn=shown.warn, comm=shown.down)

    line = drawn_from(
        lambda: screen.shared(("vehicle line", serial), lambda: _vehicle_line(screen, serial)),
        paint_line,
    )

    def draw() -> None:
        bays()
        line()

    return draw


def battery_words(screen: Screen, percent: float | None, volt: float | None) -> str:
    """Charge and voltage; the vehicle's percentage runs beyond both ends and is clamped here."""
    language = screen.user.language
    if not volt:  # a vehicle that speaks has a voltage; the CCU notes 0 for one that never did
        return screen.say("battery.unknown")
    shown = None if percent is None else min(100.0, max(0.0, percent))
    return screen.say(
        "battery",
        percent=formats.number(shown, language),
        volt=formats.number(volt, language, 2),
    )
