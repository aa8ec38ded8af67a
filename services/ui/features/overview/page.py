"""Overview: the whole factory on one screen, and the module status table behind a tab."""

from functools import partial
from typing import NamedTuple

from nicegui import ui

from omf.constants import HOUR_S
from omf.state.device_names import device_name
from omf.state.links import CCU
from omf.state.modules import Module
from omf.state.staleness import ccu_silent_since, oldest_word
from omf.state.vehicles import Vehicle
from services.common.store.environments import kind_of
from services.ui import formats
from services.ui.features.overview.module_table import PROBLEMS_FIRST, ModuleTable
from services.ui.features.overview.order_lines import order_panel
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.views import order_times, order_view
from services.ui.views.device_status import link_state
from services.ui.views.floor_plan import SMALL
from services.ui.widgets.after_reset import after_reset
from services.ui.widgets.alarm_list import alarm_panel, alarms_of
from services.ui.widgets.command_card.command_entries import CommandCardSlot
from services.ui.widgets.device_lines import device_panel, vehicle_panel
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import (
    Label,
    attribute,
    div,
    linked_panel,
    set_classes,
    text,
)
from services.ui.widgets.floor_map.map import FloorMap
from services.ui.widgets.rack import stock_panel
from services.ui.widgets.stale_overlay import stale_overlay
from services.ui.widgets.tabs import Tabs

TABS = ("now", "modules")
CALM = 2
"""So many alarms and orders leave room for the rack on a small screen."""


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `tab`, and how the table is sorted, are part of the address."""
    wanted = address.get("tab", "")
    tab = wanted if wanted in TABS else TABS[0]
    bodies: dict[str, ui.element] = {}

    def show(chosen: str) -> None:
        for name in TABS:
            set_classes(bodies[name], hidden=name != chosen)

    def note() -> None:
        ui.navigate.history.replace(screen.path(f"overview/{tabs.chosen}{table.query}"))

    def choose(chosen: str) -> None:
        screen.refresh()
        show(chosen)
        note()

    tabs = Tabs({name: screen.say(f"overview.tab.{name}") for name in TABS}, tab, choose)
    with div("tab-body tab-now") as bodies["now"]:
        _now(screen)
    with div("tab-body tab-modules") as bodies["modules"]:
        first = address.get("first", "") == PROBLEMS_FIRST
        table = ModuleTable(screen, lambda: tabs.chosen == "modules", note, first=first)
    show(tab)


def _now(screen: Screen) -> None:
    """What is wrong and what to do, what runs and what is next; beside it where all of it is."""
    _waiting(screen)
    _figures(screen)
    with div("overview"):
        with div("overview-left"):
            slot = CommandCardSlot(screen)
            after_reset(screen, slot.open)
            alarm_panel(screen, slot)
            order_panel(screen, slot)
            with div("overview-calm") as calm:
                stock_panel(screen)
            screen.live(lambda: set_classes(calm, hidden=not _calm(screen)))
        with div("overview-right"):
            with linked_panel(screen.say("page.floor"), screen.path("floor"), "overview-map"):
                FloorMap(screen, SMALL)
            vehicle_panel(screen)
            device_panel(screen)
            stock_panel(screen)


def _calm(screen: Screen) -> bool:
    """True while alarms and orders leave room below them."""
    return len(alarms_of(screen)) + len(screen.model.factory.orders) <= CALM


def _waiting(screen: Screen) -> None:
    """Why the page is empty while nothing has come yet, and what would fill it."""
    with div("note") as note:
        div("alarm-shape")
        with div("note-text"):
            title = text("", "note-title")
            text(screen.say(f"empty.factory.{kind_of(screen.environment)}"), "note-advice")

    def draw() -> None:
        set_classes(note, hidden=screen.model.journal.total > 0 or not screen.model.caught_up)
        since = formats.moment(screen.model.store.since, screen.user.clock)
        title.say(screen.say("empty.factory", since=since))

    screen.live(draw)


FIGURES = {
    "running": "orders/running",
    "queued": "orders/queued",
    "finished": "orders/finished",
    "failed": "orders/failed",
    "lead": "orders/finished",
    "heard": "overview/modules",
    "ccu": "system",
    "rate": "messages",
}
"""The key numbers, and the page that shows what is behind each."""
ORDER_FIGURES = ("running", "queued", "finished", "failed")


class KeyNumber(NamedTuple):
    """What one of the key numbers shows."""

    value: str
    name: str
    attention: bool = False
    unheard: bool = False
    """Somebody it is about is not heard."""
    name_unheard: bool = False
    title: str | None = None


def _figures(screen: Screen) -> None:
    with div("figures"):
        for name, page in FIGURES.items():
            with div("figure", "a") as made:
                value = text("", "figure-value")
                called = text("", "figure-name")
            attribute(made, "href", screen.path(page))
            stale_overlay(screen, made)
            shows = partial(_figure, screen, name)
            screen.live(drawn_from(shows, partial(_paint_figure, value, called)))


def _paint_figure(value: Label, name: Label, shown: KeyNumber) -> None:
    value.say(shown.value)
    set_classes(value, attention=shown.attention, comm=shown.unheard)
    name.say(shown.name)
    set_classes(name, comm=shown.name_unheard)
    attribute(name, "title", shown.title)


def _figure(screen: Screen, name: str) -> KeyNumber:
    return screen.shared("figures", lambda: _all_figures(screen))[name]


def _all_figures(screen: Screen) -> dict[str, KeyNumber]:
    model, say = screen.model, screen.say
    names = {name: say(f"figure.{name}") for name in FIGURES}
    lead = model.shared("lead", lambda: order_times.usual_lead_s(model))
    rate = formats.number(model.journal.rate(model.now), say.language, 1)
    return {
        **{name: _order_count(screen, name, names[name]) for name in ORDER_FIGURES},
        "lead": KeyNumber(formats.took(lead, say.language), names["lead"]),
        "heard": _heard(screen),
        "ccu": _ccu(screen, names["ccu"]),
        "rate": KeyNumber(rate, names["rate"]),
    }


def _order_count(screen: Screen, name: str, called: str) -> KeyNumber:
    """How many orders there are of a kind; of the finished ones, how many within the last hour."""
    model, say = screen.model, screen.say
    found = model.shared("order-counts", lambda: order_view.counts(model))[name]
    told = model.factory.book.active_known
    value = formats.number(found if told or found else None, say.language)
    if name == "finished":
        since = model.factory_now - HOUR_S
        hour = model.shared("last hour", lambda: order_times.finished_since(model, since))
        count = formats.number(hour, say.language)
        called = say("figure.finished.hour", count=count) if told or hour else called
    return KeyNumber(value, called, attention=name == "failed" and bool(found))


def _heard(screen: Screen) -> KeyNumber:
    """How many devices can be heard of all, and how old the word is of who must speak again.

    Named is who spoke longest ago. Sensors go on sending when nothing else does: their messages
    say nothing of the factory.
    """
    model, say = screen.model, screen.say
    devices: list[Module | Vehicle] = [
        *model.factory.modules.values(),
        *model.factory.vehicles.values(),
    ]
    there = sum(link_state(one, model) == "up" for one in devices)
    value = f"{there} / {len(devices)}" if devices else formats.NONE
    shown = KeyNumber(value, say("figure.heard"), unheard=there < len(devices))
    found = oldest_word(model.factory, model.factory_now)
    if found is None:
        return shown
    age = formats.age(max(0.0, model.factory_now - found.at), say.language)
    called = "CCU" if found.subject == CCU else device_name(model.factory, found.subject)
    return shown._replace(
        name=say("figure.heard.oldest", age=age),
        title=say("figure.heard.who", name=called, age=age),
        name_unheard=found.silent,
    )


def _ccu(screen: Screen, name: str) -> KeyNumber:
    """Since when the CCU is silent."""
    model = screen.model
    ccu = model.factory.links.get(CCU)
    at = ccu.at if ccu else None
    passed = None if at is None else max(0.0, model.factory_now - at)
    silent = ccu_silent_since(model.factory, model.factory_now) is not None
    return KeyNumber(formats.age(passed, screen.say.language), name, unheard=silent)


PAGE = Page("overview", "overview", "u", build, paths=("overview", "overview/{tab}"))
