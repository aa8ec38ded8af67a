"""What is known of one thing, word by word: names on the left, values on the right."""

from collections.abc import Callable, Mapping

from nicegui import ui

from services.ui.live.screen import Screen
from services.ui.types import Value
from services.ui.widgets.elements import Label, attribute, div, link, set_classes, text
from services.ui.widgets.keyed_list import Draw


def properties_panel(
    screen: Screen, names: tuple[str, ...], read: Callable[[], Mapping[str, Value]]
) -> Draw:
    """A line per name, its text being `fact.<name>`; a name `read` leaves out is hidden."""
    lines: dict[str, tuple[ui.element, Label]] = {}
    with div("facts", "dl"):
        for name in names:
            with div("fact") as line:
                text(screen.say(f"fact.{name}"), "fact-name", "dt")
                with div("fact-value", "dd"):
                    lines[name] = line, link("", "")

    def draw() -> None:
        found = read()
        for name, (line, value) in lines.items():
            set_classes(line, hidden=name not in found)
            _show(value, found.get(name, ""))

    return draw


def absent(screen: Screen, kind: str, name: str) -> ui.element:
    """What a page says of a thing nobody has heard of: why, and what would fill the page."""
    with div("note").mark("absent") as note:
        div("alarm-shape")
        with div("note-text"):
            text(screen.say(f"absent.{kind}", name=name[:64]), "note-title")
            text(screen.say(f"absent.{kind}.advice"), "note-advice")
    return note


def _show(shown: Label, value: Value) -> None:
    word, target = value if isinstance(value, tuple) else (value, "")
    shown.say(word)
    attribute(shown, "href", target or None)
    set_classes(shown, way_in=bool(target))
