"""One module: what it is, does and did, what it holds, and what it may be told now."""

from collections.abc import Mapping

from nicegui import ui

from omf.state.modules import Module
from omf.state.values import Action
from services.ui.features.devices.calibration import calibration_panel
from services.ui.features.devices.module_panels import special
from services.ui.features.devices.panels import (
    connection_panel,
    error_panel,
    message_links,
    past_panel,
)
from services.ui.live.screen import Screen
from services.ui.types import Address, Page, Value
from services.ui.views import available_commands, device_properties, device_status, step_times, urls
from services.ui.views.available_commands import CommandSuggestion
from services.ui.views.step_times import Usual
from services.ui.widgets.action_chain import action_chain
from services.ui.widgets.command_card.command_entries import CommandCardSlot, offer_list
from services.ui.widgets.elements import div, link, panel, set_classes, text
from services.ui.widgets.properties_panel import absent, properties_panel
from services.ui.widgets.stale_overlay import aging

TOPICS = tuple(
    f"module_{name}" for name in ("state", "connection", "order", "instant_action", "factsheet")
)
TXT_TOPICS = ("nodered_state", "nodered_connection")
"""Stations with a controller of their own behind the bridge (PROTOCOL A.2)."""
WITH_TXT = frozenset({"DPS", "AIQS"})


def build(screen: Screen, address: Address) -> None:
    """Fill the page of the module the address names; it may still report."""
    serial = address.get("serial", "")
    if not serial:
        ui.navigate.to(screen.path("overview/modules"))
        return

    with div("detail-page"):
        missing = absent(screen, "module", serial)
        with div("detail-wide") as body:
            _head(screen, serial)
            with div("detail-three"):
                _known(screen, serial)
                middle = _middle(screen, serial)
                place = _right(screen, serial)
            with middle:
                calibration_panel(screen, serial, place)

    def draw() -> None:
        known = _module(screen, serial) is not None
        set_classes(missing, hidden=known)
        set_classes(body, hidden=not known)

    screen.live(draw)


def _module(screen: Screen, serial: str) -> Module | None:
    return screen.model.factory.modules.get(serial)


def _head(screen: Screen, serial: str) -> None:
    say = screen.say
    with div("detail-head"):
        title = text("", "detail-title", "h2")
        state = text("", "detail-state")
        link(say("overview.tab.modules"), screen.path("overview/modules"), "way-in head-end")
        link(say("page.floor"), urls.to_floor(screen, serial), "way-in")

    def draw() -> None:
        if module := _module(screen, serial):
            title.say(f"{module.type or serial} · {say.known('module', module.type)}")
            condition = device_status.condition_of(module, screen.model, say)
            state.say(condition.word)
            set_classes(state, warn=condition.warn, comm=condition.down)

    screen.live(draw)


def _known(screen: Screen, serial: str) -> None:
    def known() -> Mapping[str, Value]:
        module = _module(screen, serial)
        return device_properties.of_module(screen, module) if module else {}

    with div("detail-column") as column:
        with panel(screen.say("device.facts")):
            screen.live(properties_panel(screen, device_properties.MODULE, known))
        error_panel(screen, lambda: _module(screen, serial))
        connection_panel(screen, lambda: _module(screen, serial))
    aging(screen, column, lambda: _module(screen, serial))


def _middle(screen: Screen, serial: str) -> ui.element:
    with div("detail-column") as column:
        with panel(screen.say("device.action")):
            chain = action_chain(
                screen,
                lambda: _module(screen, serial),
                lambda action: _usual(screen, serial, action),
            )
        screen.live(chain)
        special(screen, serial)
        past_panel(screen, lambda: _module(screen, serial))
    aging(screen, column, lambda: _module(screen, serial))
    return column


def _usual(screen: Screen, serial: str, action: Action) -> Usual | None:
    module = _module(screen, serial)
    return step_times.of_action(module, action.command, screen.model) if module else None


def _right(screen: Screen, serial: str) -> CommandCardSlot:
    def wanted() -> list[CommandSuggestion]:
        module = _module(screen, serial)
        return available_commands.for_module(module) if module else []

    def sheet() -> Mapping[str, Value]:
        module = _module(screen, serial)
        return device_properties.factsheet(screen, module) if module else {}

    with div("detail-column"):
        place = CommandCardSlot(screen)
        with panel(screen.say("device.commands")):
            screen.live(offer_list(screen, place, wanted))
        with panel(screen.say("device.factsheet")):
            screen.live(properties_panel(screen, device_properties.FACTSHEET, sheet))
        module = _module(screen, serial)
        with_txt = module is not None and module.type in WITH_TXT
        message_links(screen, serial, (*TOPICS, *(TXT_TOPICS if with_txt else ())))
    return place


PAGE = Page("module", "overview", "", build, paths=("module/{serial:path}", "module"), menu=False)
