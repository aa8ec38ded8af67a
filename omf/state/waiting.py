"""Why an order does not go on: one pure answer for pages, alarms and the command line."""

from dataclasses import dataclass

from omf.constants import CCU_ANSWER_S, SINGLE_RESET_TYPES
from omf.state import device_names, dps_conflict
from omf.state.assignments import DOCK_TYPE, active_orders, next_step, sent
from omf.state.model import Factory
from omf.state.obstacles import Obstacle, drive_held, module_for, vehicle_for, work_held
from omf.state.orders import Order, OrderStep
from omf.state.staleness import ccu_silent_since
from omf.state.waiting_texts import ORDINARY, WaitCause
from omf.terms import act, fault
from omf.texts import Saying, Text, text

MOST_HELD_UP = 16
"""Orders followed from one that waits for another, to the one that waits for something else."""


@dataclass(frozen=True, slots=True)
class Wait(Saying):
    """What an order waits for; `text` goes on after "The order ..."."""

    cause: WaitCause
    since: float
    """Since when nothing of the order has changed, or nothing is in its way, Unix s."""
    device: str | None
    """Serial of the module or vehicle it waits for; None where no single one is meant."""
    missing: str | None
    """Type of the module it waits for where none of that type can be had."""
    order_id: str | None
    """The other order it waits for."""
    other: str | None
    """Serial of another vehicle that is in the way."""
    ordinary: bool
    """Traffic that ends by itself; else somebody has to do something."""
    text: Text
    action: Text


def why_waits(state: Factory, order: Order, now: float) -> Wait | None:
    """Return what an order of the active list waits for at `now` (Unix s).

    None if it goes on, has ended or is gone. Of several obstacles the one nearest to the next step;
    of several vehicles that could serve it one that will be free by itself (PROTOCOL D.3, D.4).
    """
    if order.list != "active" or order.state not in ("ENQUEUED", "IN_PROGRESS"):
        return None
    found = _find(state, order, now)
    return _wait(state, order, found) if found else None


def root_cause(state: Factory, order: Order, now: float) -> Wait | None:
    """Return the wait at the end of the row of orders that hold up each other; None if none waits.

    An order that waits for a module another one has taken waits for whatever that one waits for.
    """
    wait = first = why_waits(state, order, now)
    seen = {order.id}
    while wait is not None and wait.order_id is not None and len(seen) < MOST_HELD_UP:
        other = state.orders.get(wait.order_id)
        if other is None or other.id in seen:
            break
        seen.add(other.id)
        onward = why_waits(state, other, now)
        if onward is None:
            break
        wait = onward
    return wait or first


def mend_of(kind: str | None) -> Text:
    """Return how a module of a type is freed: what it obeys decides the advice (PROTOCOL C.9)."""
    if kind in SINGLE_RESET_TYPES:
        return text("alarm_part.reset_module")
    return text("alarm_part.reset_factory")


def failed_act(command: str | None, kind: str | None) -> Text:
    """Return what a device did not manage: `could not drill`."""
    return act(command, "FAILED", kind) if command else text("unnamed.failed")


def _find(state: Factory, order: Order, now: float) -> Obstacle | None:
    if order.state == "ENQUEUED":
        running = [one for one in active_orders(state) if one.state == "IN_PROGRESS"]
        return Obstacle("queue", count=len(running)) if running else None
    step = next_step(order)
    if step is None:
        return None
    if dps_conflict.stuck_since(state, order, now) is not None:
        return Obstacle("module-race", name=step.target or DOCK_TYPE)
    found = _in_the_way(state, order, step, now)
    if found is not None and found.cause not in ORDINARY:
        return found
    if ccu_silent_since(state, now) is not None:
        return Obstacle("ccu-silent")
    return found or _unexplained(state, order, step, now)


def _in_the_way(state: Factory, order: Order, step: OrderStep, now: float) -> Obstacle | None:
    drive = step.type == "NAVIGATION"
    if sent(state, step):
        return drive_held(state, order, step, now) if drive else work_held(state, step, now)
    found = module_for(state, order, step, now)
    if (
        found is not None
        and found.order
        and dps_conflict.stuck_since(state, found.order, now) is not None
    ):
        return Obstacle("module-race", found.device)
    return found or (vehicle_for(state, order, step, now) if drive else None)


def _unexplained(state: Factory, order: Order, step: OrderStep, now: float) -> Obstacle | None:
    since = _free_since(state, order, step)
    if sent(state, step) or since is None or now - since <= CCU_ANSWER_S:
        return None
    return Obstacle("unexplained", since=since)


def _free_since(state: Factory, order: Order, step: OrderStep) -> float | None:
    """The newest change of the order, of the modules it may need and of the vehicles."""
    kind = step.target or step.module_type
    if kind is None:
        return None
    modules = [one.available_since for one in state.modules.values() if one.type == kind]
    vehicles = [
        at for one in state.vehicles.values() for at in (one.available_since, one.last_node_since)
    ]
    return max(order.still_since, *(at or 0.0 for at in (*modules, *vehicles)), 0.0)


def _wait(state: Factory, order: Order, found: Obstacle) -> Wait:
    said = _filled(state, found)
    return Wait(
        cause=found.cause,
        since=found.since or order.still_since,
        device=found.device.serial if found.device else None,
        missing=found.name,
        order_id=found.order.id if found.order else None,
        other=found.other,
        ordinary=found.cause in ORDINARY,
        text=text(f"wait.{found.cause}", **said),
        action=text(f"wait.{found.cause}.action", **said),
    )


def _device(state: Factory, found: Obstacle) -> Text | None:
    """The device in the way, else the type of module that cannot be had."""
    if found.device is not None:
        return device_names.device_name(state, found.device.serial)
    return device_names.station_name(state, found.name) if found.name else None


def _filled(state: Factory, found: Obstacle) -> dict[str, object]:
    device = found.device
    kind = getattr(device, "type", None)
    return {
        "device": _device(state, found),
        "order": device_names.order_name(found.order) if found.order else "",
        "error": fault(found.code),
        "act": failed_act(found.code, kind),
        "mend": mend_of(kind),
        "count": found.count,
        "other": device_names.device_name(state, found.other) if found.other else "",
    }
