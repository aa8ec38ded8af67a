"""Who works for whom: the step an order is at, its vehicle, what modules and nodes are held."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from omf.layout.layout import Layout
from omf.messages.fts import NOWHERE
from omf.state.model import Factory
from omf.state.modules import Module
from omf.state.orders import Order, OrderStep
from omf.state.vehicles import Vehicle

MAX_ACTIVE = 50
"""Four run at a time; each is compared with each, and anybody can invent a list of thousands."""
DOCK_TYPE = "DPS"
"""The module where pieces come in and go out."""


def active_orders(state: Factory) -> Iterator[Order]:
    """Give the first orders of the CCU's active list, in its order: those it works on."""
    for order_id in state.active_orders[:MAX_ACTIVE]:
        if (order := state.orders.get(order_id)) is not None:
            yield order


def next_step(order: Order) -> OrderStep | None:
    """Return the first step that is not done: the one under way, failed, or to be sent next."""
    return next((step for step in order.steps if step.state not in ("FINISHED", "CANCELLED")), None)


def untouched(order: Order) -> bool:
    """Tell whether none of the order's steps was ever sent."""
    return all(step.state == "ENQUEUED" for step in order.steps)


def sent(state: Factory, step: OrderStep) -> bool:
    """Tell whether a step is under way though the list of orders does not say so yet.

    Its id is the action id of the order to the module, or of the DOCK of the drive (C.28).
    """
    if step.state != "ENQUEUED":
        return True
    devices: list[Module | Vehicle] = [*state.vehicles.values(), *state.modules.values()]
    return step.id is not None and any(step.id in _told(device) for device in devices)


def _told(device: Module | Vehicle) -> set[str | None]:
    actions = device.actions if isinstance(device, Vehicle) else []
    ids = {action.id for action in (*actions, device.action) if action is not None}
    return ids | ({device.ordered.action_id} if device.ordered else set())


def carries(vehicle: Vehicle, order: Order) -> bool:
    """Tell whether the piece of an order lies on a vehicle, as far as its id was told."""
    piece = order.workpiece_id
    return piece is not None and any(
        load is not None and load.workpiece_id == piece for load in vehicle.bays.values()
    )


def serves(vehicle: Vehicle) -> str:
    """Return the id of the order a vehicle drives for: as ordered last, else as it says itself.

    Drives of no order of the list, to the charger or out of the way, have ids of their own.
    """
    return vehicle.ordered.order_id if vehicle.ordered else vehicle.order_id


def carrier(state: Factory, order: Order) -> Vehicle | None:
    """Return the vehicle with the order's piece, else the one that drives or drove for it.

    The CCU keeps to one, also while the piece lies in a module and the vehicle is elsewhere. One
    that was told to and never said a word about it is the last to be thought of.
    """
    vehicles = state.vehicles.values()
    carrying = (one for one in vehicles if carries(one, order))
    told = (one for one in vehicles if one.ordered and one.ordered.order_id == order.id)
    return next(carrying, None) or state.vehicles.get(order.vehicle or "") or next(told, None)


def holder(state: Factory, order: Order, module: Module) -> Order | None:
    """Return the other order a module works for, or is kept for."""
    others = (one for one in active_orders(state) if one.id != order.id)
    return next((one for one in others if holds(one, module)), None)


def holds(order: Order, module: Module) -> bool:
    """Tell whether an order has a module: it works there, comes there, or its piece lies there."""
    step = next_step(order)
    if step is None or order.state != "IN_PROGRESS":
        return False
    if step.type == "NAVIGATION":
        comes = step.state == "IN_PROGRESS" and step.target == module.type
        lies_there = order.type == "STORAGE" and untouched(order)
        waits_there = (
            step.state == "ENQUEUED" and bool(module.loads) and module.order_id == order.id
        )
        return comes or waits_there or (lies_there and module.type == DOCK_TYPE)
    alike = step.serial is None and step.module_type == module.type
    return step.serial == module.serial or alike


def held_nodes(state: Factory, serial: str | None) -> dict[str, str]:
    """Return the nodes other vehicles stand on or have still to pass, with whose they are (E)."""
    held: dict[str, str] = {}
    for name, other in state.vehicles.items():
        if name == serial or other.last_node in (None, NOWHERE):
            continue
        held[other.last_node] = name
        if other.driving and other.last_node in other.path:
            way = other.path[other.path.index(other.last_node) :]
            held.update(dict.fromkeys(way, name))
    return held


class RoadBlock(NamedTuple):
    """Why nobody gets over a road."""

    vehicle: str
    """Serial of the vehicle that stands on it or before it."""
    cause: Literal["obstacle", "fault", "stands"]


def blocked_roads(state: Factory, layout: Layout) -> dict[tuple[str, str], RoadBlock]:
    """Return the roads, by both ends as the layout names them, that nobody gets over now.

    The road a vehicle is on, while it reports an obstacle (COLLISION) or a fatal error; and every
    road to a crossing that one stands on. A vehicle at a module leaves its road free.
    """
    found: dict[tuple[str, str], RoadBlock] = {}
    for serial, vehicle in state.vehicles.items():
        node, cause = vehicle.last_node, _halted(vehicle)
        after = _next_node(vehicle)
        stands = cause is None and not vehicle.driving and node in layout.intersections
        for road in layout.roads:
            ends = road.start, road.end
            if cause is not None and after is not None and {node, after} == set(ends):
                found[ends] = RoadBlock(serial, cause)
            elif stands and node in ends:
                found.setdefault(ends, RoadBlock(serial, "stands"))
    return found


def _halted(vehicle: Vehicle) -> Literal["obstacle", "fault"] | None:
    if any(fault.type == "COLLISION" for fault in vehicle.errors):
        return "obstacle"
    return "fault" if any(fault.fatal for fault in vehicle.errors) else None


def _next_node(vehicle: Vehicle) -> str | None:
    """The node it was on its way to, also while it says that it does not drive."""
    if vehicle.last_node not in vehicle.path:
        return None
    return next(iter(vehicle.path[vehicle.path.index(vehicle.last_node) + 1 :]), None)
