"""Questions kept by name: of one person, or for everybody of this factory."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import background_tasks, ui
from pydantic import ValidationError

from services.common.store import presets
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Role
from services.common.store.presets import EVERYBODY, Preset, PresetError
from services.ui.live.screen import Screen
from services.ui.widgets.elements import Label, div, fold, set_classes, text

QUESTION_KIND = "history"


class NamedQuestions:
    """Choosing one asks it; keeping one keeps what is typed."""

    def __init__(
        self,
        screen: Screen,
        bus: Bus,
        read: Callable[[], dict[str, str]],
        take: Callable[[dict[str, str]], Any],
    ) -> None:
        """`read` gives the question of now as parts of its address, `take` asks another one."""
        self._screen, self._bus, self._read, self._take = screen, bus, read, take
        self._known: dict[str, tuple[str, Preset]] = {}
        self._lists = False
        say = screen.say
        with fold(say("history.named"), "named-questions").mark("named-questions"):
            with div("row"):
                self._choice = ui.select({"": say("history.choose")}, value="").classes("field")
                self._choice.props(f'dense outlined square aria-label="{say("history.choose")}"')
                self._choice.mark("history-choice")
                self._choice.on_value_change(lambda event: self._chosen(event.value))
                self._gone = self._button("forget", self._forget)
            with div("row"):
                self._name = ui.input(placeholder=say("history.name")).classes("field")
                self._name.props(
                    f'dense outlined square maxlength=40 aria-label="{say("history.name")}"'
                )
                self._name.mark("history-name")
                self._button("keep", lambda: self._keep(screen.user.name))
                if screen.user.may(Role.OPERATOR):
                    self._button("share", lambda: self._keep(EVERYBODY))
            self._told = text("", "hint hidden").props("role=status")
        background_tasks.create(self._load(), name="named questions")

    def _button(self, what: str, press: Callable[[], Awaitable[None]]) -> Label:
        button = text(self._screen.say(f"history.{what}"), "act small", "button")
        button.on("click", press).mark(f"history-{what}")
        return button

    def _chosen(self, key: str | None) -> None:
        if self._lists or key not in self._known:
            return
        _, preset = self._known[key]
        self._name.set_value(preset.name)
        self._take({name: str(value) for name, value in preset.parameters.items()})

    async def _keep(self, person: str) -> None:
        name = " ".join((self._name.value or "").split())
        try:
            preset = Preset(kind=QUESTION_KIND, name=name, parameters=dict(self._read()))
        except ValidationError:
            self._say("preset.no_name")
            return
        await self._do(lambda: presets.keep(self._bus, person, preset))

    async def _forget(self) -> None:
        if (found := self._known.get(self._choice.value or "")) is None:
            return
        person, preset = found
        if person == EVERYBODY and not self._screen.user.may(Role.OPERATOR):
            self._say("history.not_yours")
            return
        await self._do(lambda: presets.forget(self._bus, person, QUESTION_KIND, preset.name))

    async def _do(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except PresetError:
            self._say("preset.too_much")
        except StoreError:
            self._say("preset.away")
        else:
            self._say("")
            await self._load()

    async def _load(self) -> None:
        person = self._screen.user.name
        try:
            shared = await presets.of(self._bus, EVERYBODY, QUESTION_KIND)
            own = await presets.of(self._bus, person, QUESTION_KIND)
        except StoreError:
            self._say("preset.away")
            return
        if self._choice.is_deleted:
            return
        say = self._screen.say
        known = {f"all:{one.name}": (EVERYBODY, one) for one in shared}
        self._known = known | {f"own:{one.name}": (person, one) for one in own}
        names = {
            key: say("history.of_all", name=one.name) if who == EVERYBODY else one.name
            for key, (who, one) in self._known.items()
        }
        self._lists = True  # listing is not choosing
        self._choice.set_options({"": say("history.choose")} | names, value="")
        self._lists = False
        for part in (self._choice, self._gone):
            set_classes(part, hidden=not names)

    def _say(self, key: str) -> None:
        if not self._told.is_deleted:
            self._told.say(self._screen.say(key) if key else "")
            set_classes(self._told, hidden=not key)
