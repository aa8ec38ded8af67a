"""What interlocks ask about a message that somebody typed, and about a layout."""

import json
from collections.abc import Callable, Mapping
from typing import Any, get_args

from omf.commands.hazards import ends, entries, enumerated
from omf.layout import cells
from omf.layout.layout import Layout
from omf.layout.roads import Direction
from omf.messages.reading import Rejected, parse_strictly
from omf.state import FactoryState
from omf.texts import Text, text, verbatim
from omf.topics import catalogue

LAYOUT_PARTS = ("modules", "intersections", "roads")
"""A layout without one of them is ignored (PROTOCOL C.10)."""


def misfit(topic: str, payload: str) -> Text | None:
    """Why the model of its topic does not take the payload, and where; None if it does."""
    found = parse_strictly(topic, payload.encode(errors="replace"))
    if not isinstance(found, Rejected):
        return None
    if found.reason == "not_json" and (place := syntax_error(payload)):
        return place
    return text("detail.joined", what=text(f"reject.{found.reason}"), detail=found.detail)


def modelled(topic: str) -> bool:
    """Somebody described what travels on the topic."""
    entry = catalogue.of(topic)
    return entry is not None and entry.model is not None


def syntax_error(payload: str) -> Text | None:
    """Where the payload stops being JSON; None if it is some."""
    try:
        json.loads(payload)
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
        return text("payload_fault.not_json", line=line, column=column)
    except RecursionError:
        return text("payload_fault.nested_too_deep")
    return None


def meant_as_json(payload: str) -> bool:
    """It begins as a JSON object or list does."""
    return payload.lstrip()[:1] in ("{", "[")


def missing_parts(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Lists of a layout that are not there."""
    return tuple(part for part in LAYOUT_PARTS if not isinstance(body.get(part), list))


def undrivable(body: object) -> tuple[str, ...]:
    """Roads without a direction of the compass or a length above zero."""
    roads = entries(body, "roads")
    return tuple(
        "–".join(map(str, ends(road)))
        for road in roads
        if road.get("direction") not in get_args(Direction) or not _positive(road.get("length"))
    )


def lost_modules(state: FactoryState, body: object) -> tuple[str, ...] | None:
    """Modules of the present layout the new one leaves out; None while no layout is known."""
    floor = state.plant.floor
    if floor is None:
        return None
    kept = {str(entry.get("serialNumber")) for entry in entries(body, "modules")}
    present = (one.serial_number for one in floor.modules or ())
    return tuple(serial for serial in present if serial and serial not in kept)


def cut_off(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Modules of a layout that no vehicle reaches from the first one."""
    return _called(cells.cut_off, body)


def crowded(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Nodes of a layout that stand in the cell of another one, by the directions of the roads."""
    return _called(cells.crowded, body)


def _called(asked: Callable[[Layout], tuple[str, ...]], body: Mapping[str, Any]) -> tuple[str, ...]:
    layout, _ = Layout.read(body)
    kinds = list(layout.modules.values())
    types = {serial: kind for serial, kind in layout.modules.items() if kinds.count(kind) == 1}
    return tuple(types.get(node) or node for node in asked(layout))


def named(found: Text | None) -> dict[str, Text]:
    """A cause as the word `{why}` of a rule's texts."""
    return {"why": found or verbatim("")}


def listed(names: tuple[str, ...] | None) -> dict[str, Text]:
    """Names as the word `{names}` of a rule's texts."""
    return {"names": verbatim(enumerated(names or ()))}


def _positive(value: object) -> bool:
    """A number above zero; the CCU takes it as text as well (PROTOCOL H)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        return 0 < float(value) < float("inf")
    except (ValueError, OverflowError):
        return False
