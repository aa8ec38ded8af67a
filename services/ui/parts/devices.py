"""Modules and vehicles as compact lines for the overview."""

from services.ui import formats, ways
from services.ui.device_rows import (
    action_words,
    age_of,
    condition_of,
    modules,
)
from services.ui.parts.build import box, link, linked_panel, mark, panel, text
from services.ui.parts.listing import Draw, Listing
from services.ui.parts.rack import bays_of, disc, paint
from services.ui.screen import Screen


def device_panel(screen: Screen) -> None:
    """One line per module: what it is, whether it can work, what it does."""
    say = screen.say
    with linked_panel(say("overview.modules"), screen.path("overview/modules"), "fill"):
        empty = text(say("empty.modules"), "empty")
        listing = Listing(box("lines"), lambda serial: _module(screen, serial), empty)
    screen.live(lambda: listing.show([module.serial for module in modules(screen.model)]))


def _module(screen: Screen, serial: str) -> Draw:
    say = screen.say
    with box("line") as line:
        shape = box("state-shape")
        name = link("", ways.to_device(screen, serial), "line-name cut")
        load = disc(None)
        state, action, age = (
            text("", "line-state"),
            text("", "line-action cut"),
            text("", "line-age"),
        )

    def draw() -> None:
        module = screen.model.factory.modules.get(serial)
        if module is None:
            return
        now = screen.model.factory_now
        condition = condition_of(module, screen.model, say)
        name.say(module.type or serial)
        state.say(condition.word)
        action.say(action_words(module, now, say))
        age.say(formats.age(age_of(module, now)))
        carried = module.loads[0].colour if module.loads and not module.bays else None
        paint(load, carried)
        mark(load, invisible=carried is None)
        mark(line, down=condition.down, old=condition.old)
        for word_, wanted in (("BUSY", "busy"), ("BLOCKED", "blocked"), ("READY", "ready")):
            mark(shape, **{wanted: not condition.down and module.available == word_})
        mark(state, warn=condition.warn, comm=condition.down)

    return draw


def vehicle_panel(screen: Screen) -> None:
    """One tile per vehicle: where it is, what it carries, how much it has left."""
    say = screen.say
    with panel(say("overview.vehicles")):
        empty = text(say("empty.vehicles"), "empty")
        listing = Listing(box("lines"), lambda serial: _vehicle(screen, serial), empty)
    screen.live(lambda: listing.show(sorted(screen.model.factory.vehicles)))


def _vehicle(screen: Screen, serial: str) -> Draw:
    with box("vehicle") as tile:
        with box("row"):
            link(serial, ways.to_device(screen, serial), "line-name")
            motion = text("", "grow cut")
            age = text("", "line-age")
        with box("row"):
            bays = bays_of(screen, serial)
            battery = text("", "grow battery")

    def draw() -> None:
        vehicle = screen.model.factory.vehicles.get(serial)
        if vehicle is None:
            return
        now = screen.model.factory_now
        bays()
        condition = condition_of(vehicle, screen.model, screen.say)
        motion.say(condition.word)
        age.say(formats.age(age_of(vehicle, now)))
        battery.say(battery_words(screen, vehicle.battery_percentage, vehicle.battery_voltage))
        mark(tile, old=condition.old)
        mark(motion, warn=condition.warn, comm=condition.down)

    return draw


def battery_words(screen: Screen, percent: float | None, volt: float | None) -> str:
    """Charge and voltage; the vehicle's percentage runs beyond both ends and is clamped here."""
    language = screen.visitor.language
    if not volt:  # a vehicle that speaks has a voltage; the CCU notes 0 for one that never did
        return screen.say("battery.unknown")
    shown = None if percent is None else min(100.0, max(0.0, percent))
    return screen.say(
        "battery",
        percent=formats.number(shown, language),
        volt=formats.number(volt, language, 2),
    )
