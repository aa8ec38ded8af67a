"""Which function takes which entry of the catalogue."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from omf.factory import take_devices, take_factory, take_sensors
from omf.factory.state import Factory
from omf.factory.values import Arrival

Take: TypeAlias = "Callable[[Factory, Mapping[str, str], Any, Arrival], None]"

_FUNCTIONS: tuple[Take, ...] = (
    take_devices.module_state,
    take_devices.module_connection,
    take_devices.module_factsheet,
    take_devices.module_order,
    take_devices.module_instant_action,
    take_devices.nodered_state,
    take_devices.nodered_connection,
    take_devices.nodered_factsheet,
    take_devices.nodered_status,
    take_devices.fts_state,
    take_devices.fts_connection,
    take_devices.fts_factsheet,
    take_devices.fts_order,
    take_devices.fts_instant_action,
    take_factory.ccu_pairing_state,
    take_factory.ccu_order_active,
    take_factory.ccu_order_completed,
    take_factory.ccu_order_request,
    take_factory.ccu_order_response,
    take_factory.ccu_state_stock,
    take_factory.cloud_stock,
    take_factory.cloud_config_hbw,
    take_factory.cloud_order_state,
    take_factory.ccu_state_layout,
    take_factory.ccu_state_flows,
    take_factory.ccu_state_config,
    take_factory.ccu_state_version_mismatch,
    take_factory.ccu_state_calibration,
    take_factory.ccu_set_reset,
    take_factory.ccu_set_park,
    take_sensors.txt_bme680,
    take_sensors.txt_ldr,
    take_sensors.txt_cam,
    take_sensors.txt_broadcast,
    take_sensors.txt_quality_check,
    take_sensors.txt_set_bme680,
    take_sensors.txt_set_ldr,
    take_sensors.txt_set_cam,
    take_sensors.arduino_state,
    take_sensors.arduino_connection,
    take_sensors.arduino_station_factsheet,
    take_sensors.arduino_alarm_enabled,
)
TAKES: Mapping[str, Take] = {take.__name__: take for take in _FUNCTIONS}
"""By the name of the catalogue entry, which is the name of the function; the rest is counted."""
