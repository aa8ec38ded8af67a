"""Plain elements with our own classes; text is always text, never HTML."""

from typing import Any

from nicegui import ui

from omf.messages.printable import escaped_lines
from services.ui.widgets.element_changes import CLASS_PART, STYLE_PART, TEXT_PART, changed
from services.ui.widgets.plain_element import PlainElement, shared_text

WORDS = frozenset({"title", "aria-label", "alt"})
"""Attributes that a person reads or hears."""


def div(classes: str = "", tag: str = "div") -> ui.element:
    """An element to put others into."""
    return PlainElement(tag, classes)


def text(content: str, classes: str = "", tag: str = "span") -> "Label":
    """A piece of text."""
    return Label(tag, content, classes)


def link(content: str, target: str, classes: str = "") -> "Label":
    """A link inside the dashboard."""
    made = text(content, classes, "a")
    attribute(made, "href", target)
    return made


def copy_button(content: str, done: str, name: str) -> "Label":
    """A button that puts the text of the element marked `data-copied=name` on the clipboard.

    The browser does it by itself, and says `done` on the button for a moment.
    """
    made = text(content, "act small", "button")
    attribute(made, "data-copy", name)
    attribute(made, "data-copy-done", done)
    return made


class Label(PlainElement, ui.label):
    """A label with a tag of its own that says something to the browser only when it changed.

    What cannot be seen in it, as a mark that turns the reading order round, is shown as an escape.
    """

    __slots__ = ("_said",)

    def __init__(self, tag: str, content: str, classes: str = "") -> None:
        super().__init__(tag, classes)
        self._said = shared_text(content)
        self._text: str = escaped_lines(self._said)

    @property
    def text(self) -> str:
        """What is shown."""
        return self._text

    def say(self, content: str) -> None:
        """Show `content`; nothing is sent if it is what is shown."""
        if self._said != content:
            self._said = shared_text(content)
            self._text = escaped_lines(self._said)
            changed(self, TEXT_PART)


def set_classes(element: ui.element, **classes: bool) -> None:
    """Give or take classes by name; nothing is sent for those that already fit."""
    # Asked hundreds of times a second for each browser, and nearly always nothing is to be done.
    present = element.names if isinstance(element, PlainElement) else element.classes
    add: list[str] = []
    remove: list[str] = []
    for name, wanted in classes.items():
        real = name.replace("_", "-") if "_" in name else name
        if wanted != (real in present):
            (add if wanted else remove).append(real)
    if not (add or remove):
        return
    if isinstance(element, PlainElement):
        element.call([*(one for one in present if one not in remove), *add])
    else:
        with element.classes.suspend_updates():
            element.classes(add=" ".join(add), remove=" ".join(remove))
    changed(element, CLASS_PART)


def set_style(element: PlainElement, style: str) -> None:
    """Give it this style and no other; nothing is sent if it has it."""
    if element.dress(style):
        changed(element, STYLE_PART)


def panel(title: str, classes: str = "") -> ui.element:
    """A section with a heading; use as a context for its content."""
    section = div(f"panel {classes}", "section")
    with section:
        text(title, "panel-title", "h2")
    return section


def attribute(element: ui.element, name: str, value: Any) -> None:
    """Set an attribute if it differs; safe for any value, which a props string would not be."""
    if name in WORDS and isinstance(value, str):
        value = escaped_lines(value)
    if isinstance(element, PlainElement):
        if element.attribute(name) != value:
            element.put(element.attributes() | {name: value})
            changed(element, name)
    elif element.props.get(name) != value:
        with element.props.suspend_updates():
            element.props[name] = value
        changed(element, name)


def linked_panel(title: str, target: str, classes: str = "") -> ui.element:
    """A section whose heading leads to the page with all of it."""
    section = div(f"panel {classes}", "section")
    with section, div("panel-title", "h2"):
        link(title, target, "way-in")
    return section


def fold(title: str, classes: str = "", *, opened: bool = False) -> ui.element:
    """What is seen by choice only, under its title; use as a context for its content."""
    made = div(f"fold {classes}", "details")
    if opened:
        attribute(made, "open", value=True)
    with made:
        text(title, "fold-title", "summary")
    return made
