"""JSON as it was sent: each number in its own spelling, and every value of a key that stands twice.

The readers of the standard library round a number of many digits, turn `1e400` into infinity and
keep the last value of a doubled key (RFC 8259, sections 4 and 6, leaves both to the reader). Who
looks at a message wants to see what the sender wrote.
"""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, Self

from omf.messages.base import has_surrogates
from omf.messages.encodings import decode

MAX_EXACT_DIGITS = 4_000
"""Python reads no longer integers."""
JSON_INDENT = "  "


class Number(float):
    """A number whose spelling a float does not keep; `text` has it."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """The nearest float, possibly infinite, with the text as it was sent."""
        made = super().__new__(cls, text)
        made.text = text
        return made

    def __str__(self) -> str:
        """As it was sent."""
        return self.text

    __repr__ = __str__


class RepeatedKey(str):
    """A key that its object has already; as text it says which time it is: `a (2)`."""

    __slots__ = ("key",)
    key: str

    def __new__(cls, key: str, turn: int) -> Self:
        """`turn` is 2 for the second time."""
        made = super().__new__(cls, f"{key} ({turn})")
        made.key = key
        return made


class Pretty(NamedTuple):
    """Indented JSON, and the numbers of its lines (from 0) whose key the object had already."""

    text: str
    repeated: tuple[int, ...]


def read(payload: bytes | str) -> Any:
    """The value of a payload; ValueError or RecursionError if it is no JSON.

    Odd bytes around and in it are read as everywhere (`encodings`); such a character is shown as
    the sign for an unreadable one.
    """
    try:
        return _loads(payload)
    except ValueError:
        return _loads(_stripped(payload))


def _loads(payload: bytes | str) -> Any:
    return json.loads(
        payload,
        parse_int=_integer,
        parse_float=_decimal,
        parse_constant=Number,
        object_pairs_hook=_object,
    )


def _stripped(payload: bytes | str) -> str:
    if isinstance(payload, bytes):
        return decode(payload).text.encode(errors="surrogateescape").decode(errors="replace")
    return payload.removeprefix("\ufeff").rstrip("\0")


def _integer(text: str) -> int | Number:
    if len(text) > MAX_EXACT_DIGITS or text == "-0":
        return Number(text)
    return int(text)


def _decimal(text: str) -> float:
    value = float(text)
    return value if repr(value) == text else Number(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    every, made = set(made), {}
    turns: dict[str, int] = {}
    for key, value in pairs:
        turn = turns[key] = turns.get(key, 0) + 1
        named: str = key
        while named in made or (turn > 1 and named in every):
            named = RepeatedKey(key, turn)
            turn += 1
        made[named] = value
    return made


def same(one: Any, other: Any) -> bool:
    """True for the same value, whatever its spelling: 1.0 is 1, but neither is `true`."""
    if not (is_number(one) and is_number(other)):
        return type(one) is type(other) and bool(one == other)
    if str(one) == str(other):
        return True
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except (InvalidOperation, ValueError):
        return False


def is_number(value: Any) -> bool:
    """True for numbers; a truth value is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def spelled(value: Any) -> str:
    """A value without parts as it was sent; also a list or object, on one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(k)}: {spelled(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(spelled, value))}]"
    return str(value) if is_number(value) else _quoted(value)


def _key(key: str) -> str:
    return _quoted(key.key if isinstance(key, RepeatedKey) else key)


def _quoted(value: Any) -> str:
    """Text as JSON has it; half of a character, which no program can pass on, as its escape."""
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if has_surrogates(text) else text


def pretty(value: Any, limit: int) -> Pretty:
    """The value indented, up to about `limit` characters."""
    lines: list[str] = []
    repeated: list[int] = []
    size = 0
    for line, again in _lines(value, "", None, ""):
        if again:
            repeated.append(len(lines))
        lines.append(line)
        size += len(line) + 1
        if size > limit:
            break
    return Pretty("\n".join(lines)[:limit], tuple(repeated))


def _lines(value: Any, indent: str, head: str | None, tail: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it begins with a key that its object had already."""
    again = isinstance(head, RepeatedKey)
    named = f"{_key(head)}: " if head is not None else ""
    if not (isinstance(value, dict | list) and value):
        yield f"{indent}{named}{spelled(value)}{tail}", again
        return
    ends = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{named}{ends[0]}", again
    entries = value.items() if isinstance(value, dict) else ((None, one) for one in value)
    left = len(value)
    for key, inner in entries:
        left -= 1
        yield from _lines(inner, indent + JSON_INDENT, key, "," if left else "")
    yield f"{indent}{ends[1]}{tail}", False
