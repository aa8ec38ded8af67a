"""A workpiece on the map: a small disc with its letter."""

from nicegui import ui

from omf.factory.values import Load
from services.ui.floor_plan import Point
from services.ui.parts.build import Text, mark
from services.ui.parts.svg import shape, words

Disc = tuple[ui.element, Text]


def load_disc(at: Point, radius: float = 6.5) -> Disc:
    """An empty place for a piece."""
    circle = shape("circle", "bay-disc", cx=at[0], cy=at[1], r=radius)
    return circle, words("bay-letter", (at[0], at[1] + radius / 2))


def paint_load(disc: Disc, load: Load | None) -> None:
    """Put a piece there, or take it away."""
    circle, letter = disc
    first = (load.colour or "?")[:1] if load else ""
    letter.say(first)
    mark(circle, **{f"piece_{x}": first == x for x in "RWB"})
    mark(letter, dark=first == "W")
