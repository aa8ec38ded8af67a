"""A workpiece on the map: a small disc with its letter."""

from collections.abc import Mapping

from nicegui import ui

from omf.state.values import CarriedLoad
from services.ui.translator import Translator
from services.ui.views.floor_plan import Point
from services.ui.views.piece_positions import Aboard
from services.ui.widgets.elements import Label, set_classes, text
from services.ui.widgets.plain_element import PlainElement
from services.ui.widgets.svg import shape, words

RADIUS, STEP = 6.5, 18.0
"""Of the discs of a vehicle with three bays; with more of them they are smaller."""
Disc = tuple[ui.element, Label]


def load_disc(at: Point, radius: float = RADIUS) -> Disc:
    """An empty place for a piece."""
    circle = shape("circle", "bay-disc", cx=at[0], cy=at[1], r=radius)
    return circle, words("bay-letter", (at[0], at[1] + radius / 2))


class BayRow:
    """The bays of a vehicle side by side, as many as it has; what has no bay stands behind them."""

    def __init__(self, start: Point, width: float) -> None:
        """`start` is the middle of the first disc, `width` what there is for all of them."""
        self._start, self._width = start, width
        self._holder = PlainElement("g")
        self._shown: tuple[str, ...] = ()
        self._discs: dict[str, tuple[ui.element, Disc, Label]] = {}

    def draw(self, aboard: Mapping[str, Aboard], say: Translator, *, loads: bool) -> None:
        """Show these; without `loads` only the empty places."""
        if self._shown != tuple(aboard):
            self._shown = tuple(aboard)
            self._holder.clear()
            step = min(STEP, self._width / max(1, len(aboard) - 1))
            radius = min(RADIUS, step / 2)
            with self._holder:
                places = ((self._start[0] + n * step, self._start[1]) for n in range(len(aboard)))
                self._discs = {
                    key: _place(at, radius) for key, at in zip(aboard, places, strict=True)
                }
        for key, found in aboard.items():
            group, disc, title = self._discs[key]
            set_classes(group, unplaced=not found.name)
            paint_load(disc, found.load if loads else None)
            if loads and not found.known:
                disc[1].say("·")
            title.say(found.words(say))


def _place(at: Point, radius: float) -> tuple[ui.element, Disc, Label]:
    with PlainElement("g") as group:
        title = text("", "", "title")
        disc = load_disc(at, radius)
    return group, disc, title


def paint_load(disc: Disc, load: CarriedLoad | None) -> None:
    """Put a piece there, or take it away."""
    circle, letter = disc
    first = (load.colour or "?")[:1] if load else ""
    letter.say(first)
    set_classes(circle, **{f"piece_{x}": first == x for x in "RWB"})
    set_classes(letter, dark=first == "W")
