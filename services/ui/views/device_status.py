"""Modules and vehicles as rows of words: what is known, how old it is, and what is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from omf import terms
from omf.state import device_names, staleness
from omf.state.device import ACTION_ENDED, Channel
from omf.state.model import Factory
from omf.state.modules import Module
from omf.state.values import Action, PastAction
from omf.state.vehicles import Vehicle
from services.ui import formats
from services.ui.live import connection_health
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.types import Row

RECENT_S = 60.0
"""What a module did is worth saying for so long; after that it is idle."""
MODULE_SIGNS = {
    "store": "▦",
    "delivery": "⇄",
    "drill": "⌾",
    "mill": "✣",
    "oven": "♨",
    "camera": "◉",
    "charger": "ϟ",
    "gear": "⚙",
    "star": "★",
}
"""Symbols that a site chooses for its modules."""
DEVICE_ORDER = ("DPS", "HBW", "DRILL", "MILL", "OVEN", "AIQS", "CHRG")
"""The way of a piece through the factory: the order where the site sets none."""


def modules(model: ViewModel) -> list[Module]:
    """The modules as the site orders them, else by a piece's way; unknown types last."""
    factory = model.factory
    return sorted(factory.modules.values(), key=lambda m: place_in_lists(factory, m.serial, m.type))


def place_in_lists(factory: Factory, serial: str, kind: str | None) -> tuple[int, int, str]:
    """By this modules are sorted wherever they are listed."""
    usual = DEVICE_ORDER.index(kind) if kind in DEVICE_ORDER else len(DEVICE_ORDER)
    return factory.site.place_in_lists(serial), usual, serial


def module_rows(model: ViewModel, say: Translator) -> list[Row]:
    """One row per module for the module status table."""
    return [_module_row(module, model, say) for module in modules(model)]


def module_label(factory: Factory, serial: str, kind: str | None, say: Translator) -> str:
    """What a module is called where there is room for its symbol: `⌾ Left drill`."""
    said = factory.site.content.modules.get(serial)
    sign = MODULE_SIGNS.get(said.icon, "") if said else ""
    name = say.either(device_names.station_name(factory, kind or serial, serial))
    return f"{sign} {name}" if sign else name


def module_title(factory: Factory, serial: str, kind: str | None, say: Translator) -> str:
    """What it is called and what it is: `DRILL · Drilling station`."""
    return f"{module_label(factory, serial, kind, say)} · {say.known('module', kind)}"


def _module_row(module: Module, model: ViewModel, say: Translator) -> Row:
    now = model.factory_now
    return {
        "id": module.serial,
        "name": _row_name(module, model, say),
        "type": module.type or say("unknown"),
        "ip": module.ip or formats.NONE,
        "connection": connection_word(module, model, say),
        "link": link_state(module, model),
        "available": available_word(module, model, say),
        "blocked": module.available == "BLOCKED",
        "unpaired": False,
        "order": short(order_of(module, model)),
        "action": action_words(module, model, say),
        "failed": bool(module.action and module.action.state == "FAILED"),
        "errors": error_words(module, say),
        "faults": str(len(module.errors) or ""),
        "calibration": calibration_word(module, say),
        "version": module.version or formats.NONE,
        "messages": module.messages,
        "age": formats.age(age_of(module, now), say.language),
        "old": status_of(module, model, say).old,
    }


def _row_name(module: Module, model: ViewModel, say: Translator) -> str:
    given = model.factory.site.module_name(module.serial)
    return say.either(given) if given else say.known("module", module.type)


def vehicle_rows(model: ViewModel, say: Translator) -> list[Row]:
    """One row per vehicle; it stands in the same table of devices as the modules."""
    found = sorted(model.factory.vehicles.values(), key=lambda v: v.serial)
    return [_vehicle_row(vehicle, model, say) for vehicle in found]


def _vehicle_row(vehicle: Vehicle, model: ViewModel, say: Translator) -> Row:
    now = model.factory_now
    return {
        "id": vehicle.serial,
        "name": say("module.FTS"),
        "type": "FTS",
        "ip": vehicle.ip or formats.NONE,
        "connection": connection_word(vehicle, model, say),
        "link": link_state(vehicle, model),
        "available": available_word(vehicle, model, say),
        "blocked": vehicle.available == "BLOCKED" and not vehicle.charging,
        "unpaired": vehicle.unlisted_since is not None,
        "order": short(order_of(vehicle, model)),
        "action": motion_words(vehicle, model, say),
        "failed": bool(vehicle.action and vehicle.action.state == "FAILED"),
        "errors": error_words(vehicle, say),
        "faults": str(len(vehicle.errors) or ""),
        "calibration": formats.NONE,
        "version": vehicle.version or formats.NONE,
        "messages": vehicle.messages,
        "age": formats.age(age_of(vehicle, now), say.language),
        "old": status_of(vehicle, model, say).old,
    }


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """How a device is, in one word: the same in its heading, its line and on the map."""

    word: str
    short: str
    """The same where there is room for a short word only."""
    down: bool
    """It is away or silent: the word says how, and what it last told no longer counts as normal."""
    warn: bool
    old: bool
    """What is shown of it may no longer be so."""


def status_of(device: Module | Vehicle, model: ViewModel, say: Translator) -> DeviceStatus:
    """That a device is away or silent, else what a module can do, or where a vehicle is."""
    if model.factory.site.taken_out(device.serial):
        taken = say("site.taken_out")
        return DeviceStatus(taken, say("site.out"), down=False, warn=False, old=True)
    down = link_state(device, model) in {"down", "silent"}
    if isinstance(device, Vehicle):
        word, warn = motion_words(device, model, say), not device.position_known
    else:
        word, warn = say.known("available", device.available), device.available == "BLOCKED"
    short_word = word
    if down:
        word = connection_word(device, model, say)
        short_word = word if link_state(device, model) == "silent" else say("connection.cut")
    return DeviceStatus(
        word, short_word, down, warn and not down, down or connection_health.unheard(model)
    )


Reach = Literal["up", "down", "silent", "unknown"]


def link_state(device: Module | Vehicle, model: ViewModel) -> Reach:
    """Whether a device can be reached; one that said so and fell silent since cannot."""
    if staleness.unheard(model.factory, device, model.factory_now):
        return "silent"
    if device.connection is None:
        if staleness.ccu_silent_since(model.factory, model.factory_now) is not None:
            return "unknown"
        told: dict[bool | None, Reach] = {None: "unknown", True: "up", False: "down"}
        return told[device.connected]
    return "up" if device.connection == staleness.SAYS_ONLINE else "down"


def connection_word(device: Module | Vehicle, model: ViewModel, say: Translator) -> str:
    """The device's own word while it is heard; without one the CCU's, marked as such."""
    if link_state(device, model) == "silent":
        gone = isinstance(device, Module) and staleness.bridge_away(model.factory)
        return say("connection.no_bridge" if gone else "connection.silent")
    if device.connection is not None:
        return say.known("connection", device.connection)
    if device.connected is None:
        return say("unknown")
    return say("connection.by_ccu") if device.connected else say("connection.not_by_ccu")


def available_word(device: Module | Vehicle, model: ViewModel, say: Translator) -> str:
    """What the CCU says a device can do; of one that cannot be reached, that it was so last.

    1. A vehicle speaks, 2. the CCU lists others but not this one: it gets no order, which is said.
    """
    if isinstance(device, Vehicle) and device.unlisted_since is not None:
        return say("pairing.none")
    word = say.known("available", device.available)
    if device.available is None or link_state(device, model) not in {"down", "silent"}:
        return word
    return say("available.last", word=word)


def order_of(device: Module | Vehicle, model: ViewModel) -> str:
    """The id of the order a device works for; empty once that order has ended or is gone."""
    order = model.factory.orders.get(device.order_id)
    if order is not None:
        return order.id if order.open else ""
    action = device.action
    acting = action is not None and action.state not in ACTION_ENDED
    return device.order_id if acting or getattr(device, "driving", False) else ""


def action_words(module: Module, model: ViewModel, say: Translator) -> str:
    """What the module does, and for how long; what it did last only while that is recent."""
    action, now = module.action, model.factory_now
    if action is None:
        return say("action.none") if module.state_known else formats.NONE
    action = replace(action, command=command_of(module, action))
    if action.state in ACTION_ENDED:
        old = action.since is None or now - action.since > RECENT_S
        if old and action.state != "FAILED":
            return say("action.none")
        return act_words(action, module.type, say)
    words = [act_words(action, module.type, say)]
    if action.state == "RUNNING" and action.began_at and link_state(module, model) == "up":
        words.append(formats.age(now - action.began_at, say.language))
    return " · ".join(words)


def command_of(module: Module, action: Action) -> str | None:
    """What an action is; the DPS leaves it out while it runs, its order names it (PROTOCOL B.3)."""
    if action.command is None and module.ordered and module.ordered.action_id == action.id:
        return module.ordered.command
    return action.command


def act_words(action: Action | PastAction, kind: str | None, say: Translator) -> str:
    """What an action of a device of that type does, did, is to do or failed to do."""
    if action.command is None:
        return f"{say('action.unnamed')}, {say.known('action', action.state)}"
    judged = (
        terms.judged(action.command, action.result, kind) if action.state in ACTION_ENDED else None
    )
    return say.either(judged or terms.act(action.command, action.state, kind))


def motion_words(vehicle: Vehicle, model: ViewModel, say: Translator) -> str:
    """Where the vehicle is and what it is about."""
    if not vehicle.state_known and vehicle.last_node is None:
        return formats.NONE
    if not vehicle.position_known:
        return say("motion.lost")
    place = place_name(vehicle.last_node, model, say)
    if vehicle.driving:
        target = place_name(vehicle.path[-1] if vehicle.path else None, model, say)
        return say("motion.driving", place=place, target=target)
    key = "charging" if vehicle.charging else "waiting" if vehicle.waiting_for_load else "standing"
    return say(f"motion.{key}", place=place)


def place_name(node: str | None, model: ViewModel, say: Translator) -> str:
    """A node as people call it: the module there, else the crossing's number."""
    name = device_names.place_name(model.factory, node)
    return say.either(name) if name else formats.NONE


def calibration_word(module: Module, say: Translator) -> str:
    """Whether the module is being calibrated, or can be."""
    if module.calibrating:
        return say("calibration.on")
    if module.has_calibration is None:
        return formats.NONE
    return say("calibration.can") if module.has_calibration else say("calibration.cannot")


def error_words(device: Channel, say: Translator) -> str:
    """The errors in words, worst first."""
    faults = sorted(device.errors, key=lambda fault: not fault.fatal)
    return ", ".join(unique(say.either(terms.fault(fault.type or fault.level)) for fault in faults))


def unique(words: Iterable[str]) -> list[str]:
    """Each word once, in the order of first sight."""
    return list(dict.fromkeys(words))


def age_of(device: Channel, now: float) -> float | None:
    """Seconds since the device itself was last heard live; None for never."""
    return None if device.last_message is None else max(0.0, now - device.last_message)


def short(identity: str) -> str:
    """The beginning of a long id; enough to tell two apart."""
    return device_names.short(identity) or formats.NONE
