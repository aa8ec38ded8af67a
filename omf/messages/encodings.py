"""From bytes to the text of a JSON document, whatever else the sender put around it.

RFC 8259 wants UTF-8 without a byte order mark and lets a reader ignore one; programs on Windows
write it, C programs send the NUL that ends their strings, and some send UTF-16. All of it is read
and remarked, because other readers of the topic (the CCU) may not be so tolerant.
"""

import codecs
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

REMARKS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "bom": {
            "de": "beginnt mit einer Byte-Reihenfolge-Marke (BOM)",
            "en": "begins with a byte order mark (BOM)",
        },
        "trailing_nul": {"de": "endet mit NUL-Zeichen", "en": "ends with NUL characters"},
        "utf16": {"de": "ist UTF-16 statt UTF-8", "en": "is UTF-16 instead of UTF-8"},
        "utf32": {"de": "ist UTF-32 statt UTF-8", "en": "is UTF-32 instead of UTF-8"},
    }
)
"""What is odd about the bytes of a message that was read nevertheless, in words for people."""


class Decoded(NamedTuple):
    """The text of a payload; bytes that are no text are lone surrogates in it."""

    text: str
    remarks: tuple[str, ...]
    """Keys of REMARKS."""


def decode(payload: bytes) -> Decoded:
    """Return the text of a payload without marks and padding; never raises."""
    remarks: tuple[str, ...] = ()
    encoding = json.detect_encoding(payload)
    if encoding.startswith("utf-8"):
        # 1. one name is written in Latin-1, 2. only the field with that name is unreadable
        text = payload.removeprefix(codecs.BOM_UTF8).decode(errors="surrogateescape")
        remarks = ("bom",) if encoding == "utf-8-sig" else ()
    else:
        text = payload.decode(encoding, errors="replace")
        remarks = (encoding.replace("-", "")[:5],)
    stripped = text.rstrip("\0 \t\r\n")
    if "\0" in text[len(stripped) :]:
        remarks = (*remarks, "trailing_nul")
    return Decoded(stripped, remarks)
