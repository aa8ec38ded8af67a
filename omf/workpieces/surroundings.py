"""What the sensors said around the events of a life: looked up from their messages when asked for.

Nothing of it is kept in the state: the same messages give the same values at any time.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state.factory_state import FactoryState
from omf.state.to_json import factory as to_json
from omf.topics import catalogue
from omf.workpieces.life import LifeEvent

SENSOR_ENTRIES = ("txt_bme680", "txt_ldr", "arduino_state")


LOOK_BACK_MS = 600_000
"""The slowest sensor speaks once a minute (PROTOCOL B.1); what is older than this says little."""


class ReadingWindow(NamedTuple):
    """Events close to each other: the messages behind one id up to another surround them all."""

    after: StreamId
    until: StreamId
    times: tuple[float, ...]


def windows(events: Sequence[LifeEvent]) -> Iterator[ReadingWindow]:
    """Which messages are needed for the surroundings of events, which are in order of time.

    A piece may lie in the warehouse for months; what the sensors said meanwhile is not looked at.
    """
    if not events:
        return
    ids = [StreamId.parse(event.message_id) for event in events]
    ends = [at + 1 for at, (one, next_one) in enumerate(pairwise(ids)) if _apart(one, next_one)]
    for begin, end in pairwise((0, *ends, len(events))):
        part = ids[begin:end]
        after = StreamId(max(0, min(part).ms - LOOK_BACK_MS))
        yield ReadingWindow(after, max(part), tuple(event.at for event in events[begin:end]))


def _apart(one: StreamId, next_one: StreamId) -> bool:
    return next_one.ms - one.ms > LOOK_BACK_MS


def is_reading(message: Message) -> bool:
    """Tell whether a message is what a sensor measured."""
    entry = catalogue.of(message.topic)
    return entry is not None and entry.name in SENSOR_ENTRIES


def surroundings(times: Sequence[float], messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The last reading of each sensor before each time, with its age in seconds then.

    `times` ascending, Unix s; of `messages`, in order of arrival, only readings are looked at. A
    sensor that had not spoken is left out; a copy the broker kept has no age. Of several replayed
    sessions the last one is meant.
    """
    state, found = FactoryState(), list[dict[str, Any]]()
    for message in messages:
        if not is_reading(message):
            continue
        if message.session != state.session:  # another day, whatever lies between by the clock
            state, found = FactoryState(), []
        while len(found) < len(times) and times[len(found)] < message.received_at:
            found.append(_readings(state, times[len(found)]))
        state.apply(message, message.received_at)
    return [*found, *(_readings(state, at) for at in times[len(found) :])]


def _readings(state: FactoryState, at: float) -> dict[str, Any]:
    told = ((name, to_json.sensor(one, at)) for name, one in sorted(state.sensors.items()))
    return {
        name: {"values": one["values"], "age_s": one["age_s"]}
        for name, one in told
        if one["values"]
    }
