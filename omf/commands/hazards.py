"""What the vendor's control unit does not survive: its process ends, nothing is answered any more.

    hazard(topic, payload)    why the CCU would end at this message, None if it would not
    layout_hazards(body)      the same for each part of a layout

Asked by the interlocks before a command goes out, and by the gateway about the bytes themselves.
Pure; never raises (PROTOCOL H).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from omf.texts import Text, text
from omf.topics.catalogue import address, find, levels, of
from omf.topics.filters import matches

_READ_AS_JSON = (
    *(f"{address(name).rpartition('/')[0]}/+" for name in ("ccu_set_reset", "ccu_order_request")),
    *(find(name).pattern for name in ("ccu_pairing_pair_fts", "fts_state", "cloud_order_request")),
)
"""Topics on which the CCU reads an empty payload as JSON, and ends."""
_LISTS = ("actionStates", "load", "errors", "nodeStates", "edgeStates")
_TEXTS = ("serialNumber", "lastNodeId")
MOST_HAZARDS = 3
_EMPTY = text("hazard.empty_message_parsed")
_NO_JSON = text("hazard.state_not_object")


def listened(topic: str) -> bool:
    """True for a topic on which some message makes the CCU end."""
    return any(matches(pattern, topic) for pattern in _READ_AS_JSON)


def hazard(topic: str, payload: str) -> Text | None:
    """Why the CCU would end at this message; None if nothing is known against it."""
    if not listened(topic):
        return None
    # Blanks alone end as an empty message does: there is no JSON value in them.
    if not payload.strip():
        return _EMPTY
    entry = of(topic)
    if entry is not None and entry.name == "fts_state":
        return _bad_state(levels(entry.name, topic)["serial"], payload)
    if entry is not None and entry.name == "ccu_set_layout":
        return next(layout_hazards(_json(payload)), None)
    return None


def layout_hazards(body: object) -> Iterator[Text]:
    """Why the CCU would end at this layout: an id that is no text, twice the same, a loop."""
    for named, key in (
        (misnamed(body), "hazard.no_text"),
        (repeated(body), "hazard.twice"),
        (loops(body), "hazard.loop"),
    ):
        if named:
            yield text(key, names=enumerated(named))


def misnamed(body: object) -> tuple[str, ...]:
    """Serials, types and ids of a layout that are no text or an empty one; entries without any."""
    names = {"modules": ("serialNumber", "type"), "intersections": ("id",), "roads": ("from", "to")}
    return tuple(
        f"{part}.{index}.{name}" if isinstance(entry, dict) else f"{part}.{index}"
        for part, wanted in names.items()
        for index, entry in enumerate(_listed(body, part))
        for name in (wanted if isinstance(entry, dict) else wanted[:1])
        if not (isinstance(entry, dict) and isinstance(entry.get(name), str) and entry[name])
    )


def repeated(body: object) -> tuple[str, ...]:
    """Nodes and roads a layout names more than once."""
    nodes = [entry.get("serialNumber") for entry in entries(body, "modules")]
    nodes += [entry.get("id") for entry in entries(body, "intersections")]
    ways = ["–".join(sorted(map(str, ends(road)))) for road in entries(body, "roads")]
    return (*_twice(map(str, nodes)), *_twice(ways))


def loops(body: object) -> tuple[str, ...]:
    """Roads of a layout that end where they begin."""
    return tuple(str(road.get("from")) for road in entries(body, "roads") if _loop(road))


def ends(road: Mapping[str, Any]) -> tuple[Any, Any]:
    """Where a road of a layout begins and ends."""
    return road.get("from"), road.get("to")


def entries(body: object, part: str) -> list[dict[str, Any]]:
    """The objects of one list of a layout; none where it is no list."""
    return [one for one in _listed(body, part) if isinstance(one, dict)]


def _listed(body: object, part: str) -> list[Any]:
    found = body.get(part) if isinstance(body, dict) else None
    return found if isinstance(found, list) else []


def enumerated(names: Iterable[str]) -> str:
    """The names, not more than fit into a sentence."""
    found = list(names)
    return ", ".join([*found[:MOST_HAZARDS], *(["…"] if len(found) > MOST_HAZARDS else [])])


def _loop(road: Mapping[str, Any]) -> bool:
    start, end = ends(road)
    return start is not None and str(start) == str(end)


def _twice(names: Iterable[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    return tuple(name for name, count in seen.items() if count > 1)


def _bad_state(serial: str, payload: str) -> Text | None:
    """What a vehicle's state lacks that the CCU takes for granted (PROTOCOL B.7)."""
    body = _json(payload)
    if not isinstance(body, dict):
        return _NO_JSON
    wrong = [name for name in _TEXTS if not isinstance(body.get(name), str)]
    wrong += [name for name in _LISTS if name in body and not _objects(body[name])]
    wrong += [] if body.get("serialNumber") in (serial, None) else ["serialNumber"]
    if not wrong:
        return None
    names = enumerated(wrong)
    return text("hazard.wrong_in_state", names=names)


def _objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _json(payload: str) -> object:
    """The value as the CCU's JSON reader has it: NaN and Infinity are none."""
    try:
        return json.loads(payload, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> object:
    raise ValueError(name)
