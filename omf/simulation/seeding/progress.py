"""How far orders are by what their devices tell; the CCU's lists come late (PROTOCOL C.28)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from omf.state import FactoryState
from omf.state.assignments import active_orders
from omf.state.modules import Module
from omf.state.orders import Order, OrderStep
from omf.state.vehicles import Vehicle


@dataclass(slots=True)
class Standing:
    """One open order: the step it is at, None when all are done, and whether that one was sent."""

    order: Order
    at: int | None
    sent: bool

    @property
    def step(self) -> OrderStep | None:
        """The step it is at."""
        return None if self.at is None else self.order.steps[self.at]


def standings(state: FactoryState) -> list[Standing]:
    """Every open order, in the order of the CCU's list."""
    told = _told(state)
    return [_standing(order, told) for order in active_orders(state)]


def _told(state: FactoryState) -> set[str]:
    devices: list[Module | Vehicle] = [*state.modules.values(), *state.vehicles.values()]
    return {one for device in devices for one in _ids(device) if one}


def _ids(device: Module | Vehicle) -> Iterator[str | None]:
    """Ids of the steps a device was told or has reported."""
    if device.ordered is not None:
        yield device.ordered.action_id
    if device.action is not None:
        yield device.action.id
    for past in device.history:
        yield past.id
    for action in device.actions if isinstance(device, Vehicle) else ():
        yield action.id


def _standing(order: Order, told: set[str]) -> Standing:
    """What was sent last is what it is at, unless the list says that it ended."""
    sent = [i for i, s in enumerate(order.steps) if s.state != "ENQUEUED" or s.id in told]
    if not sent:
        return Standing(order, 0 if order.steps else None, sent=False)
    last = sent[-1]
    if order.steps[last].state == "FINISHED":
        onward = last + 1
        return Standing(order, onward if onward < len(order.steps) else None, sent=False)
    # 1. the CCU lists a drive as begun, 2. its order to a vehicle was not heard: it is sent again
    step = order.steps[last]
    return Standing(order, last, sent=step.type != "NAVIGATION" or step.id in told)


def driver(state: FactoryState, standing: Standing) -> str | None:
    """The vehicle that was told the drive the order is at, and has not answered yet."""
    wanted = standing.step.id if standing.step else None
    told = ((v.serial, v.ordered.action_id) for v in state.vehicles.values() if v.ordered)
    return next((serial for serial, action in told if action and action == wanted), None)


def begun_drive_to(kind: str, standings: Iterable[Standing]) -> str | None:
    """The order whose drive to such a module the CCU lists as begun, and no vehicle was told."""
    for one in standings:
        step = one.step
        begun = step is not None and not one.sent and step.state == "IN_PROGRESS"
        if begun and step is not None and step.target == kind:
            return one.order.id
    return None
