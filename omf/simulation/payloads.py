"""Payloads of the factory: objects in JSON of any shape, and time stamps (PROTOCOL F.13)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from omf.commands.encoding import timestamp

millis = timestamp
"""UTC with milliseconds and `Z`, as CCU and bridge write it."""


def micros(at: float) -> str:
    """UTC with microseconds and `Z`, as TXT controllers and vehicles write it."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z")


def epoch_ms(at: float) -> int:
    """Unix milliseconds, as bays and NFC tags hold them."""
    return round(at * 1000)


def get_object(body: Mapping[str, Any] | None, key: str) -> dict[str, Any]:
    """The object under `key`; empty if there is none, or something else."""
    value = (body or {}).get(key)
    return value if isinstance(value, dict) else {}


def get_objects(body: Mapping[str, Any] | None, key: str) -> list[dict[str, Any]]:
    """The objects listed under `key`, without what is no object."""
    value = (body or {}).get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
