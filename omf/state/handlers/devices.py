"""What devices say and what they are told: one small function per catalogue entry."""

from collections.abc import Mapping
from typing import TypeAlias

from omf.messages.factsheet import ModuleFactsheet, VehicleFactsheet
from omf.messages.fts import VehicleOrder, VehicleState
from omf.messages.module import BridgeStatus, Connection, InstantActions, ModuleOrder, ModuleState
from omf.state import device, links, modules, stock, vehicles
from omf.state.last_heard import txt
from omf.state.links import BRIDGE
from omf.state.model import Factory
from omf.state.modules import WAREHOUSE
from omf.state.values import Arrival, clip
from omf.state.vehicles import Vehicle

Levels: TypeAlias = Mapping[str, str]


def module_state(state: Factory, levels: Levels, payload: ModuleState, arrival: Arrival) -> None:
    """Take a state of a module; a warehouse's loads are also a word on the stock."""
    module = state.module(levels["serial"])
    modules.read_module_state(module, payload, arrival)
    kept = module.serial in state.modules
    if kept and module.bays and module.type in (WAREHOUSE, None):
        stock.read_loads(state.stock, module, arrival)


def module_connection(
    state: Factory, levels: Levels, payload: Connection, arrival: Arrival
) -> None:
    """Take a connection of a module, which is also its heartbeat."""
    device.read_connection(state.module(levels["serial"]), payload, arrival)


def module_factsheet(
    state: Factory, levels: Levels, payload: ModuleFactsheet, _arrival: Arrival
) -> None:
    """Take a factsheet of a module."""
    modules.read_factsheet(state.module(levels["serial"]), payload)


def module_order(state: Factory, levels: Levels, payload: ModuleOrder, arrival: Arrival) -> None:
    """Take a command to a module, unless the broker only kept it."""
    if not arrival.retained:
        modules.read_order(state.module(levels["serial"]), payload, arrival)


def module_instant_action(
    state: Factory, levels: Levels, payload: InstantActions, arrival: Arrival
) -> None:
    """Take an instant action to a module, unless the broker only kept it."""
    if not arrival.retained:
        modules.read_instant(state.module(levels["serial"]), payload, arrival)


def nodered_state(state: Factory, levels: Levels, payload: ModuleState, arrival: Arrival) -> None:
    """Take a state of the TXT behind a module."""
    inner = txt(state, levels)
    device.read_state(inner, payload, arrival)
    inner.operating_mode = clip(payload.operating_mode)


def nodered_connection(
    state: Factory, levels: Levels, payload: Connection, arrival: Arrival
) -> None:
    """Take a connection of the TXT behind a module."""
    device.read_connection(txt(state, levels), payload, arrival)


def nodered_factsheet(
    state: Factory, levels: Levels, payload: ModuleFactsheet, _arrival: Arrival
) -> None:
    """Take a factsheet of the TXT behind a module."""
    inner = txt(state, levels)
    inner.version = clip(payload.version) or inner.version


def nodered_status(
    state: Factory, _levels: Levels, payload: BridgeStatus, arrival: Arrival
) -> None:
    """Take the life sign of Node-RED."""
    links.connect(state.link(BRIDGE), payload.connection_state, arrival)


def fts_state(state: Factory, levels: Levels, payload: VehicleState, arrival: Arrival) -> None:
    """Take a state of a vehicle."""
    vehicle = state.vehicle(levels["serial"])
    vehicles.read_vehicle_state(vehicle, payload, arrival)
    _drives_for(state, vehicle, vehicle.order_id)


def _drives_for(state: Factory, vehicle: Vehicle, order_id: str) -> None:
    order = state.orders.get(order_id)
    if order is not None and order.list == "active":
        order.vehicle = vehicle.serial
        told = vehicle.ordered
        if told is not None and told.order_id == order_id:
            order.bay = vehicle.path_bay or order.bay


def fts_connection(state: Factory, levels: Levels, payload: Connection, arrival: Arrival) -> None:
    """Take a connection of a vehicle."""
    vehicle = state.vehicle(levels["serial"])
    device.read_connection(vehicle, payload, arrival)


def fts_factsheet(
    state: Factory, levels: Levels, payload: VehicleFactsheet, _arrival: Arrival
) -> None:
    """Take a factsheet of a vehicle."""
    vehicle = state.vehicle(levels["serial"])
    vehicles.read_factsheet(vehicle, payload)


def fts_order(state: Factory, levels: Levels, payload: VehicleOrder, arrival: Arrival) -> None:
    """Take a drive a vehicle was told, unless the broker only kept it."""
    if not arrival.retained:
        vehicle = state.vehicle(levels["serial"])
        vehicles.read_order(vehicle, payload, arrival)
        _drives_for(state, vehicle, payload.order_id or "")


def fts_instant_action(
    state: Factory, levels: Levels, payload: InstantActions, arrival: Arrival
) -> None:
    """Take an instant action to a vehicle, unless the broker only kept it."""
    if not arrival.retained:
        vehicles.read_instant(state.vehicle(levels["serial"]), payload, arrival)
