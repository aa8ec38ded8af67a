"""The rack in full: each bay with its piece, tag, state, order, and since when."""

from collections.abc import Callable

from omf.state.stock import Bay
from omf.workpieces.wording import tag_words
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import stock_view, urls
from services.ui.views.device_status import short
from services.ui.widgets.elements import attribute, div, link, set_classes, text
from services.ui.widgets.keyed_list import Draw
from services.ui.widgets.rack import disc, paint, racks


def stock_rack(screen: Screen) -> None:
    """The bays of each warehouse, the racks side by side."""
    racks(screen, "rack full-rack", lambda serial, name: _bay(screen, serial, name))


def _bay(screen: Screen, serial: str, name: str) -> Draw:
    def told() -> Bay | None:
        return screen.model.factory.stock.bay(serial, name)

    with div("bay full-bay") as bay:
        with div("row"):
            text(name, "bay-name")
            piece = disc(None)
            word = text("", "grow full-bay-word")
            since = text("", "line-age")
        tag, note = link("", "", "mono"), text("", "hint bay-note")
        reserved = _reserved(screen, told)
        conflict = _conflict(screen, told)

    def draw() -> None:
        found = told()
        paint(piece, found.colour if found else None)
        word.say(_word(screen, found))
        at = found.since if found else None
        since.say("" if at is None else formats.age(screen.model.now - at, screen.say.language))
        identity = found.workpiece_id if found else None
        tag.say(identity or "")
        said = tag_words(identity, screen.model.factory, screen.say)
        note.say(said)
        set_classes(note, hidden=not said)
        attribute(tag, "href", urls.to_workpiece(screen, identity) if identity else None)
        set_classes(bay, reserved=reserved(), conflict=conflict(), unknown=found is None)

    return draw


def _reserved(screen: Screen, told: Callable[[], Bay | None]) -> Callable[[], bool]:
    """Which order a reserved piece may be for; returns how to redraw, and whether it is one."""
    with div("row bay-orders") as line:
        words, first = text("", "dim"), link("", "", "mono way-in")

    def draw() -> bool:
        found = told()
        reserved = found is not None and found.state == "RESERVED"
        set_classes(line, hidden=not reserved)
        able = stock_view.reserved_for(found.colour, screen.model) if found and reserved else []
        key = {0: "none", 1: "one"}.get(len(able), "many")
        words.say(screen.say(f"stock.for.{key}", count=len(able)) if reserved else "")
        set_classes(first, hidden=not able)
        if able:
            first.say(short(able[0].id))
            attribute(first, "href", urls.to_order(screen, able[0].id))
        return reserved

    return draw


def _conflict(screen: Screen, told: Callable[[], Bay | None]) -> Callable[[], bool]:
    """What another source says of the bay; returns how to redraw, and whether one disagrees."""
    words = text("", "hint wrong hidden")

    def draw() -> bool:
        stock, bay = screen.model.factory.stock, told()
        found = [one for one in stock.conflicts if bay and stock.bays.get(one.bay) is bay]
        set_classes(words, hidden=not found)
        factory, say = screen.model.factory, screen.say
        words.say(stock_view.conflict_words(found[0], factory, say) if found else "")
        return bool(found)

    return draw


def _word(screen: Screen, found: Bay | None) -> str:
    say = screen.say
    if found is None:
        return say("unknown")
    if found.empty:
        return say("stock.empty")
    return f"{say.known('colour', found.colour)} · {say.known('stock.state', found.state)}"
