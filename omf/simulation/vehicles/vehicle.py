"""One FTS: its state message, its orders and instant actions (PROTOCOL B.7, C.21, C.22)."""

from typing import Any

from omf.constants import COLOURS
from omf.simulation.device import LINK_OFFLINE, LINK_ONLINE, LINK_WILL, Send, message
from omf.simulation.machine import Machine
from omf.simulation.payloads import get_objects
from omf.simulation.vehicles.battery import SimulatedBattery
from omf.simulation.vehicles.charging import BatteryCharging
from omf.simulation.vehicles.drive import Drive
from omf.simulation.vehicles.instant import VehicleActions
from omf.simulation.vehicles.order_check import check_order
from omf.simulation.vehicles.state import SimulatedState

REPUBLISH_AFTER_S, QUIET_CHECK_S = 180.0, 10.0
"""In life: after three minutes of silence, checked every ten seconds, the state is told anew."""
OBSTACLE_S = 3.0
NEVER_S = 1e9
"""Longer than anybody looks."""
VEHICLE_VERSION = "1.1.0+git250d287"


class SimulatedVehicle(Machine):
    """A vehicle: drives what it is told, tells every change, refuses what does not fit."""

    client = "fts"

    def __init__(self, serial: str, node: str, number: int, **options: Any) -> None:
        """Stands docked at `node` (UNKNOWN: needs findInitialDockPosition first)."""
        super().__init__(**options)
        self.serial = serial
        self.ip = f"192.168.0.{104 + number}"
        self.header = 0
        self.state = SimulatedState(SimulatedBattery(self.random), node)
        charging = BatteryCharging(self, self.state, self.publish)
        self.drive = Drive(self, self.state, charging, self.publish)
        self.actions = VehicleActions(
            self,
            self.state,
            charging,
            publish=self.publish,
            publish_factsheet=self.publish_factsheet,
            restart=self._restart,
        )
        self.published_at = 0.0
        self.lost = False
        """Fault: out of reach."""
        self.deaf = False
        """Fault: takes no order."""

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
        self.publish_factsheet()
        self.publish()
        self.stay_heard()

    def stay_heard(self) -> None:
        """Tell its state anew whenever it has been silent for long."""
        self.cancel_timers("quiet")
        self.after_real(QUIET_CHECK_S, self._not_quiet, group="quiet")

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
            if not self.deaf:
                self._order(body)
            return
        for action in get_objects(body if isinstance(body, dict) else None, "actions"):
            self.actions.execute(action)

    def _order(self, order: Any) -> None:
        verdict = check_order(self.state, order)
        if verdict.error is not None:
            self.state.errors = [verdict.error]
            self.publish()
        elif verdict.repeat:
            self.publish()
        else:
            self.drive.accept(order, fail=verdict.fail)

    def publish(self) -> None:
        """Publish the state (PROTOCOL B.7)."""
        self.header += 1
        self.published_at = self.now.wall
        body = {
            "headerId": self.header,
            "timestamp": self.fine_stamp,
            "serialNumber": self.serial,
            **self.state.to_dict(self.now.plant),
        }
        self.send("fts_state", body, serial=self.serial)

    def publish_factsheet(self) -> None:
        """Publish the factsheet."""
        sheet = factsheet(self.serial, self.fine_stamp)
        self.send("fts_factsheet", sheet, serial=self.serial)

    def reset(self) -> None:
        """Forget order, loads and place."""
        self.cancel_timers("drive")
        self.cancel_timers("instant")
        self.state.reset()
        self.state.battery.unplug(self.now.plant)
        self.drive.reset()
        self.publish()

    def _restart(self) -> None:
        """It also says again that it is there: a CCU that was started anew lists it by that.

        Recorded resets come without; there a person switches the vehicle off and on.
        """
        self.reset()
        self.announce()

    def _not_quiet(self) -> None:
        if self.now.wall - self.published_at >= REPUBLISH_AFTER_S:
            self.publish()
        self.after_real(QUIET_CHECK_S, self._not_quiet, group="quiet")

    def _link(self, state: str, header: int) -> dict[str, Any]:
        return {
            "headerId": header,
            "timestamp": self.fine_stamp,
            "version": VEHICLE_VERSION,
            "manufacturer": "Fischertechnik",
            "serialNumber": self.serial,
            "connectionState": state,
            "ip": self.ip,
        }

    def on_fault(self, kind: str, target: str) -> bool:
        """The faults of vehicles; without a target every vehicle has them."""
        if target not in ("", self.serial):
            return False
        if kind == "collision":
            self.state.errors = [{"errorLevel": "WARNING", "errorType": "COLLISION"}]
            self.publish()
            self.drive.hold(OBSTACLE_S)
            self.after(OBSTACLE_S, self._clear_collision, group="drive")
        elif kind == "stuck":
            self.drive.hold(NEVER_S)
        elif kind in ("deaf", "speaks"):
            self.deaf = kind == "deaf"
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
            self.cancel_timers(group)
        self.reset()
        self._sends = [self.will()]
        self.lost = True

    def _clear_collision(self) -> None:
        self.state.errors = [e for e in self.state.errors if e.get("errorType") != "COLLISION"]
        self.publish()


def factsheet(serial: str, at: str) -> dict[str, Any]:
    """What a vehicle says it can do (PROTOCOL A.2); `at` is its timestamp."""
    return {
        "headerId": 1,
        "timestamp": at,
        "version": VEHICLE_VERSION,
        "manufacturer": "Fischertechnik",
        "serialNumber": serial,
        "typeSpecification": {
            "seriesName": "FTS-FF22+",
            "agvClass": "CARRIER",
            "navigationTypes": ["PHYSICAL_LINE_GUIDED"],
        },
        "physicalParameters": {},
        "protocolLimits": {},
        "agvGeometry": {},
        "localizationParameters": {},
        "protocolFeatures": {"agvActions": [{"actionType": "DOCK", "actionScopes": "NODE"}]},
        "loadSpecification": {
            "loadPositions": ["LEFT", "MIDDLE", "RIGHT"],
            "loadSets": [{"setName": f"{colour}S", "loadType": colour} for colour in COLOURS],
        },
    }
