"""One vehicle: where it is, what it carries, how long it lasts, what it may be told now."""

from collections.abc import Mapping

from nicegui import ui

from omf.state.vehicles import Vehicle
from services.ui.features.devices.battery_chart import battery_panel
from services.ui.features.devices.panels import (
    connection_panel,
    error_panel,
    message_links,
    past_panel,
)
from services.ui.features.devices.vehicle_panels import bay_panel, drive_panel, path_panel
from services.ui.live.screen import Screen
from services.ui.types import Address, Page, Value
from services.ui.views import available_commands, device_properties, device_status, urls
from services.ui.views.available_commands import CommandSuggestion
from services.ui.widgets.action_chain import action_chain
from services.ui.widgets.command_card.command_entries import CommandCardSlot, offer_list
from services.ui.widgets.elements import div, link, panel, set_classes, text
from services.ui.widgets.properties_panel import absent, properties_panel
from services.ui.widgets.stale_overlay import aging

TOPICS = tuple(
    f"fts_{name}" for name in ("state", "connection", "order", "instant_action", "factsheet")
)


def build(screen: Screen, address: Address) -> None:
    """Fill the page of the vehicle the address names; it may still report."""
    serial = address.get("serial", "")
    if not serial:
        ui.navigate.to(screen.path("overview/modules"))
        return
    with div("detail-page"):
        missing = absent(screen, "vehicle", serial)
        with div("detail-wide") as body:
            _head(screen, serial)
            with div("detail-three"):
                _left(screen, serial)
                _middle(screen, serial)
                _right(screen, serial)

    def draw() -> None:
        known = _vehicle(screen, serial) is not None
        set_classes(missing, hidden=known)
        set_classes(body, hidden=not known)

    screen.live(draw)


def _vehicle(screen: Screen, serial: str) -> Vehicle | None:
    return screen.model.factory.vehicles.get(serial)


def _head(screen: Screen, serial: str) -> None:
    say = screen.say
    with div("detail-head"):
        text(f"{serial} · {say('module.FTS')}", "detail-title", "h2")
        state = text("", "detail-state")
        link(say("overview.tab.modules"), screen.path("overview/modules"), "way-in head-end")
        link(say("page.floor"), urls.to_floor(screen, serial), "way-in")

    def draw() -> None:
        if vehicle := _vehicle(screen, serial):
            condition = device_status.condition_of(vehicle, screen.model, say)
            state.say(condition.word)
            set_classes(state, warn=condition.warn, comm=condition.down)

    screen.live(draw)


def _left(screen: Screen, serial: str) -> None:
    def known() -> Mapping[str, Value]:
        vehicle = _vehicle(screen, serial)
        return device_properties.of_vehicle(screen, vehicle) if vehicle else {}

    with div("detail-column") as column:
        with panel(screen.say("device.facts")):
            screen.live(properties_panel(screen, device_properties.VEHICLE, known))
        bay_panel(screen, lambda: _vehicle(screen, serial))
        error_panel(screen, lambda: _vehicle(screen, serial))
        connection_panel(screen, lambda: _vehicle(screen, serial))
    aging(screen, column, lambda: _vehicle(screen, serial))


def _middle(screen: Screen, serial: str) -> None:
    with div("detail-column") as column:
        with panel(screen.say("device.action")):
            chain = action_chain(screen, lambda: _vehicle(screen, serial), lambda _: None)
        screen.live(chain)
        path_panel(screen, lambda: _vehicle(screen, serial))
        battery_panel(screen, lambda: _vehicle(screen, serial))
        drive_panel(screen, lambda: _vehicle(screen, serial))
        past_panel(screen, lambda: _vehicle(screen, serial))
    aging(screen, column, lambda: _vehicle(screen, serial))


def _right(screen: Screen, serial: str) -> None:
    def wanted() -> list[CommandSuggestion]:
        vehicle = _vehicle(screen, serial)
        return available_commands.for_vehicle(vehicle, screen.model) if vehicle else []

    def sheet() -> Mapping[str, Value]:
        vehicle = _vehicle(screen, serial)
        return device_properties.factsheet(screen, vehicle) if vehicle else {}

    with div("detail-column"):
        place = CommandCardSlot(screen)
        with panel(screen.say("device.commands")):
            screen.live(offer_list(screen, place, wanted))
        with panel(screen.say("device.factsheet")):
            screen.live(properties_panel(screen, device_properties.FACTSHEET, sheet))
        message_links(screen, serial, TOPICS)


PAGE = Page(
    "vehicle", "overview", "", build, paths=("vehicle/{serial:path}", "vehicle"), menu=False
)
