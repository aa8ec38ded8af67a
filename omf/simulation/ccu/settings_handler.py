"""What an operator may set in the CCU: `ccu/set/...` and pairing (PROTOCOL C.5 to C.16, D.5)."""

from collections.abc import Callable
from typing import Any

from omf.layout.layout import LayoutError
from omf.simulation import simulated_factory
from omf.simulation.ccu.configuration import Configuration, fatal_layout_fault, fill_placeholders
from omf.simulation.ccu.devices import TIMED_MODULES, ModuleView
from omf.simulation.ccu.instant_actions import send_module_action, send_vehicle_action
from omf.simulation.ccu.pairing import Pairing
from omf.simulation.device import DeviceRuntime
from omf.simulation.machine import ProgramDiedError
from omf.simulation.payloads import get_object, get_objects

PARKED = ("DPS", "HBW")
CLEARED_TOPICS = (
    "module_state",
    "module_order",
    "module_connection",
    "module_factsheet",
    "module_instant_action",
)
"""What is cleared of a deleted module: its commands too, though nothing retains them."""


class SettingsHandler:
    """One handler a topic; what lacks a field it needs is ignored in silence."""

    def __init__(
        self,
        device: DeviceRuntime,
        configuration: Configuration,
        pairing: Pairing,
        on_layout: Callable[[], None],
    ) -> None:
        """`on_layout` tries again what did not fit into the layout before."""
        self.device, self.configuration, self.pairing = device, configuration, pairing
        self._on_layout = on_layout
        self.parking: set[str] = set()
        self.handlers: dict[str, Callable[[dict[str, Any]], None]] = {
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

    # --- calibration ------------------------------------------------------------------------

    def _park(self, body: dict[str, Any]) -> None:
        """DPS and HBW go to their transport position; the vehicles do not move."""
        if not body.get("timestamp"):
            return
        for kind in PARKED:
            for module in self.pairing.of_type(kind):
                self.parking.add(module.serial)
                where = {"position": "PARK"}
                send_module_action(self.device, module.serial, "startCalibration", where)

    def _calibration(self, body: dict[str, Any]) -> None:
        """Pass a calibration command on as the instant action of the same name."""
        serial, command = str(body.get("serialNumber")), body.get("command")
        if serial not in self.pairing.known or not isinstance(command, str):
            return
        about = ("position", "references", "factory")
        metadata = {key: body[key] for key in about if key in body}
        send_module_action(self.device, serial, command, metadata or None)

    def on_module_state(self, state: dict[str, Any]) -> None:
        """A module reported: parking goes on, calibration values are passed to the operator."""
        serial = str(state.get("serialNumber"))
        view = self.pairing.modules.get(serial)
        listed = get_objects(state, "information")
        infos = {str(i.get("infoType")): i.get("infoReferences") for i in listed}
        if view is None or "calibration_data" not in infos:
            return
        body = {"timestamp": self.device.stamp, "serialNumber": serial, "calibrating": view.paused}
        body |= {"references": infos["calibration_data"]}
        body |= {"status_references": infos.get("calibration_status") or []}
        self.device.send("ccu_state_calibration", body, serial=serial)
        if serial in self.parking and view.paused:
            self.parking.discard(serial)
            where = {"position": "PARK"}
            send_module_action(self.device, serial, "selectCalibrationPosition", where)

    # --- layout, flows, config --------------------------------------------------------------

    def _layout(self, body: dict[str, Any]) -> None:
        """Replace the layout; some faults end the program, with others the old one stays."""
        if why := fatal_layout_fault(body):
            raise ProgramDiedError(f"a layout with {why}")
        self._adopt(body)

    def _adopt(self, body: dict[str, Any]) -> None:
        """Take a layout over and publish it as it came; LayoutError leaves the old one."""
        try:
            self.configuration.replace_layout(body)
        except LayoutError:
            return
        self.pairing.adopt(self.configuration.layout)
        self.device.send("ccu_state_layout", body)
        self.pairing.publish()
        self._on_layout()

    def _strangers(self, layout: dict[str, Any]) -> list[ModuleView]:
        """Modules that were heard and have no place of their own in a layout."""
        listed = {str(module.get("serialNumber")) for module in get_objects(layout, "modules")}
        known = self.pairing.known
        return [view for serial, view in known.items() if serial not in listed]

    def on_factsheet(self, view: ModuleView, body: dict[str, Any]) -> None:
        """A module said what it is: if it is a stranger it may fill a placeholder (D.6)."""
        if view.serial in self.pairing.modules:
            return
        view.type = str(get_object(body, "typeSpecification").get("moduleClass") or "")
        layout = fill_placeholders(self.configuration.layout_message, [view])
        if layout != self.configuration.layout_message:
            self._adopt(layout)

    def _default_layout(self, body: dict[str, Any]) -> None:
        """The layout of the makers, its placeholders filled with the modules that were heard."""
        if body.get("timestamp"):
            layout = simulated_factory.layout()
            self._adopt(fill_placeholders(layout, self._strangers(layout)))

    def _flows(self, body: dict[str, Any]) -> None:
        """Merge by colour; new orders only."""
        good = {
            colour: {"steps": [step for step in flow["steps"] if isinstance(step, str)]}
            for colour, flow in body.items()
            if isinstance(flow, dict) and isinstance(flow.get("steps"), list)
        }
        self.configuration.flows = {**self.configuration.flows, **good}
        self.device.send("ccu_state_flows", self.configuration.flows)

    def _config(self, body: dict[str, Any]) -> None:
        """Replace everything, also what was left out."""
        if "productionDurations" in body:
            self.configuration.settings = body
            self.device.send("ccu_state_config", body)

    def _duration(self, body: dict[str, Any]) -> None:
        module = self.pairing.known.get(str(body.get("serialNumber")))
        duration = body.get("duration")
        if module is not None and module.type in TIMED_MODULES and isinstance(duration, int):
            module.duration = duration

    def _delete(self, body: dict[str, Any]) -> None:
        """Forget a module and all that is retained of it; nothing for any other serial."""
        serial = str(body.get("serialNumber"))
        if self.pairing.delete(serial):
            for name in CLEARED_TOPICS:
                self.device.clear(name, serial=serial)

    def _pair(self, body: dict[str, Any]) -> None:
        """Let a vehicle look for its place before the DPS."""
        view = self.pairing.vehicles.get(str(body.get("serialNumber")))
        dps = next(iter(self.pairing.of_type("DPS")), None)
        if view is None or dps is None or not view.link.connected or view.link.paired_since:
            return
        where = {"nodeId": dps.serial}
        send_vehicle_action(self.device, view.serial, "findInitialDockPosition", where)
