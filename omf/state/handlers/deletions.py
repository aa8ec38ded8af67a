"""What an empty message undoes: what was told on that topic holds no more (PROTOCOL G.2)."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from omf.state.device import Channel, forget_connection, forget_state
from omf.state.last_heard import arduino
from omf.state.links import BRIDGE
from omf.state.model import Factory
from omf.state.modules import forget_module_state
from omf.state.modules import leave_pairing as leave_module
from omf.state.orders import forget_list
from omf.state.stock import CLOUD, Source, forget_teller
from omf.state.vehicles import forget_vehicle_state
from omf.state.vehicles import leave_pairing as leave_vehicle

Levels: TypeAlias = Mapping[str, str]
Forget: TypeAlias = "Callable[[Factory, Levels], None]"


def _module_state(state: Factory, levels: Levels) -> None:
    if (module := state.modules.get(levels["serial"])) is not None:
        forget_module_state(module)
        state.stock.hbw.pop(module.serial, None)
        forget_teller(state.stock, module.serial)


def _module_connection(state: Factory, levels: Levels) -> None:
    if (module := state.modules.get(levels["serial"])) is not None:
        forget_connection(module)


def drop_untold(state: Factory, levels: Levels) -> None:
    """Forget a device of which nothing holds any more, neither its own word nor the CCU's.

    1. Somebody mistyped a serial, 2. cleared what the broker kept, 3. it would be silent for ever.
    """
    serial = levels.get("serial", "")
    module, vehicle = state.modules.get(serial), state.vehicles.get(serial)
    if module is not None and not (_told(module) or module.commands or _told(module.nodered)):
        del state.modules[serial]
    if vehicle is not None and not (_told(vehicle) or vehicle.positions):
        del state.vehicles[serial]


def _told(device: Channel | None) -> bool:
    if device is None:
        return False
    described = getattr(device, "listed", False) or getattr(device, "series", None) is not None
    return described or device.state_known or device.connection is not None


def _nodered_state(state: Factory, levels: Levels) -> None:
    module = state.modules.get(levels["serial"])
    if module is not None and module.nodered is not None:
        forget_state(module.nodered)


def _nodered_connection(state: Factory, levels: Levels) -> None:
    module = state.modules.get(levels["serial"])
    if module is not None and module.nodered is not None:
        forget_connection(module.nodered)


def _fts_state(state: Factory, levels: Levels) -> None:
    vehicle = state.vehicles.get(levels["serial"])
    if vehicle is not None:
        forget_vehicle_state(vehicle)


def _fts_connection(state: Factory, levels: Levels) -> None:
    vehicle = state.vehicles.get(levels["serial"])
    if vehicle is not None:
        forget_connection(vehicle)


def _module_factsheet(state: Factory, levels: Levels) -> None:
    if (module := state.modules.get(levels["serial"])) is not None:
        module.series, module.commands = None, ()
        module.positions, module.capacity = (), {}


def _module_order(state: Factory, levels: Levels) -> None:
    if (module := state.modules.get(levels["serial"])) is not None:
        module.ordered = None


def _module_instant(state: Factory, levels: Levels) -> None:
    if (module := state.modules.get(levels["serial"])) is not None:
        module.instant = module.lamp = None


def _fts_factsheet(state: Factory, levels: Levels) -> None:
    if (vehicle := state.vehicles.get(levels["serial"])) is not None:
        vehicle.series, vehicle.positions, vehicle.says_positions = None, (), False


def _fts_order(state: Factory, levels: Levels) -> None:
    if (vehicle := state.vehicles.get(levels["serial"])) is not None:
        vehicle.ordered, vehicle.path = None, ()
        vehicle.path_action = vehicle.path_bay = None


def _fts_instant(state: Factory, levels: Levels) -> None:
    if (vehicle := state.vehicles.get(levels["serial"])) is not None:
        vehicle.instant = None


def _pairing(state: Factory, _levels: Levels) -> None:
    for module in state.modules.values():
        leave_module(module)
    for vehicle in state.vehicles.values():
        leave_vehicle(vehicle)


def _stock(state: Factory, _levels: Levels) -> None:
    state.stock.ccu = Source()
    state.stock.conflicts = []


def _cloud_stock(state: Factory, _levels: Levels) -> None:
    state.stock.cloud = Source()
    forget_teller(state.stock, CLOUD)


def _active(state: Factory, _levels: Levels) -> None:
    forget_list(state.book, "active")


def _completed(state: Factory, _levels: Levels) -> None:
    forget_list(state.book, "completed")


def _response(state: Factory, _levels: Levels) -> None:
    state.requests.response_order_id = state.requests.response_at = None


def _cloud_order_state(state: Factory, _levels: Levels) -> None:
    state.requests.cloud_state = None


def _warehouses(state: Factory, _levels: Levels) -> None:
    state.plant.warehouses = ()


def _layout(state: Factory, _levels: Levels) -> None:
    plant = state.plant
    plant.floor = plant.layout = plant.layout_at = None
    plant.layout_faults = ()


def _flows(state: Factory, _levels: Levels) -> None:
    state.plant.flows = state.plant.flows_at = None


def _config(state: Factory, _levels: Levels) -> None:
    state.plant.config = state.plant.config_at = None


def _versions(state: Factory, _levels: Levels) -> None:
    state.plant.versions = state.plant.versions_at = None


def _calibration(state: Factory, levels: Levels) -> None:
    state.plant.calibrations.pop(levels["serial"], None)


def _bridge(state: Factory, _levels: Levels) -> None:
    if (link := state.links.get(BRIDGE)) is not None:
        link.connection = link.since = None


def _board(state: Factory, levels: Levels) -> None:
    state.links.pop(f"arduino/{arduino(levels)}", None)


def _controllers(state: Factory, _levels: Levels) -> None:
    for name in [name for name in state.links if name.partition("/")[0] == "txt"]:
        del state.links[name]


def _sensor(state: Factory, levels: Levels) -> None:
    state.sensors.pop(arduino(levels), None)


def _room_air(state: Factory, _levels: Levels) -> None:
    state.sensors.pop("bme680", None)


def _brightness(state: Factory, _levels: Levels) -> None:
    state.sensors.pop("ldr", None)


def _air_period(state: Factory, _levels: Levels) -> None:
    if (sensor := state.sensors.get("bme680")) is not None:
        sensor.period_s = None


def _brightness_period(state: Factory, _levels: Levels) -> None:
    if (sensor := state.sensors.get("ldr")) is not None:
        sensor.period_s = None


def _picture(state: Factory, _levels: Levels) -> None:
    state.camera = None


def _camera_on(state: Factory, _levels: Levels) -> None:
    state.camera_on = None


def _station(state: Factory, _levels: Levels) -> None:
    state.plant.station = None


def _station_alarm(state: Factory, _levels: Levels) -> None:
    state.plant.station_alarm = None


FORGETS: Mapping[str, Forget] = {
    "module_state": _module_state,
    "module_connection": _module_connection,
    "module_factsheet": _module_factsheet,
    "module_order": _module_order,
    "module_instant_action": _module_instant,
    "nodered_state": _nodered_state,
    "nodered_connection": _nodered_connection,
    "nodered_status": _bridge,
    "fts_state": _fts_state,
    "fts_connection": _fts_connection,
    "fts_factsheet": _fts_factsheet,
    "fts_order": _fts_order,
    "fts_instant_action": _fts_instant,
    "ccu_pairing_state": _pairing,
    "ccu_order_active": _active,
    "ccu_order_completed": _completed,
    "ccu_order_response": _response,
    "ccu_state_stock": _stock,
    "cloud_stock": _cloud_stock,
    "cloud_config_hbw": _warehouses,
    "cloud_order_state": _cloud_order_state,
    "ccu_state_layout": _layout,
    "ccu_state_flows": _flows,
    "ccu_state_config": _config,
    "ccu_state_version_mismatch": _versions,
    "ccu_state_calibration": _calibration,
    "txt_bme680": _room_air,
    "txt_ldr": _brightness,
    "txt_cam": _picture,
    "txt_broadcast": _controllers,
    "txt_set_bme680": _air_period,
    "txt_set_ldr": _brightness_period,
    "txt_set_cam": _camera_on,
    "arduino_state": _sensor,
    "arduino_connection": _board,
    "arduino_station_factsheet": _station,
    "arduino_alarm_enabled": _station_alarm,
}
"""By entry of the catalogue. What happened stays: requests, resets, quality checks, histories."""
