"""Shop floor: the map of the factory, drawn from its own layout message, and what is clicked."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from omf.commands import Kind
from services.ui.features.floor.side_panel import FloorSide
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.widgets.after_reset import after_reset
from services.ui.widgets.elements import Label, attribute, div, panel, set_classes, text
from services.ui.widgets.floor_map.map import FloorMap
from services.ui.widgets.floor_map.sheet import LAYERS, Layer

ZOOMS = (100, 150, 200, 300)


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `show`, `turn`, `zoom` and `hide` in the address say how it is looked at."""
    with div("floor-page"):
        _Floor(screen, address)


def _steer(screen: Screen, kind: Kind, given: Mapping[str, Any]) -> None:
    """Open the command where there is room for its card."""
    ui.navigate.to(screen.path(f"steering?{urlencode({'kind': kind.name, **given})}"))


class _Floor:
    """One person's look at the map."""

    def __init__(self, screen: Screen, address: Address) -> None:
        self._screen = screen
        hidden = set(address.get("hide", "").split(","))
        self._layers: frozenset[Layer] = frozenset(one for one in LAYERS if one not in hidden)
        self._quarters = _number(address.get("turn", ""), 3)
        self._zoom = _number(address.get("zoom", ""), len(ZOOMS) - 1)
        self._entries: dict[str, Label] = {}
        with panel(screen.say("page.floor"), "fill"):
            after_reset(screen, partial(_steer, screen))
            self._bar()
            self._map = FloorMap(
                screen, pick=self._pick, quarters=self._quarters, layers=self._layers
            )
            _legend(screen)
        self._side = FloorSide(screen, on_close=lambda: self._pick(""))
        self._map.zoom(ZOOMS[self._zoom])
        self._pick(address.get("show", ""))

    def _bar(self) -> None:
        say = self._screen.say
        with div("floor-bar"):
            text(say("floor.layers"), "dim")
            for name in LAYERS:
                entry = text(say(f"floor.layer.{name}"), "list-entry", "button")
                entry.on("click", lambda name=name: self._toggle(name)).mark(f"layer-{name}")
                self._entries[name] = entry
            with div("floor-tools"):
                for key, act in (("turn", self._turn), ("out", self._out), ("in", self._in)):
                    tool = text(say(f"floor.{key}"), "act small", "button").on("click", act)
                    attribute(tool, "title", say(f"floor.{key}.is"))
                    tool.mark(f"floor-{key}")

    def _pick(self, serial: str) -> None:
        self._side.show(serial)
        self._map.choose(serial)
        self._mark()

    def _toggle(self, name: Layer) -> None:
        self._layers = frozenset(self._layers ^ {name})
        self._look()

    def _turn(self) -> None:
        self._quarters = (self._quarters + 1) % 4
        self._look()

    def _in(self) -> None:
        self._zoom = min(self._zoom + 1, len(ZOOMS) - 1)
        self._look()

    def _out(self) -> None:
        self._zoom = max(self._zoom - 1, 0)
        self._look()

    def _look(self) -> None:
        self._map.look(quarters=self._quarters, layers=self._layers)
        self._map.zoom(ZOOMS[self._zoom])
        self._mark()

    def _mark(self) -> None:
        """Show what is switched on, and put it all into the address."""
        for name, entry in self._entries.items():
            set_classes(entry, current=name in self._layers)
            attribute(entry, "aria-pressed", str(name in self._layers).lower())
        parts = {
            "show": self._side.chosen,
            "turn": str(self._quarters or ""),
            "zoom": str(self._zoom or ""),
            "hide": ",".join(one for one in LAYERS if one not in self._layers),
        }
        query = urlencode({name: value for name, value in parts.items() if value})
        ui.navigate.history.replace(self._screen.path(f"floor?{query}" if query else "floor"))


def _number(text_: str, most: int) -> int:
    return int(text_) if text_ in {str(one) for one in range(most + 1)} else 0


def _legend(screen: Screen) -> None:
    with div("legend"):
        for name in ("path", "blocked", "held", "busy", "ring", "unassigned", "old", "estimate"):
            with div("legend-entry"):
                div(f"legend-mark legend-{name}")
                text(screen.say(f"legend.{name}"), "hint")


PAGE = Page("floor", "overview", "f", build)
