"""Node-RED: five PLC modules on one MQTT client (PROTOCOL A.1, B, D.5, D.6)."""

from collections.abc import Mapping, Sequence
from typing import Any

from omf.constants import HEARTBEAT_S
from omf.simulation.device import Send, message
from omf.simulation.machine import Machine
from omf.simulation.modules import factsheets
from omf.simulation.modules.aiqs import QualityStation
from omf.simulation.modules.dps import DeliveryStation
from omf.simulation.modules.hbw import Warehouse
from omf.simulation.modules.plc import Plc
from omf.simulation.modules.processing import Drill, Mill
from omf.simulation.payloads import get_objects
from omf.simulation.simulated_factory import PLC_MODULES, ModuleFacts
from omf.topics import catalogue

DOWN_AFTER_S, UP_AFTER_S, MODULES_AFTER_S = 5.7, 9.5, 26.4
"""A reset restarts Node-RED: gone, back, and the modules' states (PROTOCOL D.5)."""
RESET_TAKES_S = 8.0
"""A PLC that is reset alone; in a reset of the factory Node-RED is gone by then."""
BRIDGE_TOPICS = (
    "module_order",
    "module_instant_action",
    "nodered_state",
    "ccu_global",
    "ccu_order_request",
)


PLC_TYPES: Mapping[str, type[Plc]] = {
    "HBW": Warehouse,
    "DRILL": Drill,
    "MILL": Mill,
    "DPS": DeliveryStation,
    "AIQS": QualityStation,
}
"""By the type of the module; of others nobody knows how they behave."""


class Bridge(Machine):
    """Everything Node-RED publishes and answers."""

    client = "nodered"

    def __init__(
        self,
        *,
        stock: Mapping[str, int],
        modules: Sequence[ModuleFacts] = PLC_MODULES,
        **options: Any,
    ) -> None:
        """`stock` says how many pieces of each colour the first warehouse begins with."""
        super().__init__(**options)
        self.modules = {facts.serial: PLC_TYPES[facts.type](self, facts) for facts in modules}
        self.warehouses = [p for p in self.modules.values() if isinstance(p, Warehouse)]
        self.stations = [p for p in self.modules.values() if isinstance(p, DeliveryStation)]
        self.stock: Mapping[str, int] | None = stock
        self.started_at = ""
        self.heartbeats = dict.fromkeys(self.modules, 0)
        self.down = False

    def filters(self) -> tuple[str, ...]:
        """Orders, instant actions, the TXTs' states, and the reset."""
        return tuple(catalogue.find(name).pattern for name in BRIDGE_TOPICS)

    def will(self) -> Send:
        """Only its own status: the modules' retained ONLINE stays (PROTOCOL D.6)."""
        return message("nodered_status", {"connectionState": "OFFLINE"})

    def on_connect(self) -> None:
        """Birth, and all that is retained."""
        self._stock_once()
        self.send("nodered_status", {"connectionState": "ONLINE"})
        self.started_at = self.stamp
        for serial, plc in self.modules.items():
            sheet = factsheets.module(plc.facts, self.stamp)
            self.send("module_factsheet", sheet, serial=serial)
            plc.publish()
        for serial in self.modules:
            self._heartbeat(serial)
        self.begin_heartbeats()

    def begin_heartbeats(self) -> None:
        """Tell of every module that it is there, one after the other, from now on."""
        self.cancel_timers("heartbeat")
        for place, serial in enumerate(self.modules):
            self.after_real(HEARTBEAT_S + place * 0.15, self._beat_on, serial, group="heartbeat")

    def on_leave(self) -> None:
        """Only its own status, like the last will."""
        self.send("nodered_status", {"connectionState": "OFFLINE"})

    def _stock_once(self) -> None:
        for warehouse in self.warehouses[:1] if self.stock is not None else ():
            warehouse.stock(self.stock or {}, self.now.wall)
        self.stock = None

    def _beat_on(self, serial: str) -> None:
        self._heartbeat(serial)
        self.after_real(HEARTBEAT_S, self._beat_on, serial, group="heartbeat")

    def _heartbeat(self, serial: str) -> None:
        """The headerId rises, the timestamp stays that of the start (PROTOCOL B.2)."""
        plc = self.modules[serial]
        if self.down or (plc.silent and not plc.unreachable):
            return
        number, self.heartbeats[serial] = self.heartbeats[serial], self.heartbeats[serial] + 1
        body = {
            "headerId": number,
            "timestamp": self.started_at,
            "ip": plc.facts.ip,
            "version": plc.facts.version,
            "manufacturer": "Fischertechnik",
            "serialNumber": serial,
            "connectionState": "CONNECTIONBROKEN" if plc.unreachable else "ONLINE",
        }
        self.send("module_connection", body, serial=serial)

    def on_message(self, name: str, levels: dict[str, str], body: Any) -> None:
        """Hand the message to the module it is for."""
        if self.down or not isinstance(body, dict):
            return
        if name == "ccu_global" and body.get("type") == "reset":
            self._restart()
        elif name == "ccu_order_request":
            self._hand(body)
        elif name == "nodered_state":
            station = self.modules.get(levels["serial"])
            if isinstance(station, QualityStation | DeliveryStation):
                station.told(body)
        elif plc := self.modules.get(levels.get("serial", "")):
            self._command(plc, name, body)

    def _command(self, plc: Plc, name: str, body: dict[str, Any]) -> None:
        if name == "module_order":
            plc.order(body)
            return
        action = (get_objects(body, "actions") or [{}])[0]
        if action.get("actionType") != "reset":
            plc.instant(action)
        elif plc.facts.type not in ("MILL", "DRILL"):
            self._reset(plc, body)

    def _reset(self, plc: Plc, body: dict[str, Any]) -> None:
        """Reset the PLC and, behind the DPS, its TXT; MILL and DRILL know no reset (C.9)."""
        plc.restart()
        self.after(RESET_TAKES_S, plc.publish, group=plc.group)
        if plc in self.stations:
            self.send("nodered_instant_action", body, serial=plc.facts.serial)

    def _hand(self, request: dict[str, Any]) -> None:
        """Lay the piece that a STORAGE request by hand claims to lie in the input."""
        wanted = request.get("type")
        if request.get("orderType") == "STORAGE" and isinstance(wanted, str):
            for station in self.stations[:1]:
                station.lay_unseen(wanted)

    # --- restart ----------------------------------------------------------------------------

    def _restart(self) -> None:
        self.cancel_timers("restart")
        self.after(DOWN_AFTER_S, self._go_down, group="restart")
        self.after(UP_AFTER_S, self._come_up, group="restart")
        self.after(MODULES_AFTER_S, self._modules_up, group="restart")

    def _go_down(self) -> None:
        """Said twice: by the closing program and by its last will."""
        self.down = True
        for plc in self.modules.values():
            plc.restart()
        for _ in range(2):
            self.send("nodered_status", {"connectionState": "OFFLINE"})

    def _come_up(self) -> None:
        self.send("nodered_status", {"connectionState": "ONLINE"})

    def _modules_up(self) -> None:
        self.down, self.started_at = False, self.stamp
        self.heartbeats = dict.fromkeys(self.modules, 0)
        for serial, plc in self.modules.items():
            plc.publish()
            self._heartbeat(serial)
        for plc in self.modules.values():
            if isinstance(plc, QualityStation | DeliveryStation):
                self._ask_controller(plc.facts.serial)

    def _ask_controller(self, serial: str) -> None:
        """Ask a TXT for its factsheet, under the id the real flow always uses."""
        action = {"actionId": "SOME_ID", "actionType": "factsheetRequest", "metadata": {}}
        body = {"host": serial, "serialNumber": serial, "timestamp": self.stamp}
        self.send("nodered_instant_action", body | {"actions": [action]}, serial=serial)

    # --- faults -----------------------------------------------------------------------------

    def on_fault(self, kind: str, target: str) -> bool:
        """Faults of the bridge and of its modules (see `faults.KINDS`)."""
        if kind == "input":
            return any(station.lay(target) for station in self.stations[:1])
        if kind == "refill":
            return sum(warehouse.refill(self.now.wall) for warehouse in self.warehouses) > 0
        if kind == "bridge-dead":
            self.down = True
            self.send("nodered_status", {"connectionState": "OFFLINE"})
            return True
        if kind == "bridge-back" and self.down:
            self._come_up()
            self._modules_up()
            return True
        hit = [p for p in self.modules.values() if target in (p.facts.serial, p.facts.type)]
        return sum(plc.suffer(kind) for plc in hit) > 0
