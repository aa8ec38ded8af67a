"""From bytes to the text of a JSON document, whatever else the sender put around it.

RFC 8259 wants UTF-8 without a byte order mark and lets a reader ignore one; programs on Windows
write it, C programs send the NUL that ends their strings, and some send UTF-16. All of it is read
and remarked, because other readers of the topic (the CCU) may not be so tolerant.
"""

import codecs
import json
from typing import NamedTuple

REMARKS = ("bom", "trailing_nul", "utf16", "utf32")
"""What is odd about the bytes of a message that was read nevertheless; keys under `remark.`"""


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
