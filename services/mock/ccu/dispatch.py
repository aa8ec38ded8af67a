"""How the steps of an order are carried out (PROTOCOL C.28, D.1, D.2)."""

from typing import TYPE_CHECKING, Any

from services.mock import stamps
from services.mock.ccu.orders import Order, Step
from services.mock.ccu.views import STUCK, ModuleView, VehicleView
from services.mock.plant import UNKNOWN
from services.mock.reading import part

if TYPE_CHECKING:
    from services.mock.ccu.ccu import Ccu

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
BY_CHANCE = 0
"""QoS of clearLoadHandler (PROTOCOL F.21)."""


class Dispatch:
    """Sends the next step of every order as soon as module and vehicle are ready."""

    def __init__(self, ccu: "Ccu") -> None:
        self.ccu = ccu

    def pump(self) -> None:
        """Try every running order again: something has become ready."""
        for order in self.ccu.book.running:
            self.advance(order)

    def advance(self, order: Order) -> None:
        """Send the order's next step, if nothing of it is under way and all are ready."""
        current = order.current()
        if current is None or current[1].state != "ENQUEUED":
            return
        index, step = current
        if step.drive:
            self._navigate(order, index, step)
        else:
            self._manufacture(order, index, step)

    # --- drives -----------------------------------------------------------------------------

    def _navigate(self, order: Order, index: int, step: Step) -> None:
        for module in self.ccu.pairing.of_type(step.module_type):
            if not module.free_for(order):
                continue
            chosen = self.ccu.fleet.choose(order, module.serial)
            if chosen is None:
                self._blocked(order, module)
                continue
            view, way = chosen
            order.bay, order.vehicle = self.ccu.fleet.bay(order, view), view.serial
            module.assigned = view.used_by = view.docked_for = order.id
            step.serial = module.serial
            self.ccu.pairing.publish()
            dock = {"type": "DOCK", "id": step.id, "metadata": self._load(order)}
            self.ccu.fleet.drive(view, way, dock, order_id=order.id, update_id=index)
            self._began(step)
            if module.type == "DPS" and order.type == "PRODUCTION":
                about = {"orderId": order.id, "type": order.colour}
                self.ccu.module_action(module.serial, "announceOutput", about)
            return

    def _blocked(self, order: Order, module: ModuleView) -> None:
        """Another vehicle may stand where this order's has to go."""
        views = self.ccu.pairing.vehicles.values()
        drivers = [v for v in views if v.usable and order.vehicle in (None, v.serial)]
        if any(view.node != module.serial for view in drivers):
            self.ccu.fleet.make_room(module)

    def _load(self, order: Order) -> dict[str, Any]:
        tag = {"loadId": order.workpiece_id} if order.workpiece_id else {}
        return {**tag, "loadType": order.colour, "loadPosition": order.bay}

    def vehicle_told(self, view: VehicleView) -> None:
        """A vehicle reported: its drive may be done, failed, or lost by a reset."""
        state = view.state or {}
        if view.node == UNKNOWN and view.reset:
            self._lost(view)
            return
        if view.handing and not state.get("waitingForLoadHandling"):
            view.handing, view.used_by = False, None
        action = part(state, "actionState")
        stands = action.get("state") == "FINISHED" and not state.get("driving")
        if stands and state.get("orderId") == view.used_by and view.docked_for is None:
            view.used_by = None
        for order in self.ccu.book.running:
            current = order.current()
            if current is not None and current[1].id == action.get("id") and current[1].drive:
                self._drive_told(order, current[1], state, arrived=stands)
                return

    def _drive_told(
        self, order: Order, step: Step, state: dict[str, Any], *, arrived: bool
    ) -> None:
        if part(state, "actionState").get("state") == "FAILED":
            step.state = "ERROR"
            self.ccu.book.publish_active(order)
        elif arrived and state.get("waitingForLoadHandling"):
            self._ended(step)
            self.advance(order)

    def _lost(self, view: VehicleView) -> None:
        """A vehicle that was reset has forgotten what it carries: those orders are over."""
        view.let_go()
        for order in self.ccu.book.running:
            if order.vehicle == view.serial:
                self._free(order)
                self.ccu.book.end(order, "CANCELLED")

    # --- modules ----------------------------------------------------------------------------

    def _manufacture(self, order: Order, index: int, step: Step) -> None:
        before = order.steps[index - 1]
        module = self.ccu.pairing.modules.get(before.serial or "")
        if module is None or not module.free_for(order):
            return
        if step.command in ("PICK", "DROP") and not self._docked(order, module):
            order.insert_drive(index, self.ccu.new_id())
            self.advance(order)
            return
        step.serial = module.serial
        module.assigned = order.id
        body = {
            "timestamp": self.ccu.stamp,
            "serialNumber": module.serial,
            "orderId": order.id,
            "orderUpdateId": index,
            "action": {
                "id": step.id,
                "command": step.command,
                "metadata": self._metadata(order, step, module),
            },
        }
        self.ccu.send("module_order", body, serial=module.serial)
        self._began(step)
        self.ccu.book.publish_active(order)

    def _docked(self, order: Order, module: ModuleView) -> bool:
        """The order's vehicle still stands there with the order's bay; it is held then."""
        view = self.ccu.pairing.vehicles.get(order.vehicle or "")
        if view is None or view.docked_for != order.id or view.node != module.serial:
            return False
        view.used_by = order.id
        self.ccu.pairing.publish()
        return True

    def _metadata(self, order: Order, step: Step, module: ModuleView) -> dict[str, Any]:
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

    def _history(self, order: Order) -> list[dict[str, int]]:
        if order.type == "STORAGE":
            return []
        return order.history + self.ccu.book.histories.get(order.workpiece_id or "", [])

    def module_told(self, module: ModuleView) -> None:
        """A module reported: only FINISHED is read (PROTOCOL D.3)."""
        state = module.state or {}
        action = part(state, "actionState")
        if action and action.get("state") != "FINISHED":
            return
        for order in self.ccu.book.running:
            current = order.current()
            if current and action.get("id") == current[1].id and not current[1].drive:
                self._finished(order, current[1], module, action)
                return
        self._foreign(module, state)

    def _foreign(self, module: ModuleView, state: dict[str, Any]) -> None:
        """Not our order, or one from before a restart: free again once it is empty (F.12)."""
        known = any(order.id == module.assigned for order in self.ccu.book.active)
        foreign = module.assigned not in (None, STUCK) and not known
        if foreign and not state.get("loads"):
            module.assigned = None

    def _finished(
        self, order: Order, step: Step, module: ModuleView, action: dict[str, Any]
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
        self.ccu.pairing.publish()
        if step.command in ("PICK", "DROP"):
            self._hand_over(order, step)
        if module.type == "HBW":
            self.ccu.stock.publish()
        if order.current() is None:
            self._done(order)
            return
        self.advance(order)
        current = order.current()
        if current is not None and current[1].state == "ENQUEUED":
            self.ccu.book.publish_active(order)

    def _note(self, order: Order, module: ModuleView, step: Step) -> None:
        code = CODES.get((module.type, step.command))
        if code is not None:
            at = stamps.epoch_ms(self.ccu.now.wall)
            order.history.append({"ts": at, "code": code})

    def _hand_over(self, order: Order, step: Step) -> None:
        """Tell the vehicle what it has now, or has no longer."""
        view = self.ccu.pairing.vehicles.get(order.vehicle or "")
        if view is None:
            return
        view.handing = True
        load = {
            "loadDropped": step.command == "PICK",
            "loadType": order.colour,
            "loadId": order.workpiece_id,
            "loadPosition": order.bay,
        }
        self.ccu.vehicle_action(view.serial, "clearLoadHandler", load, qos=BY_CHANCE)

    def _done(self, order: Order) -> None:
        self.ccu.book.remember(order)
        self._free(order)
        self.ccu.book.end(order, "FINISHED")

    def _failed(self, order: Order, step: Step, module: ModuleView) -> None:
        """The piece is bad: the order ends, its vehicle is sent off (PROTOCOL D.2)."""
        self._ended(step)
        step.state = "ERROR"
        for later in order.steps:
            if later.state == "ENQUEUED":
                later.state = "CANCELLED"
        module.assigned = None
        view = self.ccu.pairing.vehicles.get(order.vehicle or "")
        self._free(order)
        self.ccu.pairing.publish()
        self.ccu.book.end(order, "ERROR")
        if view is not None and view.usable and view.node == module.serial:
            self.ccu.fleet.send_off(view)

    def _free(self, order: Order) -> None:
        for module in self.ccu.pairing.modules.values():
            if module.assigned == order.id:
                module.assigned = None
        for view in self.ccu.pairing.vehicles.values():
            if view.used_by == order.id:
                view.used_by = None
        order.vehicle = order.bay = None

    def _began(self, step: Step) -> None:
        step.state, step.started_at = "IN_PROGRESS", self.ccu.stamp

    def _ended(self, step: Step) -> None:
        step.state, step.stopped_at = "FINISHED", self.ccu.stamp
