"""What a person fills in again and again, kept by name beside a form: for one, or for everybody."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import background_tasks, ui
from pydantic import ValidationError

from services.common.store import presets
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Role
from services.common.store.presets import EVERYBODY, Preset, PresetError, PresetVersion
from services.ui.live.screen import Screen
from services.ui.widgets.elements import Label, div, set_classes, text
from services.ui.widgets.preset_variables import PresetVariables

Values = Mapping[str, Any]


class Presets:
    """Choosing one hands it to the form, which checks it like anything else that is filled in."""

    def __init__(
        self,
        screen: Screen,
        bus: Bus,
        kind: str,
        read: Callable[[], Values],
        take: Callable[[Values], None],
        *,
        shared: bool = False,
    ) -> None:
        """`read` gives what is filled in now, `take` fills in another.

        `shared`: those for everybody are offered too; who may operate keeps and forgets such.
        """
        self._screen, self._bus, self._kind = screen, bus, kind
        self._read, self._take = read, take
        self._people = (EVERYBODY, screen.user.name) if shared else (screen.user.name,)
        self._known: dict[str, tuple[str, Preset]] = {}
        self._lists = False
        say = screen.say
        with div("row wraps presets"):
            self._choice = ui.select({"": say("preset.choose")}, value="", with_input=True)
            self._choice.classes("field grow").mark("preset-choice")
            self._choice.props(f'dense outlined square aria-label="{say("preset.choose")}"')
            self._choice.on_value_change(lambda event: self._chosen(event.value))
            self._name = ui.input(placeholder=say("preset.name")).classes("field grow")
            self._name.mark("preset-name").props(
                f'dense outlined square maxlength=40 aria-label="{say("preset.name")}"'
            )
            self._button("keep", lambda: self._keep(screen.user.name))
            if shared and screen.user.may(Role.OPERATOR):
                self._button("share", lambda: self._keep(EVERYBODY))
            self._gone = self._button("forget", self._forget)
        self._versions = ui.select({}, with_input=True).classes("field wide hidden")
        self._versions.mark("preset-version").props(
            f'dense outlined square label="{say("preset.versions")}"'
        )
        self._versions.on_value_change(lambda event: self._version(event.value))
        self._variables = PresetVariables(screen, bus, self._take)
        self._told = text("", "hint hidden").props("role=status")
        background_tasks.create(self._load(), name="presets")

    def _button(self, what: str, press: Callable[[], Awaitable[None]]) -> Label:
        button = text(self._screen.say(f"preset.{what}"), "act small", "button")
        button.on("click", press).mark(f"preset-{what}")
        return button

    def _chosen(self, key: str | None) -> None:
        if self._lists or key not in self._known:
            return
        _, preset = self._known[key]
        self._name.set_value(preset.name)
        self._show_versions(preset)
        self._fill(preset)

    def _fill(self, preset: Preset) -> None:
        """Hand it over; first ask for its variables, if it has any."""
        if not self._variables.ask(preset):
            self._take(preset.parameters)

    def _show_versions(self, preset: Preset) -> None:
        """Who kept it when, and what it was before: choosing one fills that in."""
        say = self._screen.say
        options = {
            number: say(
                "preset.version",
                at=self._screen.when(one.at) if one.at else say("preset.before"),
                who=say.known("user", one.by) if one.by else "-",
            )
            for number, one in enumerate((preset, *preset.earlier))
        }
        self._lists = True
        self._versions.set_options(options, value=0)
        self._lists = False
        set_classes(self._versions, hidden=not (preset.by or preset.earlier))

    def _version(self, number: int | None) -> None:
        _, preset = self._known.get(self._choice.value or "", ("", None))
        if self._lists or preset is None or number is None:
            return
        told: PresetVersion = (preset, *preset.earlier)[number]
        self._fill(preset.model_copy(update={"parameters": told.parameters}))

    async def _keep(self, person: str) -> None:
        name = " ".join((self._name.value or "").split())
        try:
            preset = Preset(kind=self._kind, name=name, parameters=self._to_keep())
        except ValidationError:
            self._say("preset.no_name")
            return

        async def keep() -> None:
            told = {"by": self._screen.user.name, "at": await self._bus.time()}
            await presets.keep(self._bus, person, preset.model_copy(update=told))

        await self._do(keep, _key(person, name))

    def _to_keep(self) -> dict[str, Any]:
        """What is filled in now; with the variables it was filled in from, if only they differ."""
        return self._variables.restored(dict(self._read()))

    async def _forget(self) -> None:
        person, preset = self._known.get(self._choice.value or "", ("", None))
        if preset is None:
            return
        if person == EVERYBODY and not self._screen.user.may(Role.OPERATOR):
            self._say("preset.not_yours")
            return
        await self._do(lambda: presets.forget(self._bus, person, self._kind, preset.name), "")

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
        try:
            found = {who: await presets.of(self._bus, who, self._kind) for who in self._people}
        except StoreError:
            self._say("preset.away")
            return
        if self._choice.is_deleted:
            return
        self._known = {_key(who, p.name): (who, p) for who, kept in found.items() for p in kept}
        say = self._screen.say
        names = {
            key: say("preset.of_all", name=one.name) if who == EVERYBODY else one.name
            for key, (who, one) in self._known.items()
        }
        self._lists = True  # the list is told anew; the form stays as it is
        self._choice.set_options({"": say("preset.choose")} | names, value=chosen)
        self._lists = False
        for part in (self._choice, self._gone):
            set_classes(part, hidden=not names)
        _, shown = self._known.get(chosen, ("", None))
        if shown is not None:
            self._show_versions(shown)
        else:
            set_classes(self._versions, hidden=True)

    def _say(self, key: str) -> None:
        if not self._told.is_deleted:
            self._told.say(self._screen.say(key) if key else "")
            set_classes(self._told, hidden=not key)


def _key(person: str, name: str) -> str:
    """Of a choice; no name holds a line break."""
    return f"{name}\n" if person == EVERYBODY else name
