"""The parts of a layout message, each read on its own: what is wrong is named, the rest stays."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from omf.layout.roads import COMPASS, Road
from omf.texts import Text, joined, text, verbatim

MOST_LAYOUT_FAULTS = 3
"""Faults told on one line."""


class LayoutFault(NamedTuple):
    """A part of a layout message that cannot be used, and why."""

    text: Text
    usual: bool = False
    """The CCU itself leaves it out without a word (PROTOCOL C.10)."""


def told(faults: Sequence[LayoutFault]) -> Text:
    """Return the first few on one line."""
    more = [verbatim("…")] if len(faults) > MOST_LAYOUT_FAULTS else []
    return joined("; ", [*(fault.text for fault in faults[:MOST_LAYOUT_FAULTS]), *more])


def read_modules(value: Any, faults: list[LayoutFault]) -> dict[str, str]:
    """Return serial to type, empty where no type is told; a module without a serial is left out."""
    found: dict[str, str] = {}
    for number, one in _listed(value, text("layout.modules"), faults):
        serial, kind = _text(one.get("serialNumber")), _text(one.get("type"))
        name = kind or number
        if not serial:
            faults.append(LayoutFault(text("layout.module_without_serial", name=name)))
        elif serial in found:
            faults.append(_twice(text("layout.module", serial=serial)))
        else:
            found[serial] = kind
            if not kind:
                faults.append(LayoutFault(text("layout.module_without_type", serial=serial)))
    return found


def read_crossings(
    value: Any, modules: Mapping[str, str], faults: list[LayoutFault]
) -> tuple[str, ...]:
    """Return the ids of the intersections that have one of their own."""
    found: dict[str, None] = {}
    for number, one in _listed(value, text("layout.intersections"), faults):
        node = _text(one.get("id"))
        if not node:
            faults.append(LayoutFault(text("layout.intersection_without_id", number=number)))
        elif node in found or node in modules:
            faults.append(_twice(text("layout.node", node=node)))
        else:
            found[node] = None
    return tuple(found)


def read_roads(
    value: Any,
    modules: Mapping[str, str],
    crossings: Sequence[str],
    faults: list[LayoutFault],
) -> tuple[Road, ...]:
    """Return the roads of which both ends, direction and length are known."""
    found: dict[frozenset[str], Road] = {}
    nodes = {node: _called(node, modules) for node in (*modules, *crossings)}
    for number, one in _listed(value, text("layout.roads"), faults):
        start, end = _text(one.get("from")), _text(one.get("to"))
        name = f"{nodes.get(start, start) or '?'} → {nodes.get(end, end) or '?'}"
        fault = _ends(start, end, nodes) or _fault(one)
        if frozenset((start, end)) in found:
            fault = LayoutFault(text("layout.listed_twice"))
        if fault is None:
            length, direction = float(one["length"]), one["direction"]
            road = Road(start=start, end=end, length=length, direction=direction)
            found[frozenset((start, end))] = road
        else:
            named = name if start or end else str(number)
            said = text("layout.road", name=named, fault=fault.text)
            faults.append(LayoutFault(said, fault.usual))
    return tuple(found.values())


def _ends(start: str, end: str, nodes: Mapping[str, str]) -> LayoutFault | None:
    if not (start and end):
        return LayoutFault(text("layout.road_ends_missing"))
    if start == end:
        return LayoutFault(text("layout.ends_where_begins"))
    if strange := [node for node in (start, end) if node not in nodes]:
        return LayoutFault(text("layout.leads_nowhere", node=strange[0]), usual=True)
    return None


def _fault(road: Mapping[str, Any]) -> LayoutFault | None:
    direction = _text(road.get("direction"))
    if direction not in COMPASS:
        compass = ", ".join(COMPASS)
        if not direction:
            return LayoutFault(text("layout.no_direction", compass=compass))
        return LayoutFault(text("layout.direction_unknown", direction=direction, compass=compass))
    try:
        Road(start="", end="", length=road.get("length"), direction=road["direction"])
    except ValidationError:
        return LayoutFault(text("layout.no_length"))
    return None


def _listed(
    value: Any, called: Text, faults: list[LayoutFault]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of a list, counted from 1; what is none is named."""
    if not isinstance(value, list | tuple):
        faults.append(LayoutFault(text("layout.not_listed", what=called)))
        return
    for number, one in enumerate(value, 1):
        if isinstance(one, Mapping):
            yield number, one
        else:
            faults.append(LayoutFault(text("layout.no_object", what=called, number=number)))


def _twice(what: Text) -> LayoutFault:
    return LayoutFault(text("layout.twice", what=what))


def _called(node: str, modules: Mapping[str, str]) -> str:
    """The type of a module, with its serial where there are several of it; else the node."""
    kind = modules.get(node)
    if not kind:
        return node
    return kind if list(modules.values()).count(kind) == 1 else f"{kind} {node}"


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else ""
