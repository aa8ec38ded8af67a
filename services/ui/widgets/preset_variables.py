"""The variables of a preset, asked for each time it is filled in: type, last value, one button."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from nicegui import background_tasks, ui

from omf.commands.placeholders import Placeholder, filled, fits, placeholders
from services.common.store import presets
from services.common.store.bus import Bus, StoreError
from services.common.store.presets import Preset
from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, div, set_classes, text

MAX_VARIABLE_CHARS = 2000


class PresetVariables:
    """Asks for the values, remembers them for this person, and hands over what comes of them."""

    def __init__(self, screen: Screen, bus: Bus, take: Callable[[Mapping[str, Any]], None]) -> None:
        self._screen, self._bus, self._take = screen, bus, take
        self._preset: Preset | None = None
        self._filled: dict[str, Any] = {}
        self._fields: dict[Placeholder, ui.input | ui.switch] = {}
        self._holder = div("form hidden").mark("preset-variables")

    def ask(self, preset: Preset) -> bool:
        """Show a field for each variable; False if it has none."""
        self._preset, self._filled = None, {}
        self._holder.clear()
        found = placeholders(preset.parameters)
        set_classes(self._holder, hidden=not found)
        if not found:
            return False
        self._preset = preset
        with self._holder:
            self._fields = {one: self._field(one) for one in found}
            self._wrong = text("", "field-wrong hidden").props("role=alert")
            fill = text(self._screen.say("preset.fill"), "act small main-act", "button")
            fill.on("click", self._fill).mark("preset-fill")
        background_tasks.create(self._remember(preset), name="last values of a preset")
        return True

    def restored(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters with the variables where nothing but their values was filled in."""
        if self._preset is not None and parameters == self._filled:
            return dict(self._preset.parameters)
        return parameters

    def _field(self, one: Placeholder) -> ui.input | ui.switch:
        say = self._screen.say
        with div("form-field"):
            text(say("preset.variable", name=one.name, type=say(f"preset.type.{one.type}")), "hint")
            made: ui.input | ui.switch
            if one.type == "switch":
                made = ui.switch(value=False).props("color=grey-7")
            else:
                made = ui.input().classes("field")
                made.props(f"dense outlined square maxlength={MAX_VARIABLE_CHARS}")
            attribute(made, "aria-label", one.name)
            return made.mark(f"variable-{one.name}")

    async def _remember(self, preset: Preset) -> None:
        """Put in what this person gave the last time, where nothing was typed yet."""
        with suppress(StoreError):
            known = await presets.last_values(self._bus, self._screen.user.name, preset)
            if self._preset is not preset or self._holder.is_deleted:
                return
            for one, field in self._fields.items():
                last = known.get(one.name)
                if isinstance(last, str) and not field.value:
                    known_value: Any = last == "true" if one.type == "switch" else last
                    field.set_value(known_value)

    async def _fill(self) -> None:
        preset, say = self._preset, self._screen.say
        if preset is None:
            return
        values = {one.name: _value(field) for one, field in self._fields.items()}
        wrong = [one for one in self._fields if not fits(one, values[one.name])]
        names = ", ".join(f"{one.name} ({say(f'preset.type.{one.type}')})" for one in wrong)
        self._wrong.say(say("preset.value_wrong", names=names) if wrong else "")
        set_classes(self._wrong, hidden=not wrong)
        if wrong:
            return
        self._filled = filled(preset.parameters, values)
        self._take(self._filled)
        with suppress(StoreError):
            await presets.keep_values(self._bus, self._screen.user.name, preset, dict(values))


def _value(field: ui.input | ui.switch) -> str:
    if isinstance(field, ui.switch):
        return "true" if field.value else "false"
    return str(field.value or "")
