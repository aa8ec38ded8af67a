"""Places of a layout that wait for a module of their type (PROTOCOL C.10, C.11, D.6)."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.mock.ccu.views import ModuleView
from services.mock.reading import parts

Body = Mapping[str, Any]


def filled(layout: Body, strangers: Iterable[ModuleView]) -> dict[str, Any]:
    """The layout with each placeholder a stranger's type fits named after that stranger."""
    free = {view.serial: view.type for view in strangers if view.type}
    names: dict[str, str] = {}
    for module in parts(layout, "modules"):
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
        for module in parts(layout, "modules")
    ]


def _roads(layout: Body, names: Mapping[str, str]) -> list[dict[str, Any]]:
    ends = ("from", "to")
    return [
        road | {end: names.get(str(road.get(end)), road.get(end)) for end in ends}
        for road in parts(layout, "roads")
    ]
