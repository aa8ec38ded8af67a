"""What interlocks ask about the factory as a whole; None means it has not told."""

from collections.abc import Iterable

from omf.constants import CCU_ANSWER_S
from omf.state import FactoryState, Module, Order, Vehicle
from omf.state.links import CCU
from omf.state.modules import WAREHOUSE
from omf.state.requests import Request
from omf.state.staleness import ccu_silent_since
from omf.topics import catalogue

DELIVERY = "DPS"
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
    return entry is None or not entry.carried_out


def ccu_idle(state: FactoryState) -> bool | None:
    """The CCU works on no order and none waits (PROTOCOL F.12)."""
    return None if state.book.active_at is None else not state.active_orders


def ccu_speaks(state: FactoryState) -> bool | None:
    """The CCU was heard of late; None if it never was."""
    if CCU not in state.links:
        return None
    return ccu_silent_since(state, state.last_received or 0.0) is None


def bridge_up(state: FactoryState) -> bool | None:
    """Node-RED, which speaks for all PLC modules, is there (PROTOCOL D.6)."""
    link = state.links.get("nodered")
    return None if link is None or link.connection is None else link.connection == "ONLINE"


def stock_free(state: FactoryState, colour: str) -> bool | None:
    """A piece of that colour lies in the store that no order has reserved."""
    return bool(state.stock.free(colour)) if state.stock.known else None


def stock_room(state: FactoryState, colour: str) -> bool | None:
    """The store takes one more of that colour (PROTOCOL C.2, H).

    What a running storage order will bring takes its bay already: the CCU has reserved it.
    """
    stock = state.stock
    if not stock.known:
        return None
    coming = pieces_coming(state)
    if stock.empty_bays <= max(len(coming), stock.reserved_bays):
        return False
    most = state.store_capacity(colour)
    there = stock.counts().get(colour, 0) + coming.count(colour)
    return None if most is None else there < most


def pieces_coming(state: FactoryState) -> list[str | None]:
    """Colours of the pieces that storage orders bring and the stock does not show yet.

    Asked for a moment ago counts as well: the CCU is about to reserve its bay.
    """
    there = {bay.workpiece_id for bay in state.stock.bays.values() if bay.workpiece_id}
    now = state.last_received or 0.0
    coming: list[Order | Request] = [
        *(state.orders[name] for name in state.active_orders if name in state.orders),
        *(
            one
            for one in state.requests.orders
            if one.order_id is None and now <= one.at + CCU_ANSWER_S
        ),
    ]
    return [one.colour for one in coming if one.type == "STORAGE" and one.workpiece_id not in there]


def flow_of(state: FactoryState, colour: str) -> tuple[str, ...] | None:
    """Module types a piece of that colour passes, in order; None if the CCU has not told."""
    return None if state.flows is None else state.flows.of(colour) or ()


def flow_known(state: FactoryState, colour: str) -> bool | None:
    """The CCU has a flow for that colour."""
    flow = flow_of(state, colour)
    return None if flow is None else bool(flow)


def passed(state: FactoryState, colour: str) -> tuple[str, ...]:
    """Module types a piece of that colour passes, with store and delivery, each once."""
    return tuple(dict.fromkeys((WAREHOUSE, *(flow_of(state, colour) or ()), DELIVERY)))


def flow_connected(state: FactoryState, colour: str) -> bool | None:
    """A module of every type the colour passes is connected."""
    return every(type_connected(state, wanted) for wanted in passed(state, colour))


def unconnected(state: FactoryState, colour: str) -> tuple[str, ...]:
    """Types the colour passes of which no module is connected."""
    return tuple(one for one in passed(state, colour) if type_connected(state, one) is False)


def unpaired(state: FactoryState, colour: str) -> tuple[str, ...] | None:
    """Types the colour passes of which the CCU has paired no module; None while it lists none.

    The CCU takes the order all the same and leaves it at that module's step (PROTOCOL H).
    """
    return unpaired_types(state, passed(state, colour))


def unpaired_types(state: FactoryState, types: Iterable[str]) -> tuple[str, ...] | None:
    """Which of these types the CCU has paired no module of; None while it lists none."""
    if not lists_devices(state):
        return None
    known = {m.type for m in state.modules.values() if m.listed and m.paired_since}
    return tuple(one for one in types if one not in known)


def unplaced(state: FactoryState, types: Iterable[str]) -> tuple[str, ...] | None:
    """Which of these types have no module in the layout; None while no layout is known."""
    if state.layout is None:
        return None
    known = set(state.layout.modules.values())
    return tuple(one for one in types if one not in known)


def lists_devices(state: FactoryState) -> bool:
    """The CCU has told which devices it knows; it always lists the charger."""
    modules, vehicles = state.modules.values(), state.vehicles.values()
    return any(one.listed for one in modules) or any(one.listed for one in vehicles)


def listed(device: Module | Vehicle | None, state: FactoryState) -> bool | None:
    """The CCU knows the device; None while it has not told which it knows."""
    if not lists_devices(state):
        return None
    return device is not None and device.listed


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
