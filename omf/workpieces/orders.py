"""What orders do for pieces: asked for, taken on, step by step, ended; and what was planned."""

from collections.abc import Mapping
from typing import TypeAlias

from omf.constants import MINUTE_S
from omf.messages.commands import SetReset
from omf.state.assignments import MAX_ACTIVE
from omf.state.model import Factory
from omf.state.orders import MAX_ORDER_STEPS, Order, OrderStep
from omf.state.values import Arrival
from omf.workpieces import tracking
from omf.workpieces.life import MAX_LIFE_ORDERS, LifeEvent, OrderTrace, StepTrace, WorkpieceLife

Levels: TypeAlias = Mapping[str, str]

FINAL = frozenset({"FINISHED", "ERROR", "CANCELLED"})
MOVING = frozenset({"PICK", "DROP"})
"""Commands that bring a piece to a station or away; every other one works on it."""


def link(state: Factory, order_id: str | None, life: WorkpieceLife) -> None:
    """An order is about this piece: what was noted of the order belongs to its life."""
    pieces = state.workpieces
    if not order_id or pieces.by_order.get(order_id) == life.id:
        return
    trace = pieces.waiting_orders.pop(order_id, None)
    if trace is None and order_id not in state.orders:
        return
    pieces.by_order[order_id] = life.id
    if all(one.order_id != order_id for one in life.orders):
        life.orders.append(trace or _begin(state, state.orders[order_id], None))
        del life.orders[:-MAX_LIFE_ORDERS]


def read_orders(state: Factory, arrival: Arrival) -> None:
    """Take what the CCU's lists say now of the orders in work and of those just ended."""
    pieces = state.workpieces
    known = dict.fromkeys(
        [*state.active_orders[:MAX_ACTIVE], *pieces.by_order, *pieces.waiting_orders]
    )
    for order_id in known:
        order = state.orders.get(order_id)
        if order is None:
            pieces.by_order.pop(order_id, None)
            pieces.waiting_orders.pop(order_id, None)
            continue
        _take(state, order, arrival)


def _take(state: Factory, order: Order, arrival: Arrival) -> None:
    pieces = state.workpieces
    life = pieces.life(pieces.by_order.get(order.id, ""))
    trace = _trace_of(life, order.id) if life else pieces.waiting_orders.get(order.id)
    if trace is None:
        if order.list != "active":
            return
        trace = pieces.waiting_orders[order.id] = _begin(state, order, arrival)
    _update(trace, order, arrival)
    if life is None and order.workpiece_id and (found := pieces.find(order.workpiece_id)):
        link(state, order.id, found)
    _close(state, trace, order, arrival)


def _close(state: Factory, trace: OrderTrace, order: Order, arrival: Arrival) -> None:
    """Note the end; a vanished order is looked for a while, the completed list may come later."""
    final = trace.state in FINAL and order.list != "active"
    if not final and not order.vanished:
        return
    if final or trace.ended_at is None:
        trace.ended_at, trace.ended_by = arrival.at, arrival.id
    if final:
        _conclude(state, trace, arrival)
    if final or arrival.at - (order.left_at or arrival.at) > MINUTE_S:
        state.workpieces.by_order.pop(order.id, None)
        state.workpieces.waiting_orders.pop(order.id, None)


def _conclude(state: Factory, trace: OrderTrace, arrival: Arrival) -> None:
    """A production that ended says where its piece is, should the station's word be missing."""
    pieces = state.workpieces
    life = pieces.open.get(pieces.by_order.get(trace.order_id, ""))
    if life is None or trace.type != "PRODUCTION" or arrival.retained:
        return
    if trace.state == "FINISHED":
        tracking.end(pieces, life, "delivered", arrival, (arrival.id,))
    elif any(step.station == "AIQS" and step.state == "ERROR" for step in trace.steps):
        if not any(one.what == "checked" and one.order_id == trace.order_id for one in life.events):
            event = LifeEvent(arrival.at, arrival.id, "station", "checked", result="FAILED")
            life.note(event._replace(order_id=trace.order_id, inferred=True))
        tracking.end(pieces, life, "rejected", arrival, (arrival.id,))


def _trace_of(life: WorkpieceLife, order_id: str) -> OrderTrace | None:
    return next((one for one in life.orders if one.order_id == order_id), None)


def _begin(state: Factory, order: Order, arrival: Arrival | None) -> OrderTrace:
    trace = OrderTrace(order.id, order.type, order.colour, request_id=order.request_id)
    for request in reversed(state.requests.orders):
        if request.order_id == order.id:
            trace.requested_at, trace.requested_by = request.at, request.message_id
            break
    if arrival is not None:
        trace.seen_at, trace.seen_by = arrival.news_at, arrival.id
    _plan(state, trace, order, new=trace.requested_at is not None)
    return trace


def _plan(state: Factory, trace: OrderTrace, order: Order, *, new: bool) -> None:
    """The flow in force when the order was made; by its own steps where that was not heard."""
    if order.type != "PRODUCTION":
        return
    flow = state.flows.of(order.colour or "") if state.flows is not None else None
    if new and flow is not None:
        trace.planned, trace.planned_by = tuple(flow[:MAX_ORDER_STEPS]), state.workpieces.flows_by
    else:
        works = [step for step in order.steps if _station(step)]
        trace.planned = tuple(step.module_type or "" for step in works)


def _station(step: OrderStep) -> str | None:
    works = step.type == "MANUFACTURE" and step.command not in MOVING
    return step.module_type if works else None


def _update(trace: OrderTrace, order: Order, arrival: Arrival) -> None:
    trace.state = order.state
    known = trace.steps
    if len(known) == len(order.steps) and all(
        step.state == told.state and step.id == told.id
        for step, told in zip(known, order.steps, strict=True)
    ):
        return
    # 1. the CCU inserts a drive (PROTOCOL C.28), 2. the steps behind it move on, but keep their ids
    before = {step.id: step for step in trace.steps}
    trace.steps = [_step(before.get(step.id), step, arrival) for step in order.steps]


def _step(before: StepTrace | None, step: OrderStep, arrival: Arrival) -> StepTrace:
    if before is None:
        drive = f"{step.source} > {step.target}"
        name = drive if step.type == "NAVIGATION" else f"{step.module_type}.{step.command}"
        before = StepTrace(step.id, name, None, _station(step))
    if before.state == step.state:
        return before
    told = before._replace(state=step.state)
    if step.state == "IN_PROGRESS":
        return told._replace(sent_at=arrival.news_at, sent_by=arrival.id)
    if step.state in FINAL:
        return told._replace(ended_at=arrival.news_at, ended_by=arrival.id)
    return told


def ccu_set_reset(state: Factory, _levels: Levels, payload: SetReset, arrival: Arrival) -> None:
    """A factory reset: the CCU forgets every piece outside the warehouse, or all of them (D.5).

    Without a timestamp it ignores the request (C.5).
    """
    if arrival.retained or not payload.timestamp:
        return
    pieces = state.workpieces
    lost = [
        life
        for life in pieces.open.values()
        if payload.with_storage or not any(one.kind == "bay" for one in life.claims)
    ]
    tracking.lose_all(pieces, lost, "lost_at_reset", arrival)
