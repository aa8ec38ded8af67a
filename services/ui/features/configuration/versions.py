"""Earlier values of a setting: when they were told, what differs from now, and the way back."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nicegui import background_tasks

from omf.commands import KINDS, CommandError, Kind, parameters_of
from omf.commands.setting_changes import setting_changes
from services.ui.live.screen import Screen
from services.ui.live.setting_versions import SettingVersion, versions_of
from services.ui.widgets.elements import attribute, div, fold, text

OpenCard = Callable[[Kind, Mapping[str, Any]], None]
MOST_LINES = 30
"""Differences of one version that are shown."""


class SettingVersions:
    """Asked once when the page opens; a press asks again."""

    def __init__(self, screen: Screen, kind: str, open_card: OpenCard) -> None:
        self._screen, self._kind, self._open = screen, KINDS[kind], open_card
        with fold(screen.say("versions.title"), "versions").mark(f"versions-{kind}"):
            self._told = text(screen.say("versions.asking"), "hint").props("role=status")
            self._list = div("version-list")
            again = text(screen.say("versions.again"), "act small", "button")
            again.on("click", self.ask)
        self.ask()

    def ask(self) -> None:
        """Read them anew; the page is there meanwhile."""
        background_tasks.create(self._read(), name="versions of a setting")

    async def _read(self) -> None:
        found = await versions_of(self._screen, self._kind.name)
        if self._list.is_deleted:
            return
        key = "versions.found" if found.whole else "versions.some"
        self._told.say(self._screen.say(key, count=len(found.versions)))
        self._list.clear()
        with self._list:
            for index, version in enumerate(found.versions):
                self._version(version, now=index == 0)

    def _version(self, version: SettingVersion, *, now: bool) -> None:
        screen, say = self._screen, self._screen.say
        with div("version"), div("row wraps"):
            text(screen.when(version.at), "mono")
            if version.operator:
                text(say("versions.by", who=say.known("user", version.operator)), "hint")
            if now:
                text(say("versions.now"), "hint")
            else:
                back = text(say("versions.back"), "act small", "button")
                back.on("click", partial(self._open, self._kind, version.values))
                words = say("versions.back_to", at=screen.when(version.at))
                attribute(back, "aria-label", words)
                self._differences(version)

    def _differences(self, version: SettingVersion) -> None:
        """What going back would change."""
        say = self._screen.say
        try:
            form = parameters_of(self._kind, version.values)
        except CommandError as error:
            text(say.either(error), "hint wrong")
            return
        found = setting_changes(self._kind.name, form, self._screen.model.factory) or ()
        if not found:
            text(say("versions.same"), "hint")
        with div("version-differences"):
            for one in found[:MOST_LINES]:
                with div("difference"):
                    text(say.either(one.name), "dim")
                    text(say.either(one.before), "gone")
                    text(say.either(one.after), "come")
