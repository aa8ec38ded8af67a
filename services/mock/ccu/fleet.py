"""Which vehicle drives where, and what keeps two of them apart (PROTOCOL B.6, E)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from omf.layout import NoRoute
from omf.roads import Route
from services.mock.ccu.orders import Order
from services.mock.ccu.views import ModuleView, VehicleView
from services.mock.plant import UNKNOWN

if TYPE_CHECKING:
    from services.mock.ccu.ccu import Ccu

BAYS = ("1", "2", "3")
BY_CHANCE = 0
"""QoS of charge and clearing drives: they can be lost (PROTOCOL F.21)."""


class Fleet:
    """Choice of vehicle, way and bay; holds the nodes of a way until they are passed."""

    def __init__(self, ccu: "Ccu") -> None:
        self.ccu = ccu

    def choose(self, order: Order, target: str) -> tuple[VehicleView, Route] | None:
        """The order's vehicle, else the nearest free one that can get there now."""
        views = self.ccu.pairing.vehicles.values()
        fits = [v for v in views if v.usable and order.vehicle in (None, v.serial)]
        fits = [v for v in fits if self.bay(order, v) is not None]
        ways = [(view, way) for view in fits if (way := self.route(view, target)) is not None]
        return min(ways, key=lambda pair: pair[1].length) if ways else None

    def route(self, view: VehicleView, target: str) -> Route | None:
        """The shortest way past everything other vehicles hold; None = not now."""
        others = [v for v in self.ccu.pairing.vehicles.values() if v is not view]
        blocked = {node for other in others for node in self.held(other)}
        try:
            return self.ccu.layout.route(view.node, target, blocked)
        except NoRoute:
            return None

    def held(self, view: VehicleView) -> tuple[str, ...]:
        """Nodes no other vehicle may enter."""
        return view.way or ((view.node,) if view.node != UNKNOWN else ())

    def bay(self, order: Order, view: VehicleView) -> str | None:
        """The order's bay, else the first that no other order has on this vehicle."""
        if order.vehicle == view.serial and order.bay is not None:
            return order.bay
        taken = [o.bay for o in self.ccu.book.active if o.vehicle == view.serial]
        return next((bay for bay in BAYS if bay not in taken), None)

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
            "timestamp": self.ccu.stamp,
            "orderId": order_id,
            "orderUpdateId": update_id,
            "nodes": way.order_nodes(dock, self.ccu.new_id),
            "edges": way.order_edges(),
            "serialNumber": view.serial,
        }
        self.ccu.send("fts_order", body, qos=qos, serial=view.serial)

    def make_room(self, module: ModuleView) -> None:
        """Send off a vehicle that stands idle before a module somebody else needs."""
        for view in self.ccu.pairing.vehicles.values():
            if view.node == module.serial and view.usable:
                self.send_off(view)

    def send_off(self, view: VehicleView) -> None:
        """Clear a module: an untracked drive without load change, to the warehouse if possible."""
        modules = [m for m in self.ccu.pairing.modules.values() if not m.charger]
        wanted = sorted(modules, key=lambda module: module.type != "HBW")
        for module in wanted:
            if module.serial == view.node or module.assigned is not None:
                continue
            if (way := self.route(view, module.serial)) is not None:
                metadata = {"loadPosition": view.bay or BAYS[0], "noLoadChange": True}
                dock = {"type": "DOCK", "id": self.ccu.new_id(), "metadata": metadata}
                view.docked_for = None
                view.used_by = new = self.ccu.new_id()
                self.drive(view, way, dock, order_id=new, qos=BY_CHANCE)
                return
