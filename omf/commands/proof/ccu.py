"""Proofs by what the CCU publishes about itself: reset, pairing, settings."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from omf.commands.hazards import ends, entries
from omf.commands.proof.rules import Device, own_failure, proven, rule
from omf.commands.schemas import Verdict
from omf.messages.base import Record
from omf.messages.ccu import ShopFloor
from omf.messages.message import Message
from omf.texts import Text, text


@rule("reset-announced")
def _reset_announced(_expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The CCU tells the bridge to reset; it does so once per reset (PROTOCOL D.5)."""
    if told.type != "reset":
        return None
    return proven(text("proof.ccu_resets_factory"))


@rule("all-ready")
def _all_ready(_expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """Every connected module is READY again."""
    words = {module.available for module in told.modules if module.connected}
    if words != {"READY"}:
        return None
    return proven(text("proof.all_modules_ready"))


@rule("parked")
def _parked(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """Each module of the given types is in calibration, which makes it BLOCKED (C.7, D.4)."""
    if isinstance(told, Device):
        return own_failure(told, expect)
    if expect.get("parked"):
        return None
    concerned = [module for module in told.modules if module.sub_type in expect["types"]]
    if not concerned or not all(m.calibrating or m.available == "BLOCKED" for m in concerned):
        return None
    return proven(text("effect.parked"))


@rule("paired")
def _paired(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The CCU knows the vehicle's place."""
    paired = {vehicle.serial_number for vehicle in told.transports if vehicle.paired_since}
    if expect["serial"] not in paired:
        return None
    return proven(text("proof.vehicle_paired"))


@rule("module-duration")
def _module_duration(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The CCU lists the module with the new duration."""
    listed = {module.serial_number: module.production_duration for module in told.modules}
    if listed.get(expect["serial"]) != expect["duration"]:
        return None
    return proven(text("effect.duration_listed"))


@rule("module-gone")
def _module_gone(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The CCU lists the module no longer; a list read in part shows nobody as gone."""
    whole, _vehicles = told.complete
    if not whole or expect["serial"] in {module.serial_number for module in told.modules}:
        return None
    return proven(text("effect.module_forgotten"))


@rule("layout-published")
def _layout_published(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The published layout is the one that was written, however either of them spells it."""
    if not same_floor(expect["body"], told):
        return None
    return _set(expect, text("proof.layout_reported"))


@rule("default-layout")
def _default_layout(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """A layout is published; which one the CCU has built in, only it knows."""
    former = expect.get("floor")
    same = former is not None and same_floor(former, told)
    return _set({"same": same}, text("proof.layout_reported"))


def _set(expect: Mapping[str, Any], news: Text) -> Verdict:
    """The CCU published what was written; it does so too when nothing changed by it."""
    if not expect.get("same"):
        return proven(news)
    return proven(text("proof.values_held_before"))


def same_floor(wanted: Mapping[str, Any], floor: ShopFloor) -> bool:
    """Whether a layout as written and one as told mean the same factory.

    Same modules, crossings and roads; a placeholder has become a module of its type. The CCU leaves
    out roads to nodes it does not know (PROTOCOL C.10). One that leaves a name out or has another
    thing than a text for one means nothing, and so never the same.
    """
    try:
        return _same_parts(wanted, floor.model_dump(mode="json", by_alias=True))
    except (KeyError, TypeError):
        return False


def _same_parts(wanted: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    renamed = _replaced(entries(wanted, "modules"), entries(told, "modules"))
    modules = {(one["type"], renamed[one["serialNumber"]]) for one in entries(wanted, "modules")}
    crossings = _crossings(wanted)
    ways = {_way(road, renamed) for road in entries(wanted, "roads")}
    nodes = {*renamed.values(), *crossings}
    known = {way for way in ways if {way.start, way.end} <= nodes}
    return (
        modules == {(one["type"], one["serialNumber"]) for one in entries(told, "modules")}
        and crossings == _crossings(told)
        and known <= {_way(road, {}) for road in entries(told, "roads")}
    )


def _replaced(
    wanted: Sequence[Mapping[str, Any]], told: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Each serial written, and the one it is told under now."""
    named = {one["serialNumber"]: one["serialNumber"] for one in wanted}
    kept = {one["serialNumber"] for one in told}
    free = [one for one in told if one["serialNumber"] not in named]
    for place in wanted:
        if place["serialNumber"] in kept or not place.get("placeholder"):
            continue
        taken = next((one for one in free if one["type"] == place["type"]), None)
        if taken is not None:
            free.remove(taken)
            named[place["serialNumber"]] = taken["serialNumber"]
    return named


def _crossings(body: Mapping[str, Any]) -> set[str]:
    return {one["id"] for one in entries(body, "intersections")}


class _Way(NamedTuple):
    start: str
    end: str
    direction: object
    length: float | None
    """Millimetres, however they are spelt."""


def _way(road: Mapping[str, Any], renamed: Mapping[str, str]) -> _Way:
    start, end = (renamed.get(node, node) for node in ends(road))
    try:
        length = float(road["length"])
    except (KeyError, TypeError, ValueError):
        length = None
    return _Way(start, end, road.get("direction"), length)


@rule("contains")
def _contains(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The published settings contain what was written."""
    if not contains(expect["body"], told):
        return None
    return _set(expect, text("proof.config_reported"))


def contains(wanted: Mapping[str, Any], told: Record) -> bool:
    """Whether the settings told hold everything that is wanted."""
    return _within(wanted, told.model_dump(mode="json", by_alias=True))


def _within(wanted: Any, told: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(told, dict) and all(_within(v, told.get(k)) for k, v in wanted.items())
    if isinstance(wanted, list):
        same_length = isinstance(told, list) and len(told) == len(wanted)
        return same_length and all(_within(w, t) for w, t in zip(wanted, told, strict=True))
    return bool(wanted == told)
