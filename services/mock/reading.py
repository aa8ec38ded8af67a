"""Reading JSON from strangers: what has the wrong shape is as good as absent."""

from collections.abc import Mapping
from typing import Any


def part(body: Mapping[str, Any] | None, key: str) -> dict[str, Any]:
    """The object under `key`, empty if there is none."""
    value = (body or {}).get(key)
    return value if isinstance(value, dict) else {}


def parts(body: Mapping[str, Any] | None, key: str) -> list[dict[str, Any]]:
    """The objects listed under `key`, without what is no object."""
    value = (body or {}).get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
