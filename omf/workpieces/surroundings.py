"""What the sensors said around the events of a life: looked up from their messages when asked for.

Nothing of it is kept in the state: the same messages give the same values at any time.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from omf.messages.message import Message
from omf.state.factory_state import FactoryState
from omf.state.to_json import factory as to_json
from omf.topics import catalogue

SENSOR_ENTRIES = ("txt_bme680", "txt_ldr", "arduino_state")


def sensor_filters() -> tuple[str, ...]:
    """The topic filters of all readings."""
    return tuple(catalogue.find(name).pattern for name in SENSOR_ENTRIES)


def surroundings(times: Sequence[float], messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The last reading of each sensor before each time, with its age in seconds then.

    `times` ascending, Unix s; of `messages`, in order of arrival, only readings are looked at. A
    sensor that had not spoken is left out; a copy the broker kept has no age.
    """
    state, found = FactoryState(), list[dict[str, Any]]()
    for message in messages:
        entry = catalogue.of(message.topic)
        if entry is None or entry.name not in SENSOR_ENTRIES:
            continue
        while len(found) < len(times) and times[len(found)] < message.received_at:
            found.append(_readings(state, times[len(found)]))
        if len(found) == len(times):
            break
        state.apply(message, message.received_at)
    return [*found, *(_readings(state, at) for at in times[len(found) :])]


def _readings(state: FactoryState, at: float) -> dict[str, Any]:
    told = ((name, to_json.sensor(one, at)) for name, one in sorted(state.sensors.items()))
    return {
        name: {"values": one["values"], "age_s": one["age_s"]}
        for name, one in told
        if one["values"]
    }
