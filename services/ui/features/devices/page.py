"""One module or vehicle: what it is, does and did, what it holds, and what it may be told now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Generic, Literal, TypeVar

from nicegui import ui

from omf.state.modules import Module
from omf.state.values import Action
from omf.state.vehicles import Vehicle
from services.ui.features.devices.battery_chart import battery_panel
from services.ui.features.devices.calibration import calibration_panel
from services.ui.features.devices.module_panels import type_panels
from services.ui.features.devices.panels import (
    connection_panel,
    error_panel,
    message_links,
    past_panel,
)
from services.ui.features.devices.vehicle_panels import bay_panel, drive_panel, path_panel
from services.ui.live.screen import Screen
from services.ui.types import Address, Page, Value
from services.ui.views import available_commands, device_properties, device_status, step_times, urls
from services.ui.views.available_commands import CommandSuggestion
from services.ui.views.step_times import Usual
from services.ui.widgets.account_panel import account_panel
from services.ui.widgets.action_chain import action_chain
from services.ui.widgets.command_card.command_entries import CommandCardSlot, suggestion_list
from services.ui.widgets.elements import div, link, panel, set_classes, text
from services.ui.widgets.properties_panel import absent, properties_panel
from services.ui.widgets.stale_overlay import stale_overlay
from services.ui.widgets.subject_alarms import subject_alarms

SHOWN_ASPECTS = ("state", "connection", "order", "instant_action", "factsheet")
TXT_TOPICS = ("nodered_state", "nodered_connection")
"""Stations with a controller of their own behind the bridge (PROTOCOL A.2)."""
WITH_TXT = frozenset({"DPS", "AIQS"})

DeviceT = TypeVar("DeviceT", Module, Vehicle)


@dataclass(frozen=True, slots=True)
class DeviceKind(Generic[DeviceT]):
    """What the page of a module and that of a vehicle do not have in common."""

    name: Literal["module", "vehicle"]
    find: Callable[[Screen, str], DeviceT | None]
    title: Callable[[Screen, DeviceT], str]
    property_names: tuple[str, ...]
    properties: Callable[[Screen, DeviceT], Mapping[str, Value]]
    commands: Callable[[Screen, DeviceT], list[CommandSuggestion]]
    usual: Callable[[Screen, DeviceT, Action], Usual | None]
    topics: Callable[[DeviceT | None], tuple[str, ...]]
    loads: Callable[[Screen, Callable[[], DeviceT | None]], None]
    """Panels on the left, between what is known and the errors."""
    work: Callable[[Screen, Callable[[], DeviceT | None], CommandCardSlot], None]
    """Panels in the middle, between the present action and the past ones."""


def build(kind: DeviceKind[DeviceT], screen: Screen, address: Address) -> None:
    """Fill the page of the device the address names; it may still report."""
    serial = address.get("serial", "")
    if not serial:
        ui.navigate.to(screen.path("overview/modules"))
        return

    def read() -> DeviceT | None:
        return kind.find(screen, serial)

    with div("detail-page"):
        missing = absent(screen, kind.name, serial)
        with div("detail-wide") as body:
            _head(kind, screen, serial, read)
            screen.live(subject_alarms(screen, lambda: (serial,)))
            with div("detail-three"):
                left, middle, right = (div("detail-column") for _ in range(3))
            with left:
                _known(kind, screen, read)
            with right:
                slot = _commands(kind, screen, serial, read)
            with middle:
                _work(kind, screen, read, slot)
            stale_overlay(screen, left, read)
            stale_overlay(screen, middle, read)

    def draw() -> None:
        known = read() is not None
        set_classes(missing, hidden=known)
        set_classes(body, hidden=not known)

    screen.live(draw)


def _head(
    kind: DeviceKind[DeviceT], screen: Screen, serial: str, read: Callable[[], DeviceT | None]
) -> None:
    say = screen.say
    with div("detail-head"):
        title = text("", "detail-title", "h2")
        state = text("", "detail-state")
        link(say("overview.tab.modules"), screen.path("overview/modules"), "way-in head-end")
        link(say("page.floor"), urls.to_floor(screen, serial), "way-in")

    def draw() -> None:
        if device := read():
            title.say(kind.title(screen, device))
            status = device_status.status_of(device, screen.model, say)
            state.say(status.word)
            set_classes(state, warn=status.warn, comm=status.down)

    screen.live(draw)


def _known(kind: DeviceKind[DeviceT], screen: Screen, read: Callable[[], DeviceT | None]) -> None:
    def known() -> Mapping[str, Value]:
        device = read()
        return kind.properties(screen, device) if device else {}

    with panel(screen.say("device.facts")):
        screen.live(properties_panel(screen, kind.property_names, known))
    kind.loads(screen, read)
    error_panel(screen, read)
    connection_panel(screen, read)
    account_panel(screen, lambda: device.serial if (device := read()) else "")


def _work(
    kind: DeviceKind[DeviceT],
    screen: Screen,
    read: Callable[[], DeviceT | None],
    slot: CommandCardSlot,
) -> None:
    def usual(action: Action) -> Usual | None:
        device = read()
        return kind.usual(screen, device, action) if device else None

    with panel(screen.say("device.action")):
        screen.live(action_chain(screen, read, usual))
    kind.work(screen, read, slot)
    past_panel(screen, read)


def _commands(
    kind: DeviceKind[DeviceT], screen: Screen, serial: str, read: Callable[[], DeviceT | None]
) -> CommandCardSlot:
    """The commands it understands, below the card that opens for one of them."""

    def wanted() -> list[CommandSuggestion]:
        device = read()
        return kind.commands(screen, device) if device else []

    def sheet() -> Mapping[str, Value]:
        device = read()
        return device_properties.factsheet(screen, device) if device else {}

    slot = CommandCardSlot(screen)
    with panel(screen.say("device.commands")):
        screen.live(suggestion_list(screen, slot, wanted))
    with panel(screen.say("device.factsheet")):
        screen.live(properties_panel(screen, device_properties.FACTSHEET, sheet))
    message_links(screen, serial, kind.topics(read()))
    return slot


def _module_title(screen: Screen, module: Module) -> str:
    return device_status.module_title(screen.model.factory, module.serial, module.type, screen.say)


def _module_topics(module: Module | None) -> tuple[str, ...]:
    own = tuple(f"module_{aspect}" for aspect in SHOWN_ASPECTS)
    return (*own, *TXT_TOPICS) if module and module.type in WITH_TXT else own


def _module_work(screen: Screen, read: Callable[[], Module | None], slot: CommandCardSlot) -> None:
    calibration_panel(screen, read, slot)
    type_panels(screen, read)


def _vehicle_work(
    screen: Screen, read: Callable[[], Vehicle | None], _slot: CommandCardSlot
) -> None:
    path_panel(screen, read)
    battery_panel(screen, read)
    drive_panel(screen, read)


_MODULE: DeviceKind[Module] = DeviceKind(
    name="module",
    find=lambda screen, serial: screen.model.factory.modules.get(serial),
    title=_module_title,
    property_names=device_properties.MODULE,
    properties=device_properties.of_module,
    commands=lambda _screen, module: available_commands.for_module(module),
    usual=lambda screen, module, action: step_times.of_action(
        module, device_status.command_of(module, action), screen.model
    ),
    topics=_module_topics,
    loads=lambda _screen, _read: None,
    work=_module_work,
)
_VEHICLE: DeviceKind[Vehicle] = DeviceKind(
    name="vehicle",
    find=lambda screen, serial: screen.model.factory.vehicles.get(serial),
    title=lambda screen, vehicle: f"{vehicle.serial} · {screen.say('module.FTS')}",
    property_names=device_properties.VEHICLE,
    properties=device_properties.of_vehicle,
    commands=lambda screen, vehicle: available_commands.for_vehicle(vehicle, screen.model),
    usual=lambda _screen, _vehicle, _action: None,
    topics=lambda _: tuple(f"fts_{aspect}" for aspect in SHOWN_ASPECTS),
    loads=bay_panel,
    work=_vehicle_work,
)


def _page(kind: DeviceKind[DeviceT]) -> Page:
    name = kind.name
    paths = (f"{name}/{{serial:path}}", name)
    return Page(name, "overview", "", partial(build, kind), paths=paths, menu=False)


MODULE_PAGE, VEHICLE_PAGE = _page(_MODULE), _page(_VEHICLE)
