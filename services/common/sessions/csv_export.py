"""Records for a spreadsheet: CSV as RFC 4180 has it, opened right by a double click, and harmless.

Excel reads a file as UTF-8 only with a byte order mark in front, and takes a cell for a formula
that begins with one of a few signs, also behind blanks or in their full-width forms.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence

BYTE_ORDER_MARK = "\ufeff"
CSV_MEDIA_TYPE = "text/csv; charset=utf-8"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SIGNS = frozenset("=+-@")
_BREAKS = ("\t", "\r", "\n")


def head(names: Sequence[str]) -> str:
    """The beginning of a file: the mark of its encoding, and the names of the columns."""
    return BYTE_ORDER_MARK + record(names)


def record(cells: Sequence[str | float]) -> str:
    """One record with its line end; text with line breaks stays one quoted cell."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def _cell(cell: str | float) -> str | float:
    """A number is one in the spreadsheet too; what might run as a formula is made text."""
    if not isinstance(cell, str) or not _might_run(cell):
        return cell
    return f"'{cell}"


def _might_run(text: str) -> bool:
    if _NUMBER.fullmatch(text):
        return False
    if text.startswith(_BREAKS):
        return True
    first = next((c for c in text if not _skipped(c)), "")
    # A full-width sign is the same sign to a spreadsheet of East Asia.
    return unicodedata.normalize("NFKC", first)[:1] in _SIGNS if first else False


def _skipped(character: str) -> bool:
    """Blanks, controls and signs without a shape: what a reader may drop in front of a cell."""
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp"}
