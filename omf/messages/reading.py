"""From bytes to meaning: what `parse` returns, and how it never raises."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType, ModuleType
from typing import NamedTuple, TypeAlias

from pydantic import ValidationError

from omf import catalogue, faults
from omf.messages import ccu, commands, extensions, factsheet, fts, module, orders, sensors
from omf.messages.base import Payload

_HOMES: tuple[ModuleType, ...] = (
    module, fts, factsheet, orders, ccu, commands, sensors, extensions,
)  # fmt: skip


MAX_DETAIL = 300
"""A reason fits on a line, even where the path to the fault runs through a key of 200 kB."""


class Reading(NamedTuple):
    """A message understood."""

    entry: catalogue.Topic
    levels: Mapping[str, str]
    """Named levels of the topic, e.g. the serial number."""
    payload: Payload


class Deleted(NamedTuple):
    """An empty payload on a topic the factory retains: the broker's memory was cleared (G.2)."""

    entry: catalogue.Topic
    levels: Mapping[str, str]


REASONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "too_large": {"de": "größer als erlaubt", "en": "larger than allowed"},
        "empty": {"de": "ohne Inhalt", "en": "without content"},
        "not_json": {"de": "kein gültiges JSON", "en": "no valid JSON"},
        "misfit": {"de": "passt nicht zum Protokoll", "en": "does not fit the protocol"},
    }
)
"""Why a message is rejected, in words for people."""


class Rejected(NamedTuple):
    """A message of a known topic that does not fit its model."""

    topic: str
    reason: str
    """A key of REASONS."""
    detail: str
    """Where and why, e.g. `actions.0.actionType: Field required`; never a value."""
    detail_de: str
    """The same in German."""


class Unmodelled(NamedTuple):
    """A message nobody described: not in the catalogue, or there without a model."""

    topic: str
    entry: catalogue.Topic | None


Result: TypeAlias = Reading | Deleted | Rejected | Unmodelled


def model_of(entry: catalogue.Topic) -> type[Payload] | None:
    """Return the model class of a catalogue entry, None where its payload is not documented."""
    if entry.model is None:
        return None
    for home in _HOMES:
        if entry.model in vars(home):
            return _as_model(getattr(home, entry.model))
    raise LookupError(f"{entry.name}: the catalogue names {entry.model}, no such model exists")


def _as_model(found: object) -> type[Payload]:
    if isinstance(found, type) and issubclass(found, Payload):
        return found
    raise LookupError(f"{found!r} is no payload model")


_MODELS = {entry.name: model_of(entry) for entry in catalogue.TOPICS}
_Read: TypeAlias = Callable[[bytes], Payload]


class _Route(NamedTuple):
    entry: catalogue.Topic | None
    levels: Mapping[str, str]
    read: _Read | None
    max_bytes: int


@lru_cache(maxsize=catalogue.KNOWN_TOPICS)
def _route(topic: str) -> _Route:
    entry = catalogue.of(topic)
    if entry is None:
        return _Route(None, MappingProxyType({}), None, catalogue.max_bytes(topic))
    model = _MODELS[entry.name]
    levels = MappingProxyType(catalogue.levels(entry.name, topic))
    return _Route(entry, levels, model and model.model_validate_json, entry.max_bytes)


def parse(topic: str, payload: bytes) -> Result:
    """Return what a message says, whatever it is; never raises."""
    entry, levels, read, max_bytes = _route(topic)
    if entry is None:
        return Unmodelled(topic, None)
    if not payload:
        return _emptied(topic, entry, levels)
    if read is None:
        return Unmodelled(topic, entry)
    if len(payload) > max_bytes:
        return _too_large(topic, len(payload), max_bytes)
    try:
        return Reading(entry, levels, read(payload))
    except ValidationError as error:
        return _rejection(topic, error)


def _emptied(topic: str, entry: catalogue.Topic, levels: Mapping[str, str]) -> Deleted | Rejected:
    if entry.retain is False:
        return Rejected(
            topic,
            "empty",
            "no payload, and nothing on this topic is retained",
            "kein Inhalt, und auf diesem Topic wird nichts aufbewahrt",
        )
    return Deleted(entry, levels)


def _too_large(topic: str, size: int, most: int) -> Rejected:
    en, de = f"{size} bytes, at most {most}", f"{size} Bytes, höchstens {most}"
    return Rejected(topic, "too_large", en, de)


def _rejection(topic: str, error: ValidationError) -> Rejected:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    reason = "not_json" if first["type"] == "json_invalid" else "misfit"
    where = ".".join(str(part) for part in first["loc"])
    said = (faults.english(first), faults.german(first))
    en, de = (f"{where}: {words}" if where else words for words in said)
    return Rejected(topic, reason, en[:MAX_DETAIL], de[:MAX_DETAIL])
