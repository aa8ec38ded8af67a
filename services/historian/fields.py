"""The scalar fields of JSON payloads, each where it changed: what people chart."""

import json
import math
import re
from typing import Any

from omf.messages.message import Message
from services.history.payload_fields import scalars, storable
from services.history.rows import FieldValue

MAX_PAYLOAD = 64 * 1024
MAX_FIELDS = 200
"""Of one message."""
MAX_VALUE_CHARS = 64
MAX_KNOWN = 50_000
"""Fields compared with their last value; a flood of invented ones must not grow."""
_NEVER_CHARTED = re.compile(
    r"\d{4}-\d\d-\d\d[T ]|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-", re.IGNORECASE
)
"""Timestamps and random ids: new in every message, and found through the message itself."""


class ChangedFields:
    """Compares each field with its last value; `forget` begins anew, as each hour does."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], float | str] = {}

    def forget(self) -> None:
        """Every field counts as changed at the next message that has it."""
        self._last.clear()

    def of(self, message: Message) -> list[FieldValue]:
        """The fields of a message that are new or other than before; none if it is no JSON."""
        found: list[FieldValue] = []
        told = _parsed(message.payload)
        if told is None:
            return found
        time_ms = round(message.received_at * 1000)
        for count, (path, value) in enumerate(scalars(told)):
            if count >= MAX_FIELDS:
                break
            kept = _kept(value)
            if kept is None or self._last.get((message.topic, path)) == kept:
                continue
            if len(self._last) >= MAX_KNOWN:
                self._last.clear()
            self._last[message.topic, path] = kept
            number, text = (None, kept) if isinstance(kept, str) else (kept, None)
            found.append(FieldValue(message.topic, path, number, text, message.id, time_ms))
        return found


def _parsed(payload: bytes) -> Any:
    if len(payload) > MAX_PAYLOAD or payload[:1] not in b'{["-0123456789tf \n\r\t':
        return None
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None


def _kept(value: Any) -> float | str | None:
    if isinstance(value, str):
        charted = len(value) <= MAX_VALUE_CHARS and not _NEVER_CHARTED.match(value)
        return storable(value) if charted else None
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if math.isfinite(number) else None
    return None
