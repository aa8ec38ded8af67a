"""The bays of the warehouses, with a letter disc for each piece."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from omf.constants import COLOURS
from omf.state.piece_positions import on_vehicle
from omf.workpieces.wording import tag_words
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import piece_positions, stock_view
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import Label, attribute, div, linked_panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.markup import Html, box, hidden, shown, words
from services.ui.widgets.stale_overlay import stale_overlay

MANY = 2
"""So many warehouses must be told apart by their names."""


def disc(colour: str | None) -> Label:
    """A piece as a small disc with its letter; colour is product data, never an alarm."""
    made = text("", "disc")
    paint(made, colour)
    return made


def disc_html(colour: str | None) -> Html:
    """The same, in a part that is only looked at."""
    letter = _letter(colour)
    return words(letter, f"disc disc-{letter}" if letter in tuple("RWB") else "disc disc-none")


def _letter(colour: str | None) -> str:
    return colour[:1] if colour in COLOURS else ("?" if colour else "")


def paint(made: Label, colour: str | None) -> None:
    """Give a disc another piece; None is an empty place."""
    letter = _letter(colour)
    made.say(letter)
    set_classes(made, **{f"disc_{x}": letter == x for x in "RWB"}, disc_none=letter in {"", "?"})


def stock_panel(screen: Screen) -> None:
    """Rack, counts, age and conflicts."""
    with linked_panel(screen.say("stock.title"), screen.path("stock"), "stock") as made:
        shown(screen, "stock", lambda: _stock_html(screen))
        _source(screen)
    stale_overlay(screen, made)


def racks(screen: Screen, classes: str, bay: Callable[[str, str], Draw]) -> None:
    """A rack for each warehouse, side by side; `bay(serial, name)` builds one bay of it."""
    untold = text("", "hidden")
    listing = KeyedList(div("racks"), lambda serial: _rack(screen, serial, classes, bay), untold)
    screen.live(lambda: listing.show(tuple(_shown_racks(screen))))


def _rack(screen: Screen, serial: str, classes: str, bay: Callable[[str, str], Draw]) -> Draw:
    """One rack, named where there is another one."""
    title = text("", "hint")
    untold = text("", "hidden")
    listing = KeyedList(div(classes), lambda name: bay(serial, name), untold)

    def entitle(found: dict[str, tuple[str, tuple[str, ...]]]) -> None:
        set_classes(title, hidden=len(found) < MANY)
        title.say(found[serial][0] if serial in found else "")

    def draw() -> None:
        found = _shown_racks(screen)
        entitle(found)
        listing.show(found[serial][1] if serial in found else ())

    return draw


def _shown_racks(screen: Screen) -> dict[str, tuple[str, tuple[str, ...]]]:
    """By serial the name of each warehouse and of its bays."""

    def build() -> dict[str, tuple[str, tuple[str, ...]]]:
        factory = screen.model.factory
        return {
            serial: (stock_view.teller_name(serial, factory, screen.say), tuple(bays))
            for serial, bays in factory.racks.items()
        }

    return screen.shared("racks", build)


class _ShownBay(NamedTuple):
    colour: str | None
    word: str
    title: str
    reserved: bool = False
    unknown: bool = False


def _shown_bay(screen: Screen, serial: str, name: str) -> _ShownBay:
    say, factory = screen.say, screen.model.factory
    found = factory.stock.bay(serial, name)
    if found is None:
        return _ShownBay(None, say("unknown"), tag_words(None, factory, say), unknown=True)
    word = say("stock.empty") if found.empty else say.known("stock.state", found.state)
    tag = found.workpiece_id
    title = " · ".join(part for part in (tag, tag_words(tag, factory, say)) if part)
    return _ShownBay(found.colour, word, title, reserved=found.state == "RESERVED")


def _bay_html(screen: Screen, serial: str, name: str) -> Html:
    shown = _shown_bay(screen, serial, name)
    marks = {"reserved": shown.reserved, "unknown": shown.unknown}
    classes = " ".join(["bay", *(mark for mark in marks if marks[mark])])
    inside = words(name, "bay-name"), disc_html(shown.colour), words(shown.word, "bay-word")
    return box("listed", box(classes, *inside, title=shown.title))


def _rack_html(screen: Screen, serial: str) -> Html:
    """One rack, named where there is another one."""
    found = _shown_racks(screen)
    title, bays = found[serial]
    drawn = (_bay_html(screen, serial, name) for name in bays)
    named = words(title, hidden("hint", hide=len(found) < MANY))
    return box("listed", named, box("rack", *drawn))


def _stock_html(screen: Screen) -> Html:
    racks = (_rack_html(screen, serial) for serial in _shown_racks(screen))
    counts = (_count_html(screen, colour) for colour in COLOURS)
    return Html(box("racks", *racks) + box("stock-counts", *counts))


def _source(screen: Screen) -> None:
    source = text("", "hint")
    conflict = text("", "hint wrong hidden")

    def paint_source(told: tuple[str, str]) -> None:
        word, contradicted = told
        source.say(word)
        set_classes(conflict, hidden=not contradicted)
        conflict.say(contradicted)

    said = partial(screen.shared, "stock source", partial(_source_words, screen))
    screen.live(drawn_from(said, paint_source))


def _count_html(screen: Screen, colour: str) -> Html:
    stock = screen.model.factory.stock
    count = stock.counts().get(colour, 0) if stock.known else None
    figure = stock_view.of_capacity(count, screen.model.factory, colour)
    inside = disc_html(colour), words(figure, "stock-figure")
    return box("row stock-count", *inside, title=screen.say(f"colour.{colour}"))


def _source_words(screen: Screen) -> tuple[str, str]:
    """How old the word on the stock is, and the bays of which two say different things."""
    say, stock = screen.say, screen.model.factory.stock
    age = formats.age(None if stock.at is None else screen.model.now - stock.at, say.language)
    bays = ", ".join(found.bay for found in stock.conflicts[:3])
    return (
        say("stock.source", age=age) if stock.known else say("stock.never"),
        say("stock.conflict", bays=bays) if stock.conflicts else "",
    )


def bays_of(screen: Screen, serial: str) -> Draw:
    """The load bays of a vehicle, as many as it has; returns how to redraw them."""
    listing = KeyedList(div("row"), lambda key: _aboard(screen, serial, key), text("", "hidden"))
    return lambda: listing.show(tuple(_bays_aboard(screen, serial)))


def _carried(screen: Screen, serial: str) -> Mapping[str, piece_positions.Aboard]:
    factory = screen.model.factory
    vehicle = factory.vehicles.get(serial)
    if vehicle is None:
        return {}
    return piece_positions.aboard(vehicle, on_vehicle(vehicle, factory))


def _aboard(screen: Screen, serial: str, key: str) -> Draw:
    made = disc(None)

    def paint_bay(shown: _BayAboard | None) -> None:
        if shown is not None:
            paint(made, shown.colour)
            if not shown.known:
                made.say("·")
            attribute(made, "title", shown.title)

    return drawn_from(lambda: _bays_aboard(screen, serial).get(key), paint_bay)


class _BayAboard(NamedTuple):
    colour: str | None
    known: bool
    title: str


def _bays_aboard(screen: Screen, serial: str) -> dict[str, _BayAboard]:
    def build() -> dict[str, _BayAboard]:
        return {
            key: _BayAboard(
                (one.load.colour or "?") if one.load else None, one.known, one.words(screen.say)
            )
            for key, one in _carried(screen, serial).items()
        }

    return screen.shared(("bays aboard", serial), build)
