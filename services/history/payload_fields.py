"""The scalar fields of a JSON payload and their paths, as the archive names them."""

from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 8
MAX_ITEMS = 32
"""Of one list."""
MAX_PATH = 200


def scalars(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Path and value of each scalar: `batteryState.charge`, `actionStates[0].state`.

    What lies deeper than `MAX_DEPTH`, behind `MAX_ITEMS` of a list or under a path longer than
    `MAX_PATH` is left out. A payload that is a scalar itself has the path "".
    """
    if isinstance(value, dict | list):
        if depth >= MAX_DEPTH or len(path) > MAX_PATH:
            return
        for name, item in _items(value):
            dot = "." if path and not name.startswith("[") else ""
            yield from scalars(item, f"{path}{dot}{name}", depth + 1)
    elif len(path) <= MAX_PATH:
        yield path, value


def _items(value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        return ((storable(name), item) for name, item in value.items())
    return ((f"[{place}]", item) for place, item in enumerate(value[:MAX_ITEMS]))


def storable(text: str) -> str:
    """JSON can escape half a character; a column of text cannot hold one."""
    return text.encode("utf-8", "replace").decode()
