"""The central control unit: owns orders, stock, layout, pairing and routing (PROTOCOL A.1)."""

from collections.abc import Callable
from typing import Any

from omf import catalogue
from services.mock import plant
from services.mock.ccu.book import Book
from services.mock.ccu.charging import Charging
from services.mock.ccu.dispatch import Dispatch
from services.mock.ccu.fleet import Fleet
from services.mock.ccu.office import Office
from services.mock.ccu.pairing import Pairing
from services.mock.ccu.placeholders import graph
from services.mock.ccu.stock import Stock
from services.mock.ccu.views import STUCK, ModuleView, VehicleView
from services.mock.machine import Machine, ProgramDiedError

FACTSHEET_WAIT_S = 2.0
"""In life: a retained factsheet may still be under way."""
RESET_AFTER_S = 30.0
"""A CCU that has just started resets the factory so much later."""
HEARD = (
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
)
READ_UNGUARDED = ("fts_state", "ccu_order_request", "ccu_order_cancel", "ccu_pairing_pair_fts")
"""Topics on which an empty payload ends the program, as on each `ccu_set_...` (PROTOCOL H)."""


class Ccu(Machine):
    """The CCU; it has no last will and tells nobody that it is there."""

    client = "ccu"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.layout_body = plant.layout()
        self.flows, self.config = plant.flows(), plant.config()
        self._begin()

    def _begin(self) -> None:
        """What a start of the program does not know: all but the files it saved (PROTOCOL D.5)."""
        self.layout = graph(self.layout_body)
        self.pairing, self.stock, self.book = Pairing(self), Stock(self), Book(self)
        self.fleet, self.dispatch = Fleet(self), Dispatch(self)
        self.charging, self.office = Charging(self), Office(self)
        self.started_at: str | None = None

    def filters(self) -> tuple[str, ...]:
        """Devices, requests and settings."""
        return tuple(catalogue.find(name).pattern for name in (*HEARD, *self.office.handlers))

    def on_connect(self) -> None:
        """Publish all that is retained."""
        if self.started_at is None:
            self.started_at = self.stamp
            self.pairing.adopt(self.layout)
        self.send(
            "ccu_state_version_mismatch",
            {
                "timestamp": self.started_at,
                "ccuVersion": plant.CCU_VERSION,
                "mismatchedModules": [],
            },
        )
        self.send("ccu_state_layout", self.layout_body)
        self.send("ccu_state_flows", self.flows)
        self.send("ccu_state_config", self.config)
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
            before = self.pairing.published
            self._object(name, levels.get("serial", ""), body)
            told = self.pairing.published > before
            self.pairing.publish(repeat=not told and name.endswith(("_connection", "_state")))

    def _object(self, name: str, serial: str, body: dict[str, Any]) -> None:
        handlers = {
            "ccu_order_request": self.book.request,
            "cloud_order_request": self._cloud_request,
            "ccu_set_charge": self.charging.command,
            **self.office.handlers,
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

    # --- modules ----------------------------------------------------------------------------

    def _module(self, name: str, serial: str, body: dict[str, Any]) -> None:
        view = self.pairing.module(serial)
        if name == "module_connection":
            if view.link.read(body, self.stamp):
                self._ask(view, self.module_action)
        elif name == "module_factsheet":
            view.factsheet = True
            self.office.factsheet_told(view, body)
        elif serial in self.pairing.modules:
            self._module_state(view, body)
        else:
            view.read(body)

    def _module_state(self, view: ModuleView, body: dict[str, Any]) -> None:
        view.read(body)
        if view.type == "HBW":
            self.stock.read(body)
        self.pairing.publish()
        self.dispatch.module_told(view)
        self.office.module_told(body)
        self.dispatch.pump()

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
                self._ask(view, self.vehicle_action)
            return
        known = self.pairing.vehicles.get(serial)
        if known is not None and name == "fts_factsheet":
            known.factsheet = True
        elif known is not None:
            self._vehicle_state(known, body)

    def _vehicle_state(self, view: VehicleView, body: dict[str, Any]) -> None:
        view.read(body)
        self.pairing.pair(view)
        self.dispatch.vehicle_told(view)
        self.pairing.publish()
        self.charging.vehicle_told(view)
        self.dispatch.pump()

    # --- for the parts ----------------------------------------------------------------------

    def _ask(self, view: ModuleView | VehicleView, act: Callable[[str, str], None]) -> None:
        """A device came online: ask for its factsheet, at once if it had been offline (D.6)."""
        if view.link.was_away:
            act(view.serial, "factsheetRequest")
        else:
            self.after_life(FACTSHEET_WAIT_S, self._ask_unknown, view, act)

    def _ask_unknown(self, view: ModuleView | VehicleView, act: Callable[[str, str], None]) -> None:
        if not view.factsheet:
            act(view.serial, "factsheetRequest")

    def module_action(self, serial: str, kind: str, metadata: dict[str, Any] | None = None) -> None:
        """Send an instant action to a module."""
        self.send("module_instant_action", self._action(serial, kind, metadata), serial=serial)

    def vehicle_action(
        self,
        serial: str,
        kind: str,
        metadata: dict[str, Any] | None = None,
        *,
        qos: int | None = None,
    ) -> None:
        """Send an instant action to a vehicle."""
        body = self._action(serial, kind, metadata)
        self.send("fts_instant_action", body, qos=qos, serial=serial)

    def _action(self, serial: str, kind: str, metadata: dict[str, Any] | None) -> dict[str, Any]:
        action: dict[str, Any] = {"actionId": self.new_id(), "actionType": kind}
        if metadata is not None:
            action["metadata"] = metadata
        return {"serialNumber": serial, "timestamp": self.stamp, "actions": [action]}
