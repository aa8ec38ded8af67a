"""What does not go on by itself any more: orders that wait for each other, steps without end."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from omf import durations
from omf.durations import Span
from omf.state.assignments import active_orders, carrier, carries, next_step, sent, serves
from omf.state.model import Factory
from omf.state.modules import Module
from omf.state.orders import Order, OrderStep
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


class StepLimit(NamedTuple):
    """How long a step under way may take before it counts as standing still."""

    began_at: float
    """Unix s."""
    seconds: float


def step_limit(state: Factory, order: Order, factor: float) -> StepLimit | None:
    """Return `factor` times the longest the step under way is known to take.

    None where no step is under way, or nobody knows how long it takes.
    """
    step = next_step(order)
    if step is None or not sent(state, step):
        return None
    found = _drive(state, order) if step.type == "NAVIGATION" else _work(state, step)
    if found is None:
        return None
    began_at, longest = found
    return StepLimit(began_at or order.still_since, factor * longest.most)


def _drive(state: Factory, order: Order) -> tuple[float | None, Span] | None:
    vehicle = carrier(state, order)
    told = vehicle.ordered if vehicle else None
    if vehicle is None or told is None or told.order_id != order.id:
        return None
    return told.at, durations.longest_drive(len(vehicle.path) - 1)


def _work(state: Factory, step: OrderStep) -> tuple[float | None, Span] | None:
    usual = durations.USUAL_DURATIONS.get(f"{step.module_type}.{step.command}")
    if usual is None:
        return None
    module = _module(state, step)
    told = module.ordered if module else None
    began = told.at if told is not None and told.action_id == step.id else None
    set_s = module.production_duration if module else None
    more_s = max(0.0, (set_s or 0.0) - durations.PRODUCTION_S)
    return began, usual._replace(most=usual.most + more_s)


def _module(state: Factory, step: OrderStep) -> Module | None:
    alike = (one for one in state.modules.values() if one.type == step.module_type)
    return state.modules.get(step.serial or "") or next(alike, None)
