"""What a factory reset left behind, in the order it is put right, until somebody says it is done.

The CCU resets the factory after each of its starts too, so this is what to do after a power failure
(PROTOCOL D.5).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from omf.commands import KINDS, Kind
from omf.recovery.remedies import DOCK_KIND
from omf.state.device_names import device_name, order_name
from omf.state.loose_pieces import place_words
from services.common.store.bus import StoreError
from services.common.store.keys import Role
from services.ui.live.model import ViewModel
from services.ui.live.reader import clear_reset
from services.ui.live.screen import Screen
from services.ui.views.command_view import ORDER
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

DOCK = KINDS[DOCK_KIND]
TOGETHER_S = 5.0
"""The lists are empty within moments of the reset, by two clocks."""

Open = Callable[[Kind, Mapping[str, Any]], None]


def after_reset(screen: Screen, open_card: Open) -> None:
    """Pieces to take away, vehicles to dock, bays to compare, orders to give again."""
    say = screen.say
    with panel(say("after_reset.title"), "after-reset") as section:
        since, pieces = text("", "hint"), text("", "")
        docks = KeyedList(div("row"), lambda serial: _dock(screen, serial, open_card))
        bays = link("", screen.path("stock"), "hidden").mark("after-reset-stock")
        again = KeyedList(div("row"), lambda order: _again(screen, order, open_card))
        _done(screen)

    def paint(shown: LeftByReset) -> None:
        set_classes(section, hidden=shown.over)
        since.say(shown.since)
        pieces.say(say("after_reset.pieces", pieces=shown.pieces))
        set_classes(pieces, hidden=not shown.pieces)
        bays.say(say("after_reset.stock", bays=", ".join(shown.contradicted)))
        set_classes(bays, hidden=not shown.contradicted)
        docks.show(shown.lost)
        again.show(shown.ended)

    screen.live(drawn_from(partial(screen.shared, "after reset", lambda: _found(screen)), paint))


class LeftByReset(NamedTuple):
    """What is to be done after a reset; `over` once it is, or where there is nothing."""

    over: bool
    since: str
    pieces: str
    lost: tuple[str, ...]
    contradicted: tuple[str, ...]
    ended: tuple[str, ...]


def _found(screen: Screen) -> LeftByReset:
    model = screen.model
    left, lost, wrong, ended = _left(screen), _lost(model), _contradicted(model), _ended(model)
    told = model.factory.requests.reset_at
    over = told is None or told <= model.reset_cleared or not (left or lost or wrong or ended)
    since = screen.say("after_reset.since", at=screen.when(told))
    return LeftByReset(over, since, left, tuple(lost), tuple(wrong), tuple(ended))


def _done(screen: Screen) -> None:
    """The button that puts it away, for everybody: whoever cleared the plant did it for all."""
    say = screen.say
    done = text(say("after_reset.done"), "act small", "button").mark("after-reset-done")
    attribute(done, "title", say("after_reset.done.is"))
    wrong = text("", "hint wrong hidden").props("role=alert")

    async def put_away() -> None:
        told = screen.model.factory.requests.reset_at
        bus = screen.bus
        if told is None or bus is None or not screen.user.may(Role.OPERATOR):
            return
        try:
            await clear_reset(bus, told)
        except StoreError:
            wrong.say(say("after_reset.away"))
            set_classes(wrong, hidden=False)
        else:
            screen.model.reset_cleared = told
            screen.model.changed()

    done.on("click", put_away)
    set_classes(done, hidden=screen.bus is None or not screen.user.may(Role.OPERATOR))


def _left(screen: Screen) -> str:
    factory, say = screen.model.factory, screen.say
    return ", ".join(
        f"{say.either(place_words(factory, where))} {say.known('colour', colour)}"
        for where, colour in factory.requests.reset_left
    )


def _lost(model: ViewModel) -> list[str]:
    """Vehicles that do not know where they stand."""
    return sorted(s for s, one in model.factory.vehicles.items() if not one.position_known)


def _contradicted(model: ViewModel) -> list[str]:
    """Bays of which the CCU and the warehouse say different things."""
    return sorted({one.bay for one in model.factory.stock.conflicts})


def _ended(model: ViewModel) -> list[str]:
    """Productions the reset took away, as they were listed."""
    told = model.factory.requests.reset_at or 0.0
    gone = (
        one for one in model.factory.orders.values() if (one.left_at or 0.0) > told - TOGETHER_S
    )
    return [one.id for one in gone if one.vanished and one.type == "PRODUCTION" and one.colour]


def _dock(screen: Screen, serial: str, open_card: Open) -> Draw:
    words = screen.say("after_reset.dock", vehicle=device_name(screen.model.factory, serial))
    button = text(words, "act small", "button").mark(f"after-reset-dock-{serial}")
    button.on("click", lambda: open_card(DOCK, {"serial": serial}))
    return lambda: None


def _again(screen: Screen, order_id: str, open_card: Open) -> Draw:
    """The order that was lost, given again; a piece that was under way may be gone with it."""
    order = screen.model.factory.orders[order_id]
    words = screen.say("after_reset.again", order=screen.say.either(order_name(order)))
    button = text(words, "act small", "button").mark(f"after-reset-again-{order_id}")
    button.on("click", lambda: open_card(KINDS[ORDER], {"colour": order.colour}))
    return lambda: None
