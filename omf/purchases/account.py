"""What was ordered of one colour, followed until storage orders of that colour have brought it in.

Nothing of this goes to the factory, which knows no purchase (PROTOCOL C.1, C.2): the pieces come by
hand to the delivery station, and each storage order that ends closes one of them.
"""

from collections.abc import Iterable
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from omf.commands.forms import Colour
from omf.state.orders import Order

MAX_ENDED_PURCHASES = 50
MAX_COUNTED_ORDERS = 500
"""As many past orders are known at all."""


class _PurchaseModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    def but(self, **changes: Any) -> Self:
        """The same with some fields changed."""
        return self.model_copy(update=changes)


class ReceivedPiece(_PurchaseModel):
    """A piece that came in."""

    order_id: str
    workpiece_id: str | None = None
    at: float
    """When its storage order ended, Unix s."""


class Purchase(_PurchaseModel):
    """Pieces of one colour that a person ordered."""

    id: str
    """Of the command that entered it."""
    colour: Colour
    amount: int
    note: str = ""
    operator: str
    created_at: float
    """Unix s."""
    stored: tuple[ReceivedPiece, ...] = ()
    withdrawn_by: str = ""
    ended_at: float | None = None
    """When the last piece was stored, or it was withdrawn."""

    @property
    def outstanding(self) -> int:
        """Pieces that have not come yet."""
        return 0 if self.ended_at is not None else self.amount - len(self.stored)


class PurchaseAccount(_PurchaseModel):
    """All purchases of one colour: one thing in the store, so that no piece closes two of them."""

    colour: Colour
    open: tuple[Purchase, ...] = ()
    """The oldest first; the next piece is its."""
    ended: tuple[Purchase, ...] = ()
    """The last fifty, the newest first."""
    counted: tuple[str, ...] = ()
    """Storage orders that closed a piece, so that none does so twice."""
    revision: int = 0

    @property
    def outstanding(self) -> int:
        """Pieces that were ordered and have not come yet."""
        return sum(one.outstanding for one in self.open)

    def on_the_way(self, orders: Iterable[Order]) -> int:
        """How many of them storage orders are bringing in just now."""
        if not self.open:
            return 0
        first = self.open[0].created_at
        begun = (began_at(one) for one in orders if one.open and _stores(one, self.colour))
        return min(self.outstanding, sum(at is not None and at >= first for at in begun))

    def find(self, wanted: str) -> Purchase | None:
        """An open purchase by its id, or by a beginning that only one has."""
        found = [one for one in self.open if wanted and one.id.startswith(wanted)]
        exact = next((one for one in found if one.id == wanted), None)
        return exact or (found[0] if len(found) == 1 else None)

    def entered(self, purchase: Purchase) -> Self:
        """The same with one more."""
        return self._next(open=(*self.open, purchase))

    def withdrawn(self, purchase: Purchase, who: str, at: float) -> Self:
        """The same without one that a person withdrew; what has come of it is kept."""
        over = purchase.but(withdrawn_by=who, ended_at=at)
        return self._next(
            open=tuple(one for one in self.open if one.id != purchase.id),
            ended=(over, *self.ended)[:MAX_ENDED_PURCHASES],
        )

    def closed_by(self, orders: Iterable[Order]) -> Self:
        """The same once storage orders have ended: each closes a piece of the oldest purchase.

        An order counts for purchases entered before it began, and once.
        """
        account = self
        ended = [one for one in orders if _brings(one, self.colour)]
        for order in sorted(ended, key=lambda one: (one.changed_at or 0.0, one.id)):
            account = account._closed(order)
        return account

    def _closed(self, order: Order) -> Self:
        began = began_at(order)
        if order.id in self.counted or began is None:
            return self
        mine = next((one for one in self.open if one.created_at <= began), None)
        if mine is None:
            return self
        at = order.changed_at or began
        piece = ReceivedPiece(order_id=order.id, workpiece_id=order.workpiece_id, at=at)
        after = mine.but(stored=(*mine.stored, piece))
        full = not after.outstanding
        after = after.but(ended_at=at) if full else after
        rest = (after if one.id == mine.id else one for one in self.open)
        return self._next(
            open=tuple(one for one in rest if one.ended_at is None),
            ended=((after, *self.ended) if full else self.ended)[:MAX_ENDED_PURCHASES],
            counted=(*self.counted, order.id)[-MAX_COUNTED_ORDERS:],
        )

    def _next(self, **changes: Any) -> Self:
        return self.but(**changes, revision=self.revision + 1)


def began_at(order: Order) -> float | None:
    """When the CCU was first seen to work on an order (Unix s); None if nobody saw it."""
    return min((one.at for one in order.sightings if one.list == "active"), default=None)


def _brings(order: Order, colour: Colour) -> bool:
    return _stores(order, colour) and order.state == "FINISHED"


def _stores(order: Order, colour: Colour) -> bool:
    return order.type == "STORAGE" and order.colour == colour
