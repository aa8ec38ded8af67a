"""What is known of one module or vehicle, as words by name, each with where it leads."""

from collections.abc import Mapping
from functools import partial

from omf.state.modules import Module
from omf.state.vehicles import Vehicle
from omf.terms import spoken
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.types import Value
from services.ui.views import device_status, urls

_COMMON = ("serial", "type", "ip", "connection", "heartbeat", "available", "pairing", "order")
MODULE = (*_COMMON, "assigned", "calibration", "mode", "version", "messages", "age", "ccu_seen")
VEHICLE = (*_COMMON, "motion", "handover", "charging", "version", "messages", "age", "ccu_seen")
FACTSHEET = ("series", "version", "commands", "factsheet")


def of_module(screen: Screen, module: Module) -> Mapping[str, Value]:
    """Everything a module or the CCU said of the module."""
    say = screen.say
    return {
        **_common(screen, module, module.type or say("unknown")),
        "assigned": _yes_no(screen, module.assigned),
        "calibration": device_status.calibration_word(module, say),
        "mode": module.operating_mode or formats.NONE,
        "version": module.version or formats.NONE,
    }


def of_vehicle(screen: Screen, vehicle: Vehicle) -> Mapping[str, Value]:
    """Everything a vehicle or the CCU said of the vehicle."""
    return {
        **_common(screen, vehicle, "FTS"),
        "motion": device_status.motion_words(vehicle, screen.model, screen.say),
        "handover": _yes_no(screen, vehicle.waiting_for_load),
        "charging": _yes_no(screen, vehicle.charging),
        "version": vehicle.version or formats.NONE,
    }


def _common(screen: Screen, device: Module | Vehicle, kind: str) -> dict[str, Value]:
    say, now, user = screen.say, screen.model.factory_now, screen.user
    when = partial(formats.when, now=now, clock=user.clock, language=user.language)
    found: dict[str, Value] = {
        "serial": device.serial,
        "type": kind,
        "ip": device.ip or formats.NONE,
        "connection": device_status.connection_word(device, screen.model, say),
        "available": _since(
            screen, device_status.available_word(device, screen.model, say), device
        ),
        "pairing": pairing_word(screen, device),
        "order": _order(screen, device),
        "messages": (formats.number(device.messages, say.language), _all(screen, device.serial)),
        "age": _heard(screen, device),
    }
    # A vehicle tells its connection once, when it connects: that is no heartbeat (PROTOCOL B.7).
    if isinstance(device, Module) and device.connection is not None:
        found["heartbeat"] = _ago(screen, device.connection_at)
    if seen := formats.stamp(device.ccu_last_seen):
        found["ccu_seen"] = when(seen)
    return found


def _order(screen: Screen, device: Module | Vehicle) -> Value:
    """The order it works for; one that has ended is said to be the last."""
    order_id = device.order_id
    words = device_status.short(order_id)
    if order_id and not device_status.order_of(device, screen.model):
        words = screen.say("fact.order_last", order=words)
    known = order_id in screen.model.factory.orders
    return (words, urls.to_order(screen, order_id)) if known else words


def _heard(screen: Screen, device: Module | Vehicle) -> str:
    """When it spoke last; the charger has no voice of its own, only the CCU tells of it."""
    if device.messages == 0 and device.listed:
        return screen.say("fact.no_voice")
    return _ago(screen, device.last_message)


def _all(screen: Screen, serial: str) -> str:
    return urls.to_text(screen, serial)


def _since(screen: Screen, word: str, device: Module | Vehicle) -> str:
    if device.available is None or device.available_since is None:
        return word
    since = formats.age(screen.model.factory_now - device.available_since, screen.say.language)
    return screen.say("fact.word_since", word=word, since=since)


def _ago(screen: Screen, at: float | None) -> str:
    if at is None:
        return screen.say("fact.never")
    return screen.say(
        "fact.ago", age=formats.age(screen.model.factory_now - at, screen.say.language)
    )


def pairing_word(screen: Screen, device: Module | Vehicle) -> str:
    """Whether the CCU has paired the device, and since when by its clock."""
    if not device.listed:
        return screen.say("pairing.none")
    at = formats.stamp(device.paired_since)
    if at is None:
        return screen.say("pairing.open")
    user = screen.user
    return screen.say("since", time=formats.date_and_time(at, user.clock, user.language))


def _yes_no(screen: Screen, answer: bool | None) -> str:  # noqa: FBT001 - the answer is the subject
    return screen.say({None: "unknown", True: "yes", False: "no"}[answer])


def factsheet(screen: Screen, device: Module | Vehicle) -> Mapping[str, Value]:
    """What a device said it is and can (PROTOCOL D.6)."""
    kind = "fts" if isinstance(device, Vehicle) else "module"
    known = ((c, device.type) for c in device.commands) if isinstance(device, Module) else ()
    commands = [screen.say.either(spoken(command, kind, "does")) for command, kind in known]
    topic = urls.to_topic(screen, f"{kind}_factsheet", device.serial)
    return {
        "series": device.series or screen.say("fact.no_factsheet"),
        "version": device.version or formats.NONE,
        "commands": ", ".join(commands) or formats.NONE,
        "factsheet": (screen.say("fact.raw"), topic),
    }
