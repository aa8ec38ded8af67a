"""The orders of the CCU: its lists exactly as they are, and a history that outlives its reset."""

from dataclasses import dataclass, field
from typing import Literal

from omf.messages.orders import OrderList, OrderRecord
from omf.messages.orders import ProductionStep as StepRecord
from omf.state.values import Arrival, clip

MAX_PAST_ORDERS = 500
"""Orders kept that are in no list of the CCU any more: about a week of a busy model factory."""
MAX_LISTED_ORDERS = 5_000
"""Orders read of one list: three times what the largest list accepted can hold of real ones."""
MAX_ORDER_STEPS = 64
"""BLUE has 16 steps and up to three inserted ones (PROTOCOL D.2)."""
MAX_SIGHTINGS = 16

ListName = Literal["active", "completed"]


@dataclass(slots=True)
class OrderStep:
    """One production step; clocks are the CCU's, as sent."""

    id: str | None
    type: str | None
    """NAVIGATION or MANUFACTURE."""
    state: str | None
    module_type: str | None = None
    command: str | None = None
    source: str | None = None
    target: str | None = None
    serial: str | None = None
    """Known once the step was sent."""
    depends_on: str | None = None
    started_at: str | None = None
    stopped_at: str | None = None
    since: float | None = None
    """Arrival of the first list that showed this state; None if that was a retained copy."""


@dataclass(slots=True)
class Sighting:
    """First sight of an order in one list with one state."""

    list: ListName
    state: str | None
    at: float


@dataclass(slots=True)
class Order:
    """One order; `*_at` texts are the CCU's or operator's clocks, the numbers our arrivals."""

    id: str
    type: str | None
    """PRODUCTION or STORAGE."""
    colour: str | None
    state: str | None
    first_seen: float
    last_seen: float
    workpiece_id: str | None = None
    request_id: str | None = None
    requested_at: str | None = None
    """The requester's clock: may lie behind `started_at` (PROTOCOL F.22)."""
    received_at: str | None = None
    started_at: str | None = None
    stopped_at: str | None = None
    steps: tuple[OrderStep, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    list: ListName | None = None
    """Where the CCU lists it now."""
    changed_at: float | None = None
    """Live arrival of the last change of its state or of a step; None while only copies told."""
    left_at: float | None = None
    """When it left the active list without reaching the completed one (reset): it vanished."""
    vehicle: str | None = None
    """Serial of the vehicle that drove for it last; the CCU keeps to it to the end."""
    bay: str | None = None
    """The bay of that vehicle its piece has, also while it lies in a module."""
    stuck_since: float | None = None
    """Since when the CCU's race holds it (PROTOCOL F.36), kept until one of its steps changes."""

    @property
    def vanished(self) -> bool:
        """Tell whether it disappeared without completion."""
        return self.left_at is not None

    @property
    def open(self) -> bool:
        """Tell whether the CCU still works on it."""
        return self.list == "active"

    @property
    def still_since(self) -> float:
        """Since when nothing of it has changed, as far as we heard."""
        return self.changed_at or self.first_seen

    @property
    def running(self) -> bool:
        """Tell whether one of its steps is under way."""
        return any(step.state == "IN_PROGRESS" for step in self.steps)


@dataclass(slots=True)
class OrderBook:
    """All orders known, and the ids of the CCU's two lists in its own order."""

    orders: dict[str, Order] = field(default_factory=dict)
    active: tuple[str, ...] = ()
    completed: tuple[str, ...] = ()
    active_known: bool = False
    """An active list came; before, an empty one means nothing."""
    completed_known: bool = False
    active_at: float | None = None
    """Newest live active list."""
    completed_at: float | None = None
    forgotten: int = 0
    """Orders dropped from the history."""


def read_active(book: OrderBook, told: OrderList, arrival: Arrival) -> None:
    """Take over `ccu/order/active`: the whole list, not an event."""
    gone = set(book.active)
    book.active = _see_all(book, told, "active", arrival)
    book.active_known = True
    book.active_at = arrival.news_at or book.active_at
    for order_id in gone.difference(book.active):
        order = book.orders[order_id]
        if order.list == "active":
            order.list = None
            order.left_at = order.changed_at = arrival.at
    _forget_oldest(book)


def read_completed(book: OrderBook, told: OrderList, arrival: Arrival) -> None:
    """Take over `ccu/order/completed`: cumulative since the CCU began, emptied by a reset."""
    gone = set(book.completed)
    book.completed = _see_all(book, told, "completed", arrival)
    book.completed_known = True
    book.completed_at = arrival.news_at or book.completed_at
    for order_id in gone.difference(book.completed):
        order = book.orders[order_id]
        if order.list == "completed":
            order.list = "active" if order_id in book.active else None
    _forget_oldest(book)


def read_response(book: OrderBook, payload: OrderRecord, arrival: Arrival) -> None:
    """Take over `ccu/order/response`: the order is known before a list names it."""
    order = _order(book, payload.order_id or "", arrival)
    if order.list is None and not order.vanished:
        _update(order, payload, arrival)
        _forget_oldest(book)


def as_told(order: Order) -> OrderRecord:
    """The order as the CCU told it, as far as it identifies the request it was made of."""
    return OrderRecord(
        order_id=order.id,
        state=order.state,
        order_type=order.type,
        type=order.colour,
        timestamp=order.requested_at,
        workpiece_id=order.workpiece_id,
        request_id=order.request_id,
    )


def forget_list(book: OrderBook, where: ListName) -> None:
    """Undo a list that was deleted: which orders it names is unknown, none of them vanished."""
    for order in book.orders.values():
        if order.list == where:
            order.list = None
    if where == "active":
        book.active, book.active_known, book.active_at = (), False, None
    else:
        book.completed, book.completed_known, book.completed_at = (), False, None


def _see_all(
    book: OrderBook, told: OrderList, where: ListName, arrival: Arrival
) -> tuple[str, ...]:
    listed = (_see(book, one, where, arrival) for one in told.orders[:MAX_LISTED_ORDERS])
    seen = tuple(dict.fromkeys(listed))
    if told.complete:
        return seen
    # 1. an entry cannot be read, 2. it may be any of the orders the list named before
    before = book.active if where == "active" else book.completed
    return (*seen, *(one for one in before if one not in seen))


def _see(book: OrderBook, payload: OrderRecord, where: ListName, arrival: Arrival) -> str:
    order = _order(book, payload.order_id or "", arrival)
    order.last_seen = arrival.at
    # 1. the CCU completes an order, 2. a list of active ones sent just before arrives late
    if where == "active" and order.list == "completed":
        return order.id
    order.list = where
    order.left_at = None
    _update(order, payload, arrival)
    _sight(order, where, arrival)
    return order.id


def _order(book: OrderBook, order_id: str, arrival: Arrival) -> Order:
    order_id = clip(order_id) or ""
    order = book.orders.get(order_id)
    if order is None:
        order = Order(order_id, None, None, None, arrival.at, arrival.at)
        book.orders[order_id] = order
    return order


def _sight(order: Order, where: ListName, arrival: Arrival) -> None:
    last = order.sightings[-1] if order.sightings else None
    if last is None or last.list != where or last.state != order.state:
        order.sightings = (*order.sightings, Sighting(where, order.state, arrival.at))
        order.sightings = order.sightings[-MAX_SIGHTINGS:]
        order.changed_at = arrival.news_at


def _update(order: Order, payload: OrderRecord, arrival: Arrival) -> None:
    order.type = clip(payload.order_type)
    order.colour = clip(payload.type)
    order.state = clip(payload.state)
    order.workpiece_id = clip(payload.workpiece_id)
    order.request_id = clip(payload.request_id)
    order.requested_at = clip(payload.timestamp)
    order.received_at = clip(payload.received_at)
    order.started_at = clip(payload.started_at)
    order.stopped_at = clip(payload.stopped_at)
    known = {step.id: step for step in order.steps}
    order.steps = tuple(
        _step(order, known.get(clip(step.id)), step, arrival)
        for step in payload.production_steps[:MAX_ORDER_STEPS]
    )


def _step(
    order: Order, known: OrderStep | None, payload: StepRecord, arrival: Arrival
) -> OrderStep:
    changed = known is None or known.state != clip(payload.state)
    if changed:
        order.changed_at = arrival.news_at
        order.stuck_since = None
    return OrderStep(
        id=clip(payload.id),
        type=clip(payload.type),
        state=clip(payload.state),
        module_type=clip(payload.module_type),
        command=clip(payload.command),
        source=clip(payload.source),
        target=clip(payload.target),
        serial=clip(payload.serial_number),
        depends_on=clip(payload.dependent_action_id),
        started_at=clip(payload.started_at),
        stopped_at=clip(payload.stopped_at),
        since=arrival.news_at if changed or known is None else known.since,
    )


def _forget_oldest(book: OrderBook) -> None:
    spare = len(book.orders) - MAX_PAST_ORDERS - len(book.active) - len(book.completed)
    if spare <= 0:
        return
    past = [order for order in book.orders.values() if order.list is None]
    for order in sorted(past, key=lambda order: order.last_seen)[:spare]:
        del book.orders[order.id]
        book.forgotten += 1
