"""Alarm rules on modules and vehicles; each yields one finding for each subject."""

from collections.abc import Iterator

from omf.factory.alarms import Finding
from omf.factory.channel import Channel
from omf.factory.freshness import ONLINE, stale, stale_since
from omf.factory.modules import Module
from omf.factory.state import Factory
from omf.factory.vehicles import Vehicle

BLOCKED_S = 60.0
"""After a reset every module is blocked for half a minute (PROTOCOL D.5)."""


def fatal(state: Factory, _now: float) -> Iterator[Finding]:
    """An error of level FATAL: the CCU treats the device as blocked (PROTOCOL F.25)."""
    for serial, name, channel in _channels(state):
        for fault in channel.errors:
            if fault.fatal:
                words = (("device", name), ("type", fault.type or "?"))
                yield Finding("device-fatal", serial, fault.since, words)
                break


def collision(state: Factory, _now: float) -> Iterator[Finding]:
    """An obstacle before a vehicle; it clears itself (PROTOCOL B.7)."""
    for vehicle in state.vehicles.values():
        for fault in vehicle.errors:
            if fault.type == "COLLISION":
                words = (("device", vehicle.serial),)
                yield Finding("collision", vehicle.serial, fault.since, words)
                break


def failed(state: Factory, _now: float) -> Iterator[Finding]:
    """A failed module action: the CCU reads only FINISHED and would wait for ever (D.3)."""
    for serial, name, channel in _channels(state):
        action = channel.action
        if action is not None and action.state == "FAILED":
            words = (("device", name), ("command", action.command or "?"))
            yield Finding("action-failed", serial, action.since, words)


def disconnected(state: Factory, _now: float) -> Iterator[Finding]:
    """A connection that was ended or broke, by the device's or the CCU's word."""
    for serial, name, channel in _channels(state):
        lost = channel.connection not in (None, ONLINE)
        if lost:
            change = channel.connection_changes[-1] if channel.connection_changes else None
            since = change.at if change and not change.retained else None
            yield _lost(serial, name, channel.connection, since)
    for device in _devices(state):
        if device.connected is False and device.connection in (None, ONLINE):
            yield _lost(device.serial, _name(device), "CCU: connected=false", None)


def _lost(serial: str, name: str, word: str | None, since: float | None) -> Finding:
    words = (("device", name), ("state", word or "?"))
    return Finding("connection-lost", serial, since, words)


def silent(state: Factory, now: float) -> Iterator[Finding]:
    """A device said to be online that has not spoken for longer than its kind ever does."""
    for device in _devices(state):
        if stale(device, now):
            words = (("device", _name(device)), ("state", device.connection or "?"))
            yield Finding("device-silent", device.serial, stale_since(device), words)


def plc_lost(state: Factory, _now: float) -> Iterator[Finding]:
    """A module whose PLC the bridge does not reach."""
    for module in state.modules.values():
        if module.opcua not in (None, "connected"):
            words = (("device", _name(module)), ("state", module.opcua))
            yield Finding("plc-lost", module.serial, module.state_at, words)


def blocked(state: Factory, now: float) -> Iterator[Finding]:
    """A device the CCU will not use, for no reason that has an alarm of its own."""
    for device in _devices(state):
        since = _blocked_since(device)
        lasting = since is None or now - since > BLOCKED_S
        explained = device.fatal or device.connected is False or _parked(device)
        if device.available == "BLOCKED" and lasting and not explained:
            yield Finding("device-blocked", device.serial, since, (("device", _name(device)),))


def _blocked_since(device: Module | Vehicle) -> float | None:
    # 1. a vehicle without position docks, 2. the CCU frees it a moment after it told its place
    placed = device.last_node_since if isinstance(device, Vehicle) else None
    return max(device.available_since or 0.0, placed or 0.0) or device.heard_at


def _parked(device: Module | Vehicle) -> bool:
    """A vehicle that charges or has no position is blocked by right (PROTOCOL D.4)."""
    return isinstance(device, Vehicle) and bool(device.charging or not device.position_known)


def position_unknown(state: Factory, _now: float) -> Iterator[Finding]:
    """A vehicle that has to dock before it can be used."""
    for vehicle in state.vehicles.values():
        if vehicle.last_node is not None and not vehicle.position_known:
            words = (("device", vehicle.serial),)
            yield Finding("position-unknown", vehicle.serial, vehicle.last_node_since, words)


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
        words = (("device", vehicle.serial), ("percent", f"{percent:g}"), ("limit", f"{limit:g}"))
        yield Finding("battery-low", vehicle.serial, None, words)


def _devices(state: Factory) -> Iterator[Module | Vehicle]:
    yield from state.modules.values()
    yield from state.vehicles.values()


def _channels(state: Factory) -> Iterator[tuple[str, str, Channel]]:
    for module in state.modules.values():
        yield module.serial, _name(module), module
        if module.nodered is not None:
            yield f"{module.serial}/txt", f"{_name(module)} TXT", module.nodered
    for vehicle in state.vehicles.values():
        yield vehicle.serial, _name(vehicle), vehicle


def _name(device: Module | Vehicle) -> str:
    kind = getattr(device, "type", "FTS")
    return f"{kind} {device.serial}" if kind else device.serial
