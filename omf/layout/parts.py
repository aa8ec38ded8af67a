"""The parts of a layout message, each read on its own: what is wrong is named, the rest stays."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from omf.layout.roads import COMPASS, Road

MOST_LAYOUT_FAULTS = 3
"""Faults told on one line."""


class LayoutFault(NamedTuple):
    """A part of a layout message that cannot be used, and why."""

    de: str
    en: str
    usual: bool = False
    """The CCU itself leaves it out without a word (PROTOCOL C.10)."""


def told(faults: Sequence[LayoutFault]) -> tuple[str, str]:
    """Return the first few in German and English, on one line each."""
    more = "; …" if len(faults) > MOST_LAYOUT_FAULTS else ""
    german = "; ".join(fault.de for fault in faults[:MOST_LAYOUT_FAULTS])
    english = "; ".join(fault.en for fault in faults[:MOST_LAYOUT_FAULTS])
    return german + more, english + more


def read_modules(value: Any, faults: list[LayoutFault]) -> dict[str, str]:
    """Return serial to type, empty where no type is told; a module without a serial is left out."""
    found: dict[str, str] = {}
    for number, one in _listed(value, ("Module", "modules"), faults):
        serial, kind = _text(one.get("serialNumber")), _text(one.get("type"))
        name = kind or number
        if not serial:
            german = f"Modul {name} hat keine Seriennummer"
            faults.append(LayoutFault(german, f"module {name} has no serial number (serialNumber)"))
        elif serial in found:
            faults.append(_twice(f"Modul {serial}", f"module {serial}"))
        else:
            found[serial] = kind
            if not kind:
                german = f"Modul {serial} hat keinen Typ"
                faults.append(LayoutFault(german, f"module {serial} has no type"))
    return found


def read_crossings(
    value: Any, modules: Mapping[str, str], faults: list[LayoutFault]
) -> tuple[str, ...]:
    """Return the ids of the intersections that have one of their own."""
    found: dict[str, None] = {}
    for number, one in _listed(value, ("Kreuzungen", "intersections"), faults):
        node = _text(one.get("id"))
        if not node:
            german = f"Kreuzung {number} hat keinen Namen"
            faults.append(LayoutFault(german, f"intersection {number} has no id"))
        elif node in found or node in modules:
            faults.append(_twice(f"Knoten {node}", f"node {node}"))
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
    for number, one in _listed(value, ("Straßen", "roads"), faults):
        start, end = _text(one.get("from")), _text(one.get("to"))
        name = f"{nodes.get(start, start) or '?'} → {nodes.get(end, end) or '?'}"
        fault = _ends(start, end, nodes) or _fault(one)
        if frozenset((start, end)) in found:
            fault = LayoutFault("ist zweimal genannt", "is listed twice")
        if fault is None:
            length, direction = float(one["length"]), one["direction"]
            road = Road(start=start, end=end, length=length, direction=direction)
            found[frozenset((start, end))] = road
        else:
            named = name if start or end else str(number)
            german, english = f"Straße {named} {fault.de}", f"road {named} {fault.en}"
            faults.append(LayoutFault(german, english, fault.usual))
    return tuple(found.values())


def _ends(start: str, end: str, nodes: Mapping[str, str]) -> LayoutFault | None:
    if not (start and end):
        return LayoutFault("nennt nicht beide Enden", "does not name both of its ends (from, to)")
    if start == end:
        return LayoutFault("endet, wo sie beginnt", "ends where it begins")
    if strange := [node for node in (start, end) if node not in nodes]:
        german = f"führt zu {strange[0]}, das nicht im Plan steht"
        return LayoutFault(german, f"leads to {strange[0]}, which is not in the layout", usual=True)
    return None


def _fault(road: Mapping[str, Any]) -> LayoutFault | None:
    direction = _text(road.get("direction"))
    if direction not in COMPASS:
        compass = ", ".join(COMPASS)
        german = f"hat die Richtung {direction}" if direction else "hat keine Richtung"
        english = f"has the direction {direction}" if direction else "has no direction"
        return LayoutFault(f"{german}; bekannt sind {compass}", f"{english}; known are {compass}")
    try:
        Road(start="", end="", length=road.get("length"), direction=road["direction"])
    except ValidationError:
        german = "hat keine Länge in Millimetern über null"
        return LayoutFault(german, "has no length in millimetres above zero")
    return None


def _listed(
    value: Any, called: tuple[str, str], faults: list[LayoutFault]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of a list, counted from 1; what is none is named."""
    german, english = called
    if not isinstance(value, list | tuple):
        faults.append(LayoutFault(f"{german} sind nicht genannt", f"{english} are not listed"))
        return
    for number, one in enumerate(value, 1):
        if isinstance(one, Mapping):
            yield number, one
        else:
            said = f"{german}: {number} ist kein Objekt", f"{english}: {number} is no object"
            faults.append(LayoutFault(*said))


def _twice(german: str, english: str) -> LayoutFault:
    return LayoutFault(f"{german} ist zweimal genannt", f"{english} is listed twice")


def _called(node: str, modules: Mapping[str, str]) -> str:
    """The type of a module, with its serial where there are several of it; else the node."""
    kind = modules.get(node)
    if not kind:
        return node
    return kind if list(modules.values()).count(kind) == 1 else f"{kind} {node}"


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else ""
