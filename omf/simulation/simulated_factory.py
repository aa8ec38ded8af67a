"""The factory that is simulated: which devices there are, and how long things take (PROTOCOL A, D).

Durations are (least, usual, most) in seconds of life, from the recordings.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from omf import durations
from omf.layout.default import default_layout

Span = tuple[float, float, float]
UNKNOWN: Final = "UNKNOWN"
CCU_VERSION = "1.3.0"


class ModuleFacts(NamedTuple):
    """One PLC module."""

    serial: str
    type: str
    ip: str
    version: str
    calibration: bool


HBW = ModuleFacts("SVR3QA0022", "HBW", "192.168.0.80", "1.3.0", calibration=True)
DRILL = ModuleFacts("SVR4H76449", "DRILL", "192.168.0.50", "1.3.0", calibration=False)
MILL = ModuleFacts("SVR3QA2098", "MILL", "192.168.0.40", "1.3.0", calibration=False)
DPS = ModuleFacts("SVR4H73275", "DPS", "192.168.0.90", "1.6.0", calibration=True)
AIQS = ModuleFacts("SVR4H76530", "AIQS", "192.168.0.70", "1.3.0", calibration=True)
PLC_MODULES: Final = (HBW, DRILL, MILL, DPS, AIQS)
"""In the order of the layout."""
CHARGER_SERIAL: Final = "CHRG0"
VEHICLES: Final = ("5iO4", "leJ4")
"""Serials of the two real vehicles; further ones are invented."""
START_NODES: Final = (DPS.serial, HBW.serial, MILL.serial, DRILL.serial, AIQS.serial)
"""Where vehicle 1, 2, ... stands docked when a simulation begins."""

WAREHOUSE_BAYS: Final = ("A1", "B1", "C1", "A2", "B2", "C2", "A3", "B3", "C3")
"""The order in which the high-bay warehouse fills."""
BAYS_PER_COLOUR = 3

ORDER_ANSWER_S: Span = (0.02, 0.06, 0.1)
"""From an order to RUNNING."""
DURATION: Final[Mapping[str, Span]] = durations.USUAL_DURATIONS
PROCESS_S = 5
"""What the CCU asks of mill and drill; the recorded durations above contain it."""
BRIDGE_PROCESS_S = 2
"""What the bridge takes when an order names no duration."""


layout = default_layout
"""`ccu/state/layout` of this factory (PROTOCOL E)."""


def flows() -> dict[str, Any]:
    """`ccu/state/flows` as this factory has them."""
    return {
        "BLUE": {"steps": ["DRILL", "MILL", "AIQS"]},
        "RED": {"steps": ["MILL", "AIQS"]},
        "WHITE": {"steps": ["DRILL", "AIQS"]},
    }


def config() -> dict[str, Any]:
    """`ccu/state/config` as this factory has it."""
    return {
        "productionDurations": {"WHITE": 580, "BLUE": 550, "RED": 560},
        "productionSettings": {"maxParallelOrders": 4},
        "ftsSettings": {"chargeThresholdPercent": 10},
    }


def vehicle_serials(count: int) -> tuple[str, ...]:
    """Serials of `count` vehicles, the real ones first."""
    invented = (f"mk{number:02d}" for number in range(len(VEHICLES) + 1, count + 1))
    return (*VEHICLES, *invented)[:count]
