"""What an operator may set in the CCU: `ccu/set/...` and pairing (PROTOCOL C.5 to C.16, D.5)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from omf.layout import LayoutError
from services.mock import plant
from services.mock.ccu import placeholders
from services.mock.ccu.views import TIMED, ModuleView
from services.mock.machine import ProgramDiedError
from services.mock.plant import BAYS, DPS, UNKNOWN
from services.mock.reading import part, parts

if TYPE_CHECKING:
    from services.mock.ccu.ccu import Ccu

UNTRACKED = 0
PARKED = ("DPS", "HBW")
CLEARED = (
    "module_state",
    "module_order",
    "module_connection",
    "module_factsheet",
    "module_instant_action",
)
"""What is cleared of a deleted module: its commands too, though nothing retains them."""


class Office:
    """One handler a topic; what lacks a field it needs is ignored in silence."""

    def __init__(self, ccu: "Ccu") -> None:
        self.ccu = ccu
        self.parking: set[str] = set()
        self.handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "ccu_set_reset": self._reset,
            "ccu_set_park": self._park,
            "ccu_set_calibration": self._calibration,
            "ccu_set_layout": self._layout,
            "ccu_set_default_layout": self._default_layout,
            "ccu_set_flows": self._flows,
            "ccu_set_config": self._config,
            "ccu_set_module_duration": self._duration,
            "ccu_set_delete_module": self._delete,
            "ccu_pairing_pair_fts": self._pair,
        }

    # --- reset ------------------------------------------------------------------------------

    def _reset(self, body: dict[str, Any]) -> None:
        """Forget all orders, stop every device (PROTOCOL D.5)."""
        if not body.get("timestamp"):
            return
        ccu, with_storage = self.ccu, bool(body.get("withStorage"))
        ccu.stock.forget(contents=with_storage)
        ccu.book.forget()
        for view in ccu.pairing.vehicles.values():
            view.cleared = True
            view.node = view.module = UNKNOWN
            view.link.paired_since = None
            view.let_go()
            ccu.pairing.publish()
            ccu.vehicle_action(view.serial, "reset")
        for module in ccu.pairing.modules.values():
            if not module.charger:
                module.state = module.assigned = None
                ccu.pairing.publish()
                ccu.module_action(module.serial, "reset")
        ccu.charging.forget()
        ccu.pairing.publish()
        if with_storage:
            self._empty_storage()
        ccu.send("ccu_global", {"type": "reset"})

    def _empty_storage(self) -> None:
        contents: dict[str, Any] = {"contents": {bay: {} for bay in BAYS}}
        for module in self.ccu.pairing.of_type("HBW"):
            self.ccu.module_action(module.serial, "SET_STORAGE", contents)
        self.ccu.stock.publish(qos=UNTRACKED)

    # --- calibration ------------------------------------------------------------------------

    def _park(self, body: dict[str, Any]) -> None:
        """DPS and HBW go to their transport position; the vehicles do not move."""
        if not body.get("timestamp"):
            return
        for kind in PARKED:
            for module in self.ccu.pairing.of_type(kind):
                self.parking.add(module.serial)
                where = {"position": "PARK"}
                self.ccu.module_action(module.serial, "startCalibration", where)

    def _calibration(self, body: dict[str, Any]) -> None:
        """Pass a calibration command on as the instant action of the same name."""
        serial, command = str(body.get("serialNumber")), body.get("command")
        if serial not in self.ccu.pairing.known or not isinstance(command, str):
            return
        about = ("position", "references", "factory")
        metadata = {key: body[key] for key in about if key in body}
        self.ccu.module_action(serial, command, metadata or None)

    def module_told(self, state: dict[str, Any]) -> None:
        """A module reported: parking goes on, calibration values are passed to the operator."""
        serial = str(state.get("serialNumber"))
        view = self.ccu.pairing.modules.get(serial)
        listed = parts(state, "information")
        infos = {str(i.get("infoType")): i.get("infoReferences") for i in listed}
        if view is None or "calibration_data" not in infos:
            return
        body = {"timestamp": self.ccu.stamp, "serialNumber": serial, "calibrating": view.paused}
        body |= {"references": infos["calibration_data"]}
        body |= {"status_references": infos.get("calibration_status") or []}
        self.ccu.send("ccu_state_calibration", body, serial=serial)
        if serial in self.parking and view.paused:
            self.parking.discard(serial)
            where = {"position": "PARK"}
            self.ccu.module_action(serial, "selectCalibrationPosition", where)

    # --- layout, flows, config --------------------------------------------------------------

    def _layout(self, body: dict[str, Any]) -> None:
        """Replace the layout; some faults end the program, with others the old one stays."""
        if why := placeholders.deadly(body):
            raise ProgramDiedError(f"a layout with {why}")
        self._adopt(body)

    def _adopt(self, body: dict[str, Any]) -> None:
        """Take a layout over and publish it as it came; LayoutError leaves the old one."""
        try:
            layout = placeholders.graph(body)
        except LayoutError:
            return
        self.ccu.layout, self.ccu.layout_body = layout, body
        self.ccu.pairing.adopt(layout)
        self.ccu.send("ccu_state_layout", body)
        self.ccu.pairing.publish()
        self.ccu.dispatch.pump()

    def _strangers(self, layout: dict[str, Any]) -> list[ModuleView]:
        """Modules that were heard and have no place of their own in a layout."""
        listed = {str(module.get("serialNumber")) for module in parts(layout, "modules")}
        known = self.ccu.pairing.known
        return [view for serial, view in known.items() if serial not in listed]

    def factsheet_told(self, view: ModuleView, body: dict[str, Any]) -> None:
        """A module said what it is: if it is a stranger it may fill a placeholder (D.6)."""
        if view.serial in self.ccu.pairing.modules:
            return
        view.type = str(part(body, "typeSpecification").get("moduleClass") or "")
        layout = placeholders.filled(self.ccu.layout_body, [view])
        if layout != self.ccu.layout_body:
            self._adopt(layout)

    def _default_layout(self, body: dict[str, Any]) -> None:
        """The layout of the makers, its placeholders filled with the modules that were heard."""
        if body.get("timestamp"):
            layout = plant.layout()
            self._adopt(placeholders.filled(layout, self._strangers(layout)))

    def _flows(self, body: dict[str, Any]) -> None:
        """Merge by colour; new orders only."""
        good = {
            colour: {"steps": [step for step in flow["steps"] if isinstance(step, str)]}
            for colour, flow in body.items()
            if isinstance(flow, dict) and isinstance(flow.get("steps"), list)
        }
        self.ccu.flows = {**self.ccu.flows, **good}
        self.ccu.send("ccu_state_flows", self.ccu.flows)

    def _config(self, body: dict[str, Any]) -> None:
        """Replace everything, also what was left out."""
        if "productionDurations" in body:
            self.ccu.config = body
            self.ccu.send("ccu_state_config", body)

    def _duration(self, body: dict[str, Any]) -> None:
        module = self.ccu.pairing.modules.get(str(body.get("serialNumber")))
        duration = body.get("duration")
        if module is not None and module.type in TIMED and isinstance(duration, int):
            module.duration = duration

    def _delete(self, body: dict[str, Any]) -> None:
        """Forget a module and all that is retained of it; nothing for any other serial."""
        serial = str(body.get("serialNumber"))
        if self.ccu.pairing.forget(serial):
            for name in CLEARED:
                self.ccu.clear(name, serial=serial)

    def _pair(self, body: dict[str, Any]) -> None:
        """Let a vehicle look for its place before the DPS."""
        view = self.ccu.pairing.vehicles.get(str(body.get("serialNumber")))
        dps = self.ccu.pairing.modules.get(DPS.serial)
        if view is None or dps is None or not view.link.connected or view.link.paired_since:
            return
        where = {"nodeId": dps.serial}
        self.ccu.vehicle_action(view.serial, "findInitialDockPosition", where)
