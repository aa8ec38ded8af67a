"""What every payload model shares: frozen, tolerant to read, and marks of what writing demands."""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from omf.constants import COLOURS

MAX_INTEGER = 2**63 - 1
"""A counter of the factory fits many times; 10^400 is a mistake or an attack, never a value."""


class Payload(BaseModel):
    """Base of all payload models: immutable.

    A field without default must be there, but may be None: a message that lacks it is read
    nevertheless, and is no message we would write.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    @property
    def unread(self) -> frozenset[str]:
        """Names on the wire of fields that were there and could not be read, at least in part."""
        return (self.__pydantic_private__ or _ALL_READ)["unread"]


_ALL_READ: dict[str, frozenset[str]] = {"unread": frozenset()}
P = TypeVar("P", bound=Payload)


def mark_unread(payload: P, names: Collection[str]) -> P:
    """Note in a payload just made which of its fields could not be read; return it."""
    if names:
        object.__setattr__(payload, "__pydantic_private__", {"unread": frozenset(names)})
    return payload


def lacking(value: Any, where: str = "") -> Iterator[str]:
    """Yield the places of fields that must be there and are None."""
    if isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from lacking(item, f"{where}.{number}".lstrip("."))
    if not isinstance(value, Payload):
        return
    for name, field in type(value).model_fields.items():
        inner = getattr(value, name, None)
        path = f"{where}.{field.alias or name}".lstrip(".") if name != "root" else where
        if inner is None and field.is_required():
            yield path
        yield from lacking(inner, path)


def has_surrogates(text: str) -> bool:
    """Whether a text holds code units that are no characters: it cannot be sent or stored."""
    try:
        return not text.isascii() and text.encode() == b""
    except UnicodeEncodeError:
        return True


def _tame(value: Any) -> Any:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, float) and not math.isfinite(item):
            raise PydanticCustomError("finite_number", "no number JSON knows")
        elif isinstance(item, int) and abs(item) > MAX_INTEGER:
            raise PydanticCustomError("number_too_large", "number beyond 64 bits")
    return value


Json: TypeAlias = Annotated[Any, AfterValidator(_tame)]
"""Anything JSON can say, with numbers other programs can read too."""


class Record(Payload):
    """A JSON object: camelCase on the wire, fields nobody modelled are kept and reported."""

    model_config = ConfigDict(
        extra="allow", alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )
    __pydantic_extra__: dict[str, Json]

    @property
    def on_the_wire(self) -> dict[str, Any]:
        """Every field by its name on the wire, those nobody modelled too; the values as read."""
        fields = type(self).model_fields.items()
        modelled = {field.alias or name: getattr(self, name) for name, field in fields}
        return modelled | (self.__pydantic_extra__ or {})


@dataclass(frozen=True, slots=True)
class Written:
    """Marks a field that reading may miss and writing must have; `one_of` limits its values."""

    one_of: tuple[Any, ...] = ()
    stamp: bool = False
    """True: the value must be `YYYY-MM-DDTHH:MM:SS.sssZ`; the CCU knows no other date (F.13)."""


class _GivenUpEarly(FailFast):
    def __hash__(self) -> int:  # pydantic's own cannot stand in `Many[...] | None`
        return hash(_GivenUpEarly)


T = TypeVar("T")
Many: TypeAlias = Annotated[tuple[T, ...], _GivenUpEarly()]
"""A list that is given up at its first wrong item, so that a long bad one costs no time."""
Int: TypeAlias = Annotated[int, Field(ge=-MAX_INTEGER, le=MAX_INTEGER)]
Number: TypeAlias = Int | float
Scalar: TypeAlias = bool | Int | float | str | None
Stamp: TypeAlias = Annotated[str | None, Written(stamp=True)]
"""A time a command must carry; in what others sent it may be missing or written differently."""

Colour: TypeAlias = Annotated[str | None, Written(one_of=COLOURS)]
"""A workpiece colour a command must name."""
Serial: TypeAlias = Annotated[str | None, Written()]
"""The device a command must name."""


def text_or_none(value: object) -> str | None:
    """Return the text of a field in which empty text means nothing is there."""
    return value if isinstance(value, str) and value else None
