"""When a vehicle goes to the charger and when it comes off (PROTOCOL C.6, D.4)."""

from typing import TYPE_CHECKING, Any

from services.mock.ccu.fleet import BY_CHANCE
from services.mock.ccu.views import VehicleView
from services.mock.plant import UNKNOWN
from services.mock.reading import part

if TYPE_CHECKING:
    from services.mock.ccu.ccu import Ccu

CHARGE_BAY = "2"


class Charging:
    """Requests to charge wait until vehicle, charger and way are free."""

    def __init__(self, ccu: "Ccu") -> None:
        self.ccu = ccu
        self.wanted: set[str] = set()

    def command(self, body: dict[str, Any]) -> None:
        """`ccu/set/charge`: queue a charge, or stop one; all else is ignored."""
        view = self.ccu.pairing.vehicles.get(str(body.get("serialNumber")))
        if view is None:
            return
        if body.get("charge") is True and not view.charging:
            self.wanted.add(view.serial)
            self._try(view)
        elif body.get("charge") is False and view.charging:
            self.ccu.vehicle_action(view.serial, "stopCharging", qos=BY_CHANCE)

    def vehicle_told(self, view: VehicleView) -> None:
        """A vehicle reported: free the charger it left, send it if its battery is low."""
        for charger in self.ccu.pairing.of_type("CHRG"):
            there = view.charging or (view.used_by is not None and charger.serial in view.way)
            if charger.assigned == view.serial and not there:
                charger.assigned = None
        if self._low(view):
            self.wanted.add(view.serial)
        if view.serial in self.wanted:
            self._try(view)

    def _low(self, view: VehicleView) -> bool:
        """The battery is at the threshold; a vehicle that works for an order finishes it first."""
        limit = part(self.ccu.config, "ftsSettings").get("chargeThresholdPercent")
        percent = part(view.state, "batteryState").get("percentage")
        if not isinstance(limit, int) or not isinstance(percent, int) or percent > limit:
            return False
        return not any(order.vehicle == view.serial for order in self.ccu.book.active)

    def _try(self, view: VehicleView) -> None:
        if not view.usable or view.charging or view.node == UNKNOWN:
            return
        for charger in self.ccu.pairing.of_type("CHRG"):
            way = self.ccu.fleet.route(view, charger.serial)
            if charger.assigned is not None or way is None:
                continue
            self.wanted.discard(view.serial)
            charger.assigned = view.serial
            view.docked_for, view.used_by = None, self.ccu.new_id()
            metadata = {"loadPosition": CHARGE_BAY, "charge": True}
            dock = {"type": "DOCK", "id": self.ccu.new_id(), "metadata": metadata}
            self.ccu.fleet.drive(view, way, dock, order_id=view.used_by, qos=BY_CHANCE)
            self.ccu.pairing.publish()
            return

    def forget(self) -> None:
        """A reset: nothing is wanted, every charger is free."""
        self.wanted.clear()
        for charger in self.ccu.pairing.of_type("CHRG"):
            charger.assigned = None
