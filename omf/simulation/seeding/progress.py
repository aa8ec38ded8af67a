"""How far orders are by what their devices tell; the CCU's lists come late (PROTOCOL C.28)."""

from collections.abc import Iterator
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
    return Standing(order, last, sent=True)
