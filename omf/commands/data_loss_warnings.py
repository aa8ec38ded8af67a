"""What a command takes away for good, as the factory stands now; said before it is sent."""

from collections.abc import Iterator, Sequence

from omf.state import FactoryState
from omf.state.device_names import short
from omf.state.loose_pieces import loose_pieces, place_words
from omf.terms import term
from omf.texts import Text, joined, text, verbatim

MOST_LOSSES = 12
"""So many are named; of more the number says enough."""


def of_reset(state: FactoryState, *, with_storage: bool) -> tuple[Text, ...]:
    """Orders, the place of pieces and vehicles, and the stock if it is emptied (PROTOCOL D.5)."""
    found = [*_orders(state), *_pieces(state), *_docked(state)]
    return tuple([*found, _stock(state)] if with_storage else found)


def _orders(state: FactoryState) -> Iterator[Text]:
    if not state.book.active_known:
        yield text("loss.orders_unknown")
        return
    orders = [state.orders[one] for one in state.active_orders if one in state.orders]
    running = [short(order.id) for order in orders if order.state != "ENQUEUED"]
    queued = [short(order.id) for order in orders if order.state == "ENQUEUED"]
    yield text("loss.running_orders", count=len(running), names=_named(running))
    yield text("loss.queued_orders", count=len(queued), names=_named(queued))
    if ended := len(state.completed_orders):
        yield text("loss.ended_orders", ended=ended)


def _pieces(state: FactoryState) -> Iterator[Text]:
    """A piece stays where it lies, and no order knows of it any more."""
    places = loose_pieces(state)
    if places:
        pieces = [
            joined(" ", [place_words(state, where), term("colour", colour)])
            for where, colour in places
        ]
        yield text("loss.pieces", pieces=_some(pieces))


def _docked(state: FactoryState) -> Iterator[Text]:
    if placed := [v.serial for v in state.vehicles.values() if v.position_known]:
        yield text("loss.positions", vehicles=_some([verbatim(serial) for serial in placed]))


def _stock(state: FactoryState) -> Text:
    if not state.stock.known:
        return text("loss.stock_unknown")
    counts = {colour: count for colour, count in state.stock.counts().items() if count}
    total = sum(counts.values())
    if not counts:
        return text("loss.stock", count=total)
    colours = joined(
        ", ", [joined(" ", [term("colour", one), verbatim(str(n))]) for one, n in counts.items()]
    )
    return text("loss.stock_of", count=total, colours=colours)


def _named(ids: Sequence[str]) -> Text:
    """The ids in brackets, nothing for none."""
    if not ids:
        return verbatim("")
    return joined("", [verbatim(" ("), _some([verbatim(one) for one in ids]), verbatim(")")])


def _some(names: Sequence[Text]) -> Text:
    more = [verbatim("…")] if len(names) > MOST_LOSSES else []
    return joined(", ", [*names[:MOST_LOSSES], *more])
