"""How a vehicle charges: from docking at the charger until it is full or told to stop (C.6)."""

from collections.abc import Callable
from typing import Any

from omf.simulation.device import DeviceRuntime
from omf.simulation.vehicles.state import SimulatedState, touch

STOP_CHARGING_S = 2.0
CHARGED_TEST_S = 60.0
TESTS_WITHOUT_RISE = 5


class BatteryCharging:
    """One stay at the charger; its waits belong to the group `charge`."""

    def __init__(
        self, device: DeviceRuntime, state: SimulatedState, publish: Callable[[], None]
    ) -> None:
        """`publish` publishes the state message."""
        self.device, self.state, self.publish = device, state, publish
        self.flat_tests = 0
        self.tested_volt = 0.0

    def begin(self) -> None:
        """Docked at the charger: charging and paused."""
        at, battery = self.device.now.plant, self.state.battery
        self.state.paused = True
        battery.plug(at)
        self.flat_tests, self.tested_volt = 0, battery.volt(at)
        self.device.after(CHARGED_TEST_S, self._test, group="charge")

    def _test(self) -> None:
        """End by itself once the voltage has not risen for five tests."""
        volt = self.state.battery.volt(self.device.now.plant)
        self.flat_tests = self.flat_tests + 1 if volt <= self.tested_volt else 0
        self.tested_volt = volt
        if self.flat_tests >= TESTS_WITHOUT_RISE:
            self._end()
            return
        self.device.after(CHARGED_TEST_S, self._test, group="charge")

    def stop(self, entry: dict[str, Any]) -> None:
        """End on command; `entry` is the action that is FINISHED with it."""
        self.device.cancel_timers("charge")
        self.publish()
        self.device.after(STOP_CHARGING_S, self._end, entry, group="charge")

    def _end(self, entry: dict[str, Any] | None = None) -> None:
        self.state.battery.unplug(self.device.now.plant)
        self.state.paused = False
        if entry is not None:
            touch(entry, "FINISHED", self.device.fine_stamp)
        self.publish()
