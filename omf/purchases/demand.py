"""How many pieces of each colour the warehouses still need, and what is on its way."""

from collections.abc import Iterable
from typing import NamedTuple

from omf.constants import COLOURS
from omf.purchases.account import PurchaseAccount
from omf.state.model import Factory


class ColourDemand(NamedTuple):
    """One colour; None is what the factory has not told."""

    colour: str
    capacity: int | None
    """Bays for it."""
    stored: int | None
    """Pieces that lie in them."""
    storing: int
    """Storage orders that run or wait."""
    purchased: int
    """Pieces that were ordered and are not on their way into a bay yet."""

    @property
    def needed(self) -> int | None:
        """Free bays less the storage orders that run or wait."""
        if self.capacity is None or self.stored is None:
            return None
        return max(0, self.capacity - self.stored - self.storing)

    @property
    def to_order(self) -> int | None:
        """What nobody has ordered yet."""
        return None if self.needed is None else max(0, self.needed - self.purchased)


def demands(state: Factory, accounts: Iterable[PurchaseAccount]) -> list[ColourDemand]:
    """What each colour needs."""
    orders = list(state.orders.values())
    purchased: dict[str, int] = {
        one.colour: one.outstanding - one.on_the_way(orders) for one in accounts
    }
    counts = state.stock.counts() if state.stock.known else None
    found = []
    for colour in COLOURS:
        storing = sum(
            order.open and order.type == "STORAGE" and order.colour == colour for order in orders
        )
        stored = None if counts is None else counts.get(colour, 0)
        capacity = state.store_capacity(colour)
        ordered = purchased.get(colour, 0)
        found.append(ColourDemand(colour, capacity, stored, storing, ordered))
    return found
