"""How the steps of an order are carried out (PROTOCOL C.28, D.1, D.2)."""

from typing import Any

from omf.constants import AT_MOST_ONCE
from omf.simulation import payloads
from omf.simulation.ccu.devices import STUCK, ModuleView, VehicleView
from omf.simulation.ccu.drive_queue import DriveQueue
from omf.simulation.ccu.fleet import Fleet
from omf.simulation.ccu.instant_actions import send_vehicle_action
from omf.simulation.ccu.order_book import CcuOrderBook
from omf.simulation.ccu.orders import CcuOrder, CcuStep
from omf.simulation.ccu.pairing import Pairing
from omf.simulation.ccu.stock import WarehouseStock
from omf.simulation.device import DeviceRuntime
from omf.simulation.payloads import get_object
from omf.simulation.simulated_factory import UNKNOWN

CODES = {
    ("DPS", "DROP"): 100,
    ("AIQS", "CHECK_QUALITY"): 200,
    ("HBW", "PICK"): 300,
    ("HBW", "DROP"): 400,
    ("OVEN", "FIRE"): 500,
    ("MILL", "MILL"): 600,
    ("DRILL", "DRILL"): 700,
}
"""What is noted on the tag of a piece."""


class Dispatch:
    """Sends the next step of every order as soon as module and vehicle are ready."""

    def __init__(
        self,
        device: DeviceRuntime,
        book: CcuOrderBook,
        stock: WarehouseStock,
        pairing: Pairing,
        fleet: Fleet,
    ) -> None:
        self.device = device
        self.book, self.stock, self.pairing, self.fleet = book, stock, pairing, fleet
        self.drives = DriveQueue(device, book, pairing, fleet)

    def go_on(self) -> None:
        """Go on in the middle: tell again what no vehicle has confirmed, then try all orders.

        1. the module has finished, 2. the CCU tells the vehicle, 3. the simulation begins before
        the vehicle answers: nobody would tell it again.
        """
        for order in self.book.running:
            current = order.current()
            at = len(order.steps) if current is None else current[0]
            for view in self.pairing.vehicles.values():
                if view.handing and view.docked_for == order.id and at:
                    self._hand_over(order, order.steps[at - 1], view)
            if current is None:
                self._done(order)
        self.advance_all()

    def advance_all(self) -> None:
        """Try every running order again: something has become ready."""
        running = self.book.running
        for order in running:
            current = order.current()
            if current is not None and current[1].drive and current[1].state == "ENQUEUED":
                self.drives.wait(order)
        self.drives.send()
        for order in running:
            current = order.current()
            if current is not None and not current[1].drive and current[1].state == "ENQUEUED":
                self._manufacture(order, *current)

    def advance(self, order: CcuOrder) -> None:
        """Send the order's next step, if nothing of it is under way and all are ready.

        Its drive is the last in the line: who has waited for a vehicle longer is tried before.
        """
        current = order.current()
        if current is None or current[1].state != "ENQUEUED":
            return
        if current[1].drive:
            self.drives.wait(order)
            self.drives.send()
        else:
            self._manufacture(order, *current)

    # --- drives -----------------------------------------------------------------------------

    def on_vehicle_state(self, view: VehicleView) -> None:
        """A vehicle reported: its drive may be done, failed, or lost by a reset."""
        state = view.state or {}
        if view.node == UNKNOWN and view.reset:
            self._lost(view)
            return
        if view.handing and not state.get("waitingForLoadHandling"):
            view.handing, view.used_by = False, None
        action = get_object(state, "actionState")
        stands = action.get("state") == "FINISHED" and not state.get("driving")
        if stands and state.get("orderId") == view.used_by and view.docked_for is None:
            view.used_by = None
        for order in self.book.running:
            current = order.current()
            if current is not None and current[1].id == action.get("id") and current[1].drive:
                self._on_drive_state(order, current[1], state, arrived=stands)
                return

    def _on_drive_state(
        self, order: CcuOrder, step: CcuStep, state: dict[str, Any], *, arrived: bool
    ) -> None:
        if get_object(state, "actionState").get("state") == "FAILED":
            step.state = "ERROR"
            self.book.publish_active(order)
        elif arrived and state.get("waitingForLoadHandling"):
            self._ended(step)
            self.advance(order)

    def _lost(self, view: VehicleView) -> None:
        """A vehicle that was reset has forgotten what it carries: those orders are over."""
        view.release()
        for order in self.book.running:
            if order.vehicle == view.serial:
                self._free(order)
                self.book.end(order, "CANCELLED")

    # --- modules ----------------------------------------------------------------------------

    def _manufacture(self, order: CcuOrder, index: int, step: CcuStep) -> None:
        before = order.steps[index - 1]
        module = self.pairing.modules.get(before.serial or "")
        if module is None or not module.free_for(order):
            return
        if step.command in ("PICK", "DROP") and not self._docked(order, module, step):
            order.insert_drive(index, self.device.new_id())
            self.advance(order)
            return
        step.serial = module.serial
        module.assigned = order.id
        body = {
            "timestamp": self.device.stamp,
            "serialNumber": module.serial,
            "orderId": order.id,
            "orderUpdateId": index,
            "action": {
                "id": step.id,
                "command": step.command,
                "metadata": self._metadata(order, step, module),
            },
        }
        self.device.send("module_order", body, serial=module.serial)
        step.begin(self.device.stamp)
        self.book.publish_active(order)

    def _docked(self, order: CcuOrder, module: ModuleView, step: CcuStep) -> bool:
        """A vehicle stands there for the order, or idle with an empty bay; it is held then."""
        view = self.pairing.vehicles.get(order.vehicle or "")
        if view is None and step.command == "DROP":
            view = self.fleet.idle_at(module.serial)
            order.vehicle, order.bay = (view.serial, view.bay) if view else (None, None)
        elif view is None or view.docked_for != order.id or view.node != module.serial:
            return False
        if view is None:
            return False
        view.used_by = view.docked_for = order.id
        self.pairing.publish()
        return True

    def _metadata(self, order: CcuOrder, step: CcuStep, module: ModuleView) -> dict[str, Any]:
        """What each command is told (PROTOCOL A.3)."""
        if module.type == "DPS":
            piece = {
                "workpieceId": order.workpiece_id,
                "type": order.colour,
                "history": self._history(order),
                "state": "PROCESSED",
            }
            return {"workpiece": piece}
        if step.command in ("MILL", "DRILL", "FIRE"):
            return {"duration": module.duration, "type": order.colour}
        tag = {"workpieceId": order.workpiece_id} if order.workpiece_id else {}
        return {"type": order.colour, **tag}

    def _history(self, order: CcuOrder) -> list[dict[str, int]]:
        if order.type == "STORAGE":
            return []
        return order.history + self.book.histories.get(order.workpiece_id or "", [])

    def on_module_state(self, module: ModuleView) -> None:
        """A module reported: only FINISHED is read (PROTOCOL D.3)."""
        state = module.state or {}
        action = get_object(state, "actionState")
        if action and action.get("state") != "FINISHED":
            return
        for order in self.book.running:
            current = order.current()
            if current and action.get("id") == current[1].id and not current[1].drive:
                self._finished(order, current[1], module, action)
                return
        self._foreign(module, state)

    def _foreign(self, module: ModuleView, state: dict[str, Any]) -> None:
        """Not our order, or one from before a restart: free again once it is empty (F.12)."""
        known = any(order.id == module.assigned for order in self.book.active)
        foreign = module.assigned not in (None, STUCK) and not known
        if foreign and not state.get("loads"):
            module.assigned = None

    def _finished(
        self, order: CcuOrder, step: CcuStep, module: ModuleView, action: dict[str, Any]
    ) -> None:
        if step.command == "CHECK_QUALITY" and action.get("result") == "FAILED":
            self._failed(order, step, module)
            return
        self._ended(step)
        if (module.type, step.command) == ("HBW", "DROP"):
            order.workpiece_id = str(action.get("result") or "") or None
        self._note(order, module, step)
        if step.command == "DROP" or module.type in ("HBW", "DPS"):
            module.assigned = None
        self.pairing.publish()
        self._change_load(order, step)
        if module.type == "HBW":
            self.stock.publish()
        if order.current() is None:
            self._done(order)
            return
        self.advance(order)
        current = order.current()
        if current is not None and current[1].state == "ENQUEUED":
            self.book.publish_active(order)

    def _change_load(self, order: CcuOrder, step: CcuStep) -> None:
        """The piece changed hands: once it is in a module, any vehicle may fetch it there."""
        view = self.pairing.vehicles.get(order.vehicle or "")
        if step.command in ("PICK", "DROP") and view is not None:
            self._hand_over(order, step, view)
        if step.command == "PICK":
            order.vehicle = order.bay = None

    def _note(self, order: CcuOrder, module: ModuleView, step: CcuStep) -> None:
        code = CODES.get((module.type, step.command))
        if code is not None:
            at = payloads.epoch_ms(self.device.now.wall)
            order.history.append({"ts": at, "code": code})

    def _hand_over(self, order: CcuOrder, step: CcuStep, view: VehicleView) -> None:
        """Tell the vehicle what it has now, or has no longer."""
        view.handing = True
        load = {
            "loadDropped": step.command == "PICK",
            "loadType": order.colour,
            "loadId": order.workpiece_id,
            "loadPosition": view.bay,
        }
        send_vehicle_action(self.device, view.serial, "clearLoadHandler", load, qos=AT_MOST_ONCE)

    def _done(self, order: CcuOrder) -> None:
        self.book.remember(order)
        self._free(order)
        self.book.end(order, "FINISHED")

    def _failed(self, order: CcuOrder, step: CcuStep, module: ModuleView) -> None:
        """The piece is bad: the order ends, its vehicle is sent off (PROTOCOL D.2)."""
        self._ended(step)
        step.state = "ERROR"
        for later in order.steps:
            if later.state == "ENQUEUED":
                later.state = "CANCELLED"
        module.assigned = None
        self._free(order)
        self.pairing.publish()
        self.book.end(order, "ERROR")
        self.fleet.make_room(module)

    def _free(self, order: CcuOrder) -> None:
        for module in self.pairing.modules.values():
            if module.assigned == order.id:
                module.assigned = None
        for view in self.pairing.vehicles.values():
            if view.used_by == order.id:
                view.used_by = None
        order.vehicle = order.bay = None
        self.drives.leave(order)

    def _ended(self, step: CcuStep) -> None:
        step.state, step.stopped_at = "FINISHED", self.device.stamp
