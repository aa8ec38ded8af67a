"""Which module and vehicle are kept for which order, and whose drive waits since when."""

from collections.abc import Sequence

from omf.messages.fts import NOWHERE
from omf.simulation.ccu.ccu import Ccu
from omf.simulation.ccu.devices import NOBODY, STUCK
from omf.simulation.ccu.orders import CcuOrder
from omf.simulation.seeding.progress import Standing, begun_drive_to, driver
from omf.state import FactoryState
from omf.state.assignments import DOCK_TYPE
from omf.state.vehicles import Vehicle


def seed(ccu: Ccu, state: FactoryState, standings: Sequence[Standing]) -> None:
    """For a CCU that has its orders already."""
    for standing in standings:
        _claims(ccu, state, standing)
    _kept(ccu, state, standings)
    _line(ccu)


def _line(ccu: Ccu) -> None:
    """The drives that wait, since the step before them ended."""
    waiting = []
    for order in ccu.book.running:
        current = order.current()
        if current is not None and current[1].drive and current[1].state == "ENQUEUED":
            before = order.steps[current[0] - 1].stopped_at if current[0] else order.started_at
            waiting.append((before or "", order))
    ccu.dispatch.drives.line_up(order for _, order in sorted(waiting, key=lambda pair: pair[0]))


def _claims(ccu: Ccu, state: FactoryState, standing: Standing) -> None:
    """Module and vehicle an order holds at the step it is at."""
    order = next(one for one in ccu.book.active if one.id == standing.order.id)
    if standing.at is None or order.state != "IN_PROGRESS":
        return
    step = order.steps[standing.at]
    before = order.steps[standing.at - 1] if standing.at else None
    if standing.sent:
        _assign(ccu, step.serial, order)
    elif before is not None and not step.drive:
        _assign(ccu, before.serial, order)
    _occupy(ccu, state, standing, sent=standing.sent)


def _assign(ccu: Ccu, serial: str | None, order: CcuOrder) -> None:
    if (module := ccu.pairing.modules.get(serial or "")) is not None:
        module.assigned = order.id


def _occupy(ccu: Ccu, state: FactoryState, standing: Standing, *, sent: bool) -> None:
    """The vehicle that drives or stands for the order, if it still does."""
    order, step = standing.order, standing.step
    serial = order.vehicle or driver(state, standing) or ""
    view, vehicle = ccu.pairing.vehicles.get(serial), state.vehicles.get(serial)
    if view is None or vehicle is None or step is None:
        return
    if order.id != (_told(vehicle) or vehicle.order_id):
        return
    view.docked_for = order.id
    drive = step.type == "NAVIGATION"
    if sent and (drive or step.command in ("PICK", "DROP")):
        view.used_by = order.id
    elif vehicle.waiting_for_load and standing.at:
        # The piece changed hands and the vehicle was told, or is about to be.
        view.handing = order.steps[standing.at - 1].command in ("PICK", "DROP")


def _told(vehicle: Vehicle) -> str:
    return vehicle.ordered.order_id if vehicle.ordered else ""


def _kept(ccu: Ccu, state: FactoryState, standings: Sequence[Standing]) -> None:
    """Modules the CCU says are kept, though no order is at work there."""
    for view in ccu.pairing.modules.values():
        module = state.modules.get(view.serial)
        if module is None or view.assigned is not None or not module.assigned:
            continue
        if view.charger:
            view.assigned = _charging(state, view.serial)
            continue
        waiting = [
            one.order.id
            for one in standings
            if one.order.type == "STORAGE" and one.at == 0 and not one.sent
        ]
        stuck = any(one.order.stuck_since is not None for one in standings)
        if coming := begun_drive_to(view.type, standings):
            view.assigned = coming
        elif view.type != DOCK_TYPE:
            view.assigned = module.order_id or NOBODY
        elif stuck:
            view.assigned = STUCK
        else:
            view.assigned = waiting[0] if waiting else NOBODY


def _charging(state: FactoryState, charger: str) -> str | None:
    known = (one for one in state.vehicles.values() if one.last_node not in (None, NOWHERE))
    there = (one.serial for one in known if charger in (one.last_node, *one.path[-1:]))
    return next(there, NOBODY)
