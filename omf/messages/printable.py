r"""Text of others made harmless to look at: what cannot be seen is written out as an escape.

A topic or payload may hold the sequences by which a terminal is steered, line ends that forge
another line, or marks that turn the reading order round. Shown as `\x1b`, `\n`, `\u202e` they are
seen and do nothing. What machines read stays exact: JSON has an escape of its own for each of them.
"""

import json
import unicodedata
from typing import Any

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LAYOUT = frozenset("\n\t")
_ESCAPED_BELOW = 0x100
_BASIC_PLANE = 0x10000


def escaped(text: str) -> str:
    """One line: every character without a shape of its own as an escape; blanks stay."""
    if text.isprintable():
        return text
    return "".join(c if _seen(c) else _SHORT.get(c) or _escape(c) for c in text)


def escaped_lines(text: str) -> str:
    """The same for text of several lines: line feeds and tabs stay, they are its layout."""
    if text.isprintable():
        return text
    return "".join(c if c in _LAYOUT or _seen(c) else _SHORT.get(c) or _escape(c) for c in text)


def json_text(value: Any, **options: Any) -> str:
    r"""JSON of the value, exact, with `\uXXXX` in place of what cannot be seen; as `json.dumps`."""
    text = json.dumps(value, ensure_ascii=False, **options)
    if text.isprintable():
        return text
    # Line feeds stand between the values of an indented text, never inside one.
    return "".join(c if c == "\n" or _seen(c) else _json_escape(c) for c in text)


def _seen(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _escape(character: str) -> str:
    code = ord(character)
    if code < _ESCAPED_BELOW:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < _BASIC_PLANE else f"\\U{code:08x}"


def _json_escape(character: str) -> str:
    return json.dumps(character)[1:-1]
