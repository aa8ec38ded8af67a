"""Configuration: what is set in the factory and here, how it is changed, and how it was before."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from omf.commands import SITE_ACTS, Kind, kind_of
from omf.commands.site_changes import (
    SITE_IMPORT,
    SITE_LINKS,
    SITE_NAME,
    SITE_ORDER,
    SITE_TAGS,
    site_present,
)
from services.ui.features.configuration.flows import flow_lines
from services.ui.features.configuration.modules import modules
from services.ui.features.configuration.settings import ccu_settings, installation
from services.ui.features.configuration.site_versions import SiteVersions
from services.ui.features.configuration.tags import tag_list
from services.ui.features.configuration.templates import TemplateList, TopicExamples
from services.ui.features.configuration.thresholds import thresholds
from services.ui.features.configuration.versions import SettingVersions
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.views import command_view
from services.ui.views.floor_plan import FULL
from services.ui.widgets.command_card.command_entries import CommandCardSlot
from services.ui.widgets.elements import Label, attribute, div, panel, set_classes, text
from services.ui.widgets.floor_map.map import FloorMap
from services.ui.widgets.site_links import site_links
from services.ui.widgets.tabs import Tabs


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `tab` is part of the address."""
    ConfigurationPage(screen, address.get("tab", ""))


class ConfigurationPage:
    """A tab at a time on the left, the command that changes something on the right."""

    def __init__(self, screen: Screen, tab: str) -> None:
        self._screen = screen
        self._fill: dict[str, Callable[[], None]] = {
            "flows": self._flows,
            "layout": self._layout,
            "ccu": self._ccu,
            "modules": self._modules,
            "site": self._site,
            "tags": self._tags,
            "thresholds": self._thresholds,
            "templates": self._templates,
            "installation": self._installation,
        }
        self._bodies: dict[str, ui.element] = {}
        chosen = tab if tab in self._fill else "flows"
        names = {name: screen.say(f"configuration.tab.{name}") for name in self._fill}
        Tabs(names, chosen, self._turn)
        with div("configuration"):
            with div("detail-column") as left:
                for name in self._fill:
                    self._bodies[name] = div("detail-column hidden")
            with div("detail-column") as right:
                self._slot = CommandCardSlot(screen)
                hint = text(screen.say("configuration.hint"), "panel dim")
        attribute(left, "data-area", "settings")
        attribute(right, "data-area", "card")
        screen.live(lambda: set_classes(hint, hidden=self._slot.taken))
        self._show(chosen)

    def _show(self, tab: str) -> None:
        """Build a tab when it is first looked at: what nobody sees costs nothing."""
        if not self._bodies[tab].default_slot.children:
            with self._bodies[tab]:
                self._fill[tab]()
        for name, body in self._bodies.items():
            set_classes(body, hidden=name != tab)

    def _turn(self, tab: str) -> None:
        self._show(tab)
        ui.navigate.history.replace(self._screen.path(f"configuration/{tab}"))

    def _open(self, kind: Kind, given: Mapping[str, Any]) -> None:
        self._slot.open(kind, given)

    def _flows(self) -> None:
        with panel(self._screen.say("configuration.flows")):
            flow_lines(self._screen)
            self._change("flows")
            SettingVersions(self._screen, "flows", self._open)

    def _layout(self) -> None:
        with panel(self._screen.say("configuration.layout")):
            FloorMap(self._screen, FULL)
            with div("row wraps"):
                self._change("layout")
                self._change("default-layout")
            SettingVersions(self._screen, "layout", self._open)

    def _ccu(self) -> None:
        with panel(self._screen.say("configuration.ccu")):
            ccu_settings(self._screen)
            self._change("config")
            SettingVersions(self._screen, "config", self._open)

    def _modules(self) -> None:
        with panel(self._screen.say("configuration.modules")):
            text(self._screen.say("configuration.modules_hint"), "hint")
            modules(self._screen, self._open)
            with div("row wraps"):
                for kind in (
                    SITE_ORDER,
                    "module-duration",
                    "delete-module",
                    "set-storage",
                    "calibration",
                ):
                    self._change(kind)

    def _site(self) -> None:
        """What the site says: its name, its links, and all of it as it was."""
        screen, say = self._screen, self._screen.say
        with panel(say("configuration.site")):
            name = text("", "detail-title").mark("factory-name")
            self._change(SITE_NAME)
        with panel(say("configuration.links")):
            none = text(say("configuration.no_links"), "empty")
            site_links(screen, "way-in")
            self._change(SITE_LINKS)
        with panel(say("configuration.site_versions")):
            text(say("configuration.site_hint"), "hint")
            self._change(SITE_IMPORT)
            SiteVersions(screen, self._open)

        def draw() -> None:
            content = screen.model.factory.site.content
            name.say(content.name or say("configuration.no_name"))
            set_classes(name, dim=not content.name)
            set_classes(none, hidden=bool(content.links))

        screen.live(draw)

    def _tags(self) -> None:
        with panel(self._screen.say("configuration.tags")):
            tag_list(self._screen, self._open)
            self._change(SITE_TAGS)

    def _thresholds(self) -> None:
        with panel(self._screen.say("configuration.thresholds")):
            thresholds(self._screen)

    def _templates(self) -> None:
        with panel(self._screen.say("configuration.templates")):
            TemplateList(self._screen, self._open)
        with panel(self._screen.say("configuration.examples")):
            TopicExamples(self._screen)

    def _installation(self) -> None:
        with panel(self._screen.say("configuration.installation")):
            text(self._screen.say("configuration.installation_hint"), "hint")
            installation(self._screen)

    def _change(self, kind: str) -> Label:
        """A button that opens the command, and what stands in its way."""
        screen, entry = self._screen, kind_of(kind)
        with div("config-change"):
            made = text(screen.say.either(entry.title), "act", "button").mark(f"change-{kind}")
            why = text("", "reason")
        made.on("click", lambda: self._open(entry, self._first_values(kind)))
        attribute(made, "title", screen.say.either(entry.summary))

        def draw() -> None:
            given: Mapping[str, Any] = {}
            reason = command_view.obstacle(kind, given, screen.model, screen.user, complete=False)
            why.say(reason or "")
            set_classes(why, hidden=reason is None)
            set_classes(made, off=reason is not None)

        screen.live(draw)
        return made

    def _first_values(self, kind: str) -> Mapping[str, Any]:
        """What the site says now; other settings are filled in by the form itself."""
        told = kind in SITE_ACTS
        return site_present(kind, {}, self._screen.model.factory) if told else {}


PAGE = Page(
    "configuration",
    "system",
    "n",
    build,
    paths=("configuration", "configuration/{tab}"),
)
