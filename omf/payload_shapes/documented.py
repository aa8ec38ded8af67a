"""What the models say of a payload: which fields are described, and which objects are maps."""

from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from omf.messages.base import Payload
from omf.messages.reading import model_of
from omf.topics import catalogue

DEEPEST = 12
"""Levels of a model that are looked at."""


class DocumentedField(NamedTuple):
    """One field of a model, and where it stands there."""

    model: str
    """Name of the model class."""
    name: str
    """Of the attribute in Python."""


class Documented(NamedTuple):
    """The paths of a kind of topic: `actionStates[].state`; below a map `*` stands for each key."""

    fields: dict[str, DocumentedField]
    maps: frozenset[str]
    """Objects whose keys are free."""


@cache
def documented(entry_name: str) -> Documented:
    """What the model of a catalogue entry describes; nothing for one without."""
    fields: dict[str, DocumentedField] = {}
    maps: set[str] = set()
    entry = catalogue.find(entry_name)
    if (model := model_of(entry)) is not None:
        _walk(model, "", fields, maps, DEEPEST)
    return Documented(fields, frozenset(maps))


def _walk(
    annotation: Any, path: str, fields: dict[str, DocumentedField], maps: set[str], depth: int
) -> None:
    if not depth:
        return
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        _walk(args[0], path, fields, maps, depth)
    elif origin in (Union, UnionType):
        for one in args:
            _walk(one, path, fields, maps, depth)
    elif origin in (tuple, list):
        _walk(args[0], f"{path}[]", fields, maps, depth - 1)
    elif origin is dict:
        maps.add(path)
        _walk(args[1], child_path(path, "*"), fields, maps, depth - 1)
    elif isinstance(annotation, type) and issubclass(annotation, Payload):
        _walk_model(annotation, path, fields, maps, depth - 1)


def _walk_model(
    model: type[Payload],
    path: str,
    fields: dict[str, DocumentedField],
    maps: set[str],
    depth: int,
) -> None:
    for name, field in model.model_fields.items():
        if name == "root":
            _walk(field.annotation, path, fields, maps, depth)
            continue
        inner = child_path(path, field.alias or name)
        fields.setdefault(inner, DocumentedField(model.__name__, name))
        _walk(field.annotation, inner, fields, maps, depth)


def child_path(path: str, key: str) -> str:
    """The path of a key of the object at `path`."""
    return f"{path}.{key}" if path else key
