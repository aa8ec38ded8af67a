"""The tiles of the sensors in words: value, unit, accuracy, limits, and how old it is."""

from collections.abc import Iterator
from typing import NamedTuple

from omf.alarms.limits import in_every_language
from omf.alarms.rule_data import AlarmRules
from omf.alarms.sensor_tiles import SensorTile
from omf.state.device_names import device_name
from omf.state.limit_watch import watched
from omf.state.model import Factory
from omf.state.sensors import DANGERS, VIBRATION
from omf.state.staleness import SAYS_ONLINE, reading_silent_since
from omf.state.tile_readings import TileReading
from omf.terms import term
from omf.topics import catalogue
from services.ui import formats
from services.ui.live.screen import Screen

ACCURACIES = range(4)
"""PROTOCOL B.9: `aq` is 0 to 3."""
_DETECTORS = (*DANGERS, VIBRATION)


class ShownTile(NamedTuple):
    """One tile on one topic; without a topic where none was heard that it shows."""

    name: str
    tile: SensorTile
    topic: str
    reading: TileReading | None

    @property
    def key(self) -> str:
        """What tells it from others."""
        return watched(self.name, self.topic)


class TileFacts(NamedTuple):
    """All that the words of a tile are made of: while it is the same, so are they."""

    shown: ShownTile
    rules: AlarmRules
    beyond: bool
    board: tuple[str | None, float | None] | None
    """What a board that is away said last, and when."""
    second: int
    """Ages grow."""
    current: bool
    """Its trend is shown."""


def tile_facts(screen: Screen, shown: ShownTile, *, current: bool) -> TileFacts:
    """What is to be told of it in this picture."""
    factory, second = screen.model.factory, int(screen.model.factory_now)
    board = _board_away(factory, shown.topic) if shown.reading else None
    return TileFacts(shown, factory.alarm_rules, beyond(factory, shown), board, second, current)


def shown_tiles(screen: Screen) -> list[ShownTile]:
    """All of them, in the order of the tiles."""
    return screen.model.shared("tiles", lambda: _tiles(screen.model.factory))


def _tiles(factory: Factory) -> list[ShownTile]:
    return [
        one
        for name, tile in factory.alarm_rules.tiles.items()
        if tile.enabled
        for one in _of(factory, name, tile)
    ]


def _of(factory: Factory, name: str, tile: SensorTile) -> Iterator[ShownTile]:
    prefix = watched(name, "")
    topics = sorted(key.removeprefix(prefix) for key in factory.readings if key.startswith(prefix))
    heard = [topic for topic in topics if tile.shows(topic)]
    for topic in heard:
        yield ShownTile(name, tile, topic, factory.readings[watched(name, topic)])
    if not heard:
        yield ShownTile(name, tile, "", None)


def title(screen: Screen, shown: ShownTile) -> str:
    """What it is called, with what tells its topic from others of the filter."""
    said = in_every_language(shown.tile.title)
    name = screen.say.either(said) if said else shown.name
    levels = _levels(shown.tile.topic, shown.topic)
    names = [screen.say.either(device_name(screen.model.factory, one)) for one in levels]
    return " · ".join((name, *names))


def _levels(pattern: str, topic: str) -> list[str]:
    """What stands in a topic where its filter has a wildcard."""
    fixed = {place for place, level in enumerate(pattern.split("/")) if level not in {"+", "#"}}
    levels = topic.split("/") if topic else []
    return [level for place, level in enumerate(levels) if place not in fixed]


def value_words(screen: Screen, shown: ShownTile) -> str:
    """The value with its unit; a dash while nothing was told."""
    reading, say = shown.reading, screen.say
    if reading is None:
        return formats.NONE
    value = reading.value
    if isinstance(value, bool):
        if shown.tile.path in _DETECTORS:
            return say("sensors.detected" if value else "sensors.not_detected")
        return say("yes" if value else "no")
    if isinstance(value, str):
        return say.known("sensors.word", value)
    unit = reading.unit or shown.tile.unit
    number = formats.number(value, say.language, shown.tile.digits)
    return f"{number} {unit}" if unit else number


def accuracy_words(screen: Screen, shown: ShownTile) -> str:
    """How far the value can be trusted; empty where the tile knows of none."""
    if shown.tile.accuracy is None or shown.reading is None:
        return ""
    known = shown.reading.accuracy
    key = str(known) if known in ACCURACIES else "unknown"
    return screen.say(f"sensors.accuracy.{key}")


def limit_words(screen: Screen, shown: ShownTile) -> str:
    """The limits alarms judge it by; empty if there are none."""
    factory, tile = screen.model.factory, shown.tile
    found = []
    for limit in factory.alarm_rules.limits.values():
        same = limit.topic == tile.topic or (shown.topic and limit.watches(shown.topic))
        if limit.path == tile.path and same:
            sign = ">" if limit.above is not None else "<"
            number = formats.number(limit.limit, screen.say.language, _digits(limit.limit, tile))
            found.append(f"{sign} {number}{f' {limit.unit}' if limit.unit else ''}")
    return screen.say("sensors.limits", limits=", ".join(found)) if found else ""


def _digits(value: float, tile: SensorTile) -> int:
    return 0 if value == int(value) else max(1, tile.digits)


def beyond(factory: Factory, shown: ShownTile) -> bool:
    """True while it is beyond one of its limits, or detects a danger."""
    if shown.reading is None:
        return False
    if shown.tile.path in DANGERS and shown.reading.value is True:
        return True
    return any(
        limit.path == shown.tile.path
        and (last := factory.watched.get(watched(name, shown.topic))) is not None
        and last.beyond
        for name, limit in factory.alarm_rules.limits.items()
    )


class TileAge(NamedTuple):
    """How old a tile is, in words; `old` if it may be wrong by now."""

    words: str
    old: bool


def tile_age(screen: Screen, facts: TileFacts) -> TileAge:
    """Age, silence, a board that is away, or that nobody knows."""
    shown, say, factory = facts.shown, screen.say, screen.model.factory
    reading = shown.reading
    if reading is None:
        return TileAge(say("sensors.never"), old=False)
    if facts.board is not None:
        state, since = facts.board
        words = say.either(term("connection", state))
        when = f" · {screen.when(since)}" if since else ""
        return TileAge(f"{words}{when}", old=True)
    if reading.at is None:
        return TileAge(say("sensors.kept"), old=True)
    if reading_silent_since(factory, shown.topic, reading, screen.model.factory_now) is not None:
        return TileAge(say("sensors.silent", since=screen.when(reading.at)), old=True)
    age = formats.age(screen.model.factory_now - reading.at, say.language)
    return TileAge(say("fact.ago", age=age), old=False)


def _board_away(factory: Factory, topic: str) -> tuple[str | None, float | None] | None:
    entry = catalogue.of(topic)
    if entry is None or entry.name != "arduino_state":
        return None
    levels = catalogue.levels(entry.name, topic)
    link = factory.links.get(f"arduino/{levels['kind']}/{levels['sensor']}")
    if link is None or link.connection in (None, SAYS_ONLINE):
        return None
    return link.connection, link.since
