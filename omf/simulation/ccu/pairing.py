"""The CCU's view of all devices, published whenever it changes and, for show, when it does not."""

from typing import Any

from omf.layout.layout import Layout
from omf.simulation.ccu.devices import ModuleView, VehicleView, fatal
from omf.simulation.ccu.instant_actions import send_module_action
from omf.simulation.device import DeviceRuntime
from omf.simulation.simulated_factory import UNKNOWN

REPEAT_EVERY_S, REPEATS = 1.3, 6
"""In life: unchanged repeats come 46 a minute at most, up to six in a row, however fast we run."""
MAX_LISTED_VEHICLES = 40
MAX_STRANGERS = 20
IRRELEVANT = ("lastSeen", "batteryVoltage", "batteryPercentage")


class Pairing:
    """Modules of the layout and vehicles that were heard."""

    def __init__(self, device: DeviceRuntime) -> None:
        self.device = device
        self.modules: dict[str, ModuleView] = {}
        self.strangers: dict[str, ModuleView] = {}
        """Modules that were heard and are not in the layout: listed, not paired, never ordered to.

        They may fill a placeholder.
        """
        self.vehicles: dict[str, VehicleView] = {}
        self._published: Any = None
        self.publications = 0
        """How often the pairing was published, to see whether it was lately."""
        self._credit, self._credit_at = float(REPEATS), 0.0

    def adopt(self, layout: Layout) -> None:
        """The modules of a layout are paired, all others are not."""
        known = self.strangers | self.modules
        self.modules = {
            serial: known.get(serial) or ModuleView(serial, kind)
            for serial, kind in layout.modules.items()
        }
        left = [view for serial, view in known.items() if serial not in self.modules]
        self.strangers = {view.serial: view for view in left[-MAX_STRANGERS:]}
        for view in left:
            view.link.paired_since = None
        for view in self.modules.values():
            view.link.paired_since = view.link.paired_since or self.device.stamp

    def module(self, serial: str) -> ModuleView:
        """The module of that serial, in the layout or not."""
        if serial in self.modules:
            return self.modules[serial]
        if len(self.strangers) >= MAX_STRANGERS:
            return self.strangers.get(serial, ModuleView(serial, ""))
        return self.strangers.setdefault(serial, ModuleView(serial, ""))

    @property
    def known(self) -> dict[str, ModuleView]:
        """Every module that is listed, in the layout or not."""
        return self.modules | self.strangers

    def delete(self, serial: str) -> bool:
        """Take a module off the list; False if it was not on it."""
        gone = self.modules.pop(serial, None) or self.strangers.pop(serial, None)
        return gone is not None

    def vehicle(self, serial: str) -> VehicleView:
        """The vehicle of that serial, known from now on; invented ones cannot fill the memory."""
        if len(self.vehicles) >= MAX_LISTED_VEHICLES:
            return self.vehicles.get(serial, VehicleView(serial))
        return self.vehicles.setdefault(serial, VehicleView(serial))

    def pair(self, view: VehicleView) -> None:
        """A vehicle that knows a module as its place is paired; UNKNOWN ends it."""
        if view.node == UNKNOWN:
            view.link.paired_since = None
        elif view.node in self.modules and view.link.paired_since is None:
            view.link.paired_since = self.device.stamp

    def of_type(self, kind: str) -> list[ModuleView]:
        """All modules of a type."""
        return [view for view in self.modules.values() if view.type == kind]

    def publish(self, *, repeat: bool = False) -> None:
        """Publish if something changed; `repeat` publishes the same again, within the limit."""
        if "ccu_pairing_state" in self.device.unheard:
            return
        modules = [view.to_dict() for view in self.known.values()]
        transports = [view.to_dict() for view in self.vehicles.values()]
        changed = [_relevant(entry) for entry in (*modules, *transports)]
        if changed == self._published and not (repeat and self._may_repeat()):
            return
        self._published = changed
        self.publications += 1
        body = {"modules": modules, "transports": transports}
        self.device.send("ccu_pairing_state", body)
        self._lamp()

    def _may_repeat(self) -> bool:
        at = self.device.now.wall
        self._credit = min(REPEATS, self._credit + (at - self._credit_at) / REPEAT_EVERY_S)
        self._credit_at = at
        if self._credit < 1:
            return False
        self._credit -= 1
        return True

    def _lamp(self) -> None:
        """The status lamp of the DPS: one colour at a time (PROTOCOL C.24)."""
        stations = self.of_type("DPS")
        if not stations:
            return
        views: list[ModuleView | VehicleView] = list(self.modules.values())
        views += self.vehicles.values()
        paired = [view for view in views if view.link.paired_since]
        red = any(v.available == "BLOCKED" and fatal(v.state or {}) for v in paired)
        busy = any(view.available != "READY" for view in paired)
        yellow = not red and (busy or any(one.assigned for one in stations))
        metadata = {"green": not (red or yellow), "red": red, "yellow": yellow}
        for station in stations:
            send_module_action(self.device, station.serial, "setStatusLED", metadata)


def _relevant(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in IRRELEVANT}
