"""The bays of the warehouses, with a letter disc for each piece."""

from collections.abc import Callable, Mapping
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
from services.ui.widgets.stale_overlay import stale_overlay

MANY = 2
"""So many warehouses must be told apart by their names."""


def disc(colour: str | None) -> Label:
    """A piece as a small disc with its letter; colour is product data, never an alarm."""
    made = text("", "disc")
    paint(made, colour)
    return made


def paint(made: Label, colour: str | None) -> None:
    """Give a disc another piece; None is an empty place."""
    letter = colour[:1] if colour in COLOURS else ("?" if colour else "")
    made.say(letter)
    set_classes(made, **{f"disc_{x}": letter == x for x in "RWB"}, disc_none=letter in {"", "?"})


def stock_panel(screen: Screen) -> None:
    """Rack, counts, age and conflicts."""
    with linked_panel(screen.say("stock.title"), screen.path("stock"), "stock") as made:
        racks(screen, "rack", lambda serial, name: _bay(screen, serial, name))
        with div("stock-counts"):
            for colour in COLOURS:
                _count(screen, colour)
        _source(screen)
    stale_overlay(screen, made)


def racks(screen: Screen, classes: str, bay: Callable[[str, str], Draw]) -> None:
    """A rack for each warehouse, side by side; `bay(serial, name)` builds one bay of it."""
    untold = text("", "hidden")
    listing = KeyedList(div("racks"), lambda serial: _rack(screen, serial, classes, bay), untold)
    screen.live(lambda: listing.show(list(screen.model.factory.racks)))


def _rack(screen: Screen, serial: str, classes: str, bay: Callable[[str, str], Draw]) -> Draw:
    """One rack, named where there is another one."""
    title = text("", "hint")
    untold = text("", "hidden")
    listing = KeyedList(div(classes), lambda name: bay(serial, name), untold)

    def draw() -> None:
        found = screen.model.factory.racks
        set_classes(title, hidden=len(found) < MANY)
        title.say(stock_view.teller_name(serial, screen.model.factory, screen.say))
        listing.show(found.get(serial, ()))

    return draw


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


def _bay(screen: Screen, serial: str, name: str) -> Draw:
    with div("bay") as bay:
        text(name, "bay-name")
        piece = disc(None)
        word = text("", "bay-word")

    def paint_bay(shown: _ShownBay) -> None:
        paint(piece, shown.colour)
        word.say(shown.word)
        set_classes(bay, reserved=shown.reserved, unknown=shown.unknown)
        attribute(bay, "title", shown.title)

    def shows() -> _ShownBay:
        key = ("bay", serial, name)
        return screen.shared(key, lambda: _shown_bay(screen, serial, name))

    return drawn_from(shows, paint_bay)


def _count(screen: Screen, colour: str) -> None:
    with div("row stock-count") as line:
        disc(colour)
        figure = text("", "stock-figure")
    attribute(line, "title", screen.say(f"colour.{colour}"))

    def draw() -> None:
        stock = screen.model.factory.stock
        count = stock.counts().get(colour, 0) if stock.known else None
        figure.say(stock_view.of_capacity(count, screen.model.factory, colour))

    screen.live(draw)


def _source(screen: Screen) -> None:
    say = screen.say
    source = text("", "hint")
    conflict = text("", "hint wrong hidden")

    def draw() -> None:
        stock = screen.model.factory.stock
        age = formats.age(
            None if stock.at is None else screen.model.now - stock.at, screen.say.language
        )
        source.say(say("stock.source", age=age) if stock.known else say("stock.never"))
        set_classes(conflict, hidden=not stock.conflicts)
        bays = ", ".join(found.bay for found in stock.conflicts[:3])
        conflict.say(say("stock.conflict", bays=bays) if stock.conflicts else "")

    screen.live(draw)


def bays_of(screen: Screen, serial: str) -> Draw:
    """The load bays of a vehicle, as many as it has; returns how to redraw them."""
    listing = KeyedList(div("row"), lambda key: _aboard(screen, serial, key), text("", "hidden"))
    return lambda: listing.show(list(_carried(screen, serial)))


def _carried(screen: Screen, serial: str) -> Mapping[str, piece_positions.Aboard]:
    factory = screen.model.factory
    vehicle = factory.vehicles.get(serial)
    if vehicle is None:
        return {}
    return piece_positions.aboard(vehicle, on_vehicle(vehicle, factory))


def _aboard(screen: Screen, serial: str, key: str) -> Draw:
    made = disc(None)

    def draw() -> None:
        found = _carried(screen, serial).get(key)
        if found is None:
            return
        paint(made, (found.load.colour or "?") if found.load else None)
        if not found.known:
            made.say("·")
        attribute(made, "title", found.words(screen.say))

    return draw
