"""The watch over the shapes of all topics: a fold over messages, bounded, without a clock."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from pydantic import TypeAdapter

from omf.messages.message import Message
from omf.payload_shapes.comparison import HeardPayload, compare
from omf.payload_shapes.documented import Documented, documented
from omf.payload_shapes.shape import (
    MOST_FIELDS,
    DriftKind,
    JsonType,
    ShapeDrift,
    TopicShape,
    ValueShape,
)
from omf.topics import catalogue

MOST_TOPICS = 200
"""Kinds of topics; the catalogue has about a hundred. Invented ones beyond are not watched."""
_KEPT_LEVELS = frozenset({"kind"})
"""Levels that say what the payload is, where the others say who sends it."""
_NOTHING = Documented({}, frozenset())


@dataclass(slots=True)
class PayloadShapes:
    """What was learned of every topic, and what is not so any more.

    The same messages in the same order give the same. `take` never raises.
    """

    topics: dict[str, TopicShape] = field(default_factory=dict)
    through: str = ""
    """Id of the last message taken."""
    session: str = ""
    """The replayed session all this is from."""

    def take(self, message: Message) -> str:
        """Compare one message with what is known, and learn of it what is not.

        Returns the name of its shape; empty for a message that is not looked at.
        """
        if message.session != self.session:
            self.topics, self.session = {}, message.session
        self.through = message.id
        name, entry = _shape_name(message.topic)
        if not message.payload:
            return ""
        shape = self.topics.get(name)
        if shape is None:
            if len(self.topics) >= MOST_TOPICS:
                return ""
            shape = self.topics[name] = TopicShape(name, entry)
            shape.root.since = message.received_at
        shape.hear(message.topic)
        model = documented(entry) if entry else _NOTHING
        compare(HeardPayload(shape, model, message, []))
        shape.count += 1
        return name

    def drifts(self) -> list[ShapeDrift]:
        """What stands, the newest first."""
        found = [one for topic in self.topics.values() for one in topic.drifts.values()]
        return sorted(found, key=lambda one: -one.at)

    def accept(self, name: str) -> int:
        """Take what drifted on one kind of topic as normal; how much that was."""
        shape = self.topics.get(name)
        if shape is None:
            return 0
        drifts, shape.drifts = shape.drifts, {}
        for drift in drifts.values():
            _accept(shape, drift)
        return len(drifts)

    def snapshot(self) -> dict[str, Any]:
        """All of it as JSON-able data; `restore` gives it back."""
        data: dict[str, Any] = _adapter().dump_python(self, mode="json", exclude_defaults=True)
        return data

    def snapshot_json(self) -> bytes:
        """The same as JSON, written in one go: it is kept every few seconds."""
        data: bytes = _adapter().dump_json(self, exclude_defaults=True)
        return data

    @classmethod
    def restore(cls, data: Any) -> "PayloadShapes":
        """What a snapshot was taken of; ValueError if it is none."""
        made: PayloadShapes = _adapter().validate_python(data)
        return made


@cache
def _adapter() -> TypeAdapter[PayloadShapes]:
    return TypeAdapter(PayloadShapes)


@lru_cache(maxsize=catalogue.CACHED_TOPICS)
def _shape_name(topic: str) -> tuple[str, str]:
    """Under which shape a topic is learned, and the catalogue entry it belongs to."""
    entry = catalogue.of(topic)
    if entry is None:
        return topic, ""
    named = catalogue.levels(entry.name, topic)
    levels = {key: level if key in _KEPT_LEVELS else "+" for key, level in named.items()}
    return entry.topic.format(**levels), entry.name


def _accept(shape: TopicShape, drift: ShapeDrift) -> None:
    if drift.kind is DriftKind.APPEARED:
        parent = _parent(shape.root, drift.path)
        if parent is not None and shape.fields < MOST_FIELDS:
            shape.fields += 1
            key = drift.path[len(parent.path) :].removeprefix(".")
            parent.keys[key] = ValueShape(drift.path, shape.count, drift.at, missing=1)
    elif (place := _at(shape.root, drift.path)) is not None:
        _accept_value(shape, place, drift)


def _accept_value(shape: TopicShape, place: ValueShape, drift: ShapeDrift) -> None:
    if drift.kind is DriftKind.VANISHED:
        place.missing = 1
    elif drift.kind is DriftKind.TYPE:
        place.types.append(JsonType(drift.after))
        place.born, place.count, place.since = shape.count, 0, drift.at
    elif drift.kind is DriftKind.RANGE:
        number = float(drift.after)
        place.low, place.high = min(place.low, number), max(place.high, number)
    elif drift.kind is DriftKind.WORD:
        place.words.append(drift.after)


def places(place: ValueShape) -> Iterator[ValueShape]:
    """A place and all inside it."""
    yield place
    for child in place.keys.values():
        yield from places(child)
    if place.inside is not None:
        yield from places(place.inside)


def _at(root: ValueShape, path: str) -> ValueShape | None:
    return next((one for one in places(root) if one.path == path), None)


def _parent(root: ValueShape, path: str) -> ValueShape | None:
    """The object in which a key stands: the deepest one whose path begins that of the key."""
    around = [
        one
        for one in places(root)
        if JsonType.OBJECT in one.types and (not one.path or path.startswith(f"{one.path}."))
    ]
    return max(around, key=lambda one: len(one.path), default=None)
