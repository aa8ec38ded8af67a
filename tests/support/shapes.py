"""The shape of JSON traffic: which fields with which types a topic carries."""

from collections.abc import Iterable, Iterator
from typing import Any

from omf.topics import catalogue

_NAMES = {
    type(None): "null",
    bool: "bool",
    int: "integer",
    float: "number",
    str: "text",
    list: "list",
    dict: "object",
}
Shape = dict[str, set[str]]


def fields(body: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every field of a body as path and type; the entries of a list share one path."""
    yield path, _NAMES[type(body)]
    if isinstance(body, dict):
        for key, value in body.items():
            yield from fields(value, f"{path}.{key}")
    if isinstance(body, list):
        for value in body:
            yield from fields(value, f"{path}[]")


class Shapes:
    """Shapes by kind of topic; module states and factsheets by module, for these differ."""

    def __init__(self) -> None:
        self.seen: dict[str, Shape] = {}
        self.constant: dict[str, set[str]] = {}
        """Fields of the outermost object that no message of the kind was without."""

    def add(self, traffic: Iterable[tuple[str, Any]]) -> None:
        """Take in messages as (topic, body)."""
        for topic, body in traffic:
            kind = kind_of(topic)
            if kind is None:
                continue
            shape = self.seen.setdefault(kind, {})
            for path, name in fields(body):
                shape.setdefault(path, set()).add(name)
            if isinstance(body, dict):
                self.constant[kind] = self.constant.get(kind, set(body)) & set(body)


def kind_of(topic: str) -> str | None:
    """Name of the catalogue entry, with the serial where modules differ; None = unknown."""
    entry = catalogue.of(topic)
    if entry is None:
        return None
    if entry.name in ("module_state", "module_factsheet"):
        return f"{entry.name} {catalogue.levels(entry.name, topic)['serial']}"
    return entry.name


def missing(wanted: Shape, there: Shape) -> list[str]:
    """`path: type` of all that `wanted` has and `there` lacks; an integer is a number too."""
    return [
        f"{path}: {name}"
        for path, names in sorted(wanted.items())
        for name in sorted(names)
        if not _covered(name, there.get(path, set()))
    ]


def _covered(name: str, names: set[str]) -> bool:
    return name in names or (name == "integer" and "number" in names)
