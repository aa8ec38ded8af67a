"""Variables in kept parameters: `${speed:number}` is asked for each time they are filled in.

`${name}` is text, `${name:number}` a number, `${name:switch}` true or false; `$${` stands for `${`.
They stand in any text of the parameters, so in topic and payload of a free message too.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, cast

PlaceholderType = Literal["text", "number", "switch"]
_PLACE = re.compile(
    r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]{0,31})(?::(?P<type>text|number|switch))?\}"
)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class Placeholder(NamedTuple):
    """One variable."""

    name: str
    type: PlaceholderType


def placeholders(parameters: Mapping[str, Any]) -> tuple[Placeholder, ...]:
    """Every variable once, in the order they stand there; the first type that is named counts."""
    found: dict[str, str] = {}
    for said in _texts(parameters):
        for place in _PLACE.finditer(said):
            if name := place["name"]:
                found[name] = found.get(name) or place["type"] or ""
    return tuple(
        Placeholder(name, cast("PlaceholderType", kind or "text")) for name, kind in found.items()
    )


def fits(placeholder: Placeholder, value: str) -> bool:
    """True if this value can take its place."""
    if placeholder.type == "number":
        return _NUMBER.fullmatch(value) is not None
    return placeholder.type == "text" or value in ("true", "false")


def filled(parameters: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The parameters with each variable's value; in JSON a text is written so that it stays JSON.

    A variable without a value stays as it is written.
    """

    def fill(said: str) -> str:
        as_json = said.lstrip().startswith(("{", "["))

        def value_of(place: re.Match[str]) -> str:
            if not place["name"]:
                return "${"
            value = values.get(place["name"])
            if value is None:
                return place[0]
            return json.dumps(value, ensure_ascii=False)[1:-1] if as_json else value

        return _PLACE.sub(value_of, said)

    return {name: _changed(value, fill) for name, value in parameters.items()}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value
    if isinstance(value, Mapping | list | tuple):
        for one in inner:
            yield from _texts(one)


def _changed(value: Any, fill: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return fill(value)
    if isinstance(value, Mapping):
        return {name: _changed(one, fill) for name, one in value.items()}
    return [_changed(one, fill) for one in value] if isinstance(value, list | tuple) else value
