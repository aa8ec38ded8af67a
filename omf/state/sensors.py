"""Whatever the sensors of TXT and Arduino measure, generically, with a unit where one is known."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from math import isfinite
from typing import Any

from omf.messages.base import Record
from omf.messages.units import names_unit, told_units
from omf.state.values import Arrival, clip

MAX_SENSORS = 256
MAX_VALUES = 32
"""A reading of this factory has at most eight fields."""
NOT_MEASURED = frozenset({"timestamp", "ts", "reason", "rt", "rh", "gr"})
"""Clocks, the cause of a report, and three fields that are always zero (PROTOCOL B.9)."""
DANGERS = ("flameDetected", "gasDetected")
VIBRATION = "vibrationDetected"
"""No danger here: the running factory itself sets it off."""

Value = bool | int | float | str


@dataclass(slots=True)
class Sensor:
    """The last reading of one sensor."""

    values: dict[str, Value] = field(default_factory=dict)
    units: dict[str, str | None] = field(default_factory=dict)
    """Of values whose unit was told; None where it was told and could not be read."""
    at: float | None = None
    """Newest live reading."""
    heard_at: float | None = None
    """Newest live message of it, whether or not it could be read."""
    told_at: float | None = None
    """Newest reading, a copy the broker kept too."""
    device_time: str | None = None
    interval_s: float | None = None
    """Between the two newest live readings."""
    readings: int = 0
    period_s: float | None = None
    """As last set by a command; None is the device's own."""
    alarm_since: float | None = None
    """Arrival of the first reading of an unbroken row that detected a danger."""
    vibrates_since: float | None = None
    """The same of one that detected vibration."""


def read_sensor(sensor: Sensor, payload: Record, arrival: Arrival) -> None:
    """Take over every number, truth value and text of a reading, by its name on the wire."""
    given = payload.__dict__
    values: dict[str, Value] = {
        wire: kept
        for name, wire in _measured(type(payload))
        if given[name] is not None and (kept := _kept(given[name])) is not None
    }
    for name, value in list((payload.__pydantic_extra__ or {}).items())[:MAX_VALUES]:
        kept = _kept(value)
        if kept is not None and name not in NOT_MEASURED and not names_unit(name):
            values[clip(name)] = kept
    for name in payload.unread.intersection(DANGERS):
        # 1. flame was detected, 2. whether it still is cannot be read: it is not over
        if sensor.values.get(name) is True:
            values[name] = True
    sensor.values = values
    sensor.units = _units(payload, values)
    sensor.device_time = clip(given.get("timestamp") or given.get("ts"))
    sensor.readings += 1
    sensor.told_at = arrival.at
    if not arrival.retained:
        sensor.interval_s = None if sensor.at is None else arrival.at - sensor.at
        sensor.at = arrival.at
    danger = any(values.get(name) is True for name in DANGERS)
    sensor.alarm_since = (sensor.alarm_since or arrival.news_at) if danger else None
    vibrates = values.get(VIBRATION) is True
    sensor.vibrates_since = (sensor.vibrates_since or arrival.news_at) if vibrates else None


@cache
def _measured(model: type[Record]) -> tuple[tuple[str, str], ...]:
    fields = ((name, field.alias or name) for name, field in model.model_fields.items())
    return tuple(
        (name, wire) for name, wire in fields if wire not in NOT_MEASURED and not names_unit(wire)
    )


def _units(payload: Record, values: Collection[str]) -> dict[str, str | None]:
    # A unit that was told and could not be read is not the usual one.
    lost = told_units(dict.fromkeys(payload.unread, "?"), values)
    return dict.fromkeys(lost) | told_units(payload.on_the_wire, values)


def _kept(value: Any) -> Value | None:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, str):
        return clip(value)
    return value if isinstance(value, int) else None
