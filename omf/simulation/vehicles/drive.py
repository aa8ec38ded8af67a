"""How a vehicle drives an order: node by node, told at every change (PROTOCOL D.4)."""

from collections.abc import Callable
from typing import Any, Final

from omf.simulation.device import DeviceRuntime
from omf.simulation.learned import DRIVE_SHARE, leg
from omf.simulation.simulated_factory import CHARGER_SERIAL, Span
from omf.simulation.vehicles.charging import BatteryCharging
from omf.simulation.vehicles.state import SimulatedState, touch

EDGE_SPAN_S: Final[Span] = (2.3, 2.4, 2.6)
EDGE_FROM_CHARGER_S: Final[Span] = (2.0, 2.1, 2.2)
TURN_SPAN_S: Final[Span] = (1.3, 1.4, 1.5)
APPROACH_S: Final[Span] = (1.9, 2.0, 2.1)
"""DOCK INITIALIZING: the last edge."""
DOCK_SPAN_S: Final[Span] = (3.6, 4.2, 4.6)
SHIFT_S: Final[Span] = (1.2, 2.0, 2.5)
"""Docking anew where it stands, to bring another bay before the module."""
SAME: Final[Span] = (1.0, 1.0, 1.0)
ORDER_START_S, TELL_S, SETTLE_S = 0.05, 0.06, 0.004


class Drive:
    """The order being driven; every wait belongs to the group `drive`."""

    def __init__(
        self,
        device: DeviceRuntime,
        state: SimulatedState,
        charging: BatteryCharging,
        publish: Callable[[], None],
    ) -> None:
        """`publish` publishes the state message."""
        self.device, self.state, self.charging, self.publish = device, state, charging, publish
        self.reset()

    def reset(self) -> None:
        """Forget the order."""
        self.nodes: list[dict[str, Any]] = []
        self.held_s = 0.0
        self.pace = 1.0
        """How much longer than usual this drive takes."""

    def hold(self, delay_s: float) -> None:
        """Something stands in the way: the next stage takes so much longer."""
        self.held_s += delay_s

    def accept(self, order: dict[str, Any], *, fail: bool) -> None:
        """Take the order: all actions WAITING; or all FAILED at once if it cannot be driven."""
        vehicle = self.state
        self.nodes = order["nodes"]
        vehicle.order_id = order["orderId"]
        vehicle.order_update_id = order.get("orderUpdateId") or 0
        vehicle.errors = []
        vehicle.actions = [self._entry(node) for node in self.nodes if node.get("action")]
        vehicle.active = vehicle.actions[0] if vehicle.actions else None
        if fail:
            self._fail()
            return
        vehicle.executing = True
        self._set_pace()
        self.publish()
        self._later(ORDER_START_S, self._start)

    def resume(self, index: int, state: str, left_s: float) -> None:
        """Go on in the middle of an order: at node `index`, whose action is in `state`."""
        self._set_pace()
        node, last = self.nodes[index], index == len(self.nodes) - 1
        if last and state == "WAITING" and len(self.nodes) > 1:
            self._on_road(index)
        elif last and state == "INITIALIZING" and len(self.nodes) > 1:
            self.device.after(left_s, self._dock, node, group="drive")
        elif last:
            self.device.after(left_s, self._docked, node, group="drive")
        else:
            onward = self._at_node if state == "WAITING" else self._passed
            self.device.after(left_s, onward, index, group="drive")

    def _set_pace(self) -> None:
        """As long as drives usually take here, this leg if it is known."""
        way = leg(str(self.nodes[0]["id"]), str(self.nodes[-1]["id"]))
        self.pace = self.device.lasting(DRIVE_SHARE, SAME, "", way)

    def stop_soon(self) -> None:
        """It has docked and stands in a moment."""
        self.device.after(SETTLE_S, self._stop, group="drive")

    def _entry(self, node: dict[str, Any]) -> dict[str, Any]:
        action = node["action"]
        entry = {"command": action["type"], "id": action["id"]}
        self._touch(entry, "WAITING")
        return entry

    def _fail(self) -> None:
        vehicle = self.state
        for action in vehicle.actions:
            self._touch(action, "FAILED")
        kind = vehicle.actions[0]["command"] if vehicle.actions else "ORDER"
        reference = {"referenceKey": "orderId", "referenceValue": vehicle.order_id}
        vehicle.errors = [
            {
                "errorType": f"{kind}_ERROR",
                "errorLevel": "FATAL",
                "errorReferences": [reference],
            }
        ]
        self.publish()

    def _start(self) -> None:
        self.state.driving = True
        if len(self.nodes) == 1:
            self._show(self.nodes[0], "INITIALIZING")
            self._later(0.006, self._show, self.nodes[0], "RUNNING")
            self._later(self.device.draw(SHIFT_S), self._docked, self.nodes[0])
            return
        self.publish()
        self._on_road(1)

    def _on_road(self, index: int) -> None:
        """Leave for node `index`; the last one is docked at."""
        if index == len(self.nodes) - 1:
            self._later(TELL_S, self._show, self.nodes[index], "INITIALIZING")
            self._later(self.device.draw(APPROACH_S), self._dock, self.nodes[index])
            return
        at_charger = self.state.last_node == CHARGER_SERIAL
        span = EDGE_FROM_CHARGER_S if at_charger else EDGE_SPAN_S
        self._later(self.device.draw(span), self._at_node, index)

    def _at_node(self, index: int) -> None:
        node = self.nodes[index]
        self.state.last_node = str(node["id"])
        self.publish()
        action = node.get("action")
        if action is None:
            self._on_road(index + 1)
        elif action["type"] == "TURN":
            self._later(TELL_S, self._turn, index)
        else:
            self._later(TELL_S, self._passed, index)

    def _turn(self, index: int) -> None:
        self._show(self.nodes[index], "INITIALIZING")
        self._later(0.02, self._show, self.nodes[index], "RUNNING")
        self._later(self.device.draw(TURN_SPAN_S), self._passed, index)

    def _passed(self, index: int) -> None:
        """The node is done: told, and told again when the next stage begins."""
        self._show(self.nodes[index], "FINISHED")
        self._later(TELL_S, self.publish)
        self._on_road(index + 1)

    def _dock(self, node: dict[str, Any]) -> None:
        self._show(node, "RUNNING")
        self._later(self.device.draw(DOCK_SPAN_S), self._docked, node)

    def _docked(self, node: dict[str, Any]) -> None:
        """Arrived: the bay is preset, and `driving` ends in a second message (PROTOCOL D.4)."""
        vehicle, dock = self.state, node["action"].get("metadata") or {}
        vehicle.last_node = str(node["id"])
        vehicle.docked_bay = str(dock.get("loadPosition") or vehicle.docked_bay)
        if dock.get("charge"):
            self.charging.begin()
        elif not dock.get("noLoadChange"):
            vehicle.loads.put(vehicle.docked_bay, dock.get("loadType"), dock.get("loadId"))
            vehicle.waiting = True
        self._show(node, "FINISHED")
        self._later(SETTLE_S, self._stop)

    def _stop(self) -> None:
        self.state.executing = self.state.driving = False
        self.publish()

    def _show(self, node: dict[str, Any], state: str) -> None:
        wanted = node["action"]["id"]
        action = next(action for action in self.state.actions if action["id"] == wanted)
        self._touch(action, state)
        self.state.active = action
        self.publish()

    def _touch(self, action: dict[str, Any], state: str) -> None:
        touch(action, state, self.device.fine_stamp)

    def _later(self, delay_s: float, call: Any, *args: Any) -> None:
        if delay_s > TELL_S:
            delay_s, self.held_s = delay_s * self.pace + self.held_s, 0.0
        self.device.after(delay_s, call, *args, group="drive")
