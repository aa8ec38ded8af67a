"""The topic reference of the documentation, written from the catalogue and the models."""

import ast
import inspect
import sys
import types
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from omf.messages.base import Payload, Written
from omf.messages.reading import model_of
from omf.texts import text
from omf.topics import catalogue

_HEAD = """\
<!-- Generated. Change omf/topics/catalogue.yaml or omf/messages, then run:
     python -m tools.topic_reference > docs/topics.md -->

# Topics der Anlage / Topics of the factory

**Deutsch.** Alles, was die Anlage über MQTT sagt und versteht, nach Prioritätsklassen. Klassen sind
kumulativ: Klasse 4 enthält 1 bis 3. `{serial}` steht für genau eine Ebene, im Filter `+`.
**Befehl** heißt: Ein Bediener darf es senden; nur diese Topics lässt das Gateway durch. QoS und
Retain sind die des Absenders, `?` ist unbekannt. „Behält“ nennt die Grenzen des Puffers:
Nachrichten und Stunden. Die Felder jeder Nachricht stehen am Ende.

**English.** All the factory says and understands over MQTT, by priority class. Classes are
cumulative: class 4 contains 1 to 3. `{serial}` stands for exactly one level, `+` in the filter.
**Command** means that an operator may send it; only these topics pass the gateway. QoS and retain
are the publisher's, `?` is unknown. "Keeps" names the limits of the buffer: messages and hours. The
fields of each message stand at the end.
"""
_COLUMNS = (
    "Topic", "Bedeutung / Meaning", "von → an / from → to", "QoS", "Retain", "/min",
    "Behält / Keeps", "max. kB", "Befehl / Command", "Nachricht / Payload", "Name", "PROTOCOL",
)  # fmt: skip


def render() -> str:
    """Return docs/topics.md as it must be."""
    return "\n".join([_HEAD, *_classes(), *_retention(), *_payloads()])


def _classes() -> Iterator[str]:
    for priority in catalogue.PRIORITY_CLASSES:
        if priority == catalogue.EVERYTHING:
            continue
        names = text(f"priority.{priority}")
        yield f"## {priority} · {names.de} / {names.en}\n"
        yield _line(_COLUMNS)
        yield _line(["---"] * len(_COLUMNS))
        yield from (_line(_cells(e)) for e in catalogue.TOPICS if e.priority == priority)
        yield ""


def _cells(entry: catalogue.Topic) -> list[str]:
    return [
        f"`{entry.topic}`",
        f"{entry.text.de} / {entry.text.en}" + (f". *{entry.note}*" if entry.note else ""),
        f"{entry.publisher} → {entry.subscriber}",
        "?" if entry.qos is None else str(entry.qos),
        {True: "ja / yes", False: "–", None: "?"}[entry.retain],
        "–" if entry.per_minute is None else f"{entry.per_minute:g}",
        f"{entry.keep_count} / {entry.keep_hours:g} h",
        str(entry.max_bytes // 1024),
        "ja / yes" if entry.command else "–",
        f"[{entry.model}](#{entry.model.lower()})" if entry.model else "–",
        f"`{entry.name}`",
        entry.source,
    ]


def _retention() -> Iterator[str]:
    names, journal = text(f"priority.{catalogue.EVERYTHING}"), catalogue.limits("#")
    size = (journal.keep_bytes or 0) // 2**20
    yield f"## {catalogue.EVERYTHING} · {names.de} / {names.en}\n"
    yield f"`#`: {journal.keep_hours:g} h, {size} MiB\n"


def _payloads() -> Iterator[str]:
    yield "## Nachrichten / Payloads\n"
    yield "**Fett / bold**: beim Senden Pflicht / must be there when sent.\n"
    yield "*Kursiv / italic*: darf fehlen / may be missing.\n"
    for name, model in sorted(_documented().items()):
        notes = _notes(model)
        yield f"### {name}\n\n{_promise(model)}\n"
        yield from (_field(key, field, notes) for key, field in model.model_fields.items())
        yield ""


def _documented() -> dict[str, type[Payload]]:
    found: dict[str, type[Payload]] = {}
    waiting = [model for entry in catalogue.TOPICS if (model := model_of(entry))]
    while waiting:
        model = waiting.pop()
        if found.setdefault(model.__name__, model) is model:
            fields = model.model_fields.values()
            inner = [part for field in fields for part in _models_in(field.annotation)]
            waiting += [part for part in inner if part.__name__ not in found]
    return found


def _promise(model: type[Payload]) -> str:
    return (model.__doc__ or "").strip().partition("\n")[0]


def _notes(model: type[Payload]) -> dict[str, str]:
    """Return the text under each attribute, which says units and what surprises."""
    definition = ast.parse(inspect.getsource(model)).body[0]
    statements = definition.body if isinstance(definition, ast.ClassDef) else []
    return {
        above.target.id: " ".join(below.value.value.split())
        for above, below in pairwise(statements)
        if isinstance(above, ast.AnnAssign)
        and isinstance(above.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }


def _field(name: str, field: FieldInfo, notes: dict[str, str]) -> str:
    wire = "(the whole payload)" if name == "root" else f"`{field.alias or name}`"
    marks = [mark for mark in field.metadata if isinstance(mark, Written)]
    values = " | ".join(str(value) for mark in marks for value in mark.one_of)
    stars = "**" if marks else "" if field.is_required() else "*"
    note = "; ".join(filter(None, (values, notes.get(name))))
    return f"- {stars}{wire}{stars} {_kind(field.annotation)}{note and ': '}{note}"


_KINDS = {
    str: "text", int: "integer", float: "number", bool: "true or false", dict: "object",
    type(None): "", Any: "anything",
}  # fmt: skip


def _kind(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        kinds = dict.fromkeys(filter(None, map(_kind, get_args(annotation))))
        return "number" if set(kinds) == {"integer", "number"} else " or ".join(kinds)
    if origin is tuple:
        return f"list of {_kind(get_args(annotation)[0])}"
    if isinstance(annotation, type) and issubclass(annotation, Payload):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return _KINDS.get(origin or annotation, "anything")


def _models_in(annotation: Any) -> Iterator[type[Payload]]:
    if isinstance(annotation, type) and issubclass(annotation, Payload):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    sys.stdout.buffer.write(render().encode())
