"""Session files: JSON Lines, plain or gzip'd, one message a line in the order received.

    {"ts":"2026-08-07T09:11:27.016Z","topic":"...","payload":"...","qos":0,"retain":false,
     "direction":"to_factory","command_id":"..."}

`direction` is the catalogue's, `command_id` names the command of ours that sent it; both may miss.
`ts` is when the recorder received it; `payload` the exact text. Lines without a topic are remarks
of the recorder. A payload that is not UTF-8 stands base64-coded in `payload_base64` besides.
"""

import base64
import binascii
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple, Self, cast

from omf import catalogue
from omf.message import Message
from omf.topics import check_topic
from services.common import clock
from services.common.payloads import payload_fields

GZIP = b"\x1f\x8b"
EXACT = 2
"""QoS levels are 0, 1 and 2."""


class Recorded(NamedTuple):
    """One line of a session: when it was received, Unix seconds, and what."""

    at: float
    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    command_id: str = ""


@dataclass(frozen=True)
class Damaged:
    """A line that is no message: its number, from 1, and why."""

    line: int
    why: str


class SessionError(Exception):
    """The file as a whole cannot be read; the text says why."""


def read(path: Path) -> Iterator[Recorded | Damaged]:
    """Every message of a session in order; a damaged line is told and does not end it.

    SessionError when the file is missing or its gzip ends early (what came before was yielded).
    """
    number = 0
    try:
        with _opened(path) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip() and (found := _parsed(number, line)) is not None:
                    yield found
    except (OSError, EOFError, zlib.error) as error:
        raise SessionError(f"{path}, after line {number}: {error}") from error


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast("IO[bytes]", gzip.open(path, "rb") if packed else path.open("rb"))


def _parsed(number: int, line: bytes) -> Recorded | Damaged | None:
    try:
        row = json.loads(line)
        if isinstance(row, dict) and "topic" not in row:
            return None
        return _message(row)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return Damaged(number, f"{type(error).__name__}: {error}"[:200])


def _message(row: dict[str, Any]) -> Recorded:
    at = datetime.fromisoformat(row["ts"])
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    qos = int(row.get("qos", 0))
    if not 0 <= qos <= EXACT:
        raise ValueError(f"qos {qos} is none of 0, 1, 2")
    retain = bool(row.get("retain", False))
    sender = str(row.get("command_id", ""))
    return Recorded(at.timestamp(), check_topic(row["topic"]), _payload(row), qos, retain, sender)


def _payload(row: dict[str, Any]) -> bytes:
    if "payload_base64" in row:
        try:
            return base64.b64decode(row["payload_base64"], validate=True)
        except binascii.Error as error:
            raise ValueError(f"payload_base64: {error}") from error
    text: str = row["payload"]
    return text.encode("utf-8", "surrogatepass")


def stamped(session: Iterable[Recorded | Damaged]) -> Iterator[Message]:
    """The messages as a buffer would hold them: in order, each with an id made of its time."""
    last_ms, sequence = -1, 0
    for item in session:
        if isinstance(item, Damaged):
            continue
        # An id never goes back, whatever the recorder's clock did.
        arrived_ms = max(last_ms, round(item.at * 1000))
        sequence = sequence + 1 if arrived_ms == last_ms else 0
        last_ms = arrived_ms
        message_id = f"{arrived_ms}-{sequence}"
        yield Message(item.topic, item.payload, message_id, item.qos, item.retain)


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
        if self._out is None:
            raise SessionError("the session is not open for writing")
        self._out.write(f"{line_of(message)}\n".encode("utf-8", "surrogatepass"))


def line_of(message: Recorded) -> str:
    """One message as a line of a session, without its end."""
    row: dict[str, object] = {"ts": clock.iso(message.at), "topic": message.topic}
    row |= payload_fields(message.payload)
    row |= {"qos": message.qos, "retain": message.retain}
    if entry := catalogue.of(message.topic):
        row["direction"] = entry.direction
    if message.command_id:
        row["command_id"] = message.command_id
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
