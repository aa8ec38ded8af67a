"""Every alarm rule, applied to a state at a time."""

from itertools import chain

from omf.alarms import device_rules, order_rules, plant_rules, sensor_rules
from omf.alarms.alarm import Alarm, raise_alarms
from omf.alarms.causes import explain
from omf.alarms.life import as_kept
from omf.state.model import Factory
from omf.state.staleness import moment

RULES = (
    device_rules.fatal,
    sensor_rules.danger,
    device_rules.collision,
    device_rules.failed,
    device_rules.disconnected,
    sensor_rules.board_lost,
    sensor_rules.sensor_silent,
    sensor_rules.camera_silent,
    device_rules.silent,
    device_rules.unlisted,
    device_rules.plc_lost,
    device_rules.blocked,
    device_rules.position_unknown,
    device_rules.battery_low,
    order_rules.order_stuck,
    order_rules.order_held_up,
    order_rules.order_standstill,
    order_rules.module_unpaired,
    order_rules.request_unanswered,
    order_rules.quality_failed,
    order_rules.orders_lost,
    plant_rules.stock_conflict,
    plant_rules.alarm_flood,
    plant_rules.ingest_silent,
    plant_rules.broker_lost,
    plant_rules.power_off,
    plant_rules.bridge_down,
    plant_rules.ccu_silent,
    plant_rules.subscription_refused,
    plant_rules.retained_command,
    plant_rules.version_mismatch,
    plant_rules.layout_unusable,
    plant_rules.rejected,
    plant_rules.partly_read,
    plant_rules.overflow,
)


def current_alarms(state: Factory, now: float) -> tuple[Alarm, ...]:
    """Return what is wrong at `now`, gravest first, what people hid among it.

    Judged here and not read from the owner of the alarms, who looks once a second: an alarm says
    the same as the age and the figure beside it. What people did to it is as the owner has it.
    """
    lives = state.lives or {}
    return tuple(as_kept(alarm, lives.get(alarm.id)) for alarm in alarms(state, now))


def alarms(state: Factory, now: float) -> tuple[Alarm, ...]:
    """Return what the rules find at `now`, gravest first; each with the alarm that explains it."""
    now = moment(state, now)
    findings = chain.from_iterable(rule(state, now) for rule in RULES)
    found = raise_alarms(findings, order_rules.held_up(state, now))
    return explain(found, state.modules, now)
