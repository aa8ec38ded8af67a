"""Alarm rules on sensors, their boards and the camera."""

from collections.abc import Iterator

from omf.alarms.alarm import Finding, listed
from omf.state.model import Factory
from omf.state.sensors import DANGERS, VIBRATION
from omf.state.staleness import SAYS_ONLINE, camera_silent_since, sensor_silent_since
from omf.terms import term


def danger(state: Factory, _now: float) -> Iterator[Finding]:
    """A sensor that detects flame or gas."""
    for name, sensor in state.sensors.items():
        what = [term("sensed", one) for one in DANGERS if sensor.values.get(one) is True]
        if what:
            words = (("device", name), ("what", listed(what)))
            yield Finding("danger", name, sensor.alarm_since, words)


def vibration(state: Factory, _now: float) -> Iterator[Finding]:
    """A sensor that detects vibration; a site that wants to know of it switches the rule on."""
    for name, sensor in state.sensors.items():
        if sensor.values.get(VIBRATION) is True:
            yield Finding("vibration", name, sensor.vibrates_since, (("device", name),))


def board_lost(state: Factory, _now: float) -> Iterator[Finding]:
    """A sensor board that went away."""
    for name in _lost_boards(state):
        link = state.links[f"arduino/{name}"]
        words = (("device", f"Sensor {name}"), ("state", term("connection", link.connection)))
        yield Finding("connection-lost", name, link.since, words)


def sensor_silent(state: Factory, now: float) -> Iterator[Finding]:
    """A sensor that reported live and does no more."""
    for name, sensor in state.sensors.items():
        since = sensor_silent_since(sensor, now)
        if since is not None:
            yield Finding("sensor-silent", name, since, (("device", name),))


def camera_silent(state: Factory, now: float) -> Iterator[Finding]:
    """A camera that sent pictures and does no more, although nobody switched it off."""
    since = camera_silent_since(state, now)
    if since is not None:
        yield Finding("camera-silent", "camera", since)


def _lost_boards(state: Factory) -> list[str]:
    return [
        name.removeprefix("arduino/")
        for name, link in state.links.items()
        if name.startswith("arduino/") and link.connection not in (None, SAYS_ONLINE)
    ]
