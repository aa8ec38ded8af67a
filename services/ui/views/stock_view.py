"""The stock as people ask about it: what lies where, for whom, by whose word, and who disagrees."""

from collections.abc import Iterator
from dataclasses import dataclass

from omf.constants import COLOURS
from omf.state import FactoryState
from omf.state.orders import Order
from omf.state.stock import CLOUD, Conflict, Piece, Source, Stock
from services.ui import formats
from services.ui.live.model import ViewModel
from services.ui.translator import Translator

RELEASED = ("HBW", "DROP")
"""The step after which a reserved piece has left the store (PROTOCOL D.2)."""


@dataclass(frozen=True, slots=True)
class Teller:
    """One source of the stock: `name` is `ccu`, `cloud` or the serial of a warehouse."""

    name: str
    source: Source
    conflicts: int

    @property
    def pieces(self) -> int:
        """Bays this source sees filled."""
        return sum(not bay.empty for bay in self.source.bays.values())


def tellers(stock: Stock) -> list[Teller]:
    """Everyone who tells of the stock, the CCU first: it is what the factory delivers from."""
    others = [(CLOUD, stock.cloud), *sorted(stock.hbw.items())]
    found = [Teller("ccu", stock.ccu, len(stock.conflicts))]
    return found + [
        Teller(name, source, sum(one.other == name for one in stock.conflicts))
        for name, source in others
    ]


def reserved_for(colour: str | None, model: ViewModel) -> list[Order]:
    """The open orders a reserved piece of a colour may be for.

    The CCU does not say which order it reserved a bay for: it is one of those of the colour that
    have not released their piece yet (PROTOCOL B.8, C.1).
    """
    return [
        order
        for order in model.factory.orders.values()
        if order.open and order.type == "PRODUCTION" and order.colour == colour
        if not _released(order)
    ]


def _released(order: Order) -> bool:
    return any(
        (step.module_type, step.command) == RELEASED and step.state == "FINISHED"
        for step in order.steps
    )


def missing(factory: FactoryState, colour: str) -> int | None:
    """Pieces of a colour the warehouses could still take; None while they have not told."""
    most = factory.store_capacity(colour)
    return None if most is None else max(0, most - factory.stock.counts().get(colour, 0))


def demand(factory: FactoryState, say: Translator) -> Iterator[str]:
    """What would fill the store, colour by colour."""
    for colour in COLOURS:
        if count := missing(factory, colour):
            yield f"{count} {say(f'colour.{colour}')}"


def of_capacity(count: int | None, factory: FactoryState, colour: str) -> str:
    """A count of a colour and how many the warehouses take: `2 / 3`."""
    most = factory.store_capacity(colour)
    return " / ".join(formats.NONE if one is None else str(one) for one in (count, most))


def piece_words(piece: Piece, say: Translator) -> str:
    """Colour and tag of a piece, or that the bay is empty."""
    colour, tag = piece
    if colour is None and not tag:
        return say("stock.empty")
    return " ".join(word for word in (say.known("colour", colour), tag) if word)


def conflict_words(conflict: Conflict, factory: FactoryState, say: Translator) -> str:
    """Who sees what in a bay."""
    return say(
        "stock.conflict_words",
        bay=conflict.bay,
        ccu=piece_words(conflict.ccu, say),
        other=teller_name(conflict.other, factory, say),
        told=piece_words(conflict.told, say),
    )


def teller_name(name: str, factory: FactoryState, say: Translator) -> str:
    """A source as people call it."""
    if name in {"ccu", CLOUD}:
        return say(f"stock.teller.{name}")
    given = factory.site.module_name(name)
    return say.either(given) if given else say("stock.teller.hbw", serial=name)


def told_words(teller: Teller, now: float, say: Translator) -> str:
    """What a source told and when; reported empty is not the same as never reported."""
    if not teller.source.known:
        return say("stock.teller_never")
    at = teller.source.at
    age = say("fact.ago", age=formats.age(now - at, say.language)) if at else say("stock.kept")
    if not teller.pieces:
        return say("stock.teller_empty", age=age)
    return say("stock.teller_told", pieces=teller.pieces, age=age)
