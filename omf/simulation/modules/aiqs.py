"""AIQS: the quality station; its camera and classifier are a TXT controller of their own."""

from typing import Any

from omf.simulation.modules.calibration import Calibration
from omf.simulation.modules.plc import Order
from omf.simulation.payloads import get_object

HANDOVER_S = 4.0
"""From CHECK_QUALITY to the order for the TXT: the piece is moved under the camera."""
CLEAR_S = (1.2, 1.7, 2.1)
"""From the TXT's verdict to FINISHED: sorted out or taken back."""
TXT_UPDATE_ID = 10
"""The bridge always sends this one to the TXT."""
NEXT_COMMAND = {"PICK": "CHECK_QUALITY", "CHECK_QUALITY": "DROP", "DROP": "PICK"}


class QualityStation(Calibration):
    """IDLE, PICK, CHECK_QUALITY and, if the piece passed, DROP (PROTOCOL C.20, D.2)."""

    commands = ("PICK", "CHECK_QUALITY", "DROP")

    def restart(self) -> None:
        """Begin anew, without a piece."""
        super().restart()
        self.stage = "PICK"
        self.piece: str | None = None
        self.result = "FAILED"

    def extra(self) -> dict[str, Any]:
        """No mode until it is calibrated."""
        return super().extra() if self.calibrating else {}

    def loads(self) -> list[dict[str, Any]]:
        """The one piece, by colour alone."""
        return [{"loadType": self.piece}] if self.piece else []

    def published_update_id(self, order_update_id: int | str) -> int:
        """Always 0 (PROTOCOL B.3)."""
        del order_update_id
        return 0

    def inner_refusal(self, command: str) -> str | None:
        """One order of steps only."""
        if self.running or self.calibrating:
            return "Module is not IDLE"
        return None if command == self.stage else f"Internal modulestate accepts only {self.stage} "

    def begun(self, order: Order) -> None:
        """The ids are not stored: a repeat is no duplicate here, it ends FAILED."""
        self.accepted = None
        if order["action"]["command"] == "PICK":
            self.piece = str(order["action"]["metadata"].get("type"))

    def carry_out(self, command: str, answer_s: float) -> None:
        """CHECK_QUALITY is the TXT's work; what it found comes back in `verdict`."""
        if command != "CHECK_QUALITY":
            super().carry_out(command, answer_s)
            return
        self.ask_in(HANDOVER_S)

    def ask_in(self, delay_s: float) -> None:
        """The piece is under the camera then, and the TXT is asked."""
        self.device.after(delay_s, self._ask, self.action, group=self.group)

    def _ask(self, action: dict[str, Any]) -> None:
        body = {
            "serialNumber": self.facts.serial,
            "orderId": self.order_id,
            "orderUpdateId": TXT_UPDATE_ID,
            "timestamp": self.device.stamp,
            "action": {key: action[key] for key in ("command", "id", "metadata")},
        }
        self.device.send("nodered_order", body, serial=self.facts.serial)

    def told(self, state: dict[str, Any]) -> None:
        """The TXT published a state; its FINISHED for our action decides the check."""
        told, asked = get_object(state, "actionState"), self.action or {}
        if not self.running or told.get("id") != asked.get("id"):
            return
        if told.get("state") == "FINISHED" and asked.get("command") == "CHECK_QUALITY":
            self.result = str(told.get("result"))
            clear_s = self.device.draw(CLEAR_S)
            self.device.after(clear_s, self.finish, "CHECK_QUALITY", group=self.group)

    def ended(self, command: str) -> dict[str, Any]:
        """A piece that failed is thrown out, and the station is free at once."""
        self.stage = NEXT_COMMAND[command]
        if command == "DROP":
            self.piece = None
        if command != "CHECK_QUALITY":
            return {}
        if self.result != "PASSED":
            self.stage, self.piece = "PICK", None
        return {"result": self.result}
