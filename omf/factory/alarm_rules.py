"""Every alarm rule, applied to a state at a time."""

from itertools import chain

from omf.factory import alarm_devices, alarm_orders, alarm_plant, alarm_sensors
from omf.factory.alarms import Alarm, raise_alarms
from omf.factory.freshness import moment
from omf.factory.state import Factory

RULES = (
    alarm_devices.fatal,
    alarm_sensors.danger,
    alarm_devices.collision,
    alarm_devices.failed,
    alarm_devices.disconnected,
    alarm_sensors.board_lost,
    alarm_sensors.sensor_silent,
    alarm_sensors.camera_silent,
    alarm_devices.silent,
    alarm_devices.unlisted,
    alarm_devices.plc_lost,
    alarm_devices.blocked,
    alarm_devices.position_unknown,
    alarm_devices.battery_low,
    alarm_orders.order_stuck,
    alarm_orders.order_held_up,
    alarm_orders.order_standstill,
    alarm_orders.module_unpaired,
    alarm_orders.request_unanswered,
    alarm_orders.quality_failed,
    alarm_orders.orders_lost,
    alarm_plant.stock_conflict,
    alarm_plant.bridge_down,
    alarm_plant.ccu_silent,
    alarm_plant.retained_command,
    alarm_plant.version_mismatch,
    alarm_plant.layout_unusable,
    alarm_plant.rejected,
    alarm_plant.partly_read,
    alarm_plant.overflow,
)


def alarms(state: Factory, now: float) -> tuple[Alarm, ...]:
    """Return what is wrong at `now`, gravest first."""
    now = moment(state, now)
    findings = chain.from_iterable(rule(state, now) for rule in RULES)
    return raise_alarms(findings, alarm_orders.held_up(state, now))
