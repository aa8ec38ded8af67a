"""One value of a message made unreadable, at every place there is one."""

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

Place: TypeAlias = tuple[str | int, ...]

_MARK = "\ue000damaged\ue000"
NOT_A_NUMBER, TOO_LARGE, NO_TEXT = b"NaN", b"1e400", b'"\xb0C"'
"""What no field holds, modelled or not: two numbers that are none, and a text in Latin-1."""


def places(value: Any, where: Place = ()) -> Iterator[Place]:
    """Yield every place below the root."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, item in inner:
        yield (*where, key)
        yield from places(item, (*where, key))


def damaged(value: Any, place: Place, damage: bytes) -> bytes:
    """Return the message as JSON with these bytes at that place."""
    body = json.loads(json.dumps(value))
    _holder(body, place)[place[-1]] = _MARK
    return json.dumps(body).encode().replace(json.dumps(_MARK).encode(), damage)


def without(value: Any, place: Place) -> bytes:
    """Return the message as JSON without that field or list element."""
    body = json.loads(json.dumps(value))
    del _holder(body, place)[place[-1]]
    return json.dumps(body).encode()


def _holder(body: Any, place: Place) -> Any:
    for key in place[:-1]:
        body = body[key]
    return body
