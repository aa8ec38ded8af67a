"""Every version of what the site says: who made it so and when, what differs, and the way back."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nicegui import background_tasks, ui

from omf.commands import Kind, kind_of
from omf.commands.site_changes import SITE_IMPORT, site_differences
from omf.site.settings import SiteSettings
from services.common.store.errors import StoreError
from services.common.store.site_settings import site_versions
from services.ui.features.configuration.versions import MOST_LINES
from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, div, fold, text

OpenCard = Callable[[Kind, Mapping[str, Any]], None]


class SiteVersions:
    """Read when the page opens, and again with each new version."""

    def __init__(self, screen: Screen, open_card: OpenCard) -> None:
        self._screen, self._open = screen, open_card
        self._shown = -1
        with fold(screen.say("versions.title"), "versions").mark("versions-site"):
            self._told = text("", "hint").props("role=status")
            self._list = div("version-list")
        with div("row wraps"):
            text(screen.say("configuration.export"), "act small", "button").on(
                "click", self._export
            ).mark("site-export")
        screen.live(self._follow)

    def _export(self) -> None:
        """The file that `omf config import` and the card of the import take."""
        content = self._screen.model.factory.site.content.model_dump(mode="json")
        body = json.dumps(content, indent=2, ensure_ascii=False)
        ui.download.content(body, f"site-{self._screen.environment}.json", "application/json")

    def _follow(self) -> None:
        revision = self._screen.model.factory.site.revision
        if revision != self._shown:
            self._shown = revision
            background_tasks.create(self._read(), name="versions of the site")

    async def _read(self) -> None:
        bus, say = self._screen.bus, self._screen.say
        found: list[SiteSettings] = []
        key = "versions.found_kept"
        try:
            found = await site_versions(bus) if bus is not None else []
        except StoreError:
            key = "versions.some"
        if self._list.is_deleted:
            return
        self._told.say(say(key, count=len(found)))
        self._list.clear()
        with self._list:
            for index, version in enumerate(found):
                self._version(version, now=index == 0)

    def _version(self, version: SiteSettings, *, now: bool) -> None:
        screen, say = self._screen, self._screen.say
        with div("version"), div("row wraps"):
            text(screen.when(version.at), "mono")
            text(say("versions.by", who=say.known("user", version.by)), "hint")
            text(say("configuration.revision", number=version.revision), "hint")
            if now:
                text(say("versions.now"), "hint")
                return
            back = text(say("versions.back"), "act small", "button")
            document = {"document": version.content.model_dump(mode="json")}
            back.on("click", partial(self._open, kind_of(SITE_IMPORT), document))
            attribute(back, "aria-label", say("versions.back_to", at=screen.when(version.at)))
            self._differences(version)

    def _differences(self, version: SiteSettings) -> None:
        """What going back would change."""
        say, factory = self._screen.say, self._screen.model.factory
        found = list(site_differences(factory.site.content, version.content, factory))
        if not found:
            text(say("versions.same"), "hint")
        with div("version-differences"):
            for one in found[:MOST_LINES]:
                with div("difference"):
                    text(say.either(one.name), "dim")
                    text(say.either(one.before), "gone")
                    text(say.either(one.after), "come")
