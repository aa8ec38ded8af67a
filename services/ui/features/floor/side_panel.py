"""What the map tells of the one thing that was clicked, and what it may be told now."""

from collections.abc import Callable, Mapping

from omf.state.modules import Module
from omf.state.values import Action
from omf.state.vehicles import Vehicle
from services.ui.live.screen import Screen
from services.ui.types import Value
from services.ui.views import available_commands, device_properties, device_status, step_times, urls
from services.ui.views.available_commands import CommandSuggestion
from services.ui.views.piece_positions import load_words, piece_words, pieces_on
from services.ui.widgets.action_chain import action_chain
from services.ui.widgets.command_card.command_entries import CommandCardSlot, suggestion_list
from services.ui.widgets.device_lines import battery_words
from services.ui.widgets.elements import attribute, div, link, set_classes, text
from services.ui.widgets.keyed_list import Draw
from services.ui.widgets.properties_panel import properties_panel
from services.ui.widgets.stale_overlay import stale_overlay
from services.ui.widgets.subject_alarms import subject_alarms

FACTS = (
    *("serial", "connection", "available", "motion", "handover", "order", "loads", "battery"),
    *("errors", "pairing", "age"),
)


class FloorSide:
    """Shows one module or vehicle at a time; a hint while none is chosen."""

    def __init__(self, screen: Screen, on_close: Callable[[], None]) -> None:
        self._screen = screen
        self._parts: list[Draw] = []
        self.chosen = ""
        with div("floor-side", "aside") as self._side:
            with div("panel") as self._panel:
                with div("panel-head"):
                    self._title = link("", "", "card-title way-in")
                    closing = text(screen.say("close"), "act small", "button")
                    closing.on("click", on_close).props("data-close").mark("close-side")
                self._body = div("side-body")
            self._slot = CommandCardSlot(screen)
        stale_overlay(screen, self._panel, lambda: _device(screen, self.chosen))
        screen.live(self._draw)
        set_classes(self._side, hidden=True)

    def show(self, serial: str) -> None:
        """Show this module or vehicle; an empty serial shows none."""
        self.chosen = serial
        self._body.clear()
        with self._body:
            self._parts = _parts(self._screen, self._slot, serial) if serial else []
        set_classes(self._side, hidden=not serial)
        self._draw()

    def _draw(self) -> None:
        if not self.chosen:
            return
        self._title.say(_title(self._screen, self.chosen))
        attribute(self._title, "href", urls.to_device(self._screen, self.chosen))
        for part in self._parts:
            part()


def _title(screen: Screen, serial: str) -> str:
    factory, say = screen.model.factory, screen.say
    if serial in factory.vehicles:
        return f"{say('module.FTS')} {serial}"
    module = factory.modules.get(serial)
    layout = screen.model.layout
    kind = module.type if module else layout and layout.modules.get(serial)
    return device_status.module_title(factory, serial, kind, say) if kind else serial


def _device(screen: Screen, serial: str) -> Module | Vehicle | None:
    factory = screen.model.factory
    return factory.modules.get(serial) or factory.vehicles.get(serial)


def _parts(screen: Screen, slot: CommandCardSlot, serial: str) -> list[Draw]:
    about = subject_alarms(screen, lambda: (serial,))
    silent = text("", "dim")
    chain = action_chain(
        screen,
        lambda: _device(screen, serial),
        lambda action: _usual(screen, serial, action),
    )
    known = properties_panel(screen, FACTS, lambda: _facts(screen, serial))
    text(screen.say("device.commands"), "panel-title")
    able = suggestion_list(screen, slot, lambda: _suggestions(screen, serial))

    def unheard() -> None:
        layout = screen.model.layout
        foreseen = layout is not None and serial in layout.modules
        key = "floor.silent" if foreseen else "floor.unheard"
        silent.say(screen.say(key, name=serial[:64]))
        set_classes(silent, hidden=_device(screen, serial) is not None)

    return [about, unheard, chain, known, able]


def _usual(screen: Screen, serial: str, action: Action) -> step_times.Usual | None:
    module = screen.model.factory.modules.get(serial)
    command = device_status.command_of(module, action) if module else None
    return step_times.of_action(module, command, screen.model) if module else None


def _facts(screen: Screen, serial: str) -> Mapping[str, Value]:
    device = _device(screen, serial)
    if device is None:
        return {}
    known = (
        device_properties.of_vehicle(screen, device)
        if isinstance(device, Vehicle)
        else device_properties.of_module(screen, device)
    )
    more = {
        "errors": device_status.error_words(device, screen.say) or screen.say("device.no_errors")
    }
    if isinstance(device, Vehicle):
        more["battery"] = battery_words(screen, device.battery_percentage, device.battery_voltage)
    return {**known, **more, "loads": _loads(screen, device)}


def _loads(screen: Screen, device: Module | Vehicle) -> str:
    say = screen.say
    bays = device.bays
    where = say("vehicle.unplaced" if isinstance(device, Vehicle) else "special.unplaced")
    loose = [f"{where} {load_words(one, say)}" for one in device.unplaced]
    if bays or loose:
        full = [f"{name} {load_words(load, say)}" for name, load in sorted(bays.items()) if load]
        return ", ".join([*full, *loose]) or say("special.empty")
    if isinstance(device, Vehicle) or not device.loads_known:
        return say("special.untold")
    pieces = [piece_words(one, screen.model, say) for one in pieces_on(device.serial, screen.model)]
    return ", ".join(pieces) or say("special.empty")


def _suggestions(screen: Screen, serial: str) -> list[CommandSuggestion]:
    device = _device(screen, serial)
    if isinstance(device, Vehicle):
        return available_commands.for_vehicle(device, screen.model)
    return available_commands.for_module(device) if device else []
