"""Instant actions, as the CCU sends them to modules and vehicles (PROTOCOL C.8, C.22)."""

from typing import Any

from omf.simulation.device import DeviceRuntime


def send_module_action(
    device: DeviceRuntime, serial: str, kind: str, metadata: dict[str, Any] | None = None
) -> None:
    """Send an instant action to a module."""
    device.send("module_instant_action", _action(device, serial, kind, metadata), serial=serial)


def send_vehicle_action(
    device: DeviceRuntime,
    serial: str,
    kind: str,
    metadata: dict[str, Any] | None = None,
    *,
    qos: int | None = None,
) -> None:
    """Send an instant action to a vehicle."""
    body = _action(device, serial, kind, metadata)
    device.send("fts_instant_action", body, qos=qos, serial=serial)


def _action(
    device: DeviceRuntime, serial: str, kind: str, metadata: dict[str, Any] | None
) -> dict[str, Any]:
    action: dict[str, Any] = {"actionId": device.new_id(), "actionType": kind}
    if metadata is not None:
        action["metadata"] = metadata
    return {"serialNumber": serial, "timestamp": device.stamp, "actions": [action]}
