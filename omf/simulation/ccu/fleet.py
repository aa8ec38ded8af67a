"""Which vehicle drives where, and what keeps two of them apart (PROTOCOL B.6, E)."""

from collections.abc import Mapping
from typing import Any

from omf.constants import AT_MOST_ONCE, VEHICLE_BAYS
from omf.layout.layout import NoRoute
from omf.layout.roads import Route
from omf.simulation.ccu.configuration import Configuration
from omf.simulation.ccu.devices import ModuleView, VehicleView
from omf.simulation.ccu.order_book import CcuOrderBook
from omf.simulation.ccu.orders import CcuOrder
from omf.simulation.ccu.pairing import Pairing
from omf.simulation.device import DeviceRuntime
from omf.simulation.simulated_factory import UNKNOWN


class Fleet:
    """Choice of vehicle, way and bay; holds the nodes of a way until they are passed."""

    def __init__(
        self,
        device: DeviceRuntime,
        configuration: Configuration,
        pairing: Pairing,
        book: CcuOrderBook,
    ) -> None:
        self.device, self.configuration = device, configuration
        self.pairing, self.book = pairing, book

    @property
    def any_usable(self) -> bool:
        """There is a vehicle that may be sent somewhere now."""
        return any(view.usable for view in self.pairing.vehicles.values())

    def choose(
        self, order: CcuOrder, target: str, *, spare: bool
    ) -> tuple[VehicleView, Route] | None:
        """The vehicle that has the piece; else one that stands there; else the nearest free one.

        With `spare` only one that comes to fetch a piece with a bay to spare.
        """
        views = self.pairing.vehicles.values()
        fits = [v for v in views if v.usable and order.vehicle in (None, v.serial)]
        fits = [v for v in fits if self.bay(order, v) is not None]
        if order.vehicle is None and (there := [v for v in fits if v.node == target]):
            fits = there
        elif order.vehicle is None and spare:
            fits = [v for v in fits if len(self._taken(v)) < len(VEHICLE_BAYS) - 1]
        ways = [(view, way) for view in fits if (way := self.route(view, target)) is not None]
        return min(ways, key=lambda pair: pair[1].length) if ways else None

    def idle_at(self, module: str) -> VehicleView | None:
        """A vehicle that stands docked there, waits for nobody, and whose docked bay is empty."""
        for view in self.pairing.vehicles.values():
            if view.node == module and view.usable and view.bay not in (None, *self._taken(view)):
                return view
        return None

    def route(self, view: VehicleView, target: str) -> Route | None:
        """The shortest way past everything other vehicles hold; None = not now."""
        others = [v for v in self.pairing.vehicles.values() if v is not view]
        blocked = {node for other in others for node in self.held(other)}
        try:
            return self.configuration.layout.route(view.node, target, blocked)
        except NoRoute:
            return None

    def held(self, view: VehicleView) -> tuple[str, ...]:
        """Nodes no other vehicle may enter."""
        return view.way or ((view.node,) if view.node != UNKNOWN else ())

    def bay(self, order: CcuOrder, view: VehicleView) -> str | None:
        """The order's bay, else the first that no other order has on this vehicle."""
        if order.vehicle == view.serial and order.bay is not None:
            return order.bay
        taken = self._taken(view)
        return next((bay for bay in VEHICLE_BAYS if bay not in taken), None)

    def _taken(self, view: VehicleView) -> list[str | None]:
        return [order.bay for order in self.book.active if order.vehicle == view.serial]

    def drive(
        self,
        view: VehicleView,
        way: Route,
        dock: Mapping[str, Any],
        *,
        order_id: str,
        update_id: int = 0,
        qos: int | None = None,
    ) -> None:
        """Send a vehicle its way; it holds every node of it."""
        view.way = way.nodes
        view.bay = str(dock["metadata"]["loadPosition"])
        body = {
            "timestamp": self.device.stamp,
            "orderId": order_id,
            "orderUpdateId": update_id,
            "nodes": way.order_nodes(dock, self.device.new_id),
            "edges": way.order_edges(),
            "serialNumber": view.serial,
        }
        self.device.send("fts_order", body, qos=qos, serial=view.serial)

    def make_room(self, module: ModuleView) -> None:
        """Send off a vehicle that stands idle before a module somebody else needs."""
        for view in self.pairing.vehicles.values():
            if view.node == module.serial and view.usable:
                self.send_off(view)

    def send_off(self, view: VehicleView) -> None:
        """Clear a module: an untracked drive without load change, to the warehouse if possible."""
        modules = [m for m in self.pairing.modules.values() if not m.charger]
        wanted = sorted(modules, key=lambda module: module.type != "HBW")
        for module in wanted:
            if module.serial == view.node or module.assigned is not None:
                continue
            if (way := self.route(view, module.serial)) is not None:
                metadata = {"loadPosition": view.bay or VEHICLE_BAYS[0], "noLoadChange": True}
                dock = {"type": "DOCK", "id": self.device.new_id(), "metadata": metadata}
                view.docked_for = None
                view.used_by = new = self.device.new_id()
                self.drive(view, way, dock, order_id=new, qos=AT_MOST_ONCE)
                return
