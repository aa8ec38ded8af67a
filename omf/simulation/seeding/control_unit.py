"""The CCU as it stands: settings, pairing, orders with their steps, stock and reservations."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from omf.layout.layout import Layout, LayoutError
from omf.simulation.ccu.ccu import Ccu
from omf.simulation.ccu.configuration import graph
from omf.simulation.ccu.devices import ModuleView, VehicleView
from omf.simulation.ccu.orders import CcuOrder, CcuStep, State
from omf.simulation.ccu.stock import StoredPiece
from omf.simulation.seeding import claims
from omf.simulation.seeding.progress import Standing, driver
from omf.simulation.simulated_factory import PROCESS_S, UNKNOWN
from omf.state import FactoryState
from omf.state.assignments import carries
from omf.state.modules import WAREHOUSE, Module
from omf.state.orders import Order, OrderStep
from omf.state.vehicles import Vehicle
from omf.texts import Text, text

STATES: frozenset[State] = frozenset({"ENQUEUED", "IN_PROGRESS", "FINISHED", "CANCELLED", "ERROR"})


class NotSimulableError(ValueError):
    """The state does not tell enough of the factory to begin with; `text` names what is missing."""

    def __init__(self, told: Text) -> None:
        super().__init__(told.en)
        self.text = told


def seed(ccu: Ccu, state: FactoryState, standings: Sequence[Standing]) -> list[Text]:
    """Set a CCU that was not connected yet; what had to be assumed."""
    gaps = _settings(ccu, state)
    ccu.started_at = ccu.stamp
    ccu.pairing.adopt(ccu.configuration.layout)
    for serial, module in state.modules.items():
        if module.listed or serial in ccu.pairing.modules:
            _module(ccu.pairing.module(serial), module)
    for serial, vehicle in state.vehicles.items():
        if vehicle.listed:
            _vehicle(ccu.pairing.vehicle(serial), vehicle)
    _stock(ccu, state)
    gaps += _orders(ccu, state, standings)
    claims.seed(ccu, state, standings)
    return gaps


def _settings(ccu: Ccu, state: FactoryState) -> list[Text]:
    saved, gaps = ccu.configuration, []
    if state.plant.floor is None:
        gaps.append(_of_the_makers(state, saved.layout))
    message = _body(state.plant.floor) if state.plant.floor else saved.layout_message
    try:
        saved.layout, saved.layout_message = graph(message), message
    except LayoutError as error:
        raise NotSimulableError(text("simulation.bad_layout", fault=error.text)) from error
    if state.flows is not None:
        saved.flows = _body(state.flows)
    else:
        gaps.append(text("simulation.gap_flows"))
    if state.config is not None:
        saved.settings = _body(state.config)
    else:
        gaps.append(text("simulation.gap_config"))
    return gaps


def _of_the_makers(state: FactoryState, layout: Layout) -> Text:
    """Their layout is taken where every module that was heard has its place in it."""
    heard = [serial for serial, module in state.modules.items() if module.state_known]
    if not heard or not set(heard) <= set(layout.modules):
        raise NotSimulableError(text("simulation.no_layout"))
    return text("simulation.gap_layout")


def _body(payload: BaseModel) -> dict[str, Any]:
    return payload.model_dump(mode="json", by_alias=True, exclude_none=True)


def _module(view: ModuleView, module: Module) -> None:
    view.type = view.type or module.type or ""
    link = view.link
    link.connected = module.connection == "ONLINE" if module.connected is None else module.connected
    link.ip, link.version, link.paired_since = module.ip, module.version, module.paired_since
    link.last_seen = module.ccu_last_seen
    view.duration = int(module.production_duration or PROCESS_S)
    view.factsheet = bool(module.commands)


def _vehicle(view: VehicleView, vehicle: Vehicle) -> None:
    link = view.link
    link.connected = vehicle.connected is True
    link.ip, link.version, link.paired_since = vehicle.ip, vehicle.version, vehicle.paired_since
    link.last_seen = vehicle.ccu_last_seen
    view.node = vehicle.last_node or UNKNOWN
    view.module = vehicle.last_module or UNKNOWN
    view.bay = vehicle.last_load_position
    view.factsheet = True
    if vehicle.driving and vehicle.last_node in vehicle.path:
        view.way = vehicle.path[vehicle.path.index(vehicle.last_node) :]
    if vehicle.driving or vehicle.waiting_for_load:
        view.used_by = vehicle.ordered.order_id if vehicle.ordered else vehicle.order_id


def _stock(ccu: Ccu, state: FactoryState) -> None:
    stock = ccu.stock
    for module in state.modules.values():
        if module.type == WAREHOUSE and module.bays:
            stock.hbw = module.serial
            stock.bays = {
                bay: StoredPiece(load.colour or "", load.workpiece_id or "", load.loaded_ms or 0)
                if load
                else StoredPiece()
                for bay, load in module.bays.items()
            }


# --- orders ---------------------------------------------------------------------------------


def _orders(ccu: Ccu, state: FactoryState, standings: Sequence[Standing]) -> list[Text]:
    book = ccu.book
    book.active = [_order(ccu, state, one) for one in standings]
    ended = (state.orders[one] for one in state.completed_orders if one in state.orders)
    book.completed = [_ended(order) for order in ended]
    _reservations(ccu, state, book.active)
    return [] if state.book.active_known else [text("simulation.gap_orders")]


def _order(ccu: Ccu, state: FactoryState, standing: Standing) -> CcuOrder:
    made = _ended(standing.order)
    for index, step in enumerate(made.steps):
        if standing.at is None or index < standing.at:
            step.state = "FINISHED"
        elif index == standing.at and step.state != "ERROR":
            step.state = "IN_PROGRESS" if standing.sent else "ENQUEUED"
    begun = standing.sent or standing.at != 0
    if begun:
        made.state = "IN_PROGRESS"
        if not _inside(standing):
            made.vehicle = standing.order.vehicle or driver(state, standing)
            made.bay = _bay(state, standing.order)
    for index, step in enumerate(made.steps):
        step.serial = step.serial or _serial(ccu, state, made, index)
    return made


def _inside(standing: Standing) -> bool:
    """The piece is in a module: no vehicle is the order's until one is sent to fetch it."""
    step = standing.step
    if step is not None and standing.sent and step.command in (None, "", "PICK", "DROP"):
        return False
    before = [one for one in standing.order.steps[: standing.at] if one.type != "NAVIGATION"]
    return bool(before) and before[-1].command != "DROP"


def _ended(order: Order) -> CcuOrder:
    return CcuOrder(
        id=order.id,
        type="STORAGE" if order.type == "STORAGE" else "PRODUCTION",
        colour=order.colour or "",
        timestamp=order.requested_at or "",
        received_at=order.received_at or "",
        steps=[_step(step) for step in order.steps],
        request_id=order.request_id,
        workpiece_id=order.workpiece_id,
        state=_state(order.state),
        started_at=order.started_at,
        stopped_at=order.stopped_at,
    )


def _state(told: str | None) -> State:
    return next((one for one in STATES if one == told), "ENQUEUED")


def _step(step: OrderStep) -> CcuStep:
    drive = step.type == "NAVIGATION"
    return CcuStep(
        id=step.id or "",
        module_type=(step.target if drive else step.module_type) or "",
        command="" if drive else step.command or "",
        source=step.source or "",
        depends_on=step.depends_on,
        state=_state(step.state),
        started_at=step.started_at,
        stopped_at=step.stopped_at,
        serial=step.serial,
    )


def _serial(ccu: Ccu, state: FactoryState, order: CcuOrder, index: int) -> str | None:
    """Where a drive led: the CCU does not tell it, the step behind it or the vehicle does."""
    step = order.steps[index]
    if not step.drive or step.state == "ENQUEUED":
        return None
    behind = order.steps[index + 1].serial if index + 1 < len(order.steps) else None
    if behind:
        return behind
    vehicle = state.vehicles.get(order.vehicle or "")
    there = [view.serial for view in ccu.pairing.of_type(step.module_type)]
    for node in (*vehicle.path[-1:], vehicle.last_node) if vehicle else ():
        if node in there:
            return node
    return there[0] if len(there) == 1 else None


def _bay(state: FactoryState, order: Order) -> str | None:
    """As the vehicle was told; else by tag, colour, or the bay it docked with last."""
    vehicle = state.vehicles.get(order.vehicle or "")
    if vehicle is None or order.bay is not None:
        return order.bay
    loads = [(bay, load) for bay, load in vehicle.bays.items() if load is not None]
    tagged = [bay for bay, load in loads if load.workpiece_id == order.workpiece_id]
    coloured = [bay for bay, load in loads if load.colour == order.colour]
    found = [*(tagged if carries(vehicle, order) else ()), *coloured]
    return found[0] if found else vehicle.last_load_position


def _reservations(ccu: Ccu, state: FactoryState, orders: Iterable[CcuOrder]) -> None:
    """The CCU tells which pieces are reserved, not for whom: the oldest order has the oldest."""
    reserved = {bay.workpiece_id for bay in state.stock.bays.values() if bay.state == "RESERVED"}
    pieces = [one for one in ccu.stock.bays.values() if one.tag in reserved]
    for order in orders:
        if order.type == "STORAGE":
            ccu.stock.places[order.id] = order.colour
            continue
        left = any(s.command == "DROP" and s.state == "FINISHED" for s in order.steps[:2])
        mine = [p for p in pieces if p.colour == order.colour and p.tag not in ccu.stock.pieces]
        if mine and not left:
            order.reserved = min(mine, key=lambda piece: piece.stored_at).tag
            ccu.stock.pieces[order.reserved] = order.id
