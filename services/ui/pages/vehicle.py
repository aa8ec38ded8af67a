"""One vehicle: where it is, what it carries, how long it lasts, what it may be told now."""

from collections.abc import Mapping

from nicegui import ui

from omf.factory.vehicles import Vehicle
from services.ui import device_facts, device_rows, offers, ways
from services.ui.offers import Offer
from services.ui.page import Address, Page
from services.ui.parts.action_chain import action_chain
from services.ui.parts.aging import aging
from services.ui.parts.battery import battery_panel
from services.ui.parts.build import box, link, mark, panel, text
from services.ui.parts.device_panels import (
    connection_panel,
    error_panel,
    message_links,
    past_panel,
)
from services.ui.parts.facts import Value, absent, facts
from services.ui.parts.offers import CardPlace, offer_list
from services.ui.parts.vehicle_panels import bay_panel, drive_panel, path_panel
from services.ui.screen import Screen

TOPICS = tuple(
    f"fts_{name}" for name in ("state", "connection", "order", "instant_action", "factsheet")
)


def build(screen: Screen, address: Address) -> None:
    """Fill the page of the vehicle the address names; it may still report."""
    serial = address.get("serial", "")
    if not serial:
        ui.navigate.to(screen.path("overview/modules"))
        return
    with box("detail-page"):
        missing = absent(screen, "vehicle", serial)
        with box("detail-wide") as body:
            _head(screen, serial)
            with box("detail-three"):
                _left(screen, serial)
                _middle(screen, serial)
                _right(screen, serial)

    def draw() -> None:
        known = _vehicle(screen, serial) is not None
        mark(missing, hidden=known)
        mark(body, hidden=not known)

    screen.live(draw)


def _vehicle(screen: Screen, serial: str) -> Vehicle | None:
    return screen.model.factory.vehicles.get(serial)


def _head(screen: Screen, serial: str) -> None:
    say = screen.say
    with box("detail-head"):
        text(f"{serial} · {say('module.FTS')}", "detail-title", "h2")
        state = text("", "detail-state")
        link(say("overview.tab.modules"), screen.path("overview/modules"), "way-in head-end")
        link(say("page.floor"), ways.to_floor(screen, serial), "way-in")

    def draw() -> None:
        if vehicle := _vehicle(screen, serial):
            condition = device_rows.condition_of(vehicle, screen.model, say)
            state.say(condition.word)
            mark(state, warn=condition.warn, comm=condition.down)

    screen.live(draw)


def _left(screen: Screen, serial: str) -> None:
    def known() -> Mapping[str, Value]:
        vehicle = _vehicle(screen, serial)
        return device_facts.of_vehicle(screen, vehicle) if vehicle else {}

    with box("detail-column") as column:
        with panel(screen.say("device.facts")):
            screen.live(facts(screen, device_facts.VEHICLE, known))
        bay_panel(screen, lambda: _vehicle(screen, serial))
        error_panel(screen, lambda: _vehicle(screen, serial))
        connection_panel(screen, lambda: _vehicle(screen, serial))
    aging(screen, column, lambda: _vehicle(screen, serial))


def _middle(screen: Screen, serial: str) -> None:
    with box("detail-column") as column:
        with panel(screen.say("device.action")):
            chain = action_chain(screen, lambda: _vehicle(screen, serial), lambda _: None)
        screen.live(chain)
        path_panel(screen, lambda: _vehicle(screen, serial))
        battery_panel(screen, lambda: _vehicle(screen, serial))
        drive_panel(screen, lambda: _vehicle(screen, serial))
        past_panel(screen, lambda: _vehicle(screen, serial))
    aging(screen, column, lambda: _vehicle(screen, serial))


def _right(screen: Screen, serial: str) -> None:
    def wanted() -> list[Offer]:
        vehicle = _vehicle(screen, serial)
        return offers.for_vehicle(vehicle, screen.model) if vehicle else []

    def sheet() -> Mapping[str, Value]:
        vehicle = _vehicle(screen, serial)
        return device_facts.factsheet(screen, vehicle) if vehicle else {}

    with box("detail-column"):
        place = CardPlace(screen)
        with panel(screen.say("device.commands")):
            screen.live(offer_list(screen, place, wanted))
        with panel(screen.say("device.factsheet")):
            screen.live(facts(screen, device_facts.FACTSHEET, sheet))
        message_links(screen, serial, TOPICS)


PAGE = Page(
    "vehicle", "overview", "", build, paths=("vehicle/{serial:path}", "vehicle"), menu=False
)
