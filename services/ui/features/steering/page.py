"""Steering: every command of the factory, each through the command card."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from omf.commands import CONTROLS, KINDS, Kind
from services.common.store.environments import is_mock
from services.common.store.pending_previews import PendingPreview
from services.ui.features.steering import command_tabs, menu
from services.ui.features.steering.approvals import approval_panel
from services.ui.features.steering.graceful_stop import graceful_stop
from services.ui.features.steering.open_brackets import bracket_panel
from services.ui.features.steering.pending import find_preview, pending_panel
from services.ui.features.steering.sequence_library import sequence_library
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.views import command_progress, command_view, urls
from services.ui.views.floor_plan import SMALL
from services.ui.widgets.after_reset import after_reset
from services.ui.widgets.command_card.command_entries import CommandCardSlot
from services.ui.widgets.device_lines import device_panel, vehicle_panel
from services.ui.widgets.elements import attribute, div, link, linked_panel, set_classes, text
from services.ui.widgets.floor_map.map import FloorMap
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.sequence_runs import run_panel
from services.ui.widgets.tabs import Tabs

FILL = {
    "factory": command_tabs.factory,
    "navigation": command_tabs.navigation,
    "modules": command_tabs.modules,
    "orders": command_tabs.orders,
    "free": command_tabs.free,
    "training": command_tabs.training,
}
USUAL = "orders"
"""What people mostly come for."""
MOST_COMMANDS = 6
"""Commands of everybody listed below the tabs; the others stand on their own page."""
MAX_GIVEN = 16_000
"""Characters of one parameter in an address; a layout of twenty modules has six thousand."""


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `tab` is part of the address.

    `kind` opens the card of that command at once, filled with whatever else the address names.
    """
    kind = (KINDS | CONTROLS).get(address.get("kind", ""))
    wanted = menu.tab_of(kind.name) if kind else address.get("tab", USUAL)
    steering = Steering(screen, wanted if wanted in FILL else USUAL)
    steering.build()
    if kept := find_preview(screen, address.get("preview", "")):
        steering.resume(kept)
    elif kind is not None:
        names = kind.parameters.model_fields
        steering.open(kind, {n: address[n][:MAX_GIVEN] for n in names if address.get(n)})


class Steering:
    """The page's tab and its one open card."""

    def __init__(self, screen: Screen, tab: str) -> None:
        self._screen = screen
        self._shown = tuple(t for t in FILL if t != "training" or is_mock(screen.environment))
        self._tab = tab if tab in self._shown else USUAL
        self._bodies: dict[str, ui.element] = {}

    def build(self) -> None:
        """The tabs with their commands, the open brackets, and the place of the card."""
        say = self._screen.say
        names = {tab: say(f"steering.tab.{tab}") for tab in self._shown}
        self._tabs = Tabs(names, self._tab, self._turn)
        with div("steering") as self._whole:
            with div("steering-left"):
                for tab in self._shown:
                    self._bodies[tab] = div("steering-tab")
            with div("steering-right"):
                brackets = div("steering-notes")
                self._slot = CommandCardSlot(self._screen, "card-holder")
                with brackets:
                    draw_approvals = approval_panel(self._screen)
                    after_reset(self._screen, self.open)
                    slot = self._slot
                    draw_runs = run_panel(self._screen, self.open)
                    draw_brackets = bracket_panel(self._screen, self.open, lambda: slot.commands)
                    draw_pending = pending_panel(self._screen, self.resume, lambda: slot.previews)
                self._hint = text(say("steering.hint"), "panel dim")
            self._factory_in_sight()
        self._fill(self._tab)
        self._screen.live(draw_approvals)
        self._screen.live(draw_runs)
        self._screen.live(draw_brackets)
        self._screen.live(draw_pending)
        self._screen.live(self._draw)

    def _factory_in_sight(self) -> None:
        """Where everything stands and what it does, beside the card that moves it."""
        screen = self._screen
        with div("steering-factory", "aside") as area:
            attribute(area, "aria-label", screen.say("steering.area"))
            with linked_panel(screen.say("page.floor"), screen.path("floor"), "steering-map"):
                FloorMap(screen, SMALL)
            with div("steering-devices"):
                with div("column"):
                    vehicle_panel(screen)
                    _recent_commands(screen)
                device_panel(screen)

    def _fill(self, tab: str) -> None:
        """Build a tab when it is first looked at: what nobody sees costs nothing."""
        body = self._bodies[tab]
        if not body.default_slot.children:
            with body:
                FILL[tab](self._screen, self.open)
                if tab == "factory":
                    graceful_stop(self._screen, self._slot.put)
                elif tab == "free":
                    sequence_library(self._screen, self._slot.put)
        for name, other in self._bodies.items():
            set_classes(other, hidden=name != tab)

    def _turn(self, tab: str) -> None:
        self._fill(tab)
        ui.navigate.history.replace(self._screen.path(f"steering/{tab}"))

    def open(self, kind: Kind, given: Mapping[str, Any]) -> None:
        """Open a fresh card for this command; one that was sent goes on without it."""
        self._slot.open(kind, given)
        preview = self._slot.previews[0]
        query = urlencode({"kind": kind.name, **given, "preview": preview})
        ui.navigate.history.replace(self._screen.path(f"steering/{self._tabs.chosen}?{query}"))
        self._draw()

    def resume(self, kept: PendingPreview) -> None:
        """Go on with a preview where it was left, here or by somebody else."""
        self._slot.resume(kept)
        tab = menu.tab_of(kept.kind)
        if tab in self._shown and tab != self._tabs.chosen:
            self._tabs.choose(tab)
        query = urlencode({"kind": kept.kind, "preview": kept.id})
        ui.navigate.history.replace(self._screen.path(f"steering/{self._tabs.chosen}?{query}"))
        self._draw()

    def _draw(self) -> None:
        set_classes(self._hint, hidden=self._slot.taken)
        set_classes(self._whole, idle=not self._slot.taken)


def _recent_commands(screen: Screen) -> None:
    """One line per command, newest first."""
    with linked_panel(screen.say("recent.title"), screen.path("commands"), "fill recent"):
        empty = text(screen.say("footer.none"), "empty")
        listing = KeyedList(
            div("lines"), lambda command_id: _recent_line(screen, command_id), empty
        )
    log = screen.model.commands
    screen.live(lambda: listing.show([r.command.command_id for r in log.newest(MOST_COMMANDS)]))


def _recent_line(screen: Screen, command_id: str) -> Draw:
    with link("", urls.to_command(screen, command_id), "recent-line"):
        name, stage = text("", "grow cut"), text("", "stage")

    def draw() -> None:
        record = screen.model.commands.get(command_id)
        if record is None:
            return
        kind = command_view.kind_name(record.command.kind, screen.say)
        name.say(f"{screen.when(record.command.created_at)} · {kind}")
        stage.say(command_progress.stage_words(record, screen.say))
        set_classes(stage, bad=record.stage in command_view.FAILURES, open=not record.final)

    return draw


PAGE = Page("steering", "steering", "s", build, paths=("steering", "steering/{tab}"))
