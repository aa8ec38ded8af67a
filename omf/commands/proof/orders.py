"""Proofs about orders: the CCU's answer, the course to the end, a cancellation."""

from collections.abc import Mapping
from typing import Any

from omf.commands.proof.rules import EVIDENCE_CHARS, failed, proven, rule, shown
from omf.commands.schemas import Verdict
from omf.messages.message import Message
from omf.messages.orders import AskedOrder, OrderList, OrderRecord
from omf.terms import term
from omf.texts import joined, text, verbatim


def _find(told: OrderRecord | OrderList, expect: Mapping[str, Any]) -> OrderRecord | None:
    orders = told.orders if isinstance(told, OrderList) else (told,)
    asked = AskedOrder(
        order_type=expect["order_type"],
        colour=expect["type"],
        requested_at=expect["timestamp"],
        request_id=expect["request_id"],
        workpiece_id=expect["workpiece_id"],
    )
    return next((order for order in orders if asked.is_answered_by(order)), None)


@rule("order-answer", identified=True)
def _order_answer(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The CCU has made an order of the request."""
    order = _find(told, expect)
    if order is None:
        return None
    name = shown(order.order_id)
    if order.state == "ENQUEUED":
        return proven(text("proof.ccu_queued_order", name=name))
    return proven(text("proof.ccu_made_order", name=name))


@rule("order-course", identified=True)
def _order_course(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The order came to its end, a good or a bad one."""
    order = _find(told, expect)
    if order is None or order.open:
        return None
    name, state = shown(order.order_id), shown(order.state)
    if state == "FINISHED":
        return proven(text("proof.order_finished", name=name))
    said = term("order.state", state)
    return failed(text("proof.order_ended", name=name, state=said))


@rule("orders-cancelled", identified=True)
def _orders_cancelled(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """All orders are in the list of ended ones as CANCELLED."""
    ended = {order.order_id: order.state for order in told.orders}
    states = {name: ended.get(name) for name in expect["order_ids"]}
    if set(states.values()) == {"CANCELLED"}:
        return proven(text("proof.orders_cancelled"))
    other = {n: term("order.state", s) for n, s in states.items() if s in ("FINISHED", "ERROR")}
    if not other:
        return None
    orders = joined(", ", [joined(" ", [verbatim(n), words]) for n, words in other.items()])
    return failed(text("proof.ended_otherwise", orders=orders.cut(EVIDENCE_CHARS)))
