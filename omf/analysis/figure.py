"""One figure: a value, its unit, and what it was counted from."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

FigureGroup = Literal[
    "time", "orders", "quality", "factory", "module", "vehicle", "alarms", "commands"
]
Unit = Literal["count", "s", "share", "per_hour", "m"]
SourceKind = Literal["order", "message", "alarm", "command"]
MAX_SOURCES = 500


class FigureSource(NamedTuple):
    """Something a figure was counted from."""

    kind: SourceKind
    id: str


class Figure(NamedTuple):
    """One figure."""

    group: FigureGroup
    subject: str
    """Serial of the module or vehicle, the rule, the operator; "" for the whole."""
    name: str
    value: float | None
    unit: Unit
    sources: tuple[FigureSource, ...] = ()
    """At most `MAX_SOURCES`."""
    source_count: int = 0
    """Of how many it was counted."""


class Sources(NamedTuple):
    """The last two fields of a figure."""

    told: tuple[FigureSource, ...] = ()
    total: int = 0

    def __or__(self, other: "Sources") -> "Sources":
        """Both, where none is of both."""
        return Sources((*self.told, *other.told)[:MAX_SOURCES], self.total + other.total)


def named(kind: SourceKind, ids: Iterable[str]) -> Sources:
    """Sources of one kind, each once."""
    found = [one for one in dict.fromkeys(ids) if one]
    return Sources(tuple(FigureSource(kind, one) for one in found[:MAX_SOURCES]), len(found))


def product(*parts: float | None) -> float | None:
    """Of all of them; None if one is unknown."""
    found = 1.0
    for part in parts:
        if part is None:
            return None
        found *= part
    return found
