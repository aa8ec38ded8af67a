"""The buttons on which a workpiece is ordered, each with its stock and what stands against."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from omf.commands import KINDS, Kind
from omf.constants import COLOURS
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import command_view, order_times, order_view
from services.ui.views.command_view import ORDER
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import attribute, div, set_classes, text
from services.ui.widgets.rack import disc, paint

OpenCard = Callable[[Kind, Mapping[str, Any]], None]


def order_tiles(screen: Screen, open_card: OpenCard) -> None:
    """RED, WHITE and BLUE side by side, with all that is known of each."""
    with div("tiles"):
        for colour in COLOURS:
            _tile(screen, colour, partial(open_card, KINDS[ORDER], {"colour": colour}))


def _tile(screen: Screen, colour: str, order: Callable[[], None]) -> None:
    say, model = screen.say, screen.model
    with div("tile"):
        with div("row"):
            paint(disc(None), colour)
            text(say(f"colour.{colour}"), "tile-name")
        stock, ready = text("", "hint"), text("", "hint")
        # A blocked one opens as well: the card shows every check, not only the first unmet one.
        with div("act order-act", "button").on("click", order) as button:
            text(say("steering.order"), "order-act-word")
            why = text("", "reason")
        button.mark(f"order-{colour}").props(f"data-order={colour}")
        attribute(button, "aria-label", _name(screen, colour))

    def draw() -> None:
        stock.say(order_view.stock_words(colour, model, say))
        ready.say(_ready(screen, colour))
        reason = command_view.obstacle(ORDER, {"colour": colour}, model, screen.user)
        why.say(reason or "")
        set_classes(why, hidden=reason is None)
        set_classes(button, off=reason is not None)

    screen.live(draw)


def _ready(screen: Screen, colour: str) -> str:
    """When a piece of it would be ready if it were ordered now."""
    return screen.shared(("ready", colour), lambda: _ready_words(screen, colour))


def _ready_words(screen: Screen, colour: str) -> str:
    found = order_times.ready(colour, screen.model)
    if found is None:
        return screen.say("order.ready_unknown")
    usual, latest = screen.when(found.usual), screen.when(found.latest)
    return screen.say("order.ready", usual=usual, latest=latest)


class _OrderButton(NamedTuple):
    free: str
    known: str
    reason: str | None


def order_buttons(screen: Screen, open_card: OpenCard) -> None:
    """The same three as one line of buttons."""
    with div("order-buttons"):
        for colour in COLOURS:
            _button(screen, colour, partial(open_card, KINDS[ORDER], {"colour": colour}))


def _button(screen: Screen, colour: str, order: Callable[[], None]) -> None:
    with div("act order-button", "button").on("click", order) as button:
        paint(disc(None), colour)
        text(_name(screen, colour), "order-act-word")
        stock = text("", "hint")
        why = text("", "reason cut")
    button.mark(f"order-{colour}").props(f"data-order={colour}")

    def paint_button(shown: _OrderButton) -> None:
        stock.say(shown.free)
        why.say(shown.reason or "")
        attribute(button, "title", shown.reason or shown.known)
        set_classes(why, hidden=shown.reason is None)
        set_classes(button, off=shown.reason is not None)

    def shows() -> _OrderButton:
        key = ("order button", colour, screen.user.judged_by)
        return screen.shared(key, lambda: _order_button(screen, colour))

    screen.live(drawn_from(shows, paint_button))


def _order_button(screen: Screen, colour: str) -> _OrderButton:
    say, model, stock = screen.say, screen.model, screen.model.factory.stock
    free = formats.number(stock.free(colour), say.language) if stock.known else formats.NONE
    return _OrderButton(
        say("stock.free_count", free=free),
        f"{order_view.stock_words(colour, model, say)} · {_ready(screen, colour)}",
        command_view.obstacle(ORDER, {"colour": colour}, model, screen.user),
    )


def _name(screen: Screen, colour: str) -> str:
    return screen.say("order.of_colour", colour=screen.say(f"colour.{colour}"))
