"""The limits of silence lie above every healthy gap of the recordings, and not far above."""

from collections import defaultdict
from collections.abc import Iterator

from omf import constants
from omf.messages.message import Message
from omf.state.links import CCU
from omf.topics import catalogue
from tests.support.shared import RECORDINGS, recording

NO_RECORDING = "synthetic-arduino-sensors_20260508_091000"
HEARTBEATS = ("module_connection", "module_state", "module_factsheet")
VEHICLES = ("fts_connection", "fts_state", "fts_factsheet")
QUIET_S, LOOKED_FOR_EVERY_S = 180.0, 10.0
"""How long an idle vehicle may say nothing, and how often it looks whether it has (B.7)."""


def _sources(message: Message) -> Iterator[str]:
    entry = catalogue.of(message.topic)
    if entry is None or message.retain:
        return
    levels = message.topic.split("/")
    if entry.name in HEARTBEATS:
        yield f"module/{levels[3]}"
    if entry.name in VEHICLES:
        yield f"vehicle/{levels[3]}"
    if entry.publisher == "CCU":
        yield CCU
    if entry.name in ("txt_bme680", "txt_ldr"):
        yield f"sensor/{entry.name}"
    if entry.name == "arduino_state":
        yield f"sensor/{levels[3]}"
    if entry.name == "txt_cam":
        yield "camera"


def _longest() -> dict[str, float]:
    """The longest time between two live messages of one source, by kind of source."""
    longest: dict[str, float] = defaultdict(float)
    for name in RECORDINGS:
        last: dict[str, float] = {}
        for message in recording(name) if name != NO_RECORDING else ():
            for source in _sources(message):
                at = message.received_at
                kind = source.partition("/")[0]
                longest[kind] = max(longest[kind], at - last.get(source, at))
                last[source] = at
    return longest


def test_the_limits_are_what_the_recordings_say() -> None:
    longest = _longest()
    assert 2 * constants.HEARTBEAT_S < constants.MODULE_SILENCE_S < 3 * constants.HEARTBEAT_S
    assert longest["module"] < constants.MODULE_SILENCE_S
    assert longest[CCU] < constants.CCU_SILENCE_S < 3 * longest[CCU]
    assert longest["vehicle"] < QUIET_S
    slowest = QUIET_S + LOOKED_FOR_EVERY_S
    assert slowest < constants.VEHICLE_SILENCE_S <= slowest + LOOKED_FOR_EVERY_S
    assert 4 * longest["sensor"] < constants.SENSOR_SILENCE_S <= 5 * longest["sensor"]
    assert longest["camera"] < constants.CAMERA_SILENCE_S
