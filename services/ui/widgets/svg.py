"""Shapes and words of a drawing, as elements like any other, never put together as text."""

from nicegui import ui

from services.ui.views.floor_plan import Point
from services.ui.widgets.elements import Label, attribute, text
from services.ui.widgets.plain_element import PlainElement

_LETTER, _CAPITAL = 0.7, 0.8
_EM = {**dict.fromkeys("iljtfrI.,:;'|-() ", 0.42), **dict.fromkeys("mwMW…", 1.03)}
"""Widths of DejaVu Sans Bold in parts of its size."""


def shape(tag: str, classes: str, **where: float) -> ui.element:
    """A shape at a place in drawing units, e.g. `shape("circle", "node", cx=1, cy=2, r=3)`."""
    placed = (part for name, value in where.items() for part in (name, f"{value:.1f}"))
    return PlainElement(tag, classes, tuple(placed))


def words(classes: str, at: Point, content: str = "") -> Label:
    """A line of text that begins at a place."""
    made = text(content, classes, "text")
    attribute(made, "x", f"{at[0]:.1f}")
    attribute(made, "y", f"{at[1]:.1f}")
    return made


def text_width(content: str, size: float) -> float:
    """About how wide bold words are in the widest font we name, at a size in drawing units."""
    return size * sum(_EM.get(one, _CAPITAL if one.isupper() else _LETTER) for one in content)


def fit(label: Label, room: float, size: float) -> None:
    """Draw words closer where they would be wider than their room, e.g. the box around them."""
    narrow = text_width(label.text, size) > room
    attribute(label, "textLength", f"{room:.0f}" if narrow else None)
    attribute(label, "lengthAdjust", "spacingAndGlyphs" if narrow else None)


def sheet(classes: str, width: float, height: float) -> ui.element:
    """The paper of a drawing in its own units; use as a context for what is drawn."""
    made = PlainElement("svg").classes(classes)
    attribute(made, "viewBox", f"0 0 {width:.0f} {height:.0f}")
    return made


def hatching() -> None:
    """Define the filling that means old, for shapes of the class `old`."""
    with PlainElement("defs"), PlainElement("pattern") as pattern:
        for name, value in (("width", "10"), ("height", "10"), ("id", "hatch")):
            attribute(pattern, name, value)
        attribute(pattern, "patternUnits", "userSpaceOnUse")
        attribute(pattern, "patternTransform", "rotate(45)")
        shape("rect", "hatch-ground", x=0, y=0, width=10, height=10)
        shape("rect", "hatch-line", x=0, y=0, width=5, height=10)


def arrow_head() -> None:
    """Define the head of an arrow, for lines whose `marker-end` is `url(#arrow)`."""
    with PlainElement("defs"), PlainElement("marker") as head:
        for name, value in (("id", "arrow"), ("viewBox", "0 0 10 10"), ("orient", "auto")):
            attribute(head, name, value)
        for name, value in (("refX", "8"), ("refY", "5"), ("markerWidth", "5")):
            attribute(head, name, value)
        tip = shape("polygon", "arrow-head")
        attribute(tip, "points", "0,0 10,5 0,10")
