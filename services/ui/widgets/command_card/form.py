"""A form for the parameters of any kind of command, made from its parameter model."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from omf.commands import Kind
from omf.commands.present import SET_FIELDS, present_or_unknown
from omf.constants import COLOURS
from services.ui.live.screen import Screen
from services.ui.views import field_choices
from services.ui.views.field_errors import FieldFault
from services.ui.widgets.command_card.field_editor import EditedField, FieldEditor
from services.ui.widgets.command_card.flow_field import FlowField
from services.ui.widgets.command_card.layout_field import LayoutField
from services.ui.widgets.command_card.rack_field import RackField
from services.ui.widgets.elements import Label, attribute, div, set_classes, text

LONG = frozenset(
    {"payload", "layout", "contents", "history", "references", "tags", "links", "document"}
)
"""Fields that take JSON or a whole payload."""
EDITORS: Mapping[tuple[str, str], Callable[[EditedField], FieldEditor]] = MappingProxyType(
    {
        ("set-storage", "contents"): RackField,
        ("layout", "layout"): LayoutField,
        **{("flows", colour.lower()): FlowField for colour in COLOURS},
    }
)
"""Fields of a kind that are edited as the thing they are."""
TRUE = frozenset({True, "true", "on", "1", "yes"})
"""A switch that an address asks for comes as text."""


class ParameterForm:
    """Fields of one parameter model; `values` holds what was entered, empty fields left out."""

    def __init__(
        self, screen: Screen, kind: Kind, given: Mapping[str, Any], changed: Callable[[], None]
    ) -> None:
        """`given` are the values to begin with."""
        self._screen = screen
        self._kind = kind
        self._changed = changed
        self._touched = set(given)
        self._wrong: dict[str, Label] = {}
        self._controls: dict[str, Any] = {}
        self._offered: dict[str, ui.select] = {}
        self.values: dict[str, Any] = dict(given)
        self._following = False
        self._now: dict[str, Label] = {}
        self._editors: dict[str, FieldEditor] = {}
        self._present = self._read_present()
        schema = kind.parameters.model_json_schema()
        self._required = set(schema.get("required", ()))
        fields = schema.get("properties", {})
        self._emptied = {name for name, field in fields.items() if field.get("emptied")}
        self._take_present()
        with div("form"):
            for name, field in fields.items():
                self._field(name, _resolved(field, schema), needed=name in self._required)

    def _field(self, name: str, field: Mapping[str, Any], *, needed: bool) -> None:
        say = self._screen.say
        label = field.get(f"title_{say.language}") or name
        with div("form-field") as holder:
            set_classes(holder, wide=name in LONG or (self._kind.name, name) in EDITORS)
            text(say("form.needed", label=label) if needed else label, "hint")
            control = self._edited(name, label) or self._control(name, field)
            # No debounce: what is typed must be here before a click on "send" is.
            control.props("dense outlined square").mark(f"field-{name}")
            attribute(control, "aria-label", label)
            if isinstance(control, ValueElement):
                attribute(control, "aria-required", str(needed).lower())
                control.on_value_change(lambda event: self._set(name, event.value))
            if name in SET_FIELDS.get(self._kind.name, ()):
                self._now[name] = text(self._now_words(name), "hint")
            # What can be chosen needs no word on how it is written.
            own = {*self._offered, *self._editors}
            hint = "" if name in own else field.get(f"hint_{say.language}")
            if hint:
                text(hint, "hint")
            wrong = text("", "field-wrong hidden")
            identity = f"wrong-{uuid4().hex[:8]}"
            attribute(wrong, "id", identity)
            attribute(control, "aria-describedby", identity)
            self._controls[name], self._wrong[name] = control, wrong

    def _control(self, name: str, field: Mapping[str, Any]) -> Any:
        value = self.values.get(name, self._present.get(name, field.get("default")))
        if options := _options(field):
            names = {one: self._word(name, one) for one in options}
            known = value if value in options else None
            empty = field.get("default", value) is None
            # With an input, because only that one bears the name of the field for who hears it.
            made = ui.select(names, value=known, clearable=empty, with_input=True)
            return made.classes("field")
        if field.get("type") == "boolean":
            return ui.switch(value=value in TRUE).props("color=grey-7")
        if (found := self._choices(name)) is not None:
            return self._select(name, found, value)
        if name in LONG:
            return ui.textarea(value=_shown(value)).props("rows=4").classes("field code")
        return ui.input(value=_shown(value)).classes("field")

    def _choices(self, name: str) -> field_choices.FieldChoices | None:
        screen = self._screen
        return field_choices.choices(self._kind.name, name, screen.model, screen.say)

    def _word(self, name: str, value: Any) -> str:
        return field_choices.word(self._kind.name, name, value, self._screen.say)

    def _select(self, name: str, found: field_choices.FieldChoices, value: Any) -> ui.select:
        chosen = _listed(value) if found.several else (_shown(value) or None)
        made = ui.select(
            _with(found.options, chosen),
            value=chosen,
            multiple=found.several,
            clearable=True,
            with_input=True,
            new_value_mode="add-unique" if found.typed else None,
        ).classes("field")
        if found.several:
            made.props("use-chips")
        self._offered[name] = made
        return made

    @property
    def touched(self) -> bool:
        """True once something was entered or given."""
        return bool(self._touched)

    def _edited(self, name: str, label: str) -> ui.element | None:
        """An editor of its own, for a value that is a thing of the factory; None: it has none."""
        make = EDITORS.get((self._kind.name, name))
        if make is None:
            return None
        about = EditedField(self._screen, label, name, lambda value: self._set(name, value))
        editor = self._editors[name] = make(about)
        editor.show(self.values, self._present.get(name))
        return editor.element

    def _read_present(self) -> dict[str, Any]:
        return present_or_unknown(self._kind.name, self.values, self._screen.model.factory)

    def _take_present(self) -> bool:
        """A field that must be there is filled with what is; True if that is news."""
        filled = {
            name: value
            for name, value in self._present.items()
            if value is not None and name in self._required and name not in self._touched
        }
        news = any(self.values.get(name) != value for name, value in filled.items())
        self.values.update(filled)
        return news

    def follow(self) -> bool:
        """Show what is in each field nobody touched; True if a value changed by it."""
        now = self._read_present()
        if now == self._present:
            return False
        before, self._present = self._present, now
        self._following = True
        for name, label in self._now.items():
            label.say(self._now_words(name))
            control = self._controls[name]
            if name in self._touched or now.get(name) == before.get(name):
                continue
            if isinstance(control, ValueElement):
                several = isinstance(control, ui.select)
                control.set_value(now.get(name) if several else _shown(now.get(name)))
        self._following = False
        changed = self._take_present()
        for name, editor in self._editors.items():
            editor.show(self.values, now.get(name))
        return changed

    @property
    def as_it_stands(self) -> bool:
        """True while values of the factory are shown, and nobody entered or was given another."""
        return bool(self._present) and self._touched.isdisjoint(self._present)

    def _is_long(self, name: str) -> bool:
        return name in LONG or name in self._editors

    def _now_words(self, name: str) -> str:
        say, value = self._screen.say, self._present.get(name)
        if name not in self._present or (value is not None and self._is_long(name)):
            return ""
        if value is None:
            return say("form.present_unknown")
        return say("form.present", value=" → ".join(value) if isinstance(value, list) else value)

    def draw(self, found: list[FieldFault]) -> None:
        """Say at each field what is wrong with it, and offer what exists by now."""
        for name, wrong in self._wrong.items():
            words = " · ".join(one.words for one in found if one.field == name)
            shown = bool(words) and name in self._touched
            wrong.say(words if shown else "")
            set_classes(wrong, hidden=not shown)
            attribute(self._controls[name], "aria-invalid", str(shown).lower())
        for name, control in self._offered.items():
            if offered := self._choices(name):
                options = _with(offered.options, control.value)
                if options != control.options:
                    control.set_options(options)

    def _set(self, name: str, value: Any) -> None:
        if self._following:
            return
        self._touched.add(name)
        if value is None or value in ("", []):
            self.values.pop(name, None)
            if name in self._emptied:
                self.values[name] = ""
        else:
            self.values[name] = value
        self._changed()


def _resolved(field: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The field with its reference and its optional part opened up."""
    found = dict(field)
    for part in (*found.pop("allOf", ()), *found.pop("anyOf", ())):
        if part.get("type") != "null":
            found = {**part, **found}
    if reference := found.pop("$ref", None):
        found = {**schema["$defs"][reference.rsplit("/", 1)[-1]], **found}
    return found


def _shown(value: Any) -> str:
    if isinstance(value, dict) or (
        isinstance(value, list) and value and isinstance(value[0], dict)
    ):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


def _listed(value: Any) -> list[str]:
    """A list as an address or a preset may hold it."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value or ())


def _with(options: Mapping[str, str], chosen: Any) -> dict[str, str]:
    """What is chosen stays on offer, also when the factory does not know it (any more)."""
    given = chosen if isinstance(chosen, list) else [chosen] if chosen else []
    return {**options, **{one: one for one in given if one not in options}}


def _options(field: Mapping[str, Any]) -> list[Any]:
    if "enum" in field:
        return list(field["enum"])
    return [field["const"]] if "const" in field else []
