"""When each order began and ended, as the lists of the CCU told it."""

from dataclasses import dataclass, replace

from omf.messages.message import Message
from omf.state.assignments import active_orders
from omf.state.factory_state import FactoryState


@dataclass(slots=True)
class OrderTimes:
    """An order, as the lists of the CCU told it."""

    id: str
    type: str | None
    colour: str | None
    began_at: float | None
    """First list it stood in; None: it was under way before we listened."""
    began_by: str
    """The message of that list; "" where it was heard before the range."""
    known_at: float
    """Since when it was in work, as far as we heard."""
    state: str | None = None
    ended_at: float | None = None
    ended_by: str = ""


class OrderClock:
    """Hears the lists of orders. Pure."""

    def __init__(self, state: FactoryState) -> None:
        """`state` is the fold up to the beginning of the range."""
        self.told: dict[str, OrderTimes] = {}
        """By id: those in work at the beginning, and those that began later."""
        self._open: dict[str, OrderTimes] = {}
        for order in active_orders(state):
            first = order.first_seen
            known = OrderTimes(order.id, order.type, order.colour, first, "", first)
            self.told[order.id] = self._open[order.id] = known

    def hear(self, state: FactoryState, message: Message) -> None:
        """Take a list, which `state` has already."""
        at, by = message.received_at, message.id
        for order_id in state.active_orders:
            order = state.orders.get(order_id)
            # A completed order that nobody saw in work is one of before.
            if order is None or order_id in self._open or order.list != "active":
                continue
            began = None if message.retain else at
            known = OrderTimes(order.id, order.type, order.colour, began, by, at)
            self.told[order_id] = self._open[order_id] = known
        for order_id, known in list(self._open.items()):
            order = state.orders.get(order_id)
            if order is None:
                continue
            known.state = "VANISHED" if order.vanished else order.state
            if order.vanished or order.list == "completed":
                known.ended_at, known.ended_by = at, by
                del self._open[order_id]

    def go_on(self) -> None:
        """Tell what follows for itself: orders in work are those it begins with."""
        self._open = {name: replace(known, began_by="") for name, known in self._open.items()}
        self.told = dict(self._open)
