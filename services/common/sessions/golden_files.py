"""Golden sessions: a session with what it gave, in one file, to be held against what it gives now.

A file is gzip'd JSON Lines: first a line that says what it is (`GoldenHead`), then the messages as
in any session (services/common/sessions/files.py), then a line for each order, life, alarm and
figure (`GoldenRow`). Lines without a topic are remarks to whoever plays sessions, so it plays.
"""

import json
import lzma
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from omf.analysis.golden import GoldenKind, GoldenRow
from omf.texts import Text, text
from services.common.sessions.files import (
    Recorded,
    SessionError,
    SessionWriter,
    cut_lines,
    opened,
    read,
)
from services.common.sessions.line_formats import Damaged, parse_line

GOLDEN_FORMAT = 1
"""Raised when a file of the older form could be misread."""
GOLDEN_SUFFIX = ".golden.jsonl.gz"


class GoldenError(Exception):
    """A golden session cannot be kept or read; `told` says why and what to do."""

    def __init__(self, told: Text) -> None:
        super().__init__(told.en)
        self.told = told


class GoldenOrigin(BaseModel):
    """What a golden session is of, and who kept it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: str
    """The session, file or range."""
    environment: str = ""
    """"" of a file."""
    operator: str = ""
    note: str = ""
    kept_at: float = 0.0


class GoldenHead(BaseModel):
    """The first line of a file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    golden: int
    """The format."""
    name: str
    origin: GoldenOrigin
    from_at: float
    to_at: float
    messages: int
    rules: str
    """Version of the alarm rules it was kept by."""
    site_rules: str = ""
    """The site's file of rules among them; "" for the rules as they come with the software."""
    rows: dict[GoldenKind, int] = Field(default_factory=dict)
    """How many rows of each kind follow the messages."""


def write_golden(part: Path, head: GoldenHead, session: Path, rows: Sequence[GoldenRow]) -> None:
    """Write head, messages of a session file and rows; SessionError, OSError."""
    with SessionWriter(part) as out:
        out.remark(_line(head))
        for item in read(session):
            if isinstance(item, Recorded):
                out.write(item)
        for row in rows:
            out.remark(_line(row))


def _line(model: BaseModel) -> str:
    return json.dumps(model.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))


def golden_head(items: Iterator["GoldenHead | Recorded | GoldenRow"]) -> GoldenHead:
    """The first of what `read_golden` yields."""
    head = next(items)
    if not isinstance(head, GoldenHead):
        raise TypeError(f"{type(head).__name__} is no head")
    return head


def read_golden(path: Path) -> Iterator[GoldenHead | Recorded | GoldenRow]:
    """The head, every message, every row, in this order; GoldenError says what is wrong."""
    number = 0
    try:
        with opened(path) as file:
            for number, line in enumerate(cut_lines(file.readline), 1):
                if line is None:
                    raise GoldenError(text("golden.damaged", line=number, why="too long"))
                yield _head(line, path) if number == 1 else _item(number, line)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, UnicodeError) as error:
        raise GoldenError(text("golden.damaged", line=number + 1, why=str(error))) from error
    except SessionError:
        raise GoldenError(text("golden.foreign", name=path.name)) from None
    if not number:
        raise GoldenError(text("golden.foreign", name=path.name))


def _head(line: bytes, path: Path) -> GoldenHead:
    foreign = GoldenError(text("golden.foreign", name=path.name))
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        raise foreign from None
    written = told.get("golden") if isinstance(told, dict) else None
    if not isinstance(written, int) or isinstance(written, bool):
        raise foreign
    if written > GOLDEN_FORMAT:
        raise GoldenError(text("golden.newer", written=written, known=GOLDEN_FORMAT))
    try:
        return GoldenHead.model_validate(told)
    except ValidationError as error:
        raise GoldenError(text("golden.damaged", line=1, why=_place(error))) from None


def _item(number: int, line: bytes) -> Recorded | GoldenRow:
    found = parse_line(number, line)
    if isinstance(found, Recorded):
        return found
    if isinstance(found, Damaged):
        raise GoldenError(text("golden.damaged", line=number, why=found.why))
    try:
        return GoldenRow.model_validate_json(line)
    except ValidationError as error:
        raise GoldenError(text("golden.damaged", line=number, why=_place(error))) from None


def _place(error: ValidationError) -> str:
    return ".".join(map(str, error.errors()[0]["loc"]))
