"""Drives that wait for a vehicle, a way or a module, and who is sent first (PROTOCOL C.28)."""

from collections.abc import Iterable
from typing import Any

from omf.simulation.ccu.devices import ModuleView
from omf.simulation.ccu.fleet import Fleet
from omf.simulation.ccu.instant_actions import send_module_action
from omf.simulation.ccu.order_book import CcuOrderBook
from omf.simulation.ccu.orders import CcuOrder, CcuStep
from omf.simulation.ccu.pairing import Pairing
from omf.simulation.device import DeviceRuntime


class DriveQueue:
    """Who has waited longest is tried first, whichever order is older."""

    def __init__(
        self, device: DeviceRuntime, book: CcuOrderBook, pairing: Pairing, fleet: Fleet
    ) -> None:
        self.device, self.book, self.pairing, self.fleet = device, book, pairing, fleet
        self._waiting: dict[str, None] = {}
        """Ids of the orders whose drive waits, the one that waits longest first."""

    def line_up(self, orders: Iterable[CcuOrder]) -> None:
        """These wait already, in this order."""
        self._waiting = {order.id: None for order in orders}

    def wait(self, order: CcuOrder) -> None:
        """The order's next step is a drive; it keeps its place if it waits already."""
        self._waiting.setdefault(order.id)

    def leave(self, order: CcuOrder) -> None:
        """It waits no more."""
        self._waiting.pop(order.id, None)

    def send(self) -> None:
        """Send each drive there is a vehicle for; then send off who stands where others have to go.

        Also while the vehicle that has to go there is busy, as recorded.
        """
        if not self._waiting or not self.fleet.any_usable:
            return
        running = {order.id: order for order in self.book.running}
        blocked = []
        for identity in tuple(self._waiting):
            order = running.get(identity)
            current = order.current() if order else None
            if order is None or current is None or not current[1].drive:
                self._waiting.pop(identity, None)
            elif current[1].state == "ENQUEUED":
                blocked += self._navigate(order, *current)
        for module in blocked:
            self.fleet.make_room(module)

    def _navigate(self, order: CcuOrder, index: int, step: CcuStep) -> list[ModuleView]:
        """Send the drive; else the modules it would lead to: a vehicle may stand before them."""
        blocked = []
        for module in self.pairing.of_type(step.module_type):
            if not module.free_for(order):
                continue
            chosen = self.fleet.choose(order, module.serial, spare=self._spare(order, index))
            if chosen is None:
                blocked.append(module)
                continue
            view, way = chosen
            order.bay, order.vehicle = self.fleet.bay(order, view), view.serial
            module.assigned = view.used_by = view.docked_for = order.id
            step.serial = module.serial
            self.pairing.publish()
            dock = {"type": "DOCK", "id": step.id, "metadata": self._load(order)}
            self.fleet.drive(view, way, dock, order_id=order.id, update_id=index)
            self._waiting.pop(order.id, None)
            step.begin(self.device.stamp)
            if module.type == "DPS" and order.type == "PRODUCTION":
                about = {"orderId": order.id, "type": order.colour}
                send_module_action(self.device, module.serial, "announceOutput", about)
            break
        return blocked

    def _spare(self, order: CcuOrder, index: int) -> bool:
        """Whether the vehicle has to keep a bay free: nobody would take the piece off it soon."""
        after = [step for step in order.steps[index + 1 :] if not step.drive]
        if not after or after[0].command != "DROP" or len(after) == 1:
            return False
        onward = self.pairing.of_type(after[1].module_type)
        return after[1].command != "PICK" or not any(m.free_for(order) for m in onward)

    def _load(self, order: CcuOrder) -> dict[str, Any]:
        tag = {"loadId": order.workpiece_id} if order.workpiece_id else {}
        return {**tag, "loadType": order.colour, "loadPosition": order.bay}
