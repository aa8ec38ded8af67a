"""A TXT 4.0 controller behind Node-RED: takes its orders, tells its states (PROTOCOL B.1)."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from omf.simulation.device import LINK_OFFLINE, LINK_ONLINE, LINK_WILL, Send, message
from omf.simulation.machine import Machine
from omf.simulation.modules import factsheets
from omf.simulation.payloads import get_objects
from omf.simulation.simulated_factory import ModuleFacts, Span


class Controller(Machine, ABC):
    """What the TXTs of DPS and AIQS have in common."""

    built_in: ClassVar[ModuleFacts]
    """The module it belongs to, unless another is named."""
    version: ClassVar[str]
    waiting: ClassVar[str]
    """How this program spells the state before RUNNING."""
    link_extra: ClassVar[dict[str, Any]] = {}

    def __init__(self, *, facts: ModuleFacts | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.facts = facts or self.built_in
        self.header = 0
        self.order: dict[str, Any] = {}
        self.action: dict[str, Any] = {}
        self.errors: list[dict[str, Any]] = []
        """Warnings stay in the list until the next order."""

    def filters(self) -> tuple[str, ...]:
        """Its own orders and instant actions."""
        serial = self.facts.serial
        return (
            message("nodered_order", b"", {"serial": serial}).topic,
            message("nodered_instant_action", b"", {"serial": serial}).topic,
        )

    def will(self) -> Send:
        """CONNECTIONBROKEN, dated with the time of the connect."""
        return message(
            "nodered_connection",
            self._link("CONNECTIONBROKEN", LINK_WILL),
            {"serial": self.facts.serial},
        )

    def on_connect(self) -> None:
        """Say ONLINE and show the factsheet."""
        serial = self.facts.serial
        self.send("nodered_connection", self._link("ONLINE", LINK_ONLINE), serial=serial)
        self._factsheet()

    def on_leave(self) -> None:
        """Say OFFLINE."""
        body = self._link("OFFLINE", LINK_OFFLINE)
        self.send("nodered_connection", body, serial=self.facts.serial)

    def on_message(self, name: str, levels: dict[str, str], body: Any) -> None:
        """An order, or an instant action."""
        del levels
        if not isinstance(body, dict):
            return
        if name == "nodered_order":
            self.take(body)
            return
        for action in get_objects(body, "actions"):
            self.instant(action)

    def instant(self, action: dict[str, Any]) -> None:
        """Reset and factsheetRequest; the rest is the program's own."""
        if action.get("actionType") == "factsheetRequest":
            self._factsheet()
            done = {"command": "factsheetRequest", "id": action.get("actionId")}
            self.publish(done | {"state": "FINISHED", "timestamp": self.fine_stamp})
        if action.get("actionType") == "reset":
            self.cancel_timers("order")
            self.order, self.action, self.errors = {}, {}, []

    def take(self, order: dict[str, Any]) -> None:
        """Carry an order out; one with a part missing is answered with a validationError."""
        action = order.get("action")
        if not (order.get("orderId") and order.get("timestamp") and isinstance(action, dict)):
            self.errors = [error("validationError", order)]
            self.publish(self.action)
            return
        if self.knows(order):
            return
        self.cancel_timers("order")
        self.order, self.errors = order, []
        self.action = {"command": action.get("command"), "id": action.get("id")}
        self.step(self.waiting)
        self.after(self.draw(self.starts_s(action)), self.step, "RUNNING", group="order")
        self.after(self.lasts(action), self.done, group="order")

    def knows(self, order: dict[str, Any]) -> bool:
        """Whether this program compares update ids, and the order is no new one by them."""
        del order
        return False

    def starts_s(self, action: dict[str, Any]) -> Span:
        """From the order to RUNNING."""
        del action
        return (0.05, 0.4, 0.5)

    @abstractmethod
    def takes_s(self, action: dict[str, Any]) -> Span:
        """From the order to FINISHED."""

    def lasts(self, action: dict[str, Any]) -> float:
        """A draw of it."""
        return self.draw(self.takes_s(action))

    def done(self) -> None:
        """The work is finished."""
        self.step("FINISHED")

    def step(self, state: str, **added: Any) -> None:
        """Enter the next state of the action and tell it."""
        self.action |= {"state": state, "timestamp": self.fine_stamp, **added}
        self.publish(self.action)

    def own_fields(self, action: dict[str, Any]) -> dict[str, Any]:
        """Further fields of this program's state message."""
        del action
        return {}

    def publish(self, action: dict[str, Any]) -> None:
        """Publish the state, with that action."""
        self.header += 1
        body = {
            "headerId": self.header,
            "orderId": self.order.get("orderId", ""),
            "orderUpdateId": self.order.get("orderUpdateId", 0),
            "timestamp": self.fine_stamp,
            "serialNumber": self.facts.serial,
            "errors": self.errors,
            "paused": False,
            "batteryState": {},
            "actionState": dict(action) or None,
        }
        self.send("nodered_state", body | self.own_fields(action), serial=self.facts.serial)

    def _factsheet(self) -> None:
        sheet = factsheets.controller(self.facts, self.version, self.fine_stamp)
        self.send("nodered_factsheet", sheet, serial=self.facts.serial)

    def _link(self, state: str, header: int) -> dict[str, Any]:
        return {
            "headerId": header,
            "timestamp": self.fine_stamp,
            "version": self.version,
            "manufacturer": "Fischertechnik",
            "serialNumber": self.facts.serial,
            "connectionState": state,
            **self.link_extra,
        }


def error(kind: str, order: dict[str, Any]) -> dict[str, Any]:
    """A warning about an order, as these programs write it."""
    references = [{"orderId": order.get("orderId", "")}]
    return {"errorType": kind, "errorLevel": "WARNING", "errorReferences": references}
