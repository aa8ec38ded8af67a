"""What the CCU, the TXTs and the sensors say: one small function per catalogue entry."""

from collections.abc import Mapping
from typing import TypeAlias

from omf.constants import CCU_ANSWER_S
from omf.messages.ccu import (
    CalibrationState,
    FactoryConfig,
    Flows,
    PairingState,
    ShopFloor,
    StockReport,
    VersionMismatch,
)
from omf.messages.commands import SetCalibration, SetPark, SetReset
from omf.messages.orders import CloudOrderState, OrderList, OrderRecord, OrderRequest
from omf.messages.sensors import CloudWarehouses
from omf.state import ccu_reports, dps_conflict, modules, orders, requests, stock, vehicles
from omf.state.loose_pieces import loose_pieces
from omf.state.model import Factory
from omf.state.traffic import crowd_out
from omf.state.values import Arrival, clip

Levels: TypeAlias = Mapping[str, str]

MAX_LISTED_DEVICES = 256
"""Devices read of one pairing state: as many as the state can hold."""


def ccu_pairing_state(
    state: Factory, _levels: Levels, payload: PairingState, arrival: Arrival
) -> None:
    """Take the CCU's list of devices; one it lists no more loses the CCU's word."""
    dps_conflict.note(state, arrival.at)
    for paired in payload.modules[:MAX_LISTED_DEVICES]:
        if paired.serial_number:
            modules.read_pairing(state.module(paired.serial_number), paired, arrival)
    for transport in payload.transports[:MAX_LISTED_DEVICES]:
        if transport.serial_number:
            vehicles.read_pairing(state.vehicle(transport.serial_number), transport, arrival)
    _leave(state, payload, arrival)


def _leave(state: Factory, payload: PairingState, arrival: Arrival) -> None:
    listed = {paired.serial_number for paired in payload.modules}
    listed.update(transport.serial_number for transport in payload.transports)
    all_modules, all_vehicles = payload.complete
    for module in state.modules.values() if all_modules else ():
        if module.listed and module.serial not in listed:
            modules.leave_pairing(module)
    for vehicle in state.vehicles.values() if all_vehicles else ():
        if vehicle.serial in listed:
            continue
        if vehicle.listed:
            vehicles.leave_pairing(vehicle)
        vehicle.unlisted_since = vehicle.unlisted_since or arrival.at


def ccu_order_active(state: Factory, _levels: Levels, payload: OrderList, arrival: Arrival) -> None:
    """Take the list of active orders; a new one in it answers the request it came of."""
    _answered(state, payload, arrival)
    orders.read_active(state.book, payload, arrival)


def ccu_order_completed(
    state: Factory, _levels: Levels, payload: OrderList, arrival: Arrival
) -> None:
    """Take the list of completed orders; one nobody has seen running was answered as well."""
    _answered(state, payload, arrival)
    orders.read_completed(state.book, payload, arrival)


def _answered(state: Factory, payload: OrderList, arrival: Arrival) -> None:
    for order in payload.orders:
        if order.order_id not in state.orders:
            requests.read_answer(state.requests, order, arrival)


def ccu_order_request(
    state: Factory, _levels: Levels, payload: OrderRequest, arrival: Arrival
) -> None:
    """Take a request for an order, also one that comes behind the order made of it.

    Its topic and the CCU's are delivered with another quality: either may be the first to arrive.
    """
    requests.read_request(state.requests, payload, arrival)
    answered = {one.order_id for one in state.requests.orders}
    lately = arrival.at - CCU_ANSWER_S
    made = (one for one in state.orders.values() if one.first_seen >= lately)
    for order in () if arrival.retained else made:
        if order.id not in answered:
            requests.read_answer(state.requests, orders.as_told(order), arrival)


def ccu_order_response(
    state: Factory, _levels: Levels, payload: OrderRecord, arrival: Arrival
) -> None:
    """Take the CCU's answer to a request."""
    if not payload.order_id:
        return
    orders.read_response(state.book, payload, arrival)
    requests.read_response(state.requests, payload, arrival)


def ccu_state_stock(
    state: Factory, _levels: Levels, payload: StockReport, arrival: Arrival
) -> None:
    """Take the stock as the CCU keeps it."""
    if payload.stock_items is not None:
        stock.read_stock(state.stock, state.stock.ccu, payload.stock_items, arrival)


def cloud_stock(state: Factory, _levels: Levels, payload: StockReport, arrival: Arrival) -> None:
    """Take the copy of the stock made for the cloud."""
    if payload.stock_items is not None:
        stock.read_stock(state.stock, state.stock.cloud, payload.stock_items, arrival)


def cloud_config_hbw(
    state: Factory, _levels: Levels, payload: CloudWarehouses, _arrival: Arrival
) -> None:
    """Take the serial numbers of the warehouses."""
    state.plant.warehouses = tuple(clip(name) for name in payload.warehouses[:MAX_LISTED_DEVICES])


def cloud_order_state(
    state: Factory, _levels: Levels, payload: CloudOrderState, _arrival: Arrival
) -> None:
    """Take the CCU's word to the cloud on the order of the day."""
    state.requests.cloud_state = clip(payload.state)


def ccu_state_layout(state: Factory, _levels: Levels, payload: ShopFloor, arrival: Arrival) -> None:
    """Take the layout; it tells the type of a module that nothing else told yet."""
    ccu_reports.read_floor(state.plant, payload, arrival)
    ccu_reports.note_start(state.plant)
    known = state.plant.layout.modules if state.plant.layout else {}
    for module in state.modules.values():
        module.type = module.type or known.get(module.serial)


def ccu_state_flows(state: Factory, _levels: Levels, payload: Flows, arrival: Arrival) -> None:
    """Take the flow of each colour."""
    state.plant.flows, state.plant.flows_at = payload, arrival.news_at
    ccu_reports.note_start(state.plant)


def ccu_state_config(
    state: Factory, _levels: Levels, payload: FactoryConfig, arrival: Arrival
) -> None:
    """Take the CCU's settings."""
    state.plant.config, state.plant.config_at = payload, arrival.news_at
    ccu_reports.note_start(state.plant)


def ccu_state_version_mismatch(
    state: Factory, _levels: Levels, payload: VersionMismatch, arrival: Arrival
) -> None:
    """Take the list of modules with an unexpected version."""
    state.plant.versions, state.plant.versions_at = payload, arrival.news_at


def ccu_state_calibration(
    state: Factory, levels: Levels, payload: CalibrationState, arrival: Arrival
) -> None:
    """Take the values of a module under calibration."""
    if ccu_reports.read_calibration(state.plant, levels["serial"], payload):
        crowd_out(state.traffic, "calibrations", arrival.at)


def ccu_set_calibration(
    state: Factory, _levels: Levels, payload: SetCalibration, arrival: Arrival
) -> None:
    """Note a step of a calibration asked for, unless the broker only kept it."""
    if not arrival.retained:
        ccu_reports.note_calibration(state.plant, payload, arrival.at)


def ccu_set_reset(state: Factory, _levels: Levels, payload: SetReset, arrival: Arrival) -> None:
    """Note a factory reset asked for, unless the broker only kept it."""
    if not arrival.retained:
        state.requests.reset_at = arrival.at
        state.plant.unstored.clear()
        # A second reset sees no piece any more, although those of the first lie there still.
        state.requests.reset_left = loose_pieces(state) or state.requests.reset_left
        state.requests.reset_with_storage = payload.with_storage


def ccu_set_park(state: Factory, _levels: Levels, _payload: SetPark, arrival: Arrival) -> None:
    """Note a parking asked for, unless the broker only kept it."""
    if not arrival.retained:
        state.requests.parked_at = arrival.at
