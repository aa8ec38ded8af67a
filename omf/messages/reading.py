"""From bytes to meaning: what `parse` returns, and how it never raises."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType, ModuleType
from typing import NamedTuple, TypeAlias

from pydantic import ValidationError

from omf.messages import ccu, commands, extensions, factsheet, fts, module, orders, sensors
from omf.messages.base import Payload, lacking
from omf.messages.lenient_decode import read_partly
from omf.messages.misfits import Misfit
from omf.texts import Text, text
from omf.topics import catalogue

_HOMES: tuple[ModuleType, ...] = (
    module, fts, factsheet, orders, ccu, commands, sensors, extensions,
)  # fmt: skip


MAX_DETAIL = 300
"""A reason fits on a line, even where the path to the fault runs through a key of 200 kB."""


class Reading(NamedTuple):
    """A message understood, as a whole or, when there are misfits, in part."""

    entry: catalogue.Topic
    levels: Mapping[str, str]
    """Named levels of the topic, e.g. the serial number."""
    payload: Payload
    misfits: tuple[Misfit, ...] = ()
    """What of it could not be read; the rest is in `payload`."""
    remarks: tuple[str, ...] = ()
    """Keys of `encodings.REMARKS`: read nevertheless."""

    @property
    def notes(self) -> tuple[Misfit, ...]:
        """Misfits and remarks together; empty for a faultless message."""
        odd = (Misfit("", one, text(f"remark.{one}")) for one in self.remarks)
        return (*self.misfits, *odd)


class Deleted(NamedTuple):
    """An empty payload, on whatever topic: what was told there holds no more (G.2)."""

    entry: catalogue.Topic
    levels: Mapping[str, str]


REASONS = ("too_large", "empty", "not_json", "misfit")
"""Why a message is rejected; keys of the catalogues, under `reject.`"""


class Rejected(NamedTuple):
    """A message of a known topic that does not fit its model."""

    topic: str
    reason: str
    """A key of REASONS."""
    detail: Text
    """Where and why, e.g. `actions.0.actionType: is missing`; never a value."""


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
    model: type[Payload] | None
    read: _Read | None
    max_bytes: int


@lru_cache(maxsize=catalogue.CACHED_TOPICS)
def _route(topic: str) -> _Route:
    entry = catalogue.of(topic)
    if entry is None:
        return _Route(None, MappingProxyType({}), None, None, catalogue.max_bytes(topic))
    model = _MODELS[entry.name]
    levels = MappingProxyType(catalogue.levels(entry.name, topic))
    return _Route(entry, levels, model, model and model.model_validate_json, entry.max_bytes)


def parse(topic: str, payload: bytes) -> Result:
    """Return what a message says, whatever it is, as far as it can be read; never raises."""
    entry, levels, model, read, max_bytes = _route(topic)
    if entry is not None and not payload:
        return Deleted(entry, levels)
    if entry is None or model is None or read is None:
        return Unmodelled(topic, entry)
    if len(payload) > max_bytes:
        return _too_large(topic, len(payload), max_bytes)
    try:
        return Reading(entry, levels, read(payload))
    except ValidationError:
        partly = read_partly(model, payload)
    if partly.payload is None:
        return _rejection(topic, partly.misfits[0])
    return Reading(entry, levels, partly.payload, partly.misfits, partly.remarks)


def parse_strictly(topic: str, payload: bytes) -> Result:
    """Return what a message says only if nothing of it is odd: what others must read as well.

    Rejected is also what `parse` reads in part or with a remark, a `null` where something is due,
    and the empty payload, which carries out nothing.
    """
    route = _route(topic)
    if route.entry is None or route.read is None:
        return parse(topic, payload)
    if len(payload) > route.max_bytes:
        return _too_large(topic, len(payload), route.max_bytes)
    if not payload:
        return _rejection(topic, Misfit.of((), {"type": "json_empty"}))
    try:
        read = route.read(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return _rejection(topic, Misfit.of(first["loc"], first))
    if (where := next(lacking(read), None)) is not None:
        return _rejection(topic, Misfit.of((where,), {"type": "missing"}))
    return Reading(route.entry, route.levels, read)


def _too_large(topic: str, size: int, most: int) -> Rejected:
    return Rejected(topic, "too_large", text("reject.size", size=size, most=most))


_REASON_OF = {"json_invalid": "not_json", "json_invalid_at": "not_json", "json_empty": "empty"}


def _rejection(topic: str, first: Misfit) -> Rejected:
    reason = _REASON_OF.get(first.kind, "misfit")
    return Rejected(topic, reason, first.said.cut(MAX_DETAIL))
