"""Orders that wait for each other: traffic that does not end by itself."""

from collections.abc import Iterator
from dataclasses import replace

from omf.state.assignments import active_orders, carries, serves
from omf.state.model import Factory
from omf.state.orders import Order
from omf.state.waiting import Wait, why_waits
from omf.texts import text


def deadlocked(state: Factory, now: float) -> dict[str, Wait]:
    """Return what each order waits for that waits, in the end, for itself; by order id.

    Each has what another one of them needs, so none goes on. An order that merely waits for one of
    them is among them too: it goes on as little. What they wait for is no traffic any more, and the
    advice is that of a deadlock.
    """
    waits = {order.id: (order, why_waits(state, order, now)) for order in active_orders(state)}
    held = {
        name: (wait, frozenset(_holders(state, order, wait)))
        for name, (order, wait) in waits.items()
        if wait is not None and wait.ordinary
    }
    stuck = {name for name, (_, holders) in held.items() if holders}
    while free := {name for name in stuck if not held[name][1] <= stuck}:
        stuck -= free
    advice = text("alarm.order-deadlock.action")
    return {
        name: replace(wait, ordinary=False, action=advice)
        for name, (wait, _) in held.items()
        if name in stuck
    }


def _holders(state: Factory, order: Order, wait: Wait) -> Iterator[str]:
    """All the orders that have to go on first; none where what is waited for is no order's."""
    if wait.order_id is not None:
        yield wait.order_id
    elif wait.cause == "vehicle-way" and (other := state.vehicles.get(wait.other or "")):
        if (served := serves(other)) in state.active_orders and served != order.id:
            yield served
    elif wait.cause == "vehicle-full" and (vehicle := state.vehicles.get(wait.device or "")):
        aboard = [one for one in active_orders(state) if carries(vehicle, one)]
        yield from (one.id for one in aboard)
