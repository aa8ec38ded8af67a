"""Every alarm rule, applied to a state at a time."""

from itertools import chain

from omf.alarms import device_rules, order_rules, plant_rules, sensor_rules, value_rules
from omf.alarms.alarm import Alarm, Finding, gravest_first, raise_alarms
from omf.alarms.causes import explain
from omf.alarms.life import as_kept, still
from omf.alarms.suppression import suppress
from omf.state.model import Factory
from omf.state.staleness import moment

RULES = (
    device_rules.fatal,
    sensor_rules.danger,
    device_rules.collision,
    device_rules.failed,
    device_rules.disconnected,
    sensor_rules.board_lost,
    sensor_rules.vibration,
    sensor_rules.sensor_silent,
    sensor_rules.camera_silent,
    device_rules.silent,
    device_rules.unlisted,
    device_rules.plc_lost,
    device_rules.blocked,
    device_rules.position_unknown,
    device_rules.battery_low,
    device_rules.calibration_unstored,
    order_rules.order_stuck,
    order_rules.order_held_up,
    order_rules.order_deadlock,
    order_rules.order_standstill,
    order_rules.module_unpaired,
    order_rules.request_unanswered,
    order_rules.quality_failed,
    order_rules.order_overdue,
    order_rules.storage_unknown_colour,
    order_rules.orders_lost,
    plant_rules.stock_conflict,
    plant_rules.alarm_flood,
    plant_rules.rules_refused,
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
    plant_rules.payload_drift,
    plant_rules.monitoring_alert,
    value_rules.limit_passed,
    value_rules.stock_below,
    value_rules.topic_silent,
)

ABSENCE_RULES = frozenset({"connection-lost", "device-silent", "plc-lost", "topic-silent"})
"""Alarms that say no more than that something is not there."""


def current_alarms(state: Factory, now: float) -> tuple[Alarm, ...]:
    """Return what is wrong at `now`, gravest first, what people hid among it.

    Judged here and not read from the owner of the alarms, who looks once a second: an alarm says
    the same as the age and the figure beside it. What people did to it is as the owner has it, and
    so is what stands for a while after its rule was last met.
    """
    lives = state.lives or {}
    found = [as_kept(alarm, lives.get(alarm.id)) for alarm in alarms(state, now)]
    ids = {alarm.id for alarm in found}
    lasting = (life for life in lives.values() if life.stands and life.gone_at is not None)
    return gravest_first([*found, *(still(life) for life in lasting if life.id not in ids)])


def alarms(state: Factory, now: float) -> tuple[Alarm, ...]:
    """Return what the rules find at `now`, gravest first; each with the alarm that explains it."""
    now = moment(state, now)
    findings = chain.from_iterable(rule(state, now) for rule in RULES)
    wanted = (one for one in findings if _wanted(one, state, now))
    found = raise_alarms(wanted, order_rules.held_up(state, now), state.alarm_rules)
    return suppress(explain(found, state.modules, now), state)


def _wanted(finding: Finding, state: Factory, now: float) -> bool:
    rule = state.alarm_rules.rules[finding.rule]
    lasts = finding.since is None or now - finding.since >= rule.on_delay_s
    return rule.enabled and lasts and not _expected_absence(finding, state)


def _expected_absence(finding: Finding, state: Factory) -> bool:
    """Whether it only says that a module is away, or its topic silent, which the site took out."""
    if finding.rule not in ABSENCE_RULES:
        return False
    return any(state.site.taken_out(part) for part in finding.subject.split("/"))
