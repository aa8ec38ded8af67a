"""Order payloads of the CCU and of the cloud (PROTOCOL B.8, B.9, C.1 to C.4)."""

from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import RootModel

from omf.messages.base import Colour, Many, Payload, Record, Stamp, Written

OPEN_STATES = frozenset({"ENQUEUED", "IN_PROGRESS"})
"""The order will still change; FINISHED, CANCELLED and ERROR are final (D.3)."""


class OrderRequest(Record):
    """Asks the CCU for an order; it makes the orderId itself and never answers a refusal."""

    type: Colour = None
    timestamp: Stamp = None
    order_type: Annotated[str | None, Written(one_of=("PRODUCTION", "STORAGE"))] = None
    """Anything but exactly PRODUCTION is handled as STORAGE (C.1)."""
    workpiece_id: str | None = None
    request_id: str | None = None
    """Echoed by the CCU, which also accepts `request_id`."""
    simulation_id: str | None = None


class ProductionStep(Record):
    """One step of an order; its `id` is the action id of the module order or of the DOCK."""

    id: str | None
    type: str | None
    """NAVIGATION or MANUFACTURE."""
    state: str | None
    source: str | None = None
    target: str | None = None
    module_type: str | None = None
    command: str | None = None
    serial_number: str | None = None
    dependent_action_id: str | None = None
    started_at: str | None = None
    stopped_at: str | None = None


class OrderRecord(Record):
    """An order as the CCU keeps it. Times are the CCU's, `timestamp` is the asker's clock."""

    order_id: str | None
    state: str | None
    order_type: str | None = None
    type: str | None = None
    timestamp: str | None = None
    received_at: str | None = None
    started_at: str | None = None
    stopped_at: str | None = None
    workpiece_id: str | None = None
    """PRODUCTION: only once the HBW has released the piece."""
    request_id: str | None = None
    simulation_id: str | None = None
    production_steps: Many[ProductionStep] = ()

    @property
    def open(self) -> bool:
        """True while the order will still change."""
        return self.state in OPEN_STATES


class AskedOrder(NamedTuple):
    """What an order request asked for; None is not told."""

    order_type: str | None
    colour: str | None
    requested_at: str | None
    """The asker's clock, as written."""
    request_id: str | None = None
    workpiece_id: str | None = None

    def is_answered_by(self, order: OrderRecord) -> bool:
        """Tell whether the CCU made the order of this request.

        By the request id where both name one, else by the time and colour the CCU copies into the
        order: the makers' own CCU echoes no id (PROTOCOL B.8, H).
        """
        if order.order_type is not None and _kind(order.order_type) != _kind(self.order_type):
            return False
        if self.request_id and order.request_id:
            return self.request_id == order.request_id
        # A production order names its piece only once the warehouse has given it out (B.8).
        told = None not in (self.workpiece_id, order.workpiece_id)
        same_piece = not told or self.workpiece_id == order.workpiece_id
        same_time = _same_instant(self.requested_at, order.timestamp)
        return same_piece and same_time and self.colour == order.type


def _kind(order_type: str | None) -> str:
    """The CCU handles anything but exactly PRODUCTION as STORAGE (C.1)."""
    return "PRODUCTION" if order_type == "PRODUCTION" else "STORAGE"


def _same_instant(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return False
    if one == other:
        return True
    try:
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    except ValueError:
        return False


class OrderList(Payload, RootModel[Many[OrderRecord]]):
    """The whole list each time, never an event; may be empty (B.8)."""

    @property
    def orders(self) -> tuple[OrderRecord, ...]:
        """The orders that name themselves, in the CCU's order."""
        return tuple([order for order in self.root if order.order_id])

    @property
    def complete(self) -> bool:
        """True when every order of the list is among `orders`: who is missing is gone."""
        return not self.unread and all(order.order_id for order in self.root)


class OrderCancel(Payload, RootModel[Many[str]]):
    """Ids of orders to cancel; those in progress are ignored silently (C.4)."""

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The orders meant."""
        return self.root


class CloudOrderState(Record):
    """What the cloud shows: WAITING_FOR_ORDER, ORDERED or IN_PROCESS, and of which colour."""

    ts: str | None = None
    state: str | None
    type: str | None = None


class CloudOrderRequest(Record):
    """A customer's order from the cloud; the CCU turns it into an order request (C.3)."""

    type: Colour = None
    ts: Stamp = None
    request_id: str | None = None
