"""The central control unit: owns orders, stock, layout, pairing and routing (PROTOCOL A.1)."""

from collections.abc import Callable
from typing import Any

from omf.constants import AT_MOST_ONCE
from omf.simulation.ccu.charging import ChargeRequests
from omf.simulation.ccu.configuration import Configuration
from omf.simulation.ccu.devices import STUCK, ModuleView, VehicleView
from omf.simulation.ccu.dispatch import Dispatch
from omf.simulation.ccu.fleet import Fleet
from omf.simulation.ccu.instant_actions import send_module_action, send_vehicle_action
from omf.simulation.ccu.order_book import CcuOrderBook
from omf.simulation.ccu.orders import CcuOrder
from omf.simulation.ccu.pairing import Pairing
from omf.simulation.ccu.settings_handler import SettingsHandler
from omf.simulation.ccu.stock import WarehouseStock
from omf.simulation.device import DeviceRuntime
from omf.simulation.machine import Machine, ProgramDiedError
from omf.simulation.simulated_factory import CCU_VERSION, WAREHOUSE_BAYS
from omf.topics import catalogue

FACTSHEET_WAIT_S = 2.0
"""In life: a retained factsheet may still be under way."""
RESET_AFTER_S = 30.0
"""A CCU that has just started resets the factory so much later."""
HEARD_AFTER_S = 0.05
"""A simulation that begins in the middle: by then each device has told its state."""
CCU_TOPICS = (
    "module_state",
    "module_connection",
    "module_factsheet",
    "fts_state",
    "fts_connection",
    "fts_factsheet",
    "ccu_order_request",
    "ccu_order_cancel",
    "ccu_set_charge",
    "cloud_order_request",
    "ccu_set_reset",
)
READ_UNGUARDED = ("fts_state", "ccu_order_request", "ccu_order_cancel", "ccu_pairing_pair_fts")
"""Topics on which an empty payload ends the program, as on each `ccu_set_...` (PROTOCOL H)."""


SendAction = Callable[[DeviceRuntime, str, str], None]


class Ccu(Machine):
    """The CCU; it has no last will and tells nobody that it is there."""

    client = "ccu"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.configuration = Configuration()
        self._begin()

    def _begin(self) -> None:
        """What a start of the program does not know: all but the files it saved (PROTOCOL D.5)."""
        saved = self.configuration
        self.pairing, self.stock = Pairing(self), WarehouseStock(self)
        self.book = CcuOrderBook(self, saved, self.stock, self.pairing, self._begin_order)
        self.fleet = Fleet(self, saved, self.pairing, self.book)
        self.dispatch = Dispatch(self, self.book, self.stock, self.pairing, self.fleet)
        self.charging = ChargeRequests(self, saved, self.book, self.pairing, self.fleet)
        self.settings = SettingsHandler(self, saved, self.pairing, self.dispatch.advance_all)
        self.started_at: str | None = None

    def _begin_order(self, order: CcuOrder) -> None:
        self.dispatch.advance(order)

    def go_on(self, reset_in_s: float | None = None) -> None:
        """Try every order once the devices were heard, as after their next messages.

        `reset_in_s` is what is left until the reset of a CCU that has just started.
        """
        self.after(HEARD_AFTER_S, self.dispatch.go_on, group="start")
        if reset_in_s is not None:
            self.after(reset_in_s, self._reset_at_start, group="start")

    def filters(self) -> tuple[str, ...]:
        """Devices, requests and settings."""
        return tuple(
            catalogue.find(name).pattern for name in (*CCU_TOPICS, *self.settings.handlers)
        )

    def on_connect(self) -> None:
        """Publish all that is retained."""
        if self.started_at is None:
            self.started_at = self.stamp
            self.pairing.adopt(self.configuration.layout)
        self.send(
            "ccu_state_version_mismatch",
            {
                "timestamp": self.started_at,
                "ccuVersion": CCU_VERSION,
                "mismatchedModules": [],
            },
        )
        self.send("ccu_state_layout", self.configuration.layout_message)
        self.send("ccu_state_flows", self.configuration.flows)
        self.send("ccu_state_config", self.configuration.settings)
        warehouses = [view.serial for view in self.pairing.of_type("HBW")]
        self.send("cloud_config_hbw", {"ts": self.started_at, "warehouses": warehouses})
        self.book.publish_lists()
        self.stock.publish()
        self.pairing.publish(repeat=True)

    def on_message(self, name: str, levels: dict[str, str], body: Any) -> None:
        """Hand a message to the part it concerns, then publish what it changed."""
        if name == "ccu_order_cancel":
            self.book.cancel(body)
        elif name == "fts_state" and not isinstance(body, dict):
            self.on_unreadable(name)
        elif isinstance(body, dict):
            before = self.pairing.publications
            self._object(name, levels.get("serial", ""), body)
            told = self.pairing.publications > before
            self.pairing.publish(repeat=not told and name.endswith(("_connection", "_state")))

    def _object(self, name: str, serial: str, body: dict[str, Any]) -> None:
        handlers = {
            "ccu_order_request": self.book.request,
            "cloud_order_request": self._cloud_request,
            "ccu_set_charge": self.charging.command,
            "ccu_set_reset": self._reset,
            **self.settings.handlers,
        }
        if name.startswith("module_"):
            self._module(name, serial, body)
        elif name.startswith("fts_"):
            self._vehicle(name, serial, body)
        elif name in handlers:
            handlers[name](body)

    def on_empty(self, name: str) -> None:
        """It reads these as JSON whatever they are (PROTOCOL H)."""
        if name.startswith("ccu_set_") or name in READ_UNGUARDED:
            raise ProgramDiedError(f"an empty payload on {catalogue.find(name).topic}")

    def on_unreadable(self, name: str) -> None:
        """Nonsense is logged and dropped, but not as the state of a vehicle (PROTOCOL H)."""
        if name == "fts_state":
            raise ProgramDiedError("the state of a vehicle that is no JSON object")

    def on_fault(self, kind: str, target: str) -> bool:
        """`race`: the DPS stays assigned to an order that does not exist, until a reset."""
        del target
        if kind == "ccu-restart":
            self.start_again()
        if kind == "race" and not self.died:
            for view in self.pairing.of_type("DPS"):
                view.assigned = STUCK
                self.pairing.publish()
        return kind in ("ccu-restart", "race")

    def on_start_again(self) -> None:
        """What was not saved is gone, and a reset of its own follows."""
        self._begin()
        self.after(RESET_AFTER_S, self._reset_at_start, group="start")

    def _reset_at_start(self) -> None:
        self.send("ccu_set_reset", {"timestamp": self.stamp, "withStorage": False})

    def _cloud_request(self, body: dict[str, Any]) -> None:
        """Republish as an order request; it comes back as one."""
        if body.get("type") and body.get("ts"):
            request = {"type": body["type"], "timestamp": body["ts"], "orderType": "PRODUCTION"}
            extra = {"requestId": body["requestId"]} if body.get("requestId") else {}
            self.send("ccu_order_request", request | extra)

    # --- reset ------------------------------------------------------------------------------

    def _reset(self, body: dict[str, Any]) -> None:
        """Forget all orders, stop every device (PROTOCOL D.5)."""
        if not body.get("timestamp"):
            return
        with_storage = bool(body.get("withStorage"))
        self.stock.reset(contents=with_storage)
        self.book.reset()
        for view in self.pairing.vehicles.values():
            view.reset_by_ccu()
            self.pairing.publish()
            send_vehicle_action(self, view.serial, "reset")
        for module in self.pairing.modules.values():
            if not module.charger:
                module.state = module.assigned = None
                self.pairing.publish()
                send_module_action(self, module.serial, "reset")
        self.charging.reset()
        self.pairing.publish()
        if with_storage:
            self._empty_storage()
        self.send("ccu_global", {"type": "reset"})

    def _empty_storage(self) -> None:
        contents: dict[str, Any] = {"contents": {bay: {} for bay in WAREHOUSE_BAYS}}
        for module in self.pairing.of_type("HBW"):
            send_module_action(self, module.serial, "SET_STORAGE", contents)
        self.stock.publish(qos=AT_MOST_ONCE)

    # --- modules ----------------------------------------------------------------------------

    def _module(self, name: str, serial: str, body: dict[str, Any]) -> None:
        view = self.pairing.module(serial)
        if name == "module_connection":
            if view.link.read(body, self.stamp):
                self._ask(view, send_module_action)
        elif name == "module_factsheet":
            view.factsheet = True
            self.settings.on_factsheet(view, body)
        elif serial in self.pairing.modules:
            self._module_state(view, body)
        else:
            view.read(body)

    def _module_state(self, view: ModuleView, body: dict[str, Any]) -> None:
        view.read(body)
        if view.type == "HBW":
            self.stock.read(body)
        self.pairing.publish()
        self.dispatch.on_module_state(view)
        self.settings.on_module_state(body)
        self.dispatch.advance_all()

    # --- vehicles ---------------------------------------------------------------------------

    def _vehicle(self, name: str, serial: str, body: dict[str, Any]) -> None:
        """A vehicle is listed by its connection message; before it, nothing of it is heard.

        After a new start what the broker kept does not count: the vehicle has to say it itself.
        """
        if name == "fts_connection":
            if self.retained and self.starts > 1:
                return
            view = self.pairing.vehicle(serial)
            if view.link.read(body, self.stamp):
                self._ask(view, send_vehicle_action)
            return
        known = self.pairing.vehicles.get(serial)
        if known is not None and name == "fts_factsheet":
            known.factsheet = True
        elif known is not None:
            self._vehicle_state(known, body)

    def _vehicle_state(self, view: VehicleView, body: dict[str, Any]) -> None:
        view.read(body)
        self.pairing.pair(view)
        self.dispatch.on_vehicle_state(view)
        self.pairing.publish()
        self.charging.on_vehicle_state(view)
        if view.usable:
            # While it drives, the roads behind it are free, and nobody is sent there yet.
            self.dispatch.advance_all()

    def _ask(self, view: ModuleView | VehicleView, send: SendAction) -> None:
        """A device came online: ask for its factsheet, at once if it had been offline (D.6)."""
        if view.link.was_away:
            send(self, view.serial, "factsheetRequest")
        else:
            self.after_real(FACTSHEET_WAIT_S, self._ask_unknown, view, send)

    def _ask_unknown(self, view: ModuleView | VehicleView, send: SendAction) -> None:
        if not view.factsheet:
            send(self, view.serial, "factsheetRequest")
