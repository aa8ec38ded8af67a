"""One PLC module as Node-RED shows it: state, acceptance of orders, errors (PROTOCOL B.3, C.20)."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from omf.simulation.device import DeviceRuntime
from omf.simulation.modules import factsheets
from omf.simulation.payloads import get_object
from omf.simulation.simulated_factory import DURATION, ORDER_ANSWER_S, ModuleFacts

IDLE: Final = "IDLE"
BUSY: Final = "BUSY"
NEVER_ID: Final = ""
Order = Mapping[str, Any]
MODULE_FAULTS = ("fatal", "warning", "silent", "unreachable", "deaf", "stuck", "speaks")


class Plc(ABC):
    """What all modules have in common; a module adds its inner state machine."""

    commands: ClassVar[tuple[str, ...]] = ("PICK", "DROP")
    idle_order_id: ClassVar[str | int] = NEVER_ID

    def __init__(self, device: DeviceRuntime, facts: ModuleFacts) -> None:
        self.device, self.facts = device, facts
        self.silent = False
        """Fault: the module takes no order and tells nothing."""
        self.unreachable = False
        """Fault: the bridge cannot reach the PLC and says so with its heartbeat."""
        self.deaf = False
        """Fault: the module takes no order and goes on telling that it is there."""
        self.fail_next: str | None = None
        """Fault: error level with which the next action fails."""
        self.restart()

    def restart(self) -> None:
        """Begin anew, as after a restart of Node-RED; pieces stay where they are."""
        self.load_type = ""
        self.device.cancel_timers(self.group)
        self.header, self.inner = 0, IDLE
        self.order_id: str | int = self.idle_order_id
        self.order_update_id = 0
        self.accepted: tuple[Any, Any] | None = None
        self.action: dict[str, Any] | None = None
        self.errors: list[dict[str, Any]] = []
        self.stuck = False
        """Fault: what the module does never ends."""

    @property
    def group(self) -> str:
        """Names the timers of this module."""
        return f"plc {self.facts.serial}"

    @property
    def running(self) -> bool:
        """An accepted order is being carried out."""
        return self.inner == BUSY

    # --- what a module decides for itself ---------------------------------------------------

    @abstractmethod
    def loads(self) -> list[dict[str, Any]]:
        """`loads` of the state message."""

    def extra(self) -> dict[str, Any]:
        """Further fields of this module's state message."""
        return {}

    @abstractmethod
    def inner_refusal(self, command: str) -> str | None:
        """Why the inner state does not take this command; None when it does."""

    def update_refusal(self, order: Order) -> str | None:
        """Why the orderUpdateId is not taken; most modules do not look (consequence 1)."""
        del order
        return None

    def begun(self, order: Order) -> None:
        """An order was accepted; the piece may move now."""
        del order

    def ended(self, command: str) -> dict[str, Any]:
        """The action is done: move the piece, return what FINISHED adds to the action.

        Modules behind a TXT end when that says so and never come here.
        """
        raise NotImplementedError(f"{type(self).__name__} does not end {command} by itself")

    def suffer(self, kind: str) -> bool:
        """Begin or end a fault of this module; False for one that no module knows."""
        if kind in ("fatal", "warning"):
            self.fail_next = kind.upper()
        if kind in ("silent", "unreachable", "speaks"):
            self.silent = kind != "speaks"
            self.unreachable = kind == "unreachable"
        if kind in ("deaf", "speaks"):
            self.deaf = kind == "deaf"
        if kind == "stuck":
            self.stuck = True
        return kind in MODULE_FAULTS

    # --- orders -----------------------------------------------------------------------------

    def order(self, order: Order) -> None:
        """Take, drop or refuse an order, by the checks of C.20 in their order."""
        action = order.get("action")
        action = action if isinstance(action, dict) else {}
        command = str(action.get("command") or "")
        if self.silent or self.deaf:
            return
        if order.get("serialNumber") != self.facts.serial:
            self.refuse(order, "SerialNumber does not match")
        elif command not in self.commands:
            self.refuse(order, f"Command {command} is not supported")
        elif self.accepted == (order.get("orderId"), order.get("orderUpdateId")):
            return
        elif reason := self._refusal(order, command):
            self.refuse(order, reason)
        elif isinstance(action.get("metadata"), dict):
            self.accept(order, command)

    def _refusal(self, order: Order, command: str) -> str | None:
        same = order.get("orderId") == self.order_id
        if self.running and not same:
            return f'OrderId "{order.get("orderId")}" not valid'
        return self.update_refusal(order) or self.inner_refusal(command)

    def accept(self, order: Order, command: str) -> None:
        """Begin an order: RUNNING soon, the end after its usual time."""
        self.order_id = order.get("orderId") or NEVER_ID
        self.order_update_id = int(order.get("orderUpdateId") or 0)
        self.accepted = (order.get("orderId"), order.get("orderUpdateId"))
        self.errors = []
        self.action = self.new_action(order)
        self.heed(order)
        self.inner = BUSY
        self.begun(order)
        answer_s = self.device.draw(ORDER_ANSWER_S)
        self.device.after(answer_s, self.publish, group=self.group)
        self.carry_out(command, answer_s)

    def heed(self, order: Order) -> None:
        """Note of which colour the piece is that is worked on: it decides how long it takes."""
        self.load_type = str(get_object(order["action"], "metadata").get("type") or "")

    def carry_out(self, command: str, answer_s: float) -> None:
        """Let the action take its time."""
        whole_s = self.lasting(command)
        self.device.after(max(whole_s, answer_s), self.finish, command, group=self.group)

    def lasting(self, command: str) -> float:
        """From an order to FINISHED."""
        name = f"{self.facts.type}.{command}"
        return self.device.lasting(name, DURATION[name], self.facts.serial, self.load_type)

    def new_action(self, order: Order) -> dict[str, Any]:
        """`actionState` of an order just accepted."""
        action = order["action"]
        return {
            "id": action.get("id"),
            "command": action.get("command"),
            "metadata": action.get("metadata"),
            "state": "RUNNING",
        }

    def finish(self, command: str) -> None:
        """The action has run its time; it fails, or never ends, if that fault was asked for."""
        if self.stuck:
            return
        if self.fail_next is not None:
            self.fail(command)
            return
        self.inner = IDLE
        added = self.ended(command)
        self.action = {**(self.action or {}), "state": "FINISHED", **added}
        self.publish()

    def fail(self, command: str) -> None:
        """End the action FAILED with the error level asked for."""
        self.inner, level, self.fail_next = IDLE, self.fail_next, None
        self.action = {**(self.action or {}), "state": "FAILED"}
        order = {"orderId": self.order_id, "orderUpdateId": self.order_update_id}
        self.errors.append(
            {"timestamp": self.device.stamp}
            | self._error(f"{command}_failed", f"{command} failed", str(level), order)
        )
        self.publish()

    def refuse(self, order: Order, reason: str) -> None:
        """Publish a refusal; a running action goes on and will report over it."""
        self.errors = [*self.kept_errors(), self._error("Validation", reason, "WARNING", order)]
        refused = {**self.refused_action(order), "state": "FAILED"}
        ids = order.get("orderId") or NEVER_ID, int(order.get("orderUpdateId") or 0)
        if self.running:
            self.publish(refused, ids)
            return
        self.action, (self.order_id, self.order_update_id) = refused, ids
        self.publish()

    def kept_errors(self) -> list[dict[str, Any]]:
        """Older errors that stay in the list when a new one comes."""
        return []

    def refused_action(self, order: Order) -> dict[str, Any]:
        """The action a refusal is published under."""
        action = order.get("action")
        return self.new_action({"action": action if isinstance(action, dict) else {}})

    def _error(self, kind: str, text: str, level: str, order: Order) -> dict[str, Any]:
        return {
            "errorType": kind,
            "errorLevel": level,
            "errorReferences": [
                {"topic": "order"},
                {"headerId": self.header},
                {"orderId": order.get("orderId")},
                {"orderUpdateId": order.get("orderUpdateId")},
            ],
            "errorMessage": text,
        }

    # --- instant actions and messages -------------------------------------------------------

    def instant(self, action: Mapping[str, Any]) -> None:
        """Handle the one instant action the bridge reads; unknown ones change nothing."""
        if self.silent:
            return
        if action.get("actionType") == "factsheetRequest":
            self.device.send(
                "module_factsheet",
                factsheets.module(self.facts, self.device.stamp),
                serial=self.facts.serial,
            )

    def published_update_id(self, order_update_id: int | str) -> int | str:
        """The orderUpdateId as this module tells it."""
        return order_update_id

    def publish(
        self, action: dict[str, Any] | None = None, ids: tuple[str | int, int | str] | None = None
    ) -> None:
        """Publish the state, or a refusal beside a running action."""
        if self.silent:
            return
        order_id, update_id = ids or (self.order_id, self.order_update_id)
        body = {
            "headerId": self.header,
            "loads": self.loads(),
            "actionState": action or self.action,
            "serialNumber": self.facts.serial,
            "timestamp": self.device.stamp,
            "errors": self.errors,
            "orderUpdateId": self.published_update_id(update_id),
            "orderId": order_id,
            "paused": False,
            "metadata": {"opcuaState": "connected"},
        }
        self.header += 1
        self.device.send("module_state", body | self.extra(), serial=self.facts.serial)
