"""What the factory says that nobody described yet: unknown topics, fields and misfits."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from omf.messages.base import Payload
from omf.messages.message import Message
from omf.messages.reading import Deleted, Reading, Rejected, Unmodelled, parse

_PLACE = re.compile(r"\.\d+(?=[.:])")
"""The number of a list element: the same misfit in each of them is one finding."""


class DriftFinding(BaseModel):
    """One thing not described: `what` is a field path, a reason, or empty for a whole topic."""

    model_config = ConfigDict(frozen=True)

    topic: str
    """Pattern of the catalogue, or the topic itself where there is none."""
    what: str
    count: int


class DriftReport(BaseModel):
    """How far the models and the traffic agree; all three lists empty means entirely."""

    model_config = ConfigDict(frozen=True)

    messages: int
    deleted: int
    fields: tuple[DriftFinding, ...]
    """Fields seen and not modelled."""
    topics: tuple[DriftFinding, ...]
    """Topics without entry or model."""
    rejected: tuple[DriftFinding, ...]
    """Payloads of known topics that do not fit, as a whole or in part."""

    @property
    def clean(self) -> bool:
        """True when nothing was found."""
        return not (self.fields or self.topics or self.rejected)


def unmodelled_fields(payload: Payload) -> tuple[str, ...]:
    """Return the paths of fields no model names, e.g. `modules[].colour`; each once."""
    return tuple(dict.fromkeys(_unknown(payload, "")))


def _unknown(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, tuple):
        for item in value:
            yield from _unknown(item, f"{where}[]")
    if not isinstance(value, Payload):
        return
    for extra in value.model_extra or ():
        yield f"{where}.{extra}".lstrip(".")
    for name, field in type(value).model_fields.items():
        inner = getattr(value, name, None)
        part = "" if name == "root" else f".{field.alias or name}"
        yield from _unknown(inner, f"{where}{part}".lstrip("."))


def report(messages: Iterable[Message]) -> DriftReport:
    """Compare messages with the models and list all that is not described, commonest first."""
    total = 0
    found: dict[str, Counter[tuple[str, str]]] = {
        kind: Counter() for kind in ("fields", "topics", "rejected", "deleted")
    }
    for message in messages:
        total += 1
        for kind, topic, what in _findings(message):
            found[kind][topic, what] += 1
    return DriftReport(
        messages=total,
        deleted=found.pop("deleted").total(),
        **{kind: _listed(counts) for kind, counts in found.items()},
    )


def _findings(message: Message) -> Iterator[tuple[str, str, str]]:
    match parse(message.topic, message.payload):
        case Reading(entry=entry, payload=payload, notes=notes):
            for path in unmodelled_fields(payload):
                yield "fields", entry.pattern, path
            for note in notes:
                yield "rejected", message.topic, f"partly: {_PLACE.sub('[]', note.said.en)}"
        case Unmodelled(topic=topic, entry=entry):
            yield "topics", entry.pattern if entry else topic, ""
        case Rejected(topic=topic, reason=reason, detail=detail):
            yield "rejected", topic, f"{reason}: {detail.en}"
        case Deleted(entry=entry):
            yield "deleted", entry.pattern, ""


def _listed(counts: Counter[tuple[str, str]]) -> tuple[DriftFinding, ...]:
    return tuple(
        DriftFinding(topic=topic, what=what, count=count)
        for (topic, what), count in counts.most_common()
    )
