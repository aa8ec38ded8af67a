"""One line of a recording as a message, whichever of the common recorders wrote it.

A line is a JSON object with a topic, a payload and a time. The time stands under `ts` (ours),
`timestamp`, `tst` (`mosquitto_sub -F %j`) or `time`, as ISO 8601 or as seconds, milliseconds,
microseconds or nanoseconds since 1970. The payload is the exact text; base64 in `payload_base64`;
a Buffer of Node.js; or a JSON value (`mosquitto_sub -F %J`), whose compact spelling is taken.
`retain` and `qos` may be JSON values or their text. `properties` are those of MQTT 5 as the buffers
have them (omf/messages/properties.py); what another recorder writes there is left out. An object
without topic and payload is a remark of the recorder.
"""

import base64
import binascii
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from omf.constants import EXACTLY_ONCE
from omf.messages.message import Message
from omf.messages.properties import MessageProperties, PropertiesError
from omf.topics.filters import TopicError, check_topic

TIME_KEYS = ("ts", "timestamp", "tst", "time")
PAYLOAD_KEYS = ("payload", "payload_base64")
RETAIN_WORDS = {"true": True, "1": True, "false": False, "0": False, "": False}
SECONDS_BELOW = 1e11
"""An epoch time from here on is in milliseconds, a thousand times later in microseconds, ..."""
LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
"""QoS levels are 0, 1 and 2."""
MAX_LINE_CHARS = 60
_NO_ROW: Final = object()
"""Stands for a line that only begins or ends an array."""


class Recorded(NamedTuple):
    """One line of a session: when it was received, Unix seconds, and what."""

    at: float
    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    command_id: str = ""
    properties: str = ""
    """Those of MQTT 5 as JSON; "" where there are none."""


def recorded(message: Message) -> Recorded:
    """A message of a buffer or of the archive as it is recorded."""
    said = (message.topic, message.payload, message.qos, message.retain)
    return Recorded(message.received_at, *said, properties=message.properties)


@dataclass(frozen=True)
class Damaged:
    """A line that is no message: its number, from 1, and why, by the key that is wrong."""

    line: int
    why: str


class LineError(ValueError):
    """What is wrong with a line; the text names the key."""


def parse_line(number: int, line: bytes) -> Recorded | Damaged | None:
    """The message of a line; None for a remark of the recorder. Never raises."""
    try:
        row = _row(line)
    except RecursionError:
        return Damaged(number, "brackets are nested too deeply")
    except UnicodeDecodeError as error:
        return Damaged(number, f"no UTF-8 at byte {error.start + 1}")
    except json.JSONDecodeError as error:
        return Damaged(number, f"no JSON: {error.msg} at character {error.pos + 1}")
    except ValueError:
        return Damaged(number, "a number in it has more digits than the limit of what can be read")
    return None if row is _NO_ROW else parse_row(number, row)


def _row(line: bytes) -> object:
    """The value of a line, also where it is one of a JSON array that stands on many lines."""
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        # 1. one object a line between [ and ], 2. the recorder was ended before it wrote the ]
        inner = line.strip().removeprefix(b"[").removesuffix(b"]").strip().removesuffix(b",")
        if not inner:
            return _NO_ROW
        if not (inner.startswith(b"{") and inner.endswith(b"}")):
            raise
    return json.loads(inner)


def parse_row(number: int, row: object) -> Recorded | Damaged | None:
    """The message a JSON value stands for; None for a remark of the recorder. Never raises."""
    try:
        return _message(row)
    except LineError as error:
        return Damaged(number, str(error))


def _message(row: object) -> Recorded | None:
    if not isinstance(row, dict):
        raise LineError("no JSON object")
    if "topic" not in row:
        if any(key in row for key in PAYLOAD_KEYS):
            raise LineError("the key topic is missing")
        return None
    sender = row.get("command_id") or ""
    said = (_time(row), _topic(row), _payload(row), _qos(row), _retain(row))
    return Recorded(*said, str(sender), _properties(row.get("properties")))


def _properties(told: object) -> str:
    try:
        return MessageProperties.parse(told).to_json() if told else ""
    except PropertiesError:
        return ""


def _wrong(key: str, value: object, what: str) -> LineError:
    shown = json.dumps(value, ensure_ascii=False)[:MAX_LINE_CHARS]
    return LineError(f"{key}: {shown} is {what}")


def _topic(row: dict[str, Any]) -> str:
    topic = row["topic"]
    if not isinstance(topic, str):
        raise _wrong("topic", topic, "no text")
    try:
        return check_topic(topic)
    except TopicError as error:
        raise LineError(f"topic: {error}") from error


def _time(row: dict[str, Any]) -> float:
    named = [key for key in TIME_KEYS if key in row]
    key = next((key for key in named if row[key] is not None), next(iter(named), ""))
    if not key:
        raise LineError(f"a time is missing: none of the keys {', '.join(TIME_KEYS)}")
    at = epoch_of(row[key])
    if at is None:
        raise _wrong(key, row[key], "no time between 1970 and 9999")
    return at


def epoch_of(told: object) -> float | None:
    """A moment as recorders and senders write it, in Unix seconds; None for what is none."""
    at = _epoch(told) if _number(told) is not None else _iso(told)
    return at if at is not None and 0 <= at <= LATEST else None


def _number(told: object) -> float | None:
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        return None
    try:
        return float(told)
    except (ValueError, OverflowError):
        return None


def _epoch(told: object) -> float | None:
    at = _number(told)
    if at is None or not math.isfinite(at):
        return None
    while at >= SECONDS_BELOW:
        at /= 1000
    return at


def _iso(told: object) -> float | None:
    if not isinstance(told, str):
        return None
    try:
        when = datetime.fromisoformat(told.strip())
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _payload(row: dict[str, Any]) -> bytes:
    if row.get("payload_base64") is not None:
        return _decoded(row["payload_base64"])
    told = row.get("payload")
    if isinstance(told, str):
        return told.encode("utf-8", "surrogatepass")
    if (octets := _octets(told)) is not None:
        return octets
    if told is None and row.get("payloadlen") == 0:
        return b""
    if told is None:
        raise LineError('the key payload is missing or null; an empty payload is ""')
    try:
        spelled = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        raise LineError("payload: a number in it is none of JSON") from None
    return spelled.encode("utf-8", "surrogatepass")


def _octets(told: object) -> bytes | None:
    """The bytes of a Buffer, as Node.js and Node-RED write one; None for anything else."""
    if not isinstance(told, dict) or told.keys() != {"type", "data"} or told["type"] != "Buffer":
        return None
    try:
        return bytes(told["data"]) if isinstance(told["data"], list) else None
    except (TypeError, ValueError):
        raise LineError("payload: the data of the Buffer are no bytes") from None


def _decoded(told: object) -> bytes:
    if not isinstance(told, str):
        raise _wrong("payload_base64", told, "no text")
    try:
        return base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError) as error:
        raise LineError(f"payload_base64: {error}") from error


def _qos(row: dict[str, Any]) -> int:
    told = row.get("qos")
    qos = 0.0 if told is None else _number(told)
    if qos is None or qos not in range(EXACTLY_ONCE + 1):
        raise _wrong("qos", told, "none of 0, 1, 2")
    return int(qos)


def _retain(row: dict[str, Any]) -> bool:
    told = row.get("retain")
    word = "" if told is None else str(told).strip().lower()
    if isinstance(told, list | dict | float) or word not in RETAIN_WORDS:
        raise _wrong("retain", told, "neither true nor false")
    return RETAIN_WORDS[word]


def json_object(text: str) -> dict[str, object]:
    """The JSON object a text is; empty if it is none."""
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
