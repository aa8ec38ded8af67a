"""A field of a command that is edited as the thing it is: a rack, a flow, a floor plan."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from nicegui import ui

from services.ui.live.screen import Screen


class EditedField(NamedTuple):
    """Which field of which card."""

    screen: Screen
    label: str
    name: str
    change: Callable[[Any], None]
    """Gets the whole value of the field at each change; None: nothing of it is named any more."""


class FieldEditor(Protocol):
    """What edits one field; every part of it can be reached and used by keyboard."""

    element: ui.element

    def show(self, values: Mapping[str, Any], present: Any) -> None:
        """Draw the field of these parameters over what the factory has; None: it told nothing."""


def object_of(value: Any) -> dict[str, Any]:
    """The object of a field, also as a link or the command line writes it; empty for none."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return {}
    return dict(found) if isinstance(found, Mapping) else {}
