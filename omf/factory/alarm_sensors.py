"""Alarm rules on sensors, their boards and the camera."""

from collections.abc import Iterator

from omf.factory.alarms import Finding
from omf.factory.freshness import ONLINE
from omf.factory.sensors import DANGERS
from omf.factory.state import Factory

SENSOR_SILENCE_S = 300.0
"""The slowest sensor reports once a minute (PROTOCOL B.1); four in a row may be lost."""
MISSED_PERIODS = 5
CAMERA_SILENCE_S = 60.0
"""A running camera sends one or two pictures a second."""


def danger(state: Factory, _now: float) -> Iterator[Finding]:
    """A sensor that detects flame or gas."""
    for name, sensor in state.sensors.items():
        what = [field for field in DANGERS if sensor.values.get(field) is True]
        if what:
            words = (("device", name), ("what", ", ".join(what)))
            yield Finding("danger", name, sensor.alarm_since, words)


def board_lost(state: Factory, _now: float) -> Iterator[Finding]:
    """A sensor board that went away."""
    for name in _lost_boards(state):
        link = state.links[f"arduino/{name}"]
        words = (("device", name), ("state", link.connection or "?"))
        yield Finding("connection-lost", name, link.since, words)


def sensor_silent(state: Factory, now: float) -> Iterator[Finding]:
    """A sensor that reported live and does no more, its board being there."""
    lost = set(_lost_boards(state))
    for name, sensor in state.sensors.items():
        limit_s = max(SENSOR_SILENCE_S, MISSED_PERIODS * (sensor.period_s or 0.0))
        heard = sensor.heard_at
        if heard is not None and now - heard > limit_s and name not in lost:
            yield Finding("sensor-silent", name, heard + limit_s, (("device", name),))


def camera_silent(state: Factory, now: float) -> Iterator[Finding]:
    """A camera that sent pictures and does no more, although nobody switched it off."""
    last = state.camera
    if last is None or last.retained or state.camera_on is False:
        return
    if now - last.at > CAMERA_SILENCE_S:
        yield Finding("camera-silent", "camera", last.at + CAMERA_SILENCE_S)


def _lost_boards(state: Factory) -> list[str]:
    return [
        name.removeprefix("arduino/")
        for name, link in state.links.items()
        if name.startswith("arduino/") and link.connection not in (None, ONLINE)
    ]
