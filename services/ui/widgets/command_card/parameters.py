"""The parameters of a command in the making: as a form or as JSON, checked as they are typed."""

import json
from collections.abc import Callable, Mapping
from json import JSONDecodeError
from typing import Any

from nicegui import ui

from omf.commands import FREE_MESSAGE, Kind
from services.ui.live.screen import Screen
from services.ui.views.field_errors import FieldFault
from services.ui.widgets.command_card.form import ParameterForm
from services.ui.widgets.command_card.topic_examples import topic_examples
from services.ui.widgets.elements import attribute, div, set_classes, text
from services.ui.widgets.presets import Presets
from services.ui.widgets.tabs import Tabs

MAX_JSON_CHARS = 200_000
"""A layout has some thousand; the gateway sends 65 536 bytes at most."""


class Parameters:
    """Form and JSON of the same values; both lead to the one strict model of the kind."""

    def __init__(
        self, screen: Screen, kind: Kind, given: Mapping[str, Any], changed: Callable[[], None]
    ) -> None:
        """`given` are the values to begin with, `changed` is called at every change."""
        self._screen = screen
        self._kind = kind
        self._changed = changed
        self._complaint = ""
        self.values: dict[str, Any] = dict(given)
        self._empty = not kind.parameters.model_fields
        with div("parameters") as self._holder:
            if kind.name == FREE_MESSAGE:
                topic_examples(screen, lambda found: self._take({**self.values, **found}))
            self._form_holder = div("card-part")
            names = {way: screen.say(f"command.as.{way}") for way in ("form", "json")}
            self._tabs = Tabs(names, "form", self._turn)
            with div("card-part") as self._json_holder:
                self._json = (
                    ui.textarea()
                    .classes("field code")
                    .props(f'outlined square rows=7 aria-label="{screen.say("command.as.json")}"')
                )
                self._json.on_value_change(lambda event: self._typed(event.value or ""))
                text(screen.say("command.json_hint"), "hint")
            if screen.bus is not None and not self._empty and screen.user.may(kind.role):
                bus = screen.bus
                Presets(screen, bus, kind.name, lambda: self.values, self._take, shared=True)
                if kind.name == FREE_MESSAGE:
                    text(screen.say("preset.variable_hint", example="${speed:number}"), "hint")
        self._draw_form()
        self.values = dict(self._form.values)
        set_classes(self._json_holder, hidden=True)

    @property
    def complaint(self) -> str:
        """What is wrong with the JSON as it stands; empty if it can be read."""
        return self._complaint

    @property
    def as_form(self) -> bool:
        """True while the fields are shown, and not the JSON of them."""
        return self._tabs.chosen == "form"

    @property
    def touched(self) -> bool:
        """True once something was entered or given; before that nothing is anybody's mistake."""
        return not self.as_form or self._form.touched

    @property
    def as_they_stand(self) -> bool:
        """True while a setting is filled in as the factory has it, and nobody changed it."""
        return self._form.as_it_stands

    def follow(self) -> None:
        """Keep fields nobody touched as the factory has them now."""
        if self.as_form and self._form.follow():
            self.values = dict(self._form.values)

    def draw(self, found: list[FieldFault]) -> None:
        """Say at each field what is wrong with it."""
        self._form.draw(found)

    def lock(self, *, locked: bool) -> None:
        """A previewed or sent command is not changed by a stray key: its fields are put away."""
        attribute(self._holder, "inert", locked or None)
        set_classes(self._holder, hidden=locked or self._empty)

    def _draw_form(self) -> None:
        self._form_holder.clear()
        with self._form_holder:
            self._form = ParameterForm(self._screen, self._kind, self.values, self._entered)

    def _entered(self) -> None:
        self.values = dict(self._form.values)
        self._changed()

    def _turn(self, way: str) -> None:
        set_classes(self._json_holder, hidden=way != "json")
        set_classes(self._form_holder, hidden=way != "form")
        self._complaint = ""
        if way == "json":
            self._json.set_value(json.dumps(self.values, indent=2, ensure_ascii=False))
        else:
            self._draw_form()
        self._changed()

    def _take(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)
        self._turn(self._tabs.chosen)

    def _typed(self, entered: str) -> None:
        if self._tabs.chosen != "json":
            return
        try:
            found = json.loads(entered[:MAX_JSON_CHARS])
        except JSONDecodeError as error:
            self._complain(error.lineno, error.colno)
            return
        except RecursionError:
            self._complain(1, 1)
            return
        if not isinstance(found, dict):
            self._complain(1, 1)
            return
        self._complaint = ""
        self.values = found
        self._changed()

    def _complain(self, line: int, column: int) -> None:
        self._complaint = self._screen.say("command.no_json", line=line, column=column)
        self._changed()
