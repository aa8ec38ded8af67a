"""Proofs by what the CCU publishes about itself: reset, pairing, settings."""

from collections.abc import Mapping
from typing import Any

from omf.commands.proof.rules import proven, rule
from omf.commands.shapes import Verdict
from omf.message import Message


@rule("reset-announced")
def _reset_announced(_expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The CCU tells the bridge to reset; it does so once per reset (PROTOCOL D.5)."""
    if told.type != "reset":
        return None
    return proven("CCU setzt die Fabrik zurück", "The CCU resets the factory")


@rule("all-ready")
def _all_ready(_expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """Every connected module is READY again."""
    words = {module.available for module in told.modules if module.connected}
    if words != {"READY"}:
        return None
    return proven("Alle Module sind bereit", "All modules are READY")


@rule("parked")
def _parked(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """Each module of the given types is in calibration, which makes it BLOCKED (C.7, D.4)."""
    concerned = [module for module in told.modules if module.sub_type in expect["types"]]
    if not concerned or not all(m.calibrating or m.available == "BLOCKED" for m in concerned):
        return None
    return proven("DPS und HBW sind geparkt", "DPS and HBW are parked")


@rule("paired")
def _paired(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The CCU knows the vehicle's place."""
    paired = {vehicle.serial_number for vehicle in told.transports if vehicle.paired_since}
    if expect["serial"] not in paired:
        return None
    return proven("Fahrzeug ist gekoppelt", "The vehicle is paired")


@rule("module-duration")
def _module_duration(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The CCU lists the module with the new duration."""
    listed = {module.serial_number: module.production_duration for module in told.modules}
    if listed.get(expect["serial"]) != expect["duration"]:
        return None
    return proven("CCU nennt die neue Dauer", "The CCU lists the new duration")


@rule("module-gone")
def _module_gone(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The CCU lists the module no longer."""
    if expect["serial"] in {module.serial_number for module in told.modules}:
        return None
    return proven("CCU führt das Modul nicht mehr", "The CCU lists the module no longer")


@rule("contains")
def _contains(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The published settings contain what was written."""
    if not _within(expect["body"], told.model_dump(mode="json", by_alias=True)):
        return None
    return proven("CCU meldet die neuen Werte", "The CCU reports the new values")


def _within(wanted: Any, told: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(told, dict) and all(_within(v, told.get(k)) for k, v in wanted.items())
    if isinstance(wanted, list):
        same_length = isinstance(told, list) and len(told) == len(wanted)
        return same_length and all(_within(w, t) for w, t in zip(wanted, told, strict=True))
    return bool(wanted == told)
