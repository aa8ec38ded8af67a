"""DPS: goods in and goods out; its arm, NFC reader and colour sensor are a TXT controller."""

from collections.abc import Mapping
from typing import Any

from omf.simulation.modules.calibration import Calibration
from omf.simulation.modules.plc import IDLE, Order
from omf.simulation.payloads import get_object, get_objects
from omf.simulation.simulated_factory import ORDER_ANSWER_S

FORWARD_S = 1.01
"""The bridge waits this long before it forwards what the TXT has finished."""
INPUT_ORDER_ID = "0"
"""The id under which the DPS works for nobody's order."""
INPUT, OUTPUT = "INPUT", "OUTPUT"


class DeliveryStation(Calibration):
    """Input piece announced → DROP; idle or output announced → PICK (PROTOCOL C.20, D.1)."""

    idle_order_id = INPUT_ORDER_ID

    def restart(self) -> None:
        """Begin anew, with an empty input."""
        super().restart()
        self.stage = IDLE
        self.piece: dict[str, str] | None = None
        self.errors = [{}]

    def extra(self) -> dict[str, Any]:
        """No mode in the bridge's own states, unless calibrating."""
        return super().extra() if self.calibrating else {}

    def loads(self) -> list[dict[str, Any]]:
        """The input piece, if any."""
        return [dict(self.piece)] if self.piece else []

    def inner_refusal(self, command: str) -> str | None:
        """DROP needs an input piece, PICK must not find one."""
        if self.running or self.calibrating:
            return "Module is not IDLE"
        fits = self.stage == INPUT if command == "DROP" else self.stage in (IDLE, OUTPUT)
        return None if fits else f"Internal modulestate does not accept {command}"

    def begun(self, order: Order) -> None:
        """The ids are not stored: a repeat is no duplicate here, it ends FAILED."""
        self.accepted = None
        self.asked = dict(order)

    def new_action(self, order: Order) -> dict[str, Any]:
        """RUNNING names no command (PROTOCOL B.3)."""
        return {"id": order["action"].get("id"), "state": "RUNNING"}

    def published_update_id(self, order_update_id: int | str) -> int:
        """0 until the TXT's own FINISHED is forwarded."""
        del order_update_id
        return 0

    def carry_out(self, command: str, answer_s: float) -> None:
        """The arm moves; the TXT gets the order as it came."""
        del command
        self.device.after(min(answer_s, ORDER_ANSWER_S[1]), self._pass_on, group=self.group)

    def _pass_on(self) -> None:
        self.device.send("nodered_order", self.asked, serial=self.facts.serial)

    def told(self, state: dict[str, Any]) -> None:
        """The TXT published a state: what it finished is forwarded a second later."""
        told = get_object(state, "actionState")
        if told.get("state") not in ("FINISHED", "FAILED"):
            return
        if told.get("command") in ("INPUT_RGB", "RGB_NFC"):
            read = (get_objects(state, "actionStates") or [told])[0]
            self.device.after(FORWARD_S, self._read, read, group=self.group)
        elif self.running and told.get("id") == (self.action or {}).get("id"):
            self.device.after(FORWARD_S, self._forward, state, group=self.group)

    def _forward(self, state: dict[str, Any]) -> None:
        """The TXT's state becomes the module's, word for word."""
        if self.fail_next is not None:
            self.fail(str(state["actionState"].get("command")))
            return
        self.inner = self.stage = IDLE
        self.piece, self.action, self.errors = None, state["actionState"], []
        self.device.send("module_state", state, serial=self.facts.serial)

    # --- goods in ---------------------------------------------------------------------------

    def lay(self, colour: str) -> bool:
        """Somebody lays a piece into the input: colour, then tag, then the storage request.

        False while a piece lies there, or the station works.
        """
        if self.running or self.stage != IDLE:
            return False
        self.stage, self.colour = INPUT, colour
        self._tell_input({"loadType": "UNKNOWN"}, None)
        new = self.device.new_id()
        self._ask_txt(new, {"id": new, "command": "INPUT_RGB", "metadata": {}})
        return True

    def _read(self, told: Mapping[str, Any]) -> None:
        if self.stage != INPUT or self.running:
            return
        if told.get("command") == "INPUT_RGB":
            self._tell_input({"type": self.colour}, None)
            metadata = {"type": self.colour}
            self._ask_txt("0", {"id": "0", "command": "RGB_NFC", "metadata": metadata})
            return
        self._tell_input({"type": self.colour}, dict(told))
        self.device.send(
            "ccu_order_request",
            {
                "timestamp": self.device.stamp,
                "orderType": "STORAGE",
                "type": self.colour,
                "workpieceId": told.get("result"),
            },
        )

    def lay_unseen(self, colour: str) -> None:
        """A piece lies in the input, as a STORAGE request by hand claims; nothing is told of it.

        Told behind the request, its order id "0" would have the CCU keep the station for that
        order for ever, and the storage would never begin (PROTOCOL F.36).
        """
        if self.running or self.stage != IDLE:
            return
        self.stage, self.colour, self.piece = INPUT, colour, {"type": colour}

    def _tell_input(self, piece: dict[str, str], action: dict[str, Any] | None) -> None:
        self.piece, self.action, self.errors = piece, action, [{}]
        self.order_id, self.order_update_id = INPUT_ORDER_ID, 0
        self.publish()

    def _ask_txt(self, order_id: str, action: dict[str, Any]) -> None:
        body = {
            "timestamp": self.device.stamp,
            "orderId": order_id,
            "orderUpdateId": 1,
            "action": action,
        }
        self.device.send("nodered_order", body, serial=self.facts.serial)

    def instant(self, action: Mapping[str, Any]) -> None:
        """Output announced, or the input piece thrown out; the lamp changes no state."""
        kind = action.get("actionType")
        if kind == "announceOutput" and self.stage == IDLE:
            # QoS 2 may be overtaken by the order itself: an announcement of what was done is void.
            late = get_object(action, "metadata").get("orderId") == self.order_id
            self.stage = IDLE if late else OUTPUT
        elif kind == "cancelStorageOrder" and self.stage == INPUT and not self.running:
            self.stage, self.piece, self.action = IDLE, None, None
            self.publish()
        elif kind not in ("announceOutput", "cancelStorageOrder", "setStatusLED"):
            super().instant(action)
