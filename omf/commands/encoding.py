"""How a command is written: compact JSON, UTC with milliseconds (PROTOCOL C, F.13)."""

import json
from datetime import UTC, datetime
from typing import Any


def timestamp(now: float) -> str:
    """`YYYY-MM-DDTHH:MM:SS.sssZ` of a Unix time in s: the one form the CCU takes for a date."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def dump(body: object) -> str:
    """The body as compact JSON, keys in the order given; NaN and infinity are refused."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def without_none(**fields: Any) -> dict[str, Any]:
    """The fields that have a value: what is not known is left out, never written as null."""
    return {name: value for name, value in fields.items() if value is not None}
