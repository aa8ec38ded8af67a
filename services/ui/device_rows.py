"""Modules and vehicles as rows of words: what is known, how old it is, and what is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass

from omf.factory import names
from omf.factory.channel import Channel
from omf.factory.freshness import stale
from omf.factory.modules import Module
from omf.factory.vehicles import Vehicle
from services.ui import formats, links
from services.ui.model import ViewModel
from services.ui.parts.table import Row
from services.ui.words import Speech

DEVICE_ORDER = ("DPS", "HBW", "DRILL", "MILL", "OVEN", "AIQS", "CHRG")
"""The way of a piece through the factory."""


def modules(model: ViewModel) -> list[Module]:
    """The modules in the order of a piece's way; unknown types last."""
    return sorted(model.factory.modules.values(), key=lambda m: (_rank(m.type), m.serial))


def _rank(kind: str | None) -> int:
    return DEVICE_ORDER.index(kind) if kind in DEVICE_ORDER else len(DEVICE_ORDER)


def module_rows(model: ViewModel, say: Speech) -> list[Row]:
    """One row per module for the module status table."""
    return [_module_row(module, model, say) for module in modules(model)]


def _module_row(module: Module, model: ViewModel, say: Speech) -> Row:
    now = model.factory_now
    return {
        "id": module.serial,
        "name": say.known("module", module.type),
        "type": module.type or say("unknown"),
        "ip": module.ip or formats.NONE,
        "connection": connection_word(module, now, say),
        "link": link_state(module, now),
        "available": say.known("available", module.available),
        "blocked": module.available == "BLOCKED",
        "order": short(module.order_id),
        "action": action_words(module, now, say),
        "failed": bool(module.action and module.action.state == "FAILED"),
        "errors": error_words(module),
        "calibration": calibration_word(module, say),
        "version": module.version or formats.NONE,
        "messages": module.messages,
        "age": formats.age(age_of(module, now)),
        "old": condition_of(module, model, say).old,
    }


def vehicle_rows(model: ViewModel, say: Speech) -> list[Row]:
    """One row per vehicle; it stands in the same table of devices as the modules."""
    found = sorted(model.factory.vehicles.values(), key=lambda v: v.serial)
    return [_vehicle_row(vehicle, model, say) for vehicle in found]


def _vehicle_row(vehicle: Vehicle, model: ViewModel, say: Speech) -> Row:
    now = model.factory_now
    return {
        "id": vehicle.serial,
        "name": say("module.FTS"),
        "type": "FTS",
        "ip": vehicle.ip or formats.NONE,
        "connection": connection_word(vehicle, now, say),
        "link": link_state(vehicle, now),
        "available": say.known("available", vehicle.available),
        "blocked": vehicle.available == "BLOCKED" and not vehicle.charging,
        "order": short(vehicle.order_id),
        "action": motion_words(vehicle, model, say),
        "failed": bool(vehicle.action and vehicle.action.state == "FAILED"),
        "errors": error_words(vehicle),
        "calibration": formats.NONE,
        "version": vehicle.version or formats.NONE,
        "messages": vehicle.messages,
        "age": formats.age(age_of(vehicle, now)),
        "old": condition_of(vehicle, model, say).old,
    }


@dataclass(frozen=True, slots=True)
class Condition:
    """How a device is, in one word: the same in its heading, its line and on the map."""

    word: str
    down: bool
    """It went away or is silent: the word says which, what it told last does not count as normal.
    """
    warn: bool
    old: bool
    """What is shown of it may no longer be so."""


def condition_of(device: Module | Vehicle, model: ViewModel, say: Speech) -> Condition:
    """That a device is away, else what a module can do, or where a vehicle is."""
    now = model.factory_now
    down = link_state(device, now) == "down"
    if isinstance(device, Vehicle):
        word, warn = motion_words(device, model, say), not device.position_known
    else:
        word, warn = say.known("available", device.available), device.available == "BLOCKED"
    if down:
        word = connection_word(device, now, say)
    gone = down or links.unheard(model)
    return Condition(word, down, warn and not down, gone)


def connection_word(device: Module | Vehicle, now: float, say: Speech) -> str:
    """That it is silent, else the device's own word; without one the CCU's, marked as such."""
    if stale(device, now):
        return say("connection.silent")
    if device.connection is not None:
        return say.known("connection", device.connection)
    if device.connected is None:
        return say("unknown")
    return say("connection.by_ccu") if device.connected else say("connection.not_by_ccu")


def link_state(device: Module | Vehicle, now: float) -> str:
    """`up`, `down` (also silent) or `unknown`, for the mark beside the word."""
    if stale(device, now):
        return "down"
    if device.connection is not None:
        return "up" if device.connection == "ONLINE" else "down"
    return {None: "unknown", True: "up", False: "down"}[device.connected]


def action_words(module: Module, now: float, say: Speech) -> str:
    """What the module does or did last, and for how long."""
    action = module.action
    if action is None:
        return say("action.none") if module.state_known else formats.NONE
    words = [action.command or "", say.known("action", action.state)]
    if action.state == "RUNNING" and action.began_at:
        words.append(formats.age(now - action.began_at))
    if action.result in {"PASSED", "FAILED"}:
        words.append(say(f"result.{action.result}"))
    return " ".join(word for word in words if word)


def motion_words(vehicle: Vehicle, model: ViewModel, say: Speech) -> str:
    """Where the vehicle is and what it is about."""
    if not vehicle.state_known and vehicle.last_node is None:
        return formats.NONE
    if not vehicle.position_known:
        return say("motion.lost")
    place = place_name(vehicle.last_node, model)
    if vehicle.driving:
        target = place_name(vehicle.path[-1] if vehicle.path else None, model)
        return say("motion.driving", place=place, target=target)
    key = "charging" if vehicle.charging else "waiting" if vehicle.waiting_for_load else "standing"
    return say(f"motion.{key}", place=place)


def place_name(node: str | None, model: ViewModel) -> str:
    """A node as people call it: the module's type, else the crossing's number."""
    if node is None:
        return formats.NONE
    module = model.factory.modules.get(node)
    return module.type if module and module.type else node


def calibration_word(module: Module, say: Speech) -> str:
    """Whether the module is being calibrated, or can be."""
    if module.calibrating:
        return say("calibration.on")
    if module.has_calibration is None:
        return formats.NONE
    return say("calibration.can") if module.has_calibration else say("calibration.cannot")


def error_words(device: Channel) -> str:
    """The errors, worst first, named by their type."""
    faults = sorted(device.errors, key=lambda fault: not fault.fatal)
    return ", ".join(unique(fault.type or fault.level or "?" for fault in faults))


def unique(words: Iterable[str]) -> list[str]:
    """Each word once, in the order of first sight."""
    return list(dict.fromkeys(words))


def age_of(device: Channel, now: float) -> float | None:
    """Seconds since the device itself was last heard live; None for never."""
    return None if device.last_message is None else max(0.0, now - device.last_message)


def short(identity: str) -> str:
    """The beginning of a long id; enough to tell two apart."""
    return names.short(identity) or formats.NONE
