"""When a vehicle goes to the charger and when it comes off (PROTOCOL C.6, D.4)."""

from typing import Any

from omf.constants import AT_MOST_ONCE
from omf.simulation.ccu.configuration import Configuration
from omf.simulation.ccu.devices import VehicleView
from omf.simulation.ccu.fleet import Fleet
from omf.simulation.ccu.instant_actions import send_vehicle_action
from omf.simulation.ccu.order_book import CcuOrderBook
from omf.simulation.ccu.pairing import Pairing
from omf.simulation.device import DeviceRuntime
from omf.simulation.payloads import get_object
from omf.simulation.simulated_factory import UNKNOWN

CHARGE_BAY = "2"


class ChargeRequests:
    """Requests to charge wait until vehicle, charger and way are free."""

    def __init__(
        self,
        device: DeviceRuntime,
        configuration: Configuration,
        book: CcuOrderBook,
        pairing: Pairing,
        fleet: Fleet,
    ) -> None:
        self.device, self.configuration = device, configuration
        self.book, self.pairing, self.fleet = book, pairing, fleet
        self.wanted: set[str] = set()

    def command(self, body: dict[str, Any]) -> None:
        """`ccu/set/charge`: queue a charge, or stop one; all else is ignored."""
        view = self.pairing.vehicles.get(str(body.get("serialNumber")))
        if view is None:
            return
        if body.get("charge") is True and not view.charging:
            self.wanted.add(view.serial)
            self._try(view)
        elif body.get("charge") is False and view.charging:
            send_vehicle_action(self.device, view.serial, "stopCharging", qos=AT_MOST_ONCE)

    def on_vehicle_state(self, view: VehicleView) -> None:
        """A vehicle reported: free the charger it left, send it if its battery is low."""
        for charger in self.pairing.of_type("CHRG"):
            there = view.charging or (view.used_by is not None and charger.serial in view.way)
            if charger.assigned == view.serial and not there:
                charger.assigned = None
        if self._low(view):
            self.wanted.add(view.serial)
        if view.serial in self.wanted:
            self._try(view)

    def _low(self, view: VehicleView) -> bool:
        """The battery is at the threshold; a vehicle that works for an order finishes it first."""
        limit = get_object(self.configuration.settings, "ftsSettings").get("chargeThresholdPercent")
        percent = get_object(view.state, "batteryState").get("percentage")
        if not isinstance(limit, int) or not isinstance(percent, int) or percent > limit:
            return False
        orders = self.book.active
        return not any(view.serial == one.vehicle or view.docked_for == one.id for one in orders)

    def _try(self, view: VehicleView) -> None:
        if not view.usable or view.charging or view.node == UNKNOWN:
            return
        for charger in self.pairing.of_type("CHRG"):
            way = self.fleet.route(view, charger.serial)
            if charger.assigned is not None or way is None:
                continue
            self.wanted.discard(view.serial)
            charger.assigned = view.serial
            view.docked_for, view.used_by = None, self.device.new_id()
            metadata = {"loadPosition": CHARGE_BAY, "charge": True}
            dock = {"type": "DOCK", "id": self.device.new_id(), "metadata": metadata}
            self.fleet.drive(view, way, dock, order_id=view.used_by, qos=AT_MOST_ONCE)
            self.pairing.publish()
            return

    def reset(self) -> None:
        """A reset: nothing is wanted, every charger is free."""
        self.wanted.clear()
        for charger in self.pairing.of_type("CHRG"):
            charger.assigned = None
