"""What TXTs and sensor boards say and are told: one small function per catalogue entry."""

from collections.abc import Mapping
from typing import TypeAlias

from omf.messages.extensions import AlarmSwitch, ArduinoConnection, ArduinoFactsheet, ArduinoState
from omf.messages.sensors import (
    Bme680,
    CameraFrame,
    CameraMove,
    Ldr,
    QualityCheck,
    SensorPeriod,
    SetCamera,
    TxtBroadcast,
)
from omf.state import links, quality, sensors
from omf.state.camera_view import CameraView, take_move
from omf.state.last_heard import arduino
from omf.state.links import CameraPicture
from omf.state.model import Factory
from omf.state.values import Arrival, clip

Levels: TypeAlias = Mapping[str, str]


def txt_bme680(state: Factory, _levels: Levels, payload: Bme680, arrival: Arrival) -> None:
    """Take a reading of the room air."""
    sensors.read_sensor(state.sensor("bme680"), payload, arrival)


def txt_ldr(state: Factory, _levels: Levels, payload: Ldr, arrival: Arrival) -> None:
    """Take a reading of the brightness."""
    sensors.read_sensor(state.sensor("ldr"), payload, arrival)


def arduino_state(state: Factory, levels: Levels, payload: ArduinoState, arrival: Arrival) -> None:
    """Take a reading of a sensor board."""
    sensors.read_sensor(state.sensor(arduino(levels)), payload, arrival)


def arduino_station_factsheet(
    state: Factory, _levels: Levels, payload: ArduinoFactsheet, _arrival: Arrival
) -> None:
    """Take the sensors and thresholds of the sensor station."""
    state.plant.station = payload


def arduino_alarm_enabled(
    state: Factory, _levels: Levels, payload: AlarmSwitch, _arrival: Arrival
) -> None:
    """Take whether the sensor station may sound its alarm."""
    state.plant.station_alarm = payload.root


def arduino_connection(
    state: Factory, levels: Levels, payload: ArduinoConnection, arrival: Arrival
) -> None:
    """Take the connection of a sensor."""
    link = state.link(f"arduino/{arduino(levels)}")
    link.ip = clip(payload.ip)
    links.connect(link, payload.connection_state, arrival)


def txt_cam(state: Factory, _levels: Levels, payload: CameraFrame, arrival: Arrival) -> None:
    """Note the newest picture of the camera; the buffers hold it under its id."""
    if payload.data is not None:
        state.camera = CameraPicture(arrival.id, arrival.at, len(payload.data), arrival.retained)


def txt_quality_check(
    state: Factory, _levels: Levels, payload: QualityCheck, arrival: Arrival
) -> None:
    """Take a result of the quality station."""
    quality.read_check(state.quality, payload, state.modules, arrival)


def txt_broadcast(state: Factory, _levels: Levels, payload: TxtBroadcast, arrival: Arrival) -> None:
    """Note that a TXT controller started: nobody knows where its camera looks now."""
    if not arrival.retained:
        state.camera_view = CameraView()
    link = state.link(f"txt/{payload.hardware_id}" if payload.hardware_id else "txt")
    link.version, link.text = clip(payload.software_version), clip(payload.message)
    links.hear(link, arrival)


def txt_set_bme680(
    state: Factory, _levels: Levels, payload: SensorPeriod, arrival: Arrival
) -> None:
    """Note how often the room air shall be measured, unless the broker only kept it."""
    if not arrival.retained:
        state.sensor("bme680").period_s = payload.period


def txt_set_ldr(state: Factory, _levels: Levels, payload: SensorPeriod, arrival: Arrival) -> None:
    """Note how often the brightness shall be measured, unless the broker only kept it."""
    if not arrival.retained:
        state.sensor("ldr").period_s = payload.period


def txt_set_cam(state: Factory, _levels: Levels, payload: SetCamera, arrival: Arrival) -> None:
    """Note that the camera was switched, unless the broker only kept it."""
    if not arrival.retained:
        state.camera_on = payload.on


def txt_ptu(state: Factory, _levels: Levels, payload: CameraMove, arrival: Arrival) -> None:
    """Take over where the camera was sent to."""
    take_move(state.camera_view, payload, arrival)
