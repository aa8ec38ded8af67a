"""Pictures the factory sends inside messages, taken out so that a browser can show them.

Only what really is a PNG or JPEG leaves here, under that very type: a picture is the one thing of a
message that a browser interprets, so nothing else may pass for one.
"""

import json
import re
from base64 import b64decode
from binascii import Error as NotBase64
from typing import NamedTuple

from omf.messages.message import Message

MAX_PICTURE_BYTES = 4_000_000
"""The largest recorded one has 0.2 MB (PROTOCOL B.9)."""
MARK, SEARCHED = b"data:image/", 4_096
"""A picture stands near the beginning of its message; a long text is not searched for one."""
_URI = re.compile(r"data:image/(?:png|jpeg|jpg);base64,([A-Za-z0-9+/=\s]+)")
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Picture(NamedTuple):
    """A picture and its media type, by its own first bytes."""

    kind: str
    data: bytes


def of(message: Message) -> Picture | None:
    """The picture in the `data` of a message (PROTOCOL B.9); None if there is none."""
    if len(message.payload) > MAX_PICTURE_BYTES:
        return None
    try:
        body = json.loads(message.payload)
    except (ValueError, RecursionError):
        return None
    told = body.get("data") if isinstance(body, dict) else None
    found = _URI.fullmatch(told) if isinstance(told, str) else None
    return _decoded(found[1]) if found else None


def _decoded(text: str) -> Picture | None:
    try:
        data = b64decode(text, validate=False)
    except (NotBase64, ValueError):
        return None
    kinds = (kind for beginning, kind in _BEGINNINGS.items() if data.startswith(beginning))
    kind = next(kinds, None)
    return Picture(kind, data) if kind else None


def has_picture(payload: bytes) -> bool:
    """True if the message most likely holds a picture; cheap enough to ask of every row."""
    return MARK in payload[:SEARCHED]
