"""What a person fills in again and again, kept by name beside the form of a command."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import background_tasks, ui
from pydantic import ValidationError

from omf.commands import Kind
from services.common.store import presets
from services.common.store.bus import StoreError
from services.common.store.presets import Preset, PresetError
from services.ui.live.screen import Screen
from services.ui.widgets.elements import Label, div, set_classes, text

Values = Mapping[str, Any]


class Presets:
    """Choosing one fills the form; nothing is sent by it, and its checks are those of the card."""

    def __init__(
        self, screen: Screen, kind: Kind, read: Callable[[], Values], take: Callable[[Values], None]
    ) -> None:
        """`read` gives what is filled in now, `take` fills in another."""
        self._screen, self._kind = screen, kind
        self._read, self._take = read, take
        self._known: dict[str, Preset] = {}
        self._lists = False
        say = screen.say
        with div("row presets") as self._holder:
            self._choice = ui.select({"": say("preset.choose")}, value="", with_input=True).classes(
                "field grow"
            )
            self._choice.props(f'dense outlined square aria-label="{say("preset.choose")}"').mark(
                "preset-choice"
            )
            self._choice.on_value_change(lambda event: self._chosen(event.value))
            self._name = ui.input(placeholder=say("preset.name")).classes("field grow")
            self._name.props(
                f'dense outlined square maxlength=40 aria-label="{say("preset.name")}"'
            )
            self._button("keep", self._keep)
            self._gone = self._button("forget", self._forget)
        self._told = text("", "hint hidden").props("role=status")
        background_tasks.create(self._load(), name="presets")

    def _button(self, what: str, press: Callable[[], Awaitable[None]]) -> Label:
        button = text(self._screen.say(f"preset.{what}"), "act small", "button")
        button.on("click", press).mark(f"preset-{what}")
        return button

    def _chosen(self, name: str | None) -> None:
        preset = self._known.get(name or "")
        if preset is None or self._lists:
            return
        self._name.set_value(preset.name)
        self._take(preset.parameters)

    async def _keep(self) -> None:
        name = " ".join((self._name.value or "").split())
        try:
            preset = Preset(kind=self._kind.name, name=name, parameters=dict(self._read()))
        except ValidationError:
            self._say("preset.no_name")
            return
        bus, person = self._screen.bus, self._screen.user.name
        if bus is not None:
            await self._do(lambda: presets.keep(bus, person, preset), name)

    async def _forget(self) -> None:
        name = self._choice.value
        bus, person = self._screen.bus, self._screen.user.name
        if bus is not None and name in self._known:
            await self._do(lambda: presets.forget(bus, person, self._kind.name, name), "")

    async def _do(self, work: Callable[[], Awaitable[None]], chosen: str) -> None:
        """Do it and show what is kept then; what went wrong is said beside it."""
        try:
            await work()
        except PresetError:
            self._say("preset.too_much")
        except StoreError:
            self._say("preset.away")
        else:
            self._say("")
            await self._load(chosen)

    async def _load(self, chosen: str = "") -> None:
        screen = self._screen
        if screen.bus is None:
            set_classes(self._holder, hidden=True)
            return
        try:
            found = await presets.of(screen.bus, screen.user.name, self._kind.name)
        except StoreError:
            self._say("preset.away")
        else:
            self._list(found, chosen)

    def _list(self, found: list[Preset], chosen: str) -> None:
        if self._holder.is_deleted:
            return
        self._known = {one.name: one for one in found}
        self._lists = True  # the list is told anew; the form stays as it is
        names = {name: name for name in self._known}
        self._choice.set_options({"": self._screen.say("preset.choose")} | names, value=chosen)
        self._lists = False
        for part in (self._choice, self._gone):
            set_classes(part, hidden=not found)

    def _say(self, key: str) -> None:
        if not self._told.is_deleted:
            self._told.say(self._screen.say(key) if key else "")
            set_classes(self._told, hidden=not key)
