"""What a vehicle does at once, beside its orders (PROTOCOL C.22)."""

from collections.abc import Callable
from typing import Any

from omf.simulation.device import DeviceRuntime
from omf.simulation.payloads import get_object
from omf.simulation.simulated_factory import CHARGER_SERIAL, UNKNOWN
from omf.simulation.vehicles.charging import BatteryCharging
from omf.simulation.vehicles.state import SimulatedState, touch

FIND_RUNS_AFTER_S, FIND_TAKES_S, FIND_SETTLES_S = 2.2, 6.9, 6.91
KEPT_ACTIONS = 50


class VehicleActions:
    """The instant actions of one vehicle; waits belong to the groups `instant` and `charge`."""

    def __init__(
        self,
        device: DeviceRuntime,
        state: SimulatedState,
        charging: BatteryCharging,
        *,
        publish: Callable[[], None],
        publish_factsheet: Callable[[], None],
        restart: Callable[[], None],
    ) -> None:
        """`publish` publishes the state message; `restart` begins anew, as after switching on."""
        self.device, self.state, self.charging = device, state, charging
        self.publish, self.publish_factsheet, self.restart = publish, publish_factsheet, restart

    def execute(self, action: dict[str, Any]) -> None:
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
        self.publish()

    def _factsheet(self, action: dict[str, Any]) -> None:
        self.publish_factsheet()
        self._tell(self._entry(action, "FINISHED"), "FINISHED")

    def _find(self, action: dict[str, Any]) -> None:
        vehicle, node = self.state, get_object(action, "metadata").get("nodeId")
        entry = self._entry(action, "INITIALIZING")
        if vehicle.last_node != UNKNOWN or not node or vehicle.executing:
            self._refuse(entry, action)
            return
        vehicle.errors = []
        self.publish()
        self._later(FIND_RUNS_AFTER_S, self._find_runs, entry)
        self._later(FIND_TAKES_S, self._found, entry, str(node))
        self._later(FIND_SETTLES_S, self._stand)

    def go_on_finding(self, action_id: str | None, node: str, left_s: float) -> None:
        """It looks for its place already and will have found it in `left_s`."""
        known = (each for each in self.state.actions if each["id"] == action_id)
        entry = next(known, None) or {"id": action_id, "command": "findInitialDockPosition"}
        self._later(left_s, self._found, entry, node)
        self._later(left_s + FIND_SETTLES_S - FIND_TAKES_S, self._stand)

    def _find_runs(self, entry: dict[str, Any]) -> None:
        self.state.driving = True
        self._tell(entry, "RUNNING")

    def _found(self, entry: dict[str, Any], node: str) -> None:
        self.state.last_node = node
        self._tell(entry, "FINISHED")

    def _stand(self) -> None:
        self.state.driving = False
        self.publish()

    def _clear(self, action: dict[str, Any]) -> None:
        """The piece changed hands; refused unless docked at a module."""
        vehicle, load = self.state, get_object(action, "metadata")
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
        self.publish()

    def _reset(self, action: dict[str, Any]) -> None:
        """At once; a charging vehicle lets go of the charger first."""
        del action
        self.device.cancel_timers("charge")
        if self.state.battery.charging:
            self.device.after(1.0, self.restart, group="charge")
        else:
            self.restart()

    def _stop_charging(self, action: dict[str, Any]) -> None:
        entry = self._entry(action, "RUNNING")
        if not (self.state.battery.charging and self.state.last_node == CHARGER_SERIAL):
            self._refuse(entry, action)
            return
        self.charging.stop(entry)

    # --- bookkeeping ------------------------------------------------------------------------

    def _entry(self, action: dict[str, Any], state: str) -> dict[str, Any]:
        entry = {"command": action.get("actionType"), "id": action.get("actionId")}
        touch(entry, state, self.device.fine_stamp)
        self.state.actions.append(entry)
        if not self.state.executing:
            del self.state.actions[:-KEPT_ACTIONS]
        return entry

    def _tell(self, entry: dict[str, Any], state: str) -> None:
        touch(entry, state, self.device.fine_stamp)
        self.publish()

    def _refuse(self, entry: dict[str, Any], action: dict[str, Any]) -> None:
        self._warn(str(action.get("actionType")), action)
        self._tell(entry, "FAILED")

    def _warn(self, kind: str, action: dict[str, Any]) -> None:
        reference = {"referenceKey": "actionId", "referenceValue": action.get("actionId")}
        self.state.errors = [
            *self.state.errors[-9:],
            {"errorType": kind, "errorLevel": "WARNING", "errorReferences": [reference]},
        ]

    def _later(self, delay_s: float, call: Any, *args: Any) -> None:
        self.device.after(delay_s, call, *args, group="instant")
