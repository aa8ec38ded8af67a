"""What interlocks ask about the factory as a whole; None means it has not told."""

from collections.abc import Iterable

from omf import catalogue
from omf.factory import FactoryState, Module, Vehicle

DELIVERY = "DPS"
WAREHOUSE = "HBW"
CHARGER = "CHRG"


def opposite(answer: bool | None) -> bool | None:  # noqa: FBT001 - the answer is the subject
    """The opposite of an answer; unknown stays unknown."""
    return None if answer is None else not answer


def every(answers: Iterable[bool | None]) -> bool | None:
    """True if all are; False if one is not, whatever is unknown beside it."""
    given = list(answers)
    if False in given:
        return False
    return None if None in given else True


def retainable(topic: str) -> bool:
    """The topic carries no command: a retained one would run at each reconnect (F.34)."""
    entry = catalogue.of(topic)
    return entry is None or not entry.command


def ccu_idle(state: FactoryState) -> bool | None:
    """The CCU works on no order and none waits (PROTOCOL F.12)."""
    return None if state.book.active_at is None else not state.active_orders


def bridge_up(state: FactoryState) -> bool | None:
    """Node-RED, which speaks for all PLC modules, is there (PROTOCOL D.6)."""
    link = state.links.get("nodered")
    return None if link is None or link.connection is None else link.connection == "ONLINE"


def stock_free(state: FactoryState, colour: str) -> bool | None:
    """A piece of that colour lies in the store that no order has reserved."""
    return bool(state.stock.free(colour)) if state.stock.known else None


def stock_room(state: FactoryState, colour: str) -> bool | None:
    """The store takes one more of that colour: three of each, and a bay is empty (C.2)."""
    if not state.stock.known:
        return None
    room = state.stock.counts().get(colour, 0) < PIECES_PER_COLOUR
    return bool(state.stock.empty_bays) and room


PIECES_PER_COLOUR = 3
"""From the factsheet of the HBW (PROTOCOL C.2)."""


def flow_of(state: FactoryState, colour: str) -> tuple[str, ...] | None:
    """Module types a piece of that colour passes, in order; None if the CCU has not told."""
    return None if state.flows is None else state.flows.of(colour) or ()


def flow_known(state: FactoryState, colour: str) -> bool | None:
    """The CCU has a flow for that colour."""
    flow = flow_of(state, colour)
    return None if flow is None else bool(flow)


def flow_connected(state: FactoryState, colour: str) -> bool | None:
    """A module of every type the colour passes is connected."""
    needed = (WAREHOUSE, *(flow_of(state, colour) or ()), DELIVERY)
    return every(type_connected(state, wanted) for wanted in needed)


def type_connected(state: FactoryState, module_type: str) -> bool | None:
    """A module of that type is connected."""
    told = [connected(m) for m in state.modules.values() if m.type == module_type]
    if True in told:
        return True
    return False if False in told else None


def orders_in_state(state: FactoryState, ids: Iterable[str], wanted: str) -> bool | None:
    """All these orders are known and in that state."""
    orders = [state.orders.get(name) for name in ids]
    return every(None if order is None else order.state == wanted for order in orders)


def connected(device: Module | Vehicle | None) -> bool | None:
    """A module or vehicle is there: by its own word, else by the CCU's."""
    if device is None:
        return None
    if device.connection is not None:
        return bool(device.connection == "ONLINE") and device.connected is not False
    return bool(device.connected) if device.connected is not None else None
