"""Which function takes which entry of the catalogue."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from omf.state.handlers import devices, factory, sensors
from omf.state.model import Factory
from omf.state.values import Arrival

Take: TypeAlias = "Callable[[Factory, Mapping[str, str], Any, Arrival], None]"

_FUNCTIONS: tuple[Take, ...] = (
    devices.module_state,
    devices.module_connection,
    devices.module_factsheet,
    devices.module_order,
    devices.module_instant_action,
    devices.nodered_state,
    devices.nodered_connection,
    devices.nodered_factsheet,
    devices.nodered_status,
    devices.fts_state,
    devices.fts_connection,
    devices.fts_factsheet,
    devices.fts_order,
    devices.fts_instant_action,
    factory.ccu_pairing_state,
    factory.ccu_order_active,
    factory.ccu_order_completed,
    factory.ccu_order_request,
    factory.ccu_order_response,
    factory.ccu_state_stock,
    factory.cloud_stock,
    factory.cloud_config_hbw,
    factory.cloud_order_state,
    factory.ccu_state_layout,
    factory.ccu_state_flows,
    factory.ccu_state_config,
    factory.ccu_state_version_mismatch,
    factory.ccu_state_calibration,
    factory.ccu_set_calibration,
    factory.ccu_set_reset,
    factory.ccu_set_park,
    sensors.txt_bme680,
    sensors.txt_ldr,
    sensors.txt_cam,
    sensors.txt_broadcast,
    sensors.txt_quality_check,
    sensors.txt_set_bme680,
    sensors.txt_set_ldr,
    sensors.txt_set_cam,
    sensors.txt_ptu,
    sensors.arduino_state,
    sensors.arduino_connection,
    sensors.arduino_station_factsheet,
    sensors.arduino_alarm_enabled,
)
TAKES: Mapping[str, Take] = {take.__name__: take for take in _FUNCTIONS}
"""By the name of the catalogue entry, which is the name of the function; the rest is counted."""
