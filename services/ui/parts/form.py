"""A form for the parameters of any kind of command, made from its parameter model."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from services.ui.parts.build import attribute, box, mark, text
from services.ui.screen import Screen

LONG = frozenset({"payload", "layout", "contents", "history", "references"})
"""Fields that take JSON or a whole payload."""
TRUE = frozenset({True, "true", "on", "1", "yes"})
"""A switch that an address asks for comes as text."""
PLACES = frozenset({"serial", "target", "node"})
"""Fields that take something of the shop floor; what is known is offered while typing."""


class Form:
    """Fields of one parameter model; `values` holds what was entered, empty fields left out."""

    def __init__(
        self,
        screen: Screen,
        schema: Mapping[str, Any],
        given: Mapping[str, Any],
        changed: Callable[[], None],
    ) -> None:
        """`schema` is the model's JSON schema, `given` the values to begin with."""
        self._screen = screen
        self._changed = changed
        self.values: dict[str, Any] = dict(given)
        with box("form") as self._holder:
            for name, field in schema.get("properties", {}).items():
                self._field(name, _resolved(field, schema))

    def _field(self, name: str, field: Mapping[str, Any]) -> None:
        language = self._screen.visitor.language
        label = field.get(f"title_{language}") or name
        with box("form-field"):
            text(label, "hint")
            control = self._control(name, field)
            # No debounce: what is typed must be here before a click on "send" is.
            control.props(f'dense outlined square aria-label="{name}"')
            control.on_value_change(lambda event: self._set(name, event.value))
            if hint := field.get(f"hint_{language}"):
                text(hint, "hint")

    def _control(self, name: str, field: Mapping[str, Any]) -> Any:
        value = self.values.get(name, field.get("default"))
        if options := _options(field):
            known = value if value in options else None
            return ui.select(options, value=known).classes("field")
        if field.get("type") == "boolean":
            return ui.switch(value=value in TRUE).props("color=grey-7")
        shown = _shown(value)
        if name in LONG:
            return ui.textarea(value=shown).props("rows=4").classes("field code")
        known = self._known() if name in PLACES else None
        return ui.input(value=shown, autocomplete=known).classes("field")

    def _known(self) -> list[str]:
        factory = self._screen.model.factory
        kinds = {module.type for module in factory.modules.values() if module.type}
        return [*factory.vehicles, *factory.modules, *sorted(kinds)]

    def lock(self, *, locked: bool) -> None:
        """A command that was sent cannot be changed any more."""
        attribute(self._holder, "inert", locked or None)
        mark(self._holder, locked=locked)

    def _set(self, name: str, value: Any) -> None:
        if value is None or value == "":
            self.values.pop(name, None)
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


def _options(field: Mapping[str, Any]) -> list[Any]:
    if "enum" in field:
        return list(field["enum"])
    return [field["const"]] if "const" in field else []
