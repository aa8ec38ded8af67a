"""One payload against what is known of its topic: what is new is learned, the rest is a drift."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic_core import from_json

from omf.messages.message import Message
from omf.payload_shapes.documented import DEEPEST, Documented, child_path
from omf.payload_shapes.shape import (
    COUNTED_TO,
    GONE_MESSAGES,
    LEARN_MESSAGES,
    MOST_DRIFTS,
    MOST_FIELDS,
    MOST_KEYS,
    MOST_WORDS,
    WORD_CHARS,
    DriftKind,
    JsonType,
    ShapeDrift,
    TopicShape,
    ValueShape,
)
from omf.terms import code_families

MOST_KEY_CHARS = 80
LARGEST_NUMBER = 1e308
_NAME = re.compile(r"\d")
"""A key with a digit names a thing, as serials, bays and ids do."""
_WORD = re.compile(r"[^\W\d]+(?:[_ -][^\W\d]+)*")
_COUNTS = re.compile(r"(?:[Ii]d|[Cc]ount(?:er)?|[Ss]eq(?:uence)?|[Tt]s|[Tt]ime(?:stamp)?)$")
"""Numbers that go on and on, or that name something, have no range."""
_TYPE_OF: dict[type, JsonType] = {
    dict: JsonType.OBJECT,
    list: JsonType.ARRAY,
    str: JsonType.TEXT,
    bool: JsonType.TRUTH,
    int: JsonType.NUMBER,
    float: JsonType.NUMBER,
    type(None): JsonType.NULL,
}


class HeardPayload(NamedTuple):
    """One message, while its payload is looked at."""

    shape: TopicShape
    model: Documented
    message: Message
    news: list[ValueShape]
    """Places that said a word, or yes or no, for the first time in this message."""

    @property
    def at(self) -> float:
        """Its arrival."""
        return self.message.received_at


def compare(heard: HeardPayload) -> None:
    """Take one payload over, and note in the shape of its topic what drifted."""
    root = heard.shape.root
    try:
        value = from_json(heard.message.payload, allow_inf_nan=False)
    except ValueError:
        if _typed(heard, root, JsonType.RAW):
            root.count += root.count < COUNTED_TO
        return
    _value(heard, root, value)


def _value(heard: HeardPayload, place: ValueShape, value: Any, peers: Sequence[Any] = ()) -> None:
    kind = _TYPE_OF[type(value)]
    if not _typed(heard, place, kind):
        return
    if kind is JsonType.OBJECT:
        _object(heard, place, value, peers)
    elif kind is JsonType.ARRAY:
        _each(heard, place, value, "[]")
    elif kind is JsonType.TEXT:
        _text(heard, place, value)
    elif kind is JsonType.NUMBER:
        _number(heard, place, value)
    elif kind is JsonType.TRUTH and (word := str(value)) not in place.words:
        place.words.append(word)
        heard.news.append(place)
    place.count += place.count < COUNTED_TO


def _typed(heard: HeardPayload, place: ValueShape, kind: JsonType) -> bool:
    """Whether the type is as learned, or learned now."""
    if kind in place.types:
        return True
    known = heard.shape.knows(place, heard.at)
    if place.types == [JsonType.NULL]:
        # It begins to say something: what it says is learned from here on.
        place.born, place.count, place.since = heard.shape.count, 0, heard.at
    elif kind is JsonType.NULL and known and not _may_be_none(place):
        _missed(heard, place)
        return False
    elif kind is not JsonType.NULL and known:
        _drift(heard, DriftKind.TYPE, place.path, place.type_words(), kind.value)
        return False
    place.types.append(kind)
    return True


def _may_be_none(place: ValueShape) -> bool:
    """An object or a list: null is the usual word for that there is none.

    So it is in an item of a list: a bay is free again, after a whole shift with a piece in it.
    """
    in_list = "[]" in place.path
    return in_list or JsonType.OBJECT in place.types or JsonType.ARRAY in place.types


def _object(
    heard: HeardPayload, place: ValueShape, value: dict[str, Any], peers: Sequence[Any]
) -> None:
    if place.is_map or place.path in heard.model.maps:
        _each(heard, place, [*value.values()], ".*" if place.path else "*")
        return
    keys = place.keys
    present = 0
    for key, inner in value.items():
        child = keys.get(key)
        if child is None:
            if _names_a_thing(heard, place, key):
                _each(heard, place, (inner,), ".*" if place.path else "*")
                continue
            child = _new_key(heard, place, key)
        if child is not None:
            present += 1
            _value(heard, child, inner)
    if present < len(keys):
        _absent(heard, [child for key, child in keys.items() if key not in value], place, peers)


def _absent(
    heard: HeardPayload, absent: list[ValueShape], place: ValueShape, peers: Sequence[Any]
) -> None:
    due = sum(not child.missing for child in place.keys.values())
    lost = sum(not child.missing for child in absent)
    # An object that lacks most of what was always there is one of another kind; one that says
    # something for the first time (`connected: false`) is in a state that was not learned.
    news = any(child is one for child in place.keys.values() for one in heard.news)
    other = news or (lost > 1 and 2 * lost > due)
    for child in absent:
        if other:
            child.missing = 1
        key = child.path[len(place.path) :].removeprefix(".")
        _missed(heard, child, elsewhere=any(key in one for one in peers))


def _names_a_thing(heard: HeardPayload, place: ValueShape, key: str) -> bool:
    strange = _NAME.search(key) is not None or not 0 < len(key) <= MOST_KEY_CHARS
    return strange and child_path(place.path, key) not in heard.model.fields


def _new_key(heard: HeardPayload, place: ValueShape, key: str) -> ValueShape | None:
    """Learn a key of an object; one that nobody described and nobody said before is a drift."""
    path = child_path(place.path, key)
    if path not in heard.model.fields and heard.shape.knows(place, heard.at):
        _drift(heard, DriftKind.APPEARED, path, "", "")
        return None
    if len(place.keys) >= MOST_KEYS:
        place.is_map, place.keys = True, {}
        return None
    child = _made(heard, path)
    if child is not None:
        child.missing = int(place.count > 0)
        place.keys[key] = child
    return child


def _made(heard: HeardPayload, path: str) -> ValueShape | None:
    if heard.shape.fields >= MOST_FIELDS or path.count(".") + path.count("[") > DEEPEST:
        return None
    heard.shape.fields += 1
    return ValueShape(path, heard.shape.count, heard.at)


def _each(heard: HeardPayload, place: ValueShape, values: Sequence[Any], mark: str) -> None:
    peers = [one for one in values if type(one) is dict] if len(values) > 1 else ()
    for value in values:
        if place.inside is None:
            place.inside = _made(heard, place.path + mark)
            if place.inside is None:
                return
        _value(heard, place.inside, value, peers)


def _missed(heard: HeardPayload, place: ValueShape, *, elsewhere: bool = False) -> None:
    """Its object is there and it is not, or null where it never was.

    `elsewhere`: another item of the same list has it.
    """
    if place.missing:
        return
    if not heard.shape.knows(place, heard.at):
        place.missing = 1
        return
    if elsewhere:
        return
    if place.gone < GONE_MESSAGES:
        place.gone += 1
        if place.gone < GONE_MESSAGES:
            return
    _drift(heard, DriftKind.VANISHED, place.path, place.type_words(), "")


def _number(heard: HeardPayload, place: ValueShape, number: float) -> None:
    value = float(max(-LARGEST_NUMBER, min(LARGEST_NUMBER, number)))
    if not place.numbers:
        place.low = place.high = value
    elif (
        place.ranged
        and not _COUNTS.search(place.path)
        and heard.shape.knows(place, heard.at)
        and place.outside(value)
    ):
        _drift(heard, DriftKind.RANGE, place.path, place.range_words, f"{value:g}")
        return
    if not place.ranged and value not in place.numbers:
        place.numbers.append(value)
    place.low, place.high = min(place.low, value), max(place.high, value)


def _text(heard: HeardPayload, place: ValueShape, value: str) -> None:
    if place.free_text:
        return
    if value in place.words or not value:
        place.same += place.same < COUNTED_TO
        return
    if len(place.words) >= MOST_WORDS or not _is_word(value):
        place.free_text, place.words = True, []
        return
    if heard.shape.knows(place, heard.at) and _settled(place) and not _related(place, value):
        _drift(heard, DriftKind.WORD, place.path, ", ".join(place.words), value)
        return
    place.words.append(value)
    place.same = 0
    heard.news.append(place)


def _is_word(value: str) -> bool:
    return len(value) <= WORD_CHARS and _WORD.fullmatch(value) is not None


def _settled(place: ValueShape) -> bool:
    """Whether it was one of the same few codes for long; codes are in capitals (PROTOCOL B, D)."""
    if place.same < LEARN_MESSAGES or not all(word.isupper() for word in place.words):
        return False
    return len(place.words) > 1 or any(family & {*place.words} for family in code_families())


def _related(place: ValueShape, value: str) -> bool:
    """Whether it belongs to a list of codes of which most of the others are, and is just rare."""
    known = {*place.words}
    return any(
        value in family and 2 * len(family & known) >= len(known) for family in code_families()
    )


def _drift(heard: HeardPayload, kind: DriftKind, path: str, before: str, after: str) -> None:
    shape, message = heard.shape, heard.message
    known_as = shape.name, shape.entry, kind, path
    drift = ShapeDrift(*known_as, before, after, message.topic, message.id, heard.at)
    drifts = shape.drifts
    known = drifts.get(drift.key)
    if known is not None:
        known.count += known.count < COUNTED_TO
        known.after = after
    elif len(drifts) < MOST_DRIFTS:
        drifts[drift.key] = drift
