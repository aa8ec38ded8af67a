"""Raw material: what each colour needs, what was ordered, and what has come of it."""

from collections.abc import Callable, Mapping
from typing import Any

from omf.commands import CONTROLS, Kind
from omf.commands.command_types.purchases import PURCHASE_ENTER, PURCHASE_WITHDRAW
from omf.constants import COLOURS
from omf.purchases.account import Purchase
from omf.purchases.demand import ColourDemand, demands
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.views.device_status import short
from services.ui.widgets.elements import attribute, div, fold, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.rack import disc, paint

OpenCard = Callable[[Kind, Mapping[str, Any]], None]
SHOWN_CLOSED = 10


def purchase_panel(screen: Screen, open_card: OpenCard) -> None:
    """Demand by colour, the open purchases, and those that came in or were withdrawn."""
    say = screen.say
    with panel(say("purchase.title")).mark("purchases"):
        for colour in COLOURS:
            _demand(screen, colour, open_card)
        if screen.past is not None:
            # Purchases are kept as they are, not as they were.
            text(say("purchase.only_now"), "hint")
            return
        empty = text(say("purchase.none"), "empty")
        opened = KeyedList(div("lines"), lambda key: _purchase(screen, key, open_card), empty)
        with fold(say("purchase.ended")):
            none = text(say("purchase.none_ended"), "empty")
            over = KeyedList(div("lines"), lambda key: _purchase(screen, key, None), none)

    def draw() -> None:
        accounts = screen.model.purchases
        found = sorted((p for one in accounts for p in one.open), key=lambda p: p.created_at)
        opened.show([one.id for one in found])
        ended = [p for one in accounts for p in one.ended]
        ended.sort(key=lambda p: p.ended_at or 0.0, reverse=True)
        over.show([one.id for one in ended[:SHOWN_CLOSED]])

    screen.live(draw)


def _demand(screen: Screen, colour: str, open_card: OpenCard) -> None:
    say = screen.say
    with div("demand-line"):
        paint(disc(None), colour)
        words = text("", "grow").mark(f"demand-{colour}")
        button = text(say("purchase.enter"), "act small", "button").mark(f"purchase-{colour}")
        attribute(button, "aria-label", f"{say('purchase.enter')}: {say(f'colour.{colour}')}")
    button.on("click", lambda: open_card(CONTROLS[PURCHASE_ENTER], _given(screen, colour)))
    set_classes(button, hidden=screen.bus is None)

    def draw() -> None:
        words.say(_words(screen, _found(screen, colour)))

    screen.live(draw)


def _found(screen: Screen, colour: str) -> ColourDemand:
    model = screen.model
    found = model.shared("demands", lambda: demands(model.factory, model.purchases))
    return next(one for one in found if one.colour == colour)


def _given(screen: Screen, colour: str) -> dict[str, Any]:
    return {"colour": colour, "amount": _found(screen, colour).to_order or 1}


def _words(screen: Screen, demand: ColourDemand) -> str:
    """`White: needs 2, ordered 1, being stored 1`; what is zero is left out."""
    say = screen.say
    colour = say(f"colour.{demand.colour}")
    if demand.needed is None:
        return say("purchase.unknown", colour=colour)
    parts = [say("purchase.needs", colour=colour, count=demand.needed)]
    if demand.purchased:
        parts.append(say("purchase.ordered", count=demand.purchased))
    if demand.storing:
        parts.append(say("purchase.storing", count=demand.storing))
    return ", ".join(parts)


def _purchase(screen: Screen, key: str, open_card: OpenCard | None) -> Draw:
    say = screen.say
    with div("purchase-line"):
        with div("row"):
            piece, words = disc(None), text("", "grow")
            withdraw = text(say("purchase.withdraw"), "act small", "button")
            withdraw.mark(f"withdraw-{key}")
        about = link("", urls.to_command(screen, key), "hint way-in")
        pieces = div("row wraps")
    known: list[str] = []
    set_classes(withdraw, hidden=open_card is None)
    if open_card is not None:
        given = {"purchase": key}
        withdraw.on("click", lambda: open_card(CONTROLS[PURCHASE_WITHDRAW], given))

    def draw() -> None:
        purchase = _by_id(screen, key)
        if purchase is None:
            return
        paint(piece, purchase.colour)
        came = len(purchase.stored)
        words.say(say("purchase.line", came=came, amount=purchase.amount, note=purchase.note))
        attribute(withdraw, "aria-label", f"{withdraw.text}: {words.text}")
        about.say(_about(screen, purchase))
        for stored in purchase.stored[len(known) :]:
            known.append(stored.order_id)
            with pieces:
                name = f"{say('sensors.order')} {short(stored.order_id)}"
                link(name, urls.to_order(screen, stored.order_id), "way-in mono")

    return draw


def _by_id(screen: Screen, key: str) -> Purchase | None:
    every = (p for one in screen.model.purchases for p in (*one.open, *one.ended))
    return next((one for one in every if one.id == key), None)


def _about(screen: Screen, purchase: Purchase) -> str:
    say = screen.say
    who = say.known("user", purchase.operator)
    if purchase.withdrawn_by:
        by = say.known("user", purchase.withdrawn_by)
        return say("purchase.withdrawn", who=by, at=screen.when(purchase.ended_at))
    if purchase.ended_at is not None:
        return say("purchase.came", who=who, at=screen.when(purchase.ended_at))
    age = formats.age(screen.model.wall - purchase.created_at, say.language)
    return say("purchase.since", who=who, age=age)
