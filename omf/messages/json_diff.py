"""What differs between two pieces of JSON, leaf by leaf."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from omf.messages import exact_json
from omf.messages.printable import escaped

MAX_LEAVES = 2_000
"""A layout has some hundred leaves; more than this nobody reads, and a flood must not cost."""
NOTHING = ""
TELLS_TIME = frozenset({"timestamp", "ts", "headerId", "lastSeen"})
"""Leaves that differ in every message of a device, changed or not."""


class Difference(NamedTuple):
    """One leaf that is not the same: its path, and its value before and after as text.

    A leaf that is only on one side has `""` on the other.
    """

    path: str
    before: str
    after: str


def leaves(value: Any) -> dict[str, Any]:
    """Every value that is neither object nor list, by its path: `action.metadata.type`.

    The second value of a doubled key is at `action.id (2)`.
    """
    found: dict[str, Any] = {}
    for path, leaf in _walk(value, ""):
        if len(found) == MAX_LEAVES:
            break
        found[path] = leaf
    return found


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            name = escaped(str(key))
            yield from _walk(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _walk(inner, f"{path}[{index}]")
    else:
        yield path, value


def between(before: Any, after: Any) -> list[Difference]:
    """The leaves that differ, in the order of `after`, then those that went."""
    old, new = leaves(before), leaves(after)
    paths = [*new, *(path for path in old if path not in new)]
    return [
        Difference(path, _shown(old, path), _shown(new, path))
        for path in paths
        if path not in old or path not in new or not exact_json.same(old[path], new[path])
    ]


def tells_time(leaf: Difference) -> bool:
    """True for what differs in every message, whatever else it says."""
    return leaf.path.rpartition(".")[2].partition(" (")[0] in TELLS_TIME


def _shown(found: dict[str, Any], path: str) -> str:
    return exact_json.spelled(found[path]) if path in found else NOTHING


def parsed(payload: bytes | str) -> Any:
    """The payload as JSON, each number and each doubled key as it was sent; None for no JSON."""
    try:
        return exact_json.read(payload)
    except (ValueError, RecursionError):
        return None
