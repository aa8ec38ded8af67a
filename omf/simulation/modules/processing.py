"""MILL and DRILL: take a piece, work on it, give it back; the strictest about orderUpdateId."""

from collections.abc import Mapping
from typing import Any, ClassVar

from omf.simulation.modules.plc import NEVER_ID, Order, Plc
from omf.simulation.simulated_factory import BRIDGE_PROCESS_S, PROCESS_S

KEPT_ERRORS = 20


class ProcessingModule(Plc):
    """A module with one place: IDLE, PICK, its process, DROP (PROTOCOL C.20)."""

    process: ClassVar[str]
    usual_process_s: float = PROCESS_S
    """What the time from order to FINISHED contains of the process itself."""

    def restart(self) -> None:
        """Begin anew; a piece left inside is taken out by the people who restart it."""
        super().restart()
        self.stage = "PICK"
        self.piece: str | None = None
        self.duration: int | None = None
        self.worked = False

    def loads(self) -> list[dict[str, Any]]:
        """The one piece; with the duration once it was worked on."""
        if self.piece is None:
            return []
        worked = {"duration": self.duration} if self.worked else {}
        return [{"loadType": self.piece, **worked}]

    def update_refusal(self, order: Order) -> str | None:
        """The orderUpdateId has to rise until a DROP has finished, even under a new orderId."""
        stored = self.accepted[1] if self.accepted else 0
        update_id = order.get("orderUpdateId")
        if not isinstance(update_id, int) or update_id <= stored:
            return "OrderUpdateId not valid"
        return None

    def inner_refusal(self, command: str) -> str | None:
        """Only PICK when idle, then only the process, then only DROP."""
        if self.running:
            return "Command not supported"
        return None if command == self.stage else f"Internal modulestate accepts only {self.stage} "

    def begun(self, order: Order) -> None:
        """PICK brings the piece; the process brings its duration, which then stays in place."""
        metadata = order["action"]["metadata"]
        if order["action"]["command"] == "PICK":
            self.piece, self.worked = str(metadata.get("type")), False
        if order["action"]["command"] == self.process:
            self.duration, self.worked = int(metadata.get("duration") or BRIDGE_PROCESS_S), True
        if self.action is not None and self.duration is not None:
            self.action["duration"] = self.duration

    def carry_out(self, command: str, answer_s: float) -> None:
        """The process takes what was asked for; the recorded times contain the usual five."""
        if command != self.process or self.duration in (None, self.usual_process_s):
            super().carry_out(command, answer_s)
            return
        longer_s = float(self.duration or 0) - self.usual_process_s
        self.device.after(max(0.0, longer_s), super().carry_out, command, 0.0, group=self.group)

    def ended(self, command: str) -> dict[str, Any]:
        """One stage further; after DROP the ids are forgotten, so a late repeat runs again."""
        self.stage = {"PICK": self.process, self.process: "DROP", "DROP": "PICK"}[command]
        if command == "DROP":
            self.piece = self.accepted = None
        return {}

    def instant(self, action: Mapping[str, Any]) -> None:
        """A factsheetRequest is answered with a state too: the action's id as order, update "0"."""
        super().instant(action)
        if action.get("actionType") == "factsheetRequest" and not self.silent:
            asked = str(action.get("actionId"))
            told = {"id": asked, "state": "FINISHED", "command": "factsheetRequest"}
            self.publish(told, (asked, "0"))

    def new_action(self, order: Order) -> dict[str, Any]:
        """Without the metadata, which these two never echo."""
        action = order["action"]
        return {"command": action.get("command"), "id": action.get("id"), "state": "RUNNING"}

    def refused_action(self, order: Order) -> dict[str, Any]:
        """A refused orderUpdateId is told under the id of the action before (consequence 3)."""
        if self.action and not self.running and self.update_refusal(order):
            return self.action
        return super().refused_action(order)

    def kept_errors(self) -> list[dict[str, Any]]:
        """Errors pile up here until an order is taken."""
        return self.errors[1 - KEPT_ERRORS :]


class Mill(ProcessingModule):
    """The mill; its idle orderId is a number."""

    process, commands, idle_order_id = "MILL", ("PICK", "MILL", "DROP"), 0


class Drill(ProcessingModule):
    """The drill."""

    process, commands, idle_order_id = "DRILL", ("PICK", "DRILL", "DROP"), NEVER_ID
