"""Payloads of what this site added: Arduino sensors, lamp at the AIQS (PROTOCOL B.1, samples)."""

from typing import Annotated

from pydantic import RootModel

from omf.messages.base import Int, Json, Many, Number, Payload, Record, Stamp, Written


class ArduinoState(Record):
    """One reading of one sensor; which values are there depends on its kind."""

    timestamp: str | None = None
    """The Arduino's clock, days off (F.22)."""
    reason: str | None = None
    """INTERVAL, EVENT or THRESHOLD."""
    vibration_detected: bool | None = None
    vibration_level: str | None = None
    """green, yellow or red."""
    magnitude: Number | None = None
    impulse_count: Int | None = None
    gas_detected: bool | None = None
    gas_level: Int | None = None
    flame_detected: bool | None = None
    raw_value: Number | None = None
    temperature: Number | None = None
    temperature_unit: str | None = None
    humidity: Number | None = None
    humidity_unit: str | None = None


class ArduinoConnection(Record):
    """A sensor is there."""

    connection_state: str | None
    ip: str | None = None
    serial_number: str | None = None


class ArduinoSensor(Record):
    """A sensor of the station."""

    id: str | None
    label: str | None = None
    state_topic: str | None = None
    capabilities: dict[str, Json] | None = None


class ArduinoConfig(Record):
    """Thresholds of the sensor station by name."""

    thresholds: dict[str, Number] | None


class ArduinoFactsheet(Record):
    """The sensor station: its program, thresholds and sensors."""

    sketch_version: str | None = None
    station_id: str | None = None
    config_topic: str | None = None
    thresholds: dict[str, Number] | None = None
    sensors: Many[ArduinoSensor] = ()


class AlarmSwitch(Payload, RootModel[bool]):
    """Whether the station sounds an alarm: a bare true or false."""


class AiqsLight(Record):
    """Colour of the lamp after a check: #008000 good, #FF0000 bad."""

    command: str | None
    color: str | None = None


class MockFault(Record):
    """What shall go wrong, or be laid in, in the mock factory."""

    timestamp: Stamp = None
    request_id: Annotated[str | None, Written()] = None
    fault: Annotated[str | None, Written()] = None
    target: str | None = None
    """Module type or serial, vehicle serial, or colour; empty for all."""


class MockFaultDone(Record):
    """Which devices of the mock factory took a fault; none: it concerns nobody."""

    timestamp: str | None = None
    request_id: str | None = None
    fault: str | None = None
    devices: Many[str] = ()
