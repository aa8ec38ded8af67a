"""The shop floor of PROTOCOL E as its layout message, for tests that need no recording."""

from typing import Any

SERIALS = {
    "HBW": "SVR3QA0022",
    "DRILL": "SVR4H76449",
    "MILL": "SVR3QA2098",
    "DPS": "SVR4H73275",
    "AIQS": "SVR4H76530",
    "CHRG": "CHRG0",
}
"""Serial of each module by its type."""

_ROADS = (
    ("1", "2", 360, "EAST"),
    ("3", "1", 360, "NORTH"),
    ("3", "4", 360, "EAST"),
    ("4", "2", 360, "NORTH"),
    (SERIALS["HBW"], "1", 380, "EAST"),
    (SERIALS["DRILL"], "3", 380, "EAST"),
    (SERIALS["MILL"], "1", 380, "SOUTH"),
    (SERIALS["DPS"], "2", 380, "WEST"),
    (SERIALS["AIQS"], "2", 380, "SOUTH"),
    (SERIALS["CHRG"], "4", 430, "WEST"),
)


def layout_message() -> dict[str, Any]:
    """Return `ccu/state/layout` as the CCU publishes it."""
    return {
        "modules": [{"type": kind, "serialNumber": name} for kind, name in SERIALS.items()],
        "intersections": [{"id": str(number)} for number in range(1, 5)],
        "roads": [
            {"from": start, "to": end, "length": length, "direction": direction}
            for start, end, length, direction in _ROADS
        ],
    }
