"""One FTS: its state message, its orders and instant actions (PROTOCOL B.7, C.21, C.22)."""

from typing import Any

from services.mock.machine import Machine, Send, message
from services.mock.plant import UNKNOWN
from services.mock.reading import parts
from services.mock.vehicles import factsheet
from services.mock.vehicles.battery import Battery
from services.mock.vehicles.drive import Drive
from services.mock.vehicles.instant import InstantActions
from services.mock.vehicles.loads import Loads
from services.mock.vehicles.refusal import judge

LINK_WILL, LINK_ONLINE, LINK_OFFLINE = 1, 2, 3
QUIET_S, QUIET_CHECK_S = 180.0, 10.0
"""In life: after three minutes of silence, checked every ten seconds, the state is told anew."""
OBSTACLE_S = 3.0
VERSION = "1.1.0+git250d287"


class Vehicle(Machine):
    """A vehicle: drives what it is told, tells every change, refuses what does not fit."""

    client = "fts"

    def __init__(self, serial: str, node: str, number: int, **options: Any) -> None:
        """Stands docked at `node` (UNKNOWN: needs findInitialDockPosition first)."""
        super().__init__(**options)
        self.serial, self.last_node = serial, node
        self.ip = f"192.168.0.{104 + number}"
        self.header = 0
        self.order_id, self.order_update_id = "", 0
        self.driving = self.paused = self.waiting = False
        self.actions: list[dict[str, Any]] = []
        """Those of the order in node order, then instant ones until the next order."""
        self.active: dict[str, Any] | None = None
        """The order's action that was last touched; an entry of `actions`."""
        self.errors: list[dict[str, Any]] = []
        self.loads = Loads()
        self.docked_bay = "1"
        self.battery = Battery(self.random)
        self.drive = Drive(self)
        self.instant = InstantActions(self)
        self.told_at = 0.0
        self.lost = False
        """Fault: out of reach."""

    @property
    def name(self) -> str:
        """Client id of this one vehicle."""
        return f"fts-{self.serial}"

    def filters(self) -> tuple[str, ...]:
        """Its own orders and instant actions."""
        names = ("fts_order", "fts_instant_action")
        return tuple(message(name, b"", {"serial": self.serial}).topic for name in names)

    def will(self) -> Send:
        """CONNECTIONBROKEN, dated with the time of the connect."""
        body = self._link("CONNECTIONBROKEN", LINK_WILL)
        return message("fts_connection", body, {"serial": self.serial})

    def on_connect(self) -> None:
        """ONLINE, factsheet and state, and from now on never silent for long."""
        self.announce()
        self.show_factsheet()
        self.publish()
        self.forget("quiet")
        self.after_life(QUIET_CHECK_S, self._not_quiet, group="quiet")

    def announce(self) -> None:
        """Say ONLINE; this vehicle has no heartbeat, it says so once."""
        self.send("fts_connection", self._link("ONLINE", LINK_ONLINE), serial=self.serial)

    def on_leave(self) -> None:
        """Say OFFLINE."""
        self.send("fts_connection", self._link("OFFLINE", LINK_OFFLINE), serial=self.serial)

    def on_message(self, name: str, levels: dict[str, str], body: Any) -> None:
        """An order or instant actions; all of the latter are handled."""
        del levels
        if self.lost:
            return
        if name == "fts_order":
            self._order(body)
            return
        for action in parts(body if isinstance(body, dict) else None, "actions"):
            self.instant.take(action)

    def _order(self, order: Any) -> None:
        verdict = judge(self, order)
        if verdict.error is not None:
            self.errors = [verdict.error]
            self.publish()
        elif verdict.repeat:
            self.publish()
        else:
            self.drive.accept(order, fail=verdict.fail)

    # --- for the parts of a vehicle ---------------------------------------------------------

    def touch(self, action: dict[str, Any], state: str) -> None:
        """Put an action into a state, stamped."""
        action |= {"timestamp": self.fine_stamp, "state": state}

    def publish(self) -> None:
        """Publish the state (PROTOCOL B.7)."""
        self.header += 1
        self.told_at = self.now.wall
        body: dict[str, Any] = {
            "headerId": self.header,
            "timestamp": self.fine_stamp,
            "serialNumber": self.serial,
            "orderId": self.order_id,
            "orderUpdateId": self.order_update_id,
            "lastNodeId": self.last_node,
            "lastNodeSequenceId": 0,
            "lastCode": "",
            "nodeStates": [],
            "edgeStates": [],
            "driving": self.driving,
            "paused": self.paused,
            "waitingForLoadHandling": self.waiting,
            "actionStates": [dict(action) for action in self.actions],
            "load": self.loads.shown(),
            "batteryState": self.battery.shown(self.now.plant, driving=self.driving),
            "errors": self.errors,
        }
        if self.active is not None:
            body["actionState"] = dict(self.active)
        self.send("fts_state", body, serial=self.serial)

    def show_factsheet(self) -> None:
        """Publish the factsheet."""
        sheet = factsheet.vehicle(self.serial, VERSION, self.fine_stamp)
        self.send("fts_factsheet", sheet, serial=self.serial)

    def reset(self) -> None:
        """Forget order, loads and place; only the RESET warning remembers the order."""
        self.forget("drive")
        self.forget("instant")
        references = [{"referenceKey": "orderId", "referenceValue": self.order_id}]
        self.errors = [
            {"errorType": "RESET", "errorReferences": references, "errorLevel": "WARNING"}
        ]
        self.order_id, self.order_update_id = "", 0
        self.driving = self.paused = self.waiting = False
        self.actions, self.active = [], None
        self.loads = Loads()
        self.last_node = UNKNOWN
        self.battery.unplug(self.now.plant)
        self.drive.reset()
        self.publish()

    def _not_quiet(self) -> None:
        if self.now.wall - self.told_at >= QUIET_S:
            self.publish()
        self.after_life(QUIET_CHECK_S, self._not_quiet, group="quiet")

    def _link(self, state: str, header: int) -> dict[str, Any]:
        return {
            "headerId": header,
            "timestamp": self.fine_stamp,
            "version": VERSION,
            "manufacturer": "Fischertechnik",
            "serialNumber": self.serial,
            "connectionState": state,
            "ip": self.ip,
        }

    def on_fault(self, kind: str, target: str) -> bool:
        """Faults `collision`, `lost` and `found`; without a target every vehicle has them."""
        if target not in ("", self.serial):
            return False
        if kind == "collision":
            self.errors = [{"errorLevel": "WARNING", "errorType": "COLLISION"}]
            self.publish()
            self.drive.hold(OBSTACLE_S)
            self.after(OBSTACLE_S, self._clear_collision, group="drive")
        elif kind == "lost" and not self.lost:
            self._lose()
        elif kind == "found" and self.lost:
            self.lost = False
            self.on_connect()
        else:
            return False
        return True

    def _lose(self) -> None:
        """Out of reach and switched off: the broker publishes the last will for it."""
        for group in ("drive", "instant", "charge", "quiet"):
            self.forget(group)
        self.reset()
        self._sends = [self.will()]
        self.lost = True

    def _clear_collision(self) -> None:
        self.errors = [e for e in self.errors if e.get("errorType") != "COLLISION"]
        self.publish()
