"""The rack in full: each bay with its piece, tag, state, order, and since when."""

from collections.abc import Callable

from omf.factory.stock import Bay
from services.ui import formats, stock_view, ways
from services.ui.device_rows import short
from services.ui.order_view import RACK
from services.ui.parts.build import attribute, box, link, mark, text
from services.ui.parts.listing import Draw, Listing
from services.ui.parts.rack import disc, paint
from services.ui.screen import Screen


def stock_rack(screen: Screen) -> None:
    """Three by three bays, and whatever a second warehouse has beside them."""
    cells = box("rack full-rack")
    empty = text("", "hidden")
    listing = Listing(cells, lambda name: _bay(screen, name), empty)

    def draw() -> None:
        found = screen.model.factory.stock.bays
        listing.show([*RACK, *sorted(name for name in found if name not in RACK)])

    screen.live(draw)


def _bay(screen: Screen, name: str) -> Draw:
    with box("bay full-bay") as bay:
        with box("row"):
            text(name, "bay-name")
            piece = disc(None)
            word = text("", "grow full-bay-word")
            since = text("", "line-age")
        tag = link("", "", "mono")
        reserved = _reserved(screen, name)
        conflict = _conflict(screen, name)

    def draw() -> None:
        found = screen.model.factory.stock.bays.get(name)
        paint(piece, found.colour if found else None)
        word.say(_word(screen, found))
        at = found.since if found else None
        since.say("" if at is None else formats.age(screen.model.now - at))
        identity = found.workpiece_id if found else None
        tag.say(identity or "")
        attribute(tag, "href", ways.to_text(screen, identity) if identity else None)
        mark(bay, reserved=reserved(), conflict=conflict(), unknown=found is None)

    return draw


def _reserved(screen: Screen, name: str) -> Callable[[], bool]:
    """Which order a reserved piece may be for; returns how to redraw, and whether it is one."""
    with box("row bay-orders") as line:
        words, first = text("", "dim"), link("", "", "mono way-in")

    def draw() -> bool:
        found = screen.model.factory.stock.bays.get(name)
        reserved = found is not None and found.state == "RESERVED"
        mark(line, hidden=not reserved)
        able = stock_view.reserved_for(found.colour, screen.model) if found and reserved else []
        key = {0: "none", 1: "one"}.get(len(able), "many")
        words.say(screen.say(f"stock.for.{key}", count=len(able)) if reserved else "")
        mark(first, hidden=not able)
        if able:
            first.say(short(able[0].id))
            attribute(first, "href", ways.to_order(screen, able[0].id))
        return reserved

    return draw


def _conflict(screen: Screen, name: str) -> Callable[[], bool]:
    """What another source says of the bay; returns how to redraw, and whether one disagrees."""
    words = text("", "hint wrong hidden")

    def draw() -> bool:
        found = [one for one in screen.model.factory.stock.conflicts if one.bay == name]
        mark(words, hidden=not found)
        words.say(stock_view.conflict_words(found[0], screen.say) if found else "")
        return bool(found)

    return draw


def _word(screen: Screen, found: Bay | None) -> str:
    say = screen.say
    if found is None:
        return say("unknown")
    if found.colour is None:
        return say("stock.empty")
    return f"{say.known('colour', found.colour)} · {say.known('stock.state', found.state)}"
