"""What the CCU saves and drives by: layout, flows and settings (PROTOCOL C.10, D.5, D.6, H)."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from omf.layout.layout import Layout
from omf.simulation import simulated_factory
from omf.simulation.ccu.devices import ModuleView
from omf.simulation.payloads import get_objects

Body = Mapping[str, Any]


class Configuration:
    """The files of the CCU; they outlive a new start of its program."""

    def __init__(self) -> None:
        self.layout_message: dict[str, Any] = simulated_factory.layout()
        self.layout = graph(self.layout_message)
        self.flows, self.settings = simulated_factory.flows(), simulated_factory.config()

    def replace_layout(self, layout: dict[str, Any]) -> None:
        """Drive by another layout; LayoutError leaves the old one."""
        self.layout, self.layout_message = graph(layout), layout


def fatal_layout_fault(layout: Body) -> str:
    """What in a layout the program dies of; empty when it survives."""
    serials = [module.get("serialNumber") for module in get_objects(layout, "modules")]
    if any(isinstance(serial, int | float) for serial in serials):
        return "a serial number that is a number"
    if any(serials.count(serial) > 1 for serial in serials):
        return "a module twice"
    if any(road.get("from") == road.get("to") for road in get_objects(layout, "roads")):
        return "a road that ends where it begins"
    return ""


def graph(layout: Body) -> Layout:
    """Where vehicles can drive: a road whose length is no number leads nowhere.

    LayoutError when a key is missing, or a node or a road is listed twice.
    """
    if not isinstance(layout.get("roads"), list):
        return Layout.from_message(layout)
    roads = [road | {"length": length(road)} for road in get_objects(layout, "roads")]
    return Layout.from_message({**layout, "roads": [road for road in roads if road["length"]]})


def length(road: Body) -> float | None:
    """Millimetres, also from a text; None when they are no positive number."""
    try:
        told = float(str(road.get("length")))
    except ValueError:
        return None
    return told if 0 < told < math.inf else None


def fill_placeholders(layout: Body, strangers: Iterable[ModuleView]) -> dict[str, Any]:
    """The layout with each placeholder a stranger's type fits named after that stranger."""
    free = {view.serial: view.type for view in strangers if view.type}
    names: dict[str, str] = {}
    for module in get_objects(layout, "modules"):
        fits = [serial for serial, kind in free.items() if kind == module.get("type")]
        if module.get("placeholder") and fits:
            names[str(module.get("serialNumber"))] = fits[0]
            del free[fits[0]]
    return {**layout, "modules": _modules(layout, names), "roads": _roads(layout, names)}


def _modules(layout: Body, names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {**module, "serialNumber": names[serial], "placeholder": False}
        if (serial := str(module.get("serialNumber"))) in names
        else module
        for module in get_objects(layout, "modules")
    ]


def _roads(layout: Body, names: Mapping[str, str]) -> list[dict[str, Any]]:
    ends = ("from", "to")
    return [
        road | {end: names.get(str(road.get(end)), road.get(end)) for end in ends}
        for road in get_objects(layout, "roads")
    ]
