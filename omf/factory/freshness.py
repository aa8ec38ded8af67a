"""When a device has been silent for longer than its kind ever is: its state may be wrong."""

from omf.factory.modules import Module
from omf.factory.vehicles import Vehicle

MODULE_SILENCE_S = 40.0
"""The bridge sends a heartbeat every 15 s (PROTOCOL B.2): two missed ones and some delay."""
VEHICLE_SILENCE_S = 200.0
"""An idle vehicle speaks every 3 minutes, checked every 10 s (PROTOCOL B.7)."""
ONLINE = "ONLINE"


def stale_since(device: Module | Vehicle) -> float | None:
    """Return when the device is or will be stale (Unix s); None if it need not speak at all.

    A retained ONLINE proves nothing (PROTOCOL D.6), so it only starts the wait for a live one.
    A device that went away orderly, or that has no MQTT client (the charger), is not stale.
    """
    if isinstance(device, Vehicle):
        heard = device.last_message or device.heard_at
        limit_s, speaks = VEHICLE_SILENCE_S, device.connection in (None, ONLINE)
    else:
        heard = device.connection_at or device.heard_at
        limit_s, speaks = MODULE_SILENCE_S, device.connection == ONLINE
    return heard + limit_s if speaks and heard is not None else None


def stale(device: Module | Vehicle, now: float) -> bool:
    """Tell whether the device is silent for too long at `now`."""
    since = stale_since(device)
    return since is not None and now > since
