"""The layout of the makers, as the CCU has it until another one is set (PROTOCOL C.11, E)."""

from typing import Any, Final

_MODULES: Final = (
    ("HBW", "SVR3QA0022"),
    ("DRILL", "SVR4H76449"),
    ("MILL", "SVR3QA2098"),
    ("DPS", "SVR4H73275"),
    ("AIQS", "SVR4H76530"),
)
_ROADS: Final = (
    ("1", "2", 360, "EAST"),
    ("3", "1", 360, "NORTH"),
    ("3", "4", 360, "EAST"),
    ("4", "2", 360, "NORTH"),
    ("SVR3QA0022", "1", 380, "EAST"),
    ("SVR4H76449", "3", 380, "EAST"),
    ("SVR3QA2098", "1", 380, "SOUTH"),
    ("SVR4H73275", "2", 380, "WEST"),
    ("SVR4H76530", "2", 380, "SOUTH"),
    ("CHRG0", "4", 430, "WEST"),
)


def default_layout() -> dict[str, Any]:
    """The JSON of `ccu/state/layout`; lengths in millimetres."""
    modules: list[dict[str, Any]] = [
        {"type": kind, "serialNumber": serial, "placeholder": False} for kind, serial in _MODULES
    ]
    modules.append({"type": "CHRG", "serialNumber": "CHRG0"})
    return {
        "modules": modules,
        "intersections": [{"id": node} for node in ("1", "2", "3", "4")],
        "roads": [
            {"length": length, "from": start, "to": end, "direction": direction}
            for start, end, length, direction in _ROADS
        ],
    }
