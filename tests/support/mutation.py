"""Real payloads made wrong in the ways programs, cables and attackers do it; seeded, repeatable."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, TypeAlias

Mutation: TypeAlias = Callable[[Random, bytes], bytes]

_MARK = "\ue000hostile\ue000"
_QUOTED_MARK = json.dumps(_MARK).encode()
DEEP = 5_000
"""Levels of nesting; a reader that recurses per level gives up long before."""

HOSTILE_VALUES: Mapping[str, bytes] = {
    "not a number": b"NaN",
    "infinity": b"-Infinity",
    "ten to the 400": b"1e400",
    "an integer of 400 digits": b"1" + b"0" * 400,
    "an integer of 5000 digits": b"1" + b"0" * 5_000,
    "a fraction of 400 digits": b"0." + b"3" * 400,
    "a lone surrogate": b'"\\ud800"',
    "a swapped pair of surrogates": b'"\\udc00\\ud800"',
    "an escaped NUL": b'"\\u0000"',
    "raw bad UTF-8": b'"\xff\xfe\xc0\x80"',
    "a text of 200 kB": b'"' + b"x" * 200_000 + b'"',
    "emojis of 200 kB": b'"' + "🏭".encode() * 50_000 + b'"',
    "150 lists in each other": b"[" * 150 + b"]" * 150,
    "many lists in each other": b"[" * DEEP + b"]" * DEEP,
    "many objects in each other": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "ten thousand items": b"[" + b"{}," * 9_999 + b"{}]",
    "ten thousand fields": b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(10_000)) + b"}",
    "the same field twice": b'{"id":1,"id":{"id":[]}}',
    "null": b"null",
    "true": b"true",
    "zero": b"0",
    "minus zero": b"-0.0",
    "a fraction": b"1.5",
    "an empty text": b'""',
    "a number as text": b'"12"',
    "a text": b'"abc"',
    "an empty list": b"[]",
    "an empty object": b"{}",
    "a list of nulls": b"[null,null]",
    "nothing at all": b"",
}
_VALUES = tuple(HOSTILE_VALUES.values())
_TEXTS = (
    "", "0", "1", "A1", "UNKNOWN", "NaN", "RED", "GREEN", "FINISHED", "ERROR", "IN_PROGRESS",
    "SVR3QA0022", "5iO4", "2026-08-07T09:04:33.832Z", "9999-99-99T99:99:99Z", "\0", "\u202e<b>",
    "x" * 5_000,
)  # fmt: skip


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    inner: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        inner = tuple(value.items())
    elif isinstance(value, list):
        inner = tuple(enumerate(value))
    for key, child in inner:
        yield value, key
        yield from _places(child)


def hostile_value(random: Random, payload: bytes) -> bytes:
    """Put a hostile value in the place of any value of the payload, or of all of it."""
    hostile = random.choice(_VALUES)
    document = json.loads(payload)
    places = list(_places(document))
    if not places or random.random() < 0.05:
        return hostile
    holder, key = random.choice(places)
    holder[key] = _MARK
    return json.dumps(document).encode().replace(_QUOTED_MARK, hostile)


def _other(random: Random, value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return random.choice((0, -1, 1, 2**62, -(2**62), 1e300, 0.5))
        case str():
            return random.choice(_TEXTS)
        case list():
            return random.choice(([], value * 2, value[::-1], value[:1] * 50))
        case None:
            return random.choice((*_TEXTS, 0))
        case _:
            return random.choice(({}, None))


def other_value(random: Random, payload: bytes) -> bytes:
    """Replace up to four values by others of their own type, so that the message still fits."""
    document = json.loads(payload)
    places = list(_places(document))
    for holder, key in random.sample(places, min(len(places), random.randint(1, 4))):
        holder[key] = _other(random, holder[key])
    return json.dumps(document).encode()


def twin_key(random: Random, payload: bytes) -> bytes:
    """Repeat a key of an object with another value."""
    at = payload.find(b"{", random.randrange(len(payload)))
    key = payload[payload.find(b'"', at) :].split(b":", 1)[0]
    return payload[: at + 1] + key + b":" + random.choice(_VALUES) + b"," + payload[at + 1 :]


def lost_field(random: Random, payload: bytes) -> bytes:
    """Take away any field or item."""
    document = json.loads(payload)
    places = list(_places(document))
    if places:
        holder, key = random.choice(places)
        del holder[key]
    return json.dumps(document).encode()


def flipped_bytes(random: Random, payload: bytes) -> bytes:
    """Change a few bytes to any others."""
    damaged = bytearray(payload)
    for _ in range(random.randint(1, 8)):
        damaged[random.randrange(len(damaged))] = random.randrange(256)
    return bytes(damaged)


def inserted_bytes(random: Random, payload: bytes) -> bytes:
    """Insert NULs, bytes that are no UTF-8, or brackets."""
    at = random.randrange(len(payload) + 1)
    junk = random.choice((b"\0", b"\xff", b"\xed\xa0\x80", b"[" * 300, b"{", b'"', b"\\u", b","))
    return payload[:at] + junk + payload[at:]


def truncated(random: Random, payload: bytes) -> bytes:
    """Cut the payload anywhere."""
    return payload[: random.randrange(len(payload))]


def doubled(random: Random, payload: bytes) -> bytes:
    """Send the payload, or a part of it, twice in one message."""
    at = random.randrange(len(payload))
    return payload[:at] + payload + payload[at:]


MUTATIONS: tuple[Mutation, ...] = (
    hostile_value, hostile_value, hostile_value, other_value, other_value, other_value,
    other_value, twin_key, lost_field, flipped_bytes, inserted_bytes, truncated, doubled,
)  # fmt: skip


def mutate(random: Random, payload: bytes) -> bytes:
    """Return the payload after one mutation, sometimes after two."""
    changed = random.choice(MUTATIONS)(random, payload)
    if changed and random.random() < 0.2:
        changed = random.choice((flipped_bytes, inserted_bytes, truncated))(random, changed)
    return changed
