"""The CCU's race: it keeps the DPS for nobody, storages and deliveries hang (PROTOCOL F.36).

1. An order hangs although vehicle and DPS are ready, 2. the vehicle serves another order, 3. it is
ready again: the order hung all the time. So what was seen once is kept until the order moves.
"""

from omf.state.assignments import (
    DOCK_TYPE,
    active_orders,
    carrier,
    holder,
    next_step,
    sent,
    untouched,
)
from omf.state.model import Factory
from omf.state.modules import Module
from omf.state.orders import Order, OrderStep
from omf.state.vehicles import Vehicle

RACE_S = 5.0
"""Ready devices get their step within a second; the sign is that they do not for five (F.36)."""


def usable(vehicle: Vehicle) -> bool:
    """Tell whether the CCU could send the vehicle: READY is also said without a position (D.4)."""
    placed = vehicle.last_node is None or vehicle.position_known
    return vehicle.available == "READY" and placed


def due(state: Factory, order: Order) -> float | None:
    """Return when the order is to be called stuck, Unix s, by what is told now; None if nothing is.

    A storage order not begun, or a delivery that does not set out to the DPS, beside a vehicle and
    a DPS that are both ready. A delivery only where no other order explains why the DPS is taken.
    """
    step = next_step(order)
    if order.list != "active" or order.state != "IN_PROGRESS" or not _to_dock(state, step):
        return None
    storage = order.type == "STORAGE" and untouched(order)
    ready = [
        dock
        for dock in state.modules.values()
        if dock.type == DOCK_TYPE
        and dock.available == "READY"
        and (storage or _kept_for_nobody(state, order, dock))
    ]
    bound = None if storage else carrier(state, order)
    vehicles = [one for one in ([bound] if bound else state.vehicles.values()) if usable(one)]
    if not ready or not vehicles:
        return None
    since = max(min(map(_ready_since, vehicles)), min(map(_ready_since, ready)))
    return max(order.still_since, since) + RACE_S


def note(state: Factory, at: float) -> None:
    """Keep which orders were stuck up to `at`: call it before news on availability are taken."""
    for order in active_orders(state):
        if order.stuck_since is None:
            since = due(state, order)
            order.stuck_since = since if since is not None and at > since else None


def stuck_since(state: Factory, order: Order, now: float) -> float | None:
    """Return since when the order is stuck at `now`, Unix s; None if it is not."""
    if order.list != "active" or order.stuck_since is not None:
        return order.stuck_since if order.list == "active" else None
    since = due(state, order)
    return since if since is not None and now > since else None


def _to_dock(state: Factory, step: OrderStep | None) -> bool:
    if step is None or step.type != "NAVIGATION" or step.target not in (DOCK_TYPE, None):
        return False
    return not sent(state, step)


def _kept_for_nobody(state: Factory, order: Order, dock: Module) -> bool:
    """Assigned although it holds no piece and no other order is there or on its way."""
    return bool(dock.assigned) and not dock.loads and holder(state, order, dock) is None


def _ready_since(device: Module | Vehicle) -> float:
    placed = device.last_node_since if isinstance(device, Vehicle) else None
    return max(device.available_since or device.heard_at or 0.0, placed or 0.0)
