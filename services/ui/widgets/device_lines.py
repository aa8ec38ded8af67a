"""Modules and vehicles as compact lines for the overview."""

from omf.state.piece_positions import on_module
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.views.device_status import action_words, age_of, module_label, modules, status_of
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


def device_panel(screen: Screen) -> None:
    """Every module: what it is, and what it does, or whether it can work."""
    say = screen.say
    with linked_panel(say("overview.modules"), screen.path("overview/modules"), "modules-now"):
        empty = text(say("empty.modules"), "empty")
        listing = KeyedList(div("lines"), lambda serial: _module(screen, serial), empty)
    screen.live(lambda: listing.show([module.serial for module in modules(screen.model)]))


def _module(screen: Screen, serial: str) -> Draw:
    say = screen.say
    with div("line") as line:
        shape = div("state-shape")
        name = link("", urls.to_device(screen, serial), "line-name cut")
        load = disc(None)
        state = text("", "line-state cut")
        heard = text("", "line-age")

    def draw() -> None:
        module = screen.model.factory.modules.get(serial)
        if module is None:
            return
        model = screen.model
        status = status_of(module, model, say)
        name.say(module_label(model.factory, serial, module.type, say))
        acts = module.available == "BUSY" and not status.down
        word = action_words(module, model, say) if acts else status.word
        state.say(word)
        age = formats.age(age_of(module, model.factory_now), screen.say.language)
        heard.say(age)
        attribute(line, "title", f"{word} · {say('device.heard', age=age)}")
        piece = on_module(module, model.factory)
        paint(load, piece.colour if piece else None)
        set_classes(load, invisible=piece is None)
        set_classes(line, down=status.down, old=status.old)
        for word_, wanted in (("BUSY", "busy"), ("BLOCKED", "blocked"), ("READY", "ready")):
            set_classes(shape, **{wanted: not status.down and module.available == word_})
        set_classes(state, warn=status.warn, comm=status.down)

    return draw


def vehicle_panel(screen: Screen) -> None:
    """One line per vehicle: where it is, what it carries, how much it has left."""
    say = screen.say
    with panel(say("overview.vehicles")):
        empty = text(say("empty.vehicles"), "empty")
        listing = KeyedList(div("lines"), lambda serial: _vehicle(screen, serial), empty)
    screen.live(lambda: listing.show(sorted(screen.model.factory.vehicles)))


def _vehicle(screen: Screen, serial: str) -> Draw:
    with div("vehicle") as tile:
        link(serial, urls.to_device(screen, serial), "line-name")
        motion = text("", "grow cut")
        bays = bays_of(screen, serial)
        battery = text("", "battery")
        age = text("", "line-age")

    def draw() -> None:
        vehicle = screen.model.factory.vehicles.get(serial)
        if vehicle is None:
            return
        now = screen.model.factory_now
        bays()
        status = status_of(vehicle, screen.model, screen.say)
        motion.say(status.word)
        attribute(motion, "title", status.word)
        age.say(formats.age(age_of(vehicle, now), screen.say.language))
        battery.say(battery_words(screen, vehicle.battery_percentage, vehicle.battery_voltage))
        set_classes(tile, old=status.old)
        set_classes(motion, warn=status.warn, comm=status.down)

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
