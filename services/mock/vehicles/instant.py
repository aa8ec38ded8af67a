"""What a vehicle does at once, beside its orders (PROTOCOL C.22)."""

from typing import TYPE_CHECKING, Any

from services.mock.plant import CHARGER, UNKNOWN
from services.mock.reading import part

if TYPE_CHECKING:
    from services.mock.vehicles.vehicle import Vehicle

FIND_RUNS_AFTER_S, FIND_TAKES_S, FIND_SETTLES_S = 2.2, 6.9, 6.91
STOP_CHARGING_S = 2.0
CHARGED_TEST_S = 60.0
TESTS_WITHOUT_RISE = 5
KEPT_ACTIONS = 50


class InstantActions:
    """The instant actions of one vehicle; waits belong to the groups `instant` and `charge`."""

    def __init__(self, vehicle: "Vehicle") -> None:
        self.vehicle = vehicle
        self.flat_tests = 0
        self.tested_volt = 0.0

    def take(self, action: dict[str, Any]) -> None:
        """Carry an instant action out, or say why not."""
        kind = str(action.get("actionType"))
        acts = {
            "findInitialDockPosition": self._find,
            "clearLoadHandler": self._clear,
            "reset": self._reset,
            "stopCharging": self._stop_charging,
            "factsheetRequest": self._factsheet,
        }
        if kind in acts:
            acts[kind](action)
            return
        self._warn("invalidInstantAction", action)
        self.vehicle.publish()

    def _factsheet(self, action: dict[str, Any]) -> None:
        self.vehicle.show_factsheet()
        self._tell(self._entry(action, "FINISHED"), "FINISHED")

    def _find(self, action: dict[str, Any]) -> None:
        vehicle, node = self.vehicle, part(action, "metadata").get("nodeId")
        entry = self._entry(action, "INITIALIZING")
        if vehicle.last_node != UNKNOWN or not node or vehicle.drive.running:
            self._refuse(entry, action)
            return
        vehicle.errors = []
        vehicle.publish()
        self._later(FIND_RUNS_AFTER_S, self._find_runs, entry)
        self._later(FIND_TAKES_S, self._found, entry, str(node))
        self._later(FIND_SETTLES_S, self._stand)

    def _find_runs(self, entry: dict[str, Any]) -> None:
        self.vehicle.driving = True
        self._tell(entry, "RUNNING")

    def _found(self, entry: dict[str, Any], node: str) -> None:
        self.vehicle.last_node = node
        self._tell(entry, "FINISHED")

    def _stand(self) -> None:
        self.vehicle.driving = False
        self.vehicle.publish()

    def _clear(self, action: dict[str, Any]) -> None:
        """The piece changed hands; refused unless docked at a module."""
        vehicle, load = self.vehicle, part(action, "metadata")
        entry = self._entry(action, "FINISHED")
        if vehicle.driving or vehicle.last_node.isdigit() or vehicle.last_node == UNKNOWN:
            self._refuse(entry, action)
            return
        bay = str(load.get("loadPosition") or vehicle.docked_bay)
        if load.get("loadDropped"):
            vehicle.loads.empty(bay)
        else:
            vehicle.loads.put(bay, load.get("loadType"), load.get("loadId"))
        vehicle.waiting = False
        vehicle.publish()

    def _reset(self, action: dict[str, Any]) -> None:
        """At once; a charging vehicle lets go of the charger first."""
        del action
        self.vehicle.forget("charge")
        if self.vehicle.battery.charging:
            self.vehicle.after(1.0, self._begin_anew, group="charge")
        else:
            self._begin_anew()

    def _begin_anew(self) -> None:
        """It also says again that it is there: a CCU that was started anew lists it by that.

        Recorded resets come without; there a person switches the vehicle off and on.
        """
        self.vehicle.reset()
        self.vehicle.announce()

    # --- charging ---------------------------------------------------------------------------

    def begin_charging(self) -> None:
        """Docked at the charger: charging and paused."""
        vehicle = self.vehicle
        vehicle.paused = True
        vehicle.battery.plug(vehicle.now.plant)
        self.flat_tests, self.tested_volt = 0, vehicle.battery.volt(vehicle.now.plant)
        vehicle.after(CHARGED_TEST_S, self._test, group="charge")

    def _test(self) -> None:
        """End by itself once the voltage has not risen for five tests."""
        volt = self.vehicle.battery.volt(self.vehicle.now.plant)
        self.flat_tests = self.flat_tests + 1 if volt <= self.tested_volt else 0
        self.tested_volt = volt
        if self.flat_tests >= TESTS_WITHOUT_RISE:
            self._end_charging()
            return
        self.vehicle.after(CHARGED_TEST_S, self._test, group="charge")

    def _stop_charging(self, action: dict[str, Any]) -> None:
        charging = self.vehicle.battery.charging and self.vehicle.last_node == CHARGER
        entry = self._entry(action, "RUNNING")
        if not charging:
            self._refuse(entry, action)
            return
        self.vehicle.forget("charge")
        self.vehicle.publish()
        self.vehicle.after(STOP_CHARGING_S, self._end_charging, entry, group="charge")

    def _end_charging(self, entry: dict[str, Any] | None = None) -> None:
        self.vehicle.battery.unplug(self.vehicle.now.plant)
        self.vehicle.paused = False
        if entry is not None:
            self.vehicle.touch(entry, "FINISHED")
        self.vehicle.publish()

    # --- bookkeeping ------------------------------------------------------------------------

    def _entry(self, action: dict[str, Any], state: str) -> dict[str, Any]:
        entry = {"command": action.get("actionType"), "id": action.get("actionId")}
        self.vehicle.touch(entry, state)
        self.vehicle.actions.append(entry)
        if not self.vehicle.drive.running:
            del self.vehicle.actions[:-KEPT_ACTIONS]
        return entry

    def _tell(self, entry: dict[str, Any], state: str) -> None:
        self.vehicle.touch(entry, state)
        self.vehicle.publish()

    def _refuse(self, entry: dict[str, Any], action: dict[str, Any]) -> None:
        self._warn(str(action.get("actionType")), action)
        self._tell(entry, "FAILED")

    def _warn(self, kind: str, action: dict[str, Any]) -> None:
        reference = {"referenceKey": "actionId", "referenceValue": action.get("actionId")}
        self.vehicle.errors = [
            *self.vehicle.errors[-9:],
            {"errorType": kind, "errorLevel": "WARNING", "errorReferences": [reference]},
        ]

    def _later(self, delay_s: float, call: Any, *args: Any) -> None:
        self.vehicle.after(delay_s, call, *args, group="instant")
