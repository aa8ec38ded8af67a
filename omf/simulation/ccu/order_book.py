"""The order book: requests in, active and completed lists out (PROTOCOL B.8, D.3)."""

from collections.abc import Callable
from typing import Any

from omf.simulation.ccu import orders
from omf.simulation.ccu.configuration import Configuration
from omf.simulation.ccu.instant_actions import send_module_action
from omf.simulation.ccu.orders import CcuOrder, State
from omf.simulation.ccu.pairing import Pairing
from omf.simulation.ccu.stock import WarehouseStock
from omf.simulation.device import DeviceRuntime
from omf.simulation.payloads import get_object

KEPT_COMPLETED = 25
"""The real list grows until a reset, to 92 kB at most so far; in a mock that runs for weeks it may
not: this many orders take about as much."""
KEPT_HISTORIES = 100
DEFAULT_PARALLEL = 4


class CcuOrderBook:
    """All orders of the CCU."""

    def __init__(
        self,
        device: DeviceRuntime,
        configuration: Configuration,
        stock: WarehouseStock,
        pairing: Pairing,
        begin: Callable[[CcuOrder], None],
    ) -> None:
        """`begin` sends the first step of an order that may start."""
        self.device, self.configuration = device, configuration
        self.stock, self.pairing = stock, pairing
        self._begin = begin
        self.active: list[CcuOrder] = []
        self.completed: list[CcuOrder] = []
        self.histories: dict[str, list[dict[str, int]]] = {}
        """What a finished storage did to a piece, until a production writes it to the tag."""

    @property
    def running(self) -> list[CcuOrder]:
        """Orders that are being carried out, oldest first."""
        return [order for order in self.active if order.state == "IN_PROGRESS"]

    def request(self, body: dict[str, Any]) -> None:
        """Accept a request, or refuse it: in silence, or by sending the input piece away.

        A configuration without `productionSettings` ends each production order inside the CCU
        (PROTOCOL C.13), which looks like a refusal from outside.
        """
        if not body.get("type") or not body.get("timestamp"):
            return
        if body.get("orderType") != "PRODUCTION":
            self._accept(self._storage(body))
        elif "productionSettings" in self.configuration.settings:
            self._accept(self._production(body))

    def _production(self, body: dict[str, Any]) -> CcuOrder | None:
        colour = str(body["type"])
        flow = self.configuration.flows.get(colour)
        if not isinstance(flow, dict):
            return None
        steps = orders.production(flow.get("steps") or (), self.device.new_id)
        order = self._order(body, steps)
        if body.get("workpieceId") and all(p.tag for p in self.stock.bays.values()):
            return None
        return order if self.stock.reserve_piece(order) else None

    def _storage(self, body: dict[str, Any]) -> CcuOrder | None:
        order = self._order(body, orders.storage(self.device.new_id))
        order.type = "STORAGE"
        order.workpiece_id = str(body.get("workpieceId") or "") or None
        stations = self.pairing.of_type("DPS")
        if self.stock.reserve_place(order):
            for dps in stations[:1]:
                dps.reserve(order)
                self.pairing.publish()
            return order
        for dps in [view for view in stations if view.available == "READY"][:1]:
            send_module_action(self.device, dps.serial, "cancelStorageOrder")
        return None

    def _order(self, body: dict[str, Any], steps: list[orders.CcuStep]) -> CcuOrder:
        request_id = body.get("requestId") or body.get("request_id")
        return CcuOrder(
            id=self.device.new_id(),
            type="PRODUCTION",
            colour=str(body["type"]),
            timestamp=str(body["timestamp"]),
            received_at=self.device.stamp,
            steps=steps,
            request_id=str(request_id) if request_id else None,
        )

    def _accept(self, order: CcuOrder | None) -> None:
        """Start before answering, so that the first drive precedes the response on the wire."""
        if order is None:
            return
        self.active.append(order)
        if order.type == "STORAGE" or len(self.running) < self._parallel():
            self._start(order)
        self.publish_active(order)
        if "ccu_order_response" not in self.device.unheard:
            self.device.send("ccu_order_response", order.to_dict())
        self.stock.publish()

    def _parallel(self) -> int:
        limit = get_object(self.configuration.settings, "productionSettings").get(
            "maxParallelOrders"
        )
        return limit if isinstance(limit, int) else DEFAULT_PARALLEL

    def _start(self, order: CcuOrder) -> None:
        order.state, order.started_at = "IN_PROGRESS", self.device.stamp
        self._begin(order)

    def end(self, order: CcuOrder, state: State) -> None:
        """Move an order to the completed list and start the next one that waits."""
        order.state, order.stopped_at = state, self.device.stamp
        self.active.remove(order)
        self.completed = [*self.completed, order][-KEPT_COMPLETED:]
        self.stock.release(order)
        self._publish_completed()
        self.publish_active(order)
        waiting = [each for each in self.active if each.state == "ENQUEUED"]
        if waiting and len(self.running) < self._parallel():
            self._start(waiting[0])
        self.publish_active(waiting[0] if waiting else order)

    def remember(self, order: CcuOrder) -> None:
        """Keep what a storage did to its piece until a production has delivered it."""
        if order.workpiece_id is None:
            return
        self.histories.pop(order.workpiece_id, None)
        if order.type == "STORAGE":
            self.histories[order.workpiece_id] = order.history
        for oldest in list(self.histories)[:-KEPT_HISTORIES]:
            del self.histories[oldest]

    def cancel(self, ids: Any) -> None:
        """Cancel queued orders; what has begun is ignored in silence (PROTOCOL C.4)."""
        for order in list(self.active):
            if isinstance(ids, list) and order.id in ids and order.state == "ENQUEUED":
                self.end(order, "CANCELLED")
                self.stock.publish()

    def reset(self) -> None:
        """A reset: both lists are emptied, nothing is noted as cancelled."""
        self.active, self.completed = [], []
        self.histories = {}
        self.publish_lists()

    def publish_lists(self) -> None:
        """Publish the cloud's order state and both lists."""
        self.publish_active(None)
        self._publish_completed()

    def _publish_completed(self) -> None:
        if "ccu_order_completed" not in self.device.unheard:
            ended = [order.to_dict() for order in self.completed]
            self.device.send("ccu_order_completed", ended)

    def publish_active(self, order: CcuOrder | None) -> None:
        """Publish the active list, and for the cloud what `order` is doing."""
        if "ccu_order_active" in self.device.unheard:
            return
        body: dict[str, Any] = {"ts": self.device.stamp, "state": "WAITING_FOR_ORDER"}
        shown = order if order in self.active else next(iter(self.active), None)
        if shown is not None:
            state = "IN_PROCESS" if shown.state == "IN_PROGRESS" else "ORDERED"
            body = {"ts": self.device.stamp, "type": shown.colour, "state": state}
        self.device.send("cloud_order_state", body)
        self.device.send("ccu_order_active", [each.to_dict() for each in self.active])
