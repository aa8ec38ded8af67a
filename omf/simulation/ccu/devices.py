"""What the CCU knows of a module and of a vehicle, from their messages alone (PROTOCOL D.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from omf.simulation.ccu.orders import CcuOrder
from omf.simulation.payloads import get_object, get_objects
from omf.simulation.simulated_factory import CHARGER_SERIAL, PROCESS_S, UNKNOWN

Availability = Literal["READY", "BUSY", "BLOCKED"]
CALIBRATED = ("HBW", "DPS", "AIQS")
TIMED_MODULES = ("MILL", "DRILL", "OVEN")
PASSIVE = ("factsheetRequest", "setStatusLED", "announceOutput", "stopCalibration")
"""Instant actions that do not keep a module busy."""
NOBODY = "0"
"""The order id under which the DPS holds a piece nobody has ordered yet."""
STUCK = "0 stuck"
"""Assigned to nobody for good: what a race in the CCU leaves behind (PROTOCOL F.36)."""


def fatal(state: Mapping[str, Any]) -> bool:
    """Whether a state reports an error that blocks (PROTOCOL F.25)."""
    if not state.get("errors"):
        return False
    return any(error.get("errorLevel") == "FATAL" for error in get_objects(state, "errors"))


def ended(state: Mapping[str, Any]) -> bool:
    """Whether nothing goes on: no action, or a finished or passive one."""
    action = get_object(state, "actionState")
    if not action:
        return True
    return action.get("state") == "FINISHED" or action.get("command") in PASSIVE


@dataclass(slots=True)
class ConnectionInfo:
    """What connection messages tell of any device."""

    connected: bool = False
    ip: str | None = None
    version: str | None = None
    last_seen: str | None = None
    paired_since: str | None = None
    was_away: bool = False
    """It was offline before it came online: its factsheet may be another now (PROTOCOL D.6)."""

    def read(self, body: Mapping[str, Any], at: str) -> bool:
        """Take over a connection message; True if the device has come online by it."""
        before, self.connected = self.connected, body.get("connectionState") == "ONLINE"
        self.was_away = self.last_seen is not None and not before
        self.last_seen = at
        self.version = str(body.get("version"))
        self.ip = str(body.get("ip")) if self.connected else None
        return self.connected and not before


@dataclass(slots=True)
class ModuleView:
    """A module of the layout."""

    serial: str
    type: str
    link: ConnectionInfo = field(default_factory=ConnectionInfo)
    state: dict[str, Any] | None = None
    """Its last state message; None = none since the start or a reset: BLOCKED."""
    assigned: str | None = None
    """The order it is reserved for, or works for."""
    duration: int = PROCESS_S
    factsheet: bool = False

    @property
    def charger(self) -> bool:
        """A charging station has no MQTT: it is always connected."""
        return self.type == "CHRG"

    @property
    def connected(self) -> bool:
        """As the pairing message tells it."""
        return self.charger or self.link.connected

    @property
    def paused(self) -> bool:
        """It is being calibrated."""
        return bool(self.state and self.state.get("paused"))

    @property
    def available(self) -> Availability:
        """READY, BUSY or BLOCKED by the CCU's rules."""
        if self.charger:
            return "BUSY" if self.assigned else "READY"
        if not self.connected or self.state is None or self.paused or fatal(self.state):
            return "BLOCKED"
        if not ended(self.state):
            return "BUSY"
        return "BLOCKED" if self._stranded() else "READY"

    def _stranded(self) -> bool:
        """A piece lies in it and no action tells why: not so in the warehouse and the input."""
        holds = self.type not in ("HBW", "DPS") and bool(self.state and self.state.get("loads"))
        return holds and not self._action()

    def free_for(self, order: CcuOrder) -> bool:
        """READY, and nobody else's; an input piece waits for the order that stores it."""
        mine = (None, NOBODY, order.id) if order.type == "STORAGE" else (None, order.id)
        return self.available == "READY" and self.assigned in mine

    def reserve(self, order: CcuOrder) -> None:
        """A piece for this order lies in it: nobody else's may come meanwhile."""
        if self.free_for(order):
            self.assigned = order.id

    def read(self, state: dict[str, Any]) -> None:
        """Take over a state; a piece on it keeps it for the order the state names."""
        self.state = state
        loaded = bool(state.get("loads")) and self.type != "HBW"
        order_id = str(state.get("orderId") or "")
        if loaded and self.assigned is None and ended(state):
            self.assigned = order_id or None
        if not loaded and self.assigned == NOBODY:
            self.assigned = None

    def _action(self) -> bool:
        return bool(self.state and self.state.get("actionState"))

    def to_dict(self) -> dict[str, Any]:
        """The module in `ccu/pairing/state`."""
        body: dict[str, Any] = {
            "serialNumber": self.serial,
            "type": "MODULE",
            "connected": self.connected,
            "available": self.available,
            "assigned": self.assigned is not None,
        }
        later: dict[str, Any] = {"subType": self.type or None}
        later |= {"pairedSince": self.link.paired_since}
        if not self.charger:
            later |= {"ip": self.link.ip, "version": self.link.version}
            later |= {"lastSeen": self.link.last_seen, "hasCalibration": self.type in CALIBRATED}
        if self.type in TIMED_MODULES:
            later["productionDuration"] = self.duration
        if self.paused:
            later["calibrating"] = True
        return body | {key: value for key, value in later.items() if value is not None}


@dataclass(slots=True)
class VehicleView:
    """A vehicle that was heard."""

    serial: str
    link: ConnectionInfo = field(default_factory=ConnectionInfo)
    state: dict[str, Any] | None = None
    node: str = UNKNOWN
    module: str = UNKNOWN
    """The module it was docked at last."""
    bay: str | None = None
    """The bay it last docked with."""
    used_by: str | None = None
    """The order it drives or hands over for; BUSY meanwhile."""
    docked_for: str | None = None
    """The order for which it docked last."""
    way: tuple[str, ...] = ()
    """Nodes it holds: the rest of its way, or where it stands."""
    factsheet: bool = False
    handing: bool = False
    """It was told of a change of load and has not confirmed it."""
    cleared: bool = False
    """After a reset, until it reports again."""

    @property
    def charging(self) -> bool:
        """It hangs at the charger."""
        return bool(get_object(self.state, "batteryState").get("charging"))

    @property
    def reset(self) -> bool:
        """Its last state reports a reset."""
        return any(error.get("errorType") == "RESET" for error in get_objects(self.state, "errors"))

    @property
    def available(self) -> Availability:
        """READY, BUSY or BLOCKED; READY too right after a reset, though of no use (D.4)."""
        if not self.link.connected or self.state is None or self.cleared:
            return "BLOCKED"
        if fatal(self.state) or self.state.get("paused"):
            return "BLOCKED"
        if self.node == UNKNOWN:
            return "READY" if self.reset else "BLOCKED"
        moving = self.state.get("driving") or self.state.get("waitingForLoadHandling")
        return "BUSY" if moving or self.used_by or not ended(self.state) else "READY"

    @property
    def usable(self) -> bool:
        """It may be sent somewhere now."""
        return self.available == "READY" and self.node != UNKNOWN

    def read(self, state: dict[str, Any]) -> None:
        """Take over a state."""
        self.state, self.cleared = state, False
        self.node = str(state.get("lastNodeId") or UNKNOWN)
        if self.node == UNKNOWN or not self.node.isdigit():
            self.module = self.node if self.node != CHARGER_SERIAL else self.module
        if self.node in self.way:
            self.way = self.way[self.way.index(self.node) :]

    def reset_by_ccu(self) -> None:
        """The CCU forgets where it is until it reports again."""
        self.cleared = True
        self.node = self.module = UNKNOWN
        self.link.paired_since = None
        self.release()

    def release(self) -> None:
        """It works for nobody and holds no way."""
        self.used_by = self.docked_for = None
        self.way, self.handing = (), False

    def to_dict(self) -> dict[str, Any]:
        """The vehicle in `ccu/pairing/state`."""
        battery = get_object(self.state, "batteryState")
        body: dict[str, Any] = {
            "serialNumber": self.serial,
            "type": "FTS",
            "connected": self.link.connected,
            "available": self.available,
            "charging": self.charging,
            "lastNodeId": self.node,
            "lastModuleSerialNumber": self.module,
        }
        later = {
            "ip": self.link.ip,
            "version": self.link.version,
            "lastSeen": self.link.last_seen,
            "batteryVoltage": battery.get("currentVoltage"),
            "batteryPercentage": battery.get("percentage"),
            "lastLoadPosition": self.bay,
            "pairedSince": self.link.paired_since,
        }
        return body | {key: value for key, value in later.items() if value is not None}
