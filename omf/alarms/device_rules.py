"""Alarm rules on modules and vehicles; each yields one finding for each subject."""

from collections.abc import Iterator

from omf.alarms.alarm import Finding
from omf.constants import MODULE_SILENCE_S, VEHICLE_SILENCE_S
from omf.state.device import Channel
from omf.state.device_names import device_name
from omf.state.model import Factory
from omf.state.modules import Module
from omf.state.staleness import SAYS_ONLINE, bridge_away, ccu_silent_since, stale, stale_since
from omf.state.vehicles import Vehicle
from omf.state.waiting import failed_act, mend_of
from omf.terms import fault, term
from omf.texts import Text, text

_RESET_VEHICLE = text("alarm_part.reset_vehicle")
_BY_CCU = text("alarm_part.ccu_says_lost")


def fatal(state: Factory, _now: float) -> Iterator[Finding]:
    """An error of level FATAL: the CCU treats the device as blocked (PROTOCOL F.25)."""
    for device, subject, channel in _channels(state):
        if subject != device.serial and device.fatal:
            continue
        for found in channel.errors:
            if found.fatal:
                words = (
                    ("device", device_name(state, subject)),
                    ("error", fault(found.type)),
                    ("mend", _mend(device)),
                )
                yield Finding("device-fatal", subject, found.since, words)
                break


def collision(state: Factory, _now: float) -> Iterator[Finding]:
    """An obstacle before a vehicle; it clears itself (PROTOCOL B.7)."""
    for vehicle in state.vehicles.values():
        for found in vehicle.errors:
            if found.type == "COLLISION":
                words = (("device", device_name(state, vehicle.serial)),)
                yield Finding("collision", vehicle.serial, found.since, words)
                break


def failed(state: Factory, _now: float) -> Iterator[Finding]:
    """A failed module action: the CCU reads only FINISHED and would wait for ever (D.3).

    Not beside a fatal error, which is the cause, nor of a TXT beside the same of its module.
    """
    for device, subject, channel in _channels(state):
        action = channel.action
        if action is None or action.state != "FAILED" or channel.fatal or device.fatal:
            continue
        if subject != device.serial and device.action and device.action.state == "FAILED":
            continue
        kind = getattr(device, "type", None)
        words = (
            ("device", device_name(state, subject)),
            ("act", failed_act(_command(channel, device), kind)),
            ("mend", _mend(device, orders=_at_work(state, device))),
        )
        yield Finding("action-failed", subject, action.since, words)


def disconnected(state: Factory, now: float) -> Iterator[Finding]:
    """A connection that was ended or broke, by the device's or the CCU's word."""
    for _, subject, channel in _channels(state):
        if channel.connection not in (None, SAYS_ONLINE):
            change = channel.connection_changes[-1] if channel.connection_changes else None
            since = change.at if change and not change.retained else None
            yield _lost(state, subject, term("connection", channel.connection), since)
    agree_s = state.alarm_rules.number("connection-lost", "limit_s")
    for device in _devices(state):
        agreed = device.connected is not False or device.connection not in (None, SAYS_ONLINE)
        changes = device.connection_changes[-1:]
        said = device.connected_since
        told = (said, *(change.at for change in changes if not change.retained))
        lately = any(at is not None and now - at <= agree_s for at in told)
        if not (agreed or lately or stale(device, now)):
            yield _lost(state, device.serial, _BY_CCU, said)


def _lost(state: Factory, subject: str, word: Text, since: float | None) -> Finding:
    words = (("device", device_name(state, subject)), ("state", word))
    return Finding("connection-lost", subject, since, words)


def silent(state: Factory, now: float) -> Iterator[Finding]:
    """A device said to be online that has not spoken for longer than its kind ever does."""
    for device in _devices(state):
        if stale(device, now):
            limit_s = VEHICLE_SILENCE_S if isinstance(device, Vehicle) else MODULE_SILENCE_S
            words = (("device", device_name(state, device.serial)), ("limit", f"{limit_s:g}"))
            yield Finding("device-silent", device.serial, stale_since(device), words)


def unlisted(state: Factory, now: float) -> Iterator[Finding]:
    """A vehicle that speaks and is not listed by a CCU that lists others (PROTOCOL H).

    1. The CCU is started anew, 2. the vehicle's connection message is not repeated, 3. the CCU
    does not know it, and its orders wait.
    """
    limit_s = state.alarm_rules.number("vehicle-unlisted", "limit_s")
    for vehicle in state.vehicles.values():
        since = vehicle.unlisted_since
        there = vehicle.last_message is not None and not stale(vehicle, now)
        if since is None or not there or vehicle.connection not in (None, SAYS_ONLINE):
            continue
        since = max(since, vehicle.heard_at or since) + limit_s
        if now > since and ccu_silent_since(state, now) is None:
            words = (("device", device_name(state, vehicle.serial)),)
            yield Finding("vehicle-unlisted", vehicle.serial, since, words)


def plc_lost(state: Factory, _now: float) -> Iterator[Finding]:
    """A module whose PLC the bridge does not reach, unless its connection says so already."""
    for module in state.modules.values():
        connected = module.connection in (None, SAYS_ONLINE)
        if module.opcua not in (None, "connected") and connected:
            words = (("device", device_name(state, module.serial)),)
            yield Finding("plc-lost", module.serial, module.state_at, words)


def blocked(state: Factory, now: float) -> Iterator[Finding]:
    """A device the CCU will not use, for no reason that has an alarm of its own."""
    limit_s = state.alarm_rules.number("device-blocked", "limit_s")
    for device in _devices(state):
        since = _blocked_since(device)
        lasting = since is None or now - since > limit_s
        if device.available == "BLOCKED" and lasting and not _explained(state, device, now):
            words = (("device", device_name(state, device.serial)), ("mend", _mend(device)))
            yield Finding("device-blocked", device.serial, since, words)


def _explained(state: Factory, device: Module | Vehicle, now: float) -> bool:
    """Blocked by right: it has an alarm of its own, charges, or has to dock (PROTOCOL D.4)."""
    gone = device.connected is False or device.connection not in (None, SAYS_ONLINE)
    if device.fatal or gone or stale(device, now):
        return True
    if isinstance(device, Vehicle):
        return bool(device.charging) or not device.position_known
    return device.opcua not in (None, "connected") or bridge_away(state)


def _blocked_since(device: Module | Vehicle) -> float | None:
    # 1. a vehicle without position docks, 2. the CCU frees it a moment after it told its place
    placed = device.last_node_since if isinstance(device, Vehicle) else None
    # The same of one that connects again, and of one whose fatal error is gone.
    back = [change.at for change in device.connection_changes[-1:] if not change.retained]
    known = (device.available_since, placed, device.fatal_until, *back)
    return max((at for at in known if at is not None), default=device.heard_at)


def position_unknown(state: Factory, now: float) -> Iterator[Finding]:
    """A vehicle that is there and has to dock before it can be used."""
    for vehicle in state.vehicles.values():
        gone = vehicle.connection not in (None, SAYS_ONLINE) or stale(vehicle, now)
        if vehicle.last_node is not None and not vehicle.position_known and not gone:
            words = (("device", device_name(state, vehicle.serial)),)
            yield Finding("position-unknown", vehicle.serial, vehicle.last_node_since, words)


def calibration_unstored(state: Factory, now: float) -> Iterator[Finding]:
    """A module under calibration with values that are lost unless somebody stores them (C.8)."""
    limit_s = state.alarm_rules.number("calibration-unstored", "limit_s")
    for serial, at in state.plant.unstored.items():
        if now > at + limit_s:
            words = (("device", device_name(state, serial)),)
            yield Finding("calibration-unstored", serial, at + limit_s, words)


def battery_low(state: Factory, _now: float) -> Iterator[Finding]:
    """A battery at or below the threshold at which the CCU sends a vehicle charging."""
    settings = state.config.fts_settings if state.config else None
    limit = settings.charge_threshold_percent if settings else None
    for vehicle in state.vehicles.values():
        percent = vehicle.battery_percentage
        if limit is None or percent is None or percent > limit or vehicle.charging:
            continue
        if not vehicle.battery_voltage:  # 0 V: the vehicle has just started and not measured yet
            continue
        name = device_name(state, vehicle.serial)
        words = (("device", name), ("percent", f"{percent:g}"), ("limit", f"{limit:g}"))
        yield Finding("battery-low", vehicle.serial, None, words)


def _mend(device: Module | Vehicle, *, orders: bool = False) -> Text:
    """How it is freed: by a reset it obeys; of the factory where the CCU waits for its action."""
    if isinstance(device, Vehicle):
        return _RESET_VEHICLE
    return mend_of(None if orders else device.type)


def _at_work(state: Factory, device: Module | Vehicle) -> bool:
    """Whether the CCU waits for what the device does: an order of its own stands there."""
    order = state.orders.get(device.order_id)
    return order is not None and order.list == "active"


def _command(channel: Channel, device: Module | Vehicle) -> str | None:
    """What it was about; the DPS leaves the command out, the order to it does not."""
    action, told = channel.action, device.ordered
    if action is None or action.command is not None:
        return action.command if action else None
    return told.command if told is not None and told.action_id == action.id else None


def _devices(state: Factory) -> Iterator[Module | Vehicle]:
    yield from state.modules.values()
    yield from state.vehicles.values()


def _channels(state: Factory) -> Iterator[tuple[Module | Vehicle, str, Channel]]:
    """Every device with the subject of its alarms: itself, and the TXT behind a module."""
    for device in _devices(state):
        yield device, device.serial, device
        if isinstance(device, Module) and device.nodered is not None:
            yield device, f"{device.serial}/txt", device.nodered
