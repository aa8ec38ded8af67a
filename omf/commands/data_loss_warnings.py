"""What a command takes away for good, as the factory stands now; said before it is sent."""

from collections.abc import Iterator, Sequence

from omf.commands.forms import Text
from omf.state import FactoryState
from omf.state.device_names import short
from omf.state.loose_pieces import loose_pieces
from omf.terms import term

MOST_LOSSES = 12
"""So many are named; of more the number says enough."""


def of_reset(state: FactoryState, *, with_storage: bool) -> tuple[Text, ...]:
    """Orders, the place of pieces and vehicles, and the stock if it is emptied (PROTOCOL D.5)."""
    found = [*_orders(state), *_pieces(state), *_docked(state)]
    return tuple([*found, _stock(state)] if with_storage else found)


def _orders(state: FactoryState) -> Iterator[Text]:
    if not state.book.active_known:
        yield Text(
            de="Aufträge: unbekannt wie viele, die CCU hat sie nicht gemeldet",
            en="Orders: unknown how many, the CCU has not reported them",
        )
        return
    orders = [state.orders[one] for one in state.active_orders if one in state.orders]
    running = [short(order.id) for order in orders if order.state != "ENQUEUED"]
    queued = [short(order.id) for order in orders if order.state == "ENQUEUED"]
    yield _counted("Laufende Aufträge", "Running orders", running)
    yield _counted("Wartende Aufträge", "Queued orders", queued)
    if ended := len(state.completed_orders):
        yield Text(
            de=f"Liste der beendeten Aufträge in der CCU: {ended}",
            en=f"List of ended orders in the CCU: {ended}",
        )


def _pieces(state: FactoryState) -> Iterator[Text]:
    """A piece stays where it lies, and no order knows of it any more."""
    places = loose_pieces(state)
    if places:
        german, english = (
            [f"{where} {term('colour', colour)[n]}" for where, colour in places] for n in (0, 1)
        )
        yield Text(
            de=f"Auftrag der Werkstücke, die von Hand wegzuräumen sind: {_some(german)}",
            en=f"Order of the pieces that have to be taken away by hand: {_some(english)}",
        )


def _docked(state: FactoryState) -> Iterator[Text]:
    if placed := [v.serial for v in state.vehicles.values() if v.position_known]:
        yield Text(
            de=f"Position, neu anzudocken: FTS {_some(placed)}",
            en=f"Position, to be docked again: vehicle {_some(placed)}",
        )


def _stock(state: FactoryState) -> Text:
    if not state.stock.known:
        return Text(
            de="Lagerbestand: unbekannt wie viel, die CCU hat ihn nicht gemeldet",
            en="Stock: unknown how much, the CCU has not reported it",
        )
    counts = {colour: count for colour, count in state.stock.counts().items() if count}
    german, english = (
        ", ".join(f"{term('colour', colour)[n]} {count}" for colour, count in counts.items())
        for n in (0, 1)
    )
    return Text(
        de=f"Lagerbestand: {sum(counts.values())} Stück{f' ({german})' if german else ''}",
        en=f"Stock: {sum(counts.values())} pieces{f' ({english})' if english else ''}",
    )


def _counted(de: str, en: str, names: Sequence[str]) -> Text:
    which = f" ({_some(names)})" if names else ""
    return Text(de=f"{de}: {len(names)}{which}", en=f"{en}: {len(names)}{which}")


def _some(names: Sequence[str]) -> str:
    return ", ".join([*names[:MOST_LOSSES], *(["…"] if len(names) > MOST_LOSSES else [])])
