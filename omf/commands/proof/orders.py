"""Proofs about orders: the CCU's answer, the course to the end, a cancellation."""

from collections.abc import Mapping
from typing import Any

from omf.commands.proof.rules import failed, proven, rule, shown
from omf.commands.schemas import Verdict
from omf.messages.message import Message
from omf.messages.orders import AskedOrder, OrderList, OrderRecord
from omf.terms import term


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
        return proven(f"CCU hat Auftrag {name} eingereiht", f"CCU queued order {name}")
    return proven(f"CCU hat Auftrag {name} angelegt", f"CCU made order {name}")


@rule("order-course", identified=True)
def _order_course(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The order came to its end, a good or a bad one."""
    order = _find(told, expect)
    if order is None or order.open:
        return None
    name, state = shown(order.order_id), shown(order.state)
    if state == "FINISHED":
        return proven(f"Auftrag {name} ist fertig", f"Order {name} is finished")
    said = term("order.state", state)
    return failed(f"Auftrag {name} endete: {said.de}", f"Order {name} ended: {said.en}")


@rule("orders-cancelled", identified=True)
def _orders_cancelled(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """All orders are in the list of ended ones as CANCELLED."""
    ended = {order.order_id: order.state for order in told.orders}
    states = {name: ended.get(name) for name in expect["order_ids"]}
    if set(states.values()) == {"CANCELLED"}:
        return proven("Alle genannten Aufträge sind storniert", "All orders named are cancelled")
    other = {n: term("order.state", s) for n, s in states.items() if s in ("FINISHED", "ERROR")}
    if not other:
        return None
    german, english = (
        shown(", ".join(f"{name} {words[language]}" for name, words in other.items()))
        for language in (0, 1)
    )
    return failed(f"Anders geendet: {german}", f"Ended in another way: {english}")
