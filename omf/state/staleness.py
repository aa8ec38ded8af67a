"""Who has been silent for longer than its kind ever is: its last state may be wrong.

The only rule on silence. Alarms, figures, `omf state`, HTTP and pages ask here, with the same
moment, so that they all say the same. Silent means: later than the limit after the last live word.
"""

from typing import NamedTuple

from omf.constants import (
    CAMERA_SILENCE_S,
    CCU_SILENCE_S,
    MODULE_SILENCE_S,
    SENSOR_SILENCE_S,
    VEHICLE_SILENCE_S,
)
from omf.state.last_heard import arduino
from omf.state.links import BRIDGE, CCU
from omf.state.model import Factory
from omf.state.modules import Module
from omf.state.sensors import Sensor
from omf.state.tile_readings import TileReading
from omf.state.vehicles import Vehicle
from omf.topics import catalogue

SAYS_ONLINE = "ONLINE"
_TXT_SENSORS = {"txt_bme680": "bme680", "txt_ldr": "ldr"}
"""The sensor behind an entry of the catalogue."""
MISSED_PERIODS = 5
"""A sensor whose period was set is silent after so many of them, if that is longer."""


def moment(state: Factory, now: float) -> float:
    """Return `now`, or the arrival of the newest message if that is later (Unix s).

    1. The clock of the machine was ahead and is set back, 2. `now` lies before messages that came,
    3. measured from it, whoever fell silent since would look as if just heard.
    """
    return max(now, state.last_received or now)


def stale_since(device: Module | Vehicle) -> float | None:
    """Return when the device is or will be stale (Unix s); None if it need not speak at all.

    A retained copy proves nothing (PROTOCOL D.6), so it only starts the wait for a live word.
    A device that went away orderly, or that has no MQTT client (the charger), is not stale.
    """
    heard = device.last_message or device.heard_at
    if heard is None or device.connection not in (None, SAYS_ONLINE):
        return None
    return heard + (VEHICLE_SILENCE_S if isinstance(device, Vehicle) else MODULE_SILENCE_S)


def stale(device: Module | Vehicle, now: float) -> bool:
    """Tell whether the device is silent for too long at `now`."""
    since = stale_since(device)
    return since is not None and now > since


def bridge_away(state: Factory) -> bool:
    """Tell whether Node-RED says, or its last will, that it is gone."""
    link = state.links.get(BRIDGE)
    return link is not None and link.connection not in (None, SAYS_ONLINE)


def unheard(state: Factory, device: Module | Vehicle, now: float) -> bool:
    """Tell whether what a device told last may be wrong at `now`: what every door calls stale.

    It is silent for too long, or it is a module and Node-RED, which speaks for all of them, is
    gone: their kept ONLINE means nothing then (PROTOCOL D.6).
    """
    told = isinstance(device, Module) and device.connection == SAYS_ONLINE and bridge_away(state)
    return told or stale(device, now)


def ccu_silent_since(state: Factory, now: float) -> float | None:
    """Return since when the CCU is silent (Unix s); None if it is not, or was never heard.

    It speaks after each heartbeat of the modules. Without Node-RED these do not come, and only the
    vehicles make it speak.
    """
    link = state.links.get(CCU)
    heard = (link.at or link.heard_at) if link else None
    limit_s = VEHICLE_SILENCE_S if bridge_away(state) else CCU_SILENCE_S
    if heard is None or now <= heard + limit_s:
        return None
    return heard + limit_s


class OldestWord(NamedTuple):
    """Whose last word is the oldest of all who must speak again and again."""

    subject: str
    """Serial of a module or vehicle, or the CCU."""
    at: float
    """Arrival of that word, Unix s."""
    silent: bool
    """It is late."""


def oldest_word(state: Factory, now: float) -> OldestWord | None:
    """Return whose last word is the oldest at `now` (Unix s), of the silent ones first.

    1. An idle vehicle speaks after three minutes, 2. a module that was not heard for one is late:
    the module is told. None while nobody spoke who must; what the site took out need not.
    """
    devices: list[Module | Vehicle] = [*state.modules.values(), *state.vehicles.values()]
    found = [
        OldestWord(one.serial, one.last_message or one.heard_at or now, unheard(state, one, now))
        for one in devices
        if stale_since(one) is not None and not state.site.taken_out(one.serial)
    ]
    link = state.links.get(CCU)
    if heard := (link.at or link.heard_at) if link else None:
        found.append(OldestWord(CCU, heard, ccu_silent_since(state, now) is not None))
    return max(found, key=lambda one: (one.silent, -one.at), default=None)


def sensor_on(state: Factory, topic: str) -> Sensor | None:
    """Return the sensor that reports on a topic; None if it is no sensor's, or not heard yet."""
    entry = catalogue.of(topic)
    if entry is None:
        return None
    if entry.name == "arduino_state":
        return state.sensors.get(arduino(catalogue.levels(entry.name, topic)))
    return state.sensors.get(_TXT_SENSORS.get(entry.name, ""))


def reading_silent_since(
    state: Factory, topic: str, reading: TileReading, now: float
) -> float | None:
    """Return since when nothing came on the topic of a tile (Unix s); None: it is not silent.

    Of a sensor by the sensor itself, which may have been heard without this field.
    """
    sensor = sensor_on(state, topic)
    if sensor is not None and sensor.heard_at is not None:
        return sensor_silent_since(sensor, now)
    return _silent_since(reading.at, None, now)


def sensor_silent_since(sensor: Sensor, now: float) -> float | None:
    """Return since when a sensor that reported live is silent (Unix s); None if it is not."""
    return _silent_since(sensor.heard_at, sensor.period_s, now)


def _silent_since(heard: float | None, period_s: float | None, now: float) -> float | None:
    limit_s = max(SENSOR_SILENCE_S, MISSED_PERIODS * (period_s or 0.0))
    return heard + limit_s if heard is not None and now > heard + limit_s else None


def camera_silent_since(state: Factory, now: float) -> float | None:
    """Return since when a camera nobody switched off sends no picture (Unix s); else None."""
    last = state.camera
    if last is None or last.retained or state.camera_on is False:
        return None
    return last.at + CAMERA_SILENCE_S if now > last.at + CAMERA_SILENCE_S else None
