"""The battery: voltage sinks while driving, rises at the charger (PROTOCOL B.7)."""

from typing import Any

from omf.simulation.device import SeededRandom

EMPTY_V, FULL_V = 7.84, 9.1
START_V = 8.9
DRIVING_V_PER_S, STANDING_V_PER_S, CHARGING_V_PER_S = 0.0004, 0.00001, 0.003
DIP_V = 0.2
"""The motors pull the voltage down, which makes the percentage jump by tens."""
PLUGGED_V = 0.4


class SimulatedBattery:
    """Voltage as a function of plant time and of what the vehicle does."""

    def __init__(self, random: SeededRandom) -> None:
        self._random = random
        self._volt = START_V
        self._at = 0.0
        self.charging = False

    def begin(self, volt: float, at: float) -> None:
        """It has this voltage at rest now."""
        self._volt, self._at = volt, at

    def plug(self, at: float) -> None:
        """Charge from now on."""
        self._settle(at, driving=False)
        self.charging = True

    def unplug(self, at: float) -> None:
        """Charge no longer."""
        self._settle(at, driving=False)
        self.charging = False

    def volt(self, at: float) -> float:
        """Voltage at rest."""
        self._settle(at, driving=False)
        return self._volt

    def to_dict(self, at: float, *, driving: bool) -> dict[str, Any]:
        """`batteryState` of the state message; the percentage is linear and not clamped."""
        self._settle(at, driving=driving)
        dip = self._random.choice((0.0, 0.1, DIP_V)) if driving else 0.0
        volt = round(self._volt - dip + (PLUGGED_V if self.charging else 0.0), 1)
        share = (volt - EMPTY_V) / (FULL_V - EMPTY_V)
        return {
            "charging": self.charging,
            "percentage": int(share * 100),
            "currentVoltage": volt,
            "minVolt": EMPTY_V,
            "maxVolt": FULL_V,
        }

    def _settle(self, at: float, *, driving: bool) -> None:
        used = DRIVING_V_PER_S if driving else STANDING_V_PER_S
        change = CHARGING_V_PER_S if self.charging else -used
        self._volt = min(FULL_V, max(EMPTY_V - 0.3, self._volt + change * (at - self._at)))
        self._at = at
