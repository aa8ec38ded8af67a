"""Session files: JSON Lines, one message a line in the order received.

    {"ts":"2026-08-07T09:11:27.016Z","topic":"...","payload":"...","qos":0,"retain":false,
     "direction":"to_factory","command_id":"..."}

`direction` is the catalogue's, `command_id` names the command of ours that sent it; both may miss,
and so may `properties`, those of MQTT 5 as an object (omf/messages/properties.py).
`ts` is when the recorder received it; `payload` the exact text. Lines without a topic are remarks
of the recorder. A payload that is not UTF-8 stands base64-coded in `payload_base64` besides.

Written plain or gzip'd. Read as well: what other recorders write (`line_formats`, and
`other_recorders` for databases, tables and text), bzip2 and xz, UTF-16 and UTF-32, and one JSON
array of such objects; one that is cut off, or too large to be read as a whole, if each object
stands on a line of its own.
"""

import bz2
import codecs
import gzip
import io
import json
import lzma
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Self, TypeVar, cast

from omf.messages.message import Message
from omf.topics import catalogue
from services.common.mqtt.payload_encoding import payload_fields
from services.common.process import clock
from services.common.sessions.line_formats import (
    Damaged,
    Recorded,
    json_object,
    parse_line,
    parse_row,
    recorded,
)
from services.common.sessions.other_recorders import (
    SQLITE_MAGIC,
    Row,
    latest_of,
    reader_of,
    sqlite_rows,
)

__all__ = [
    "Damaged",
    "Recorded",
    "SessionError",
    "SessionWriter",
    "line_of",
    "read",
    "recorded",
    "stamped",
]

PACKED: Mapping[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
"""By the first bytes of a file: how it is opened."""
FOREIGN: Mapping[bytes, str] = {
    b"PK\x03\x04": "a ZIP archive; unpack it first",
    b"\x28\xb5\x2f\xfd": "packed by zstd; unpack it first",
    b"7z\xbc\xaf": "a 7z archive; unpack it first",
    b"\xd4\xc3\xb2\xa1": "a capture of network packets, not JSON Lines",
    b"\x0a\x0d\x0d\x0a": "a capture of network packets, not JSON Lines",
    b"PAR1": "a Parquet file, not JSON Lines",
}
"""By the first bytes of a file: what is no session, in words."""
ENCODINGS: Mapping[bytes, str] = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"{\x00": "utf-16-le",
    b"[\x00": "utf-16-le",
    b"\x00{": "utf-16-be",
    b"\x00[": "utf-16-be",
}
"""By the first bytes of the text, the longer mark first; else it is UTF-8."""
SESSION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,119}")
FIRST_BYTES = 4096
"""Enough for the head of a table or the first line of a text."""
MAX_LINE_BYTES = 64 * 1024 * 1024
MAX_ARRAY_BYTES = 256 * 1024 * 1024
CLOCK_STEP_MS = 1_000
"""A recorder's clock that goes back by more was set, and its messages are not merely out of order.
"""
MAX_CLOCK_STEPS = 15
"""Steps back remembered; a file with the newest message first is nothing but such steps."""
FORM = 'a line of a session is {"ts": ..., "topic": ..., "payload": ...}'
Found = TypeVar("Found")


class SessionError(Exception):
    """The file as a whole cannot be read; the text says why."""


def read(path: Path) -> Iterator[Recorded | Damaged]:
    """Every message of a session in order; a damaged line is told and does not end it.

    SessionError when the file is missing, is no session, holds no message at all, or cannot be
    read to its end (what came before was yielded).
    """
    number = messages = 0
    first: Damaged | None = None
    try:
        for line, item in _items(path):
            number = line
            if isinstance(item, Damaged):
                first = first or item
            messages += isinstance(item, Recorded)
            if item is not None:
                yield item
    except sqlite3.Error as error:
        raise SessionError(f"{path}, an SQLite database: {error}") from error
    except (OSError, EOFError, zlib.error, lzma.LZMAError, UnicodeError) as error:
        raise SessionError(f"{path}, after line {number}: {error}") from error
    if not messages:
        why = f"line {first.line}: {first.why}" if first else FORM
        raise SessionError(f"{path} holds no message ({number} lines); {why}")


def _items(path: Path) -> Iterator[tuple[int, Recorded | Damaged | None]]:
    """What stands in each line, by its number; None for a remark and an empty line."""
    with opened(path) as file:
        if file.peek(len(SQLITE_MAGIC)).startswith(SQLITE_MAGIC):
            yield from _judged(_database(path))
            return
        encoding = _by_start(ENCODINGS, file.peek(4)) or "utf-8"
        begin = file.peek(FIRST_BYTES)[:FIRST_BYTES].decode(encoding, "ignore")
        begin = begin.lstrip("\ufeff\r\n\t ")
        if begin.startswith("["):
            rows = _array(path, encoding)
            if rows is not None:
                yield from ((number, parse_row(number, row)) for number, row in enumerate(rows, 1))
                return
        if not begin.startswith(("{", "[")) and (other := reader_of(begin.partition("\n")[0])):
            yield from _judged(other(_lines(file, encoding), latest_of(path)))
            return
        for number, line in enumerate(_lines(file, encoding), 1):
            if line is None:
                yield number, Damaged(number, f"longer than {MAX_LINE_BYTES} bytes")
            else:
                yield number, parse_line(number, line) if line.strip() else None


def _judged(rows: Iterable[Row]) -> Iterator[tuple[int, Recorded | Damaged | None]]:
    """Rows of another recorder, each held against the same rules as a line of ours."""
    for number, row in rows:
        yield number, row if isinstance(row, Damaged) else parse_row(number, row)


def _database(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        if not file.read(len(SQLITE_MAGIC)).startswith(SQLITE_MAGIC):
            raise SessionError(f"{path} is a packed SQLite database; unpack it first")
    return sqlite_rows(path)


def opened(path: Path) -> io.BufferedReader:
    """The bytes of the file, unpacked; OSError, SessionError where it is another kind of file."""
    with path.open("rb") as file:
        begin = file.read(16)
    if foreign := _by_start(FOREIGN, begin):
        raise SessionError(f"{path} is {foreign}")
    unpack = _by_start(PACKED, begin)
    return io.BufferedReader(unpack(path)) if unpack else path.open("rb")


def _by_start(table: Mapping[bytes, Found], begin: bytes) -> Found | None:
    return next((found for start, found in table.items() if begin.startswith(start)), None)


def _array(path: Path, encoding: str) -> list[object] | None:
    """The objects of a file that is one JSON array; None when it is not, or too large for one."""
    with opened(path) as file:
        text = file.read(MAX_ARRAY_BYTES)
        if file.read(1):
            return None
    try:
        rows = json.loads(text.decode(encoding).lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return rows if isinstance(rows, list) and any(isinstance(row, dict) for row in rows) else None


def _lines(file: io.BufferedReader, encoding: str) -> Iterator[bytes | None]:
    """Each line in UTF-8; None for one that is too long."""
    if encoding == "utf-8":
        yield from cut_lines(file.readline)
        return
    text = io.TextIOWrapper(file, encoding, newline="\n")
    try:
        yield from cut_lines(lambda limit: text.readline(limit).encode("utf-8", "surrogatepass"))
    finally:
        text.detach()


def cut_lines(readline: Callable[[int], bytes]) -> Iterator[bytes | None]:
    """Each line as `readline` gives it; None for one that is longer than `MAX_LINE_BYTES`."""
    while line := readline(MAX_LINE_BYTES):
        whole = len(line) < MAX_LINE_BYTES or line.endswith(b"\n")
        yield line if whole else None
        while not whole and (rest := readline(MAX_LINE_BYTES)):
            whole = rest.endswith(b"\n")


def stamped(session: Iterable[Recorded | Damaged]) -> Iterator[Message]:
    """The messages as a buffer would hold them: in order, each with an id made of its time.

    An id never goes back. Where the recorder's clock was set back, what follows is as long after
    one another as it was recorded, so that who fell silent then is silent; and it is by its own
    time again once that is later.
    """
    last_ms, sequence = -1, 0
    ahead_ms = [0]
    """By how much ids are ahead of the recorder's clock, one more entry for each step back."""
    for item in session:
        if isinstance(item, Damaged):
            continue
        told_ms = round(item.at * 1000)
        arrived_ms = told_ms + ahead_ms[-1]
        if last_ms - arrived_ms > CLOCK_STEP_MS:
            ahead_ms = [*ahead_ms[:1], *ahead_ms[1:][-MAX_CLOCK_STEPS:], last_ms - told_ms]
        elif (back := _in_time(told_ms, ahead_ms, last_ms)) is not None:
            del ahead_ms[back + 1 :]
        arrived_ms = max(last_ms, told_ms + ahead_ms[-1])
        sequence = sequence + 1 if arrived_ms == last_ms else 0
        last_ms = arrived_ms
        message_id = f"{arrived_ms}-{sequence}"
        said = (item.topic, item.payload, message_id, item.qos, item.retain)
        yield Message(*said, properties=item.properties)


def _in_time(told_ms: int, ahead_ms: Sequence[int], last_ms: int) -> int | None:
    """Which of the earlier steps a time is of again: the first that does not go back."""
    return next((n for n, ahead in enumerate(ahead_ms) if told_ms + ahead >= last_ms), None)


class SessionWriter:
    """Writes a session; gzip'd when the name ends in `.gz`. The file is whole or not there."""

    def __init__(self, path: Path) -> None:
        """Nothing is at `path` before the block ends without an error."""
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._exits = ExitStack()
        self._out: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Opens the file under another name."""
        out: IO[bytes] = self._exits.enter_context(self._part.open("wb"))
        if self._path.suffix == ".gz":
            packed = gzip.GzipFile("", "wb", fileobj=out, mtime=0)
            self._exits.callback(packed.close)
            out = cast("IO[bytes]", packed)
        self._out = out
        return self

    def __exit__(self, error: object, *_: object) -> None:
        """Gives the file its name, or leaves no trace after an error."""
        self._exits.close()
        if error is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)

    def write(self, message: Recorded) -> None:
        """Append one message."""
        self.remark(line_of(message))

    def remark(self, line: str) -> None:
        """Append a line that is no message: a JSON object without a topic."""
        if self._out is None:
            raise SessionError("the session is not open for writing")
        self._out.write(f"{line}\n".encode("utf-8", "surrogatepass"))


def line_of(message: Recorded) -> str:
    """One message as a line of a session, without its end."""
    row: dict[str, object] = {"ts": clock.iso(message.at), "topic": message.topic}
    row |= payload_fields(message.payload)
    row |= {"qos": message.qos, "retain": message.retain}
    if entry := catalogue.of(message.topic):
        row["direction"] = entry.direction
    if message.command_id:
        row["command_id"] = message.command_id
    if told := json_object(message.properties):
        row["properties"] = told
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
