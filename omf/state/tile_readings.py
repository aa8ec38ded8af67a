"""The last value of each tile of the sensors, on each topic it is heard on."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omf.alarms.limits import path_steps
from omf.alarms.sensor_tiles import SensorTile
from omf.messages import exact_json
from omf.messages.base import has_surrogates
from omf.state.limit_watch import told_unit, values_at, watched
from omf.state.sensors import Value
from omf.state.values import MAX_TEXT_CHARS, Arrival, clip

MAX_READINGS = 256
"""Beyond, the one that was silent longest leaves."""


@dataclass(slots=True)
class TileReading:
    """What a tile shows."""

    value: Value
    unit: str | None
    """As the message told it; None: it told none."""
    accuracy: int | None
    message_id: str
    told_at: float
    """Arrival of the message, Unix s."""
    at: float | None
    """The same of a live one; None of a copy the broker kept, whose age nobody knows."""


def take_readings(
    known: dict[str, TileReading],
    tiles: Mapping[str, SensorTile],
    topic: str,
    body: Any,
    arrival: Arrival,
) -> None:
    """Take over what a message says for the tiles of its topic, by name.

    A message without the field changes nothing; of several values of a path the first counts.
    """
    if len(topic) > MAX_TEXT_CHARS:
        return
    for name, tile in tiles.items():
        value = next(filter(_kept, values_at(body, tile.steps)), None)
        if value is None:
            continue
        known.pop(key := watched(name, topic), None)
        known[key] = TileReading(
            value=_plain(value),
            unit=told_unit(body, tile.steps),
            accuracy=_accuracy(body, tile.accuracy),
            message_id=arrival.id,
            told_at=arrival.at,
            at=arrival.news_at,
        )
        if len(known) > MAX_READINGS:
            del known[next(iter(known))]


def forget_readings(known: dict[str, TileReading], topic: str) -> None:
    """The topic was deleted: what was told there holds no more (PROTOCOL G.2)."""
    for key in [one for one in known if one.partition(" ")[2] == topic]:
        del known[key]


def _plain(value: Any) -> Value:
    if isinstance(value, str):
        return clip(value)
    # A number that keeps its spelling is for whoever reads the message.
    return value if isinstance(value, bool | int) else float(value)


def _kept(value: Any) -> bool:
    """A truth value, a text that can be stored, or a number that a float can hold."""
    if isinstance(value, bool | str):
        return isinstance(value, bool) or not has_surrogates(value)
    return exact_json.is_number(value) and abs(value) <= sys.float_info.max


def _accuracy(body: Any, path: str | None) -> int | None:
    found = next(values_at(body, path_steps(path)), None) if path else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None
