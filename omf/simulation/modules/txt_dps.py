"""The TXT of the DPS: arm, colour sensor and NFC reader."""

from typing import Any

from omf.simulation.modules.txt import Controller, error
from omf.simulation.simulated_factory import DPS, Span
from omf.topics import catalogue

TAKES_S: dict[str, Span] = {
    "INPUT_RGB": (15.2, 15.6, 16.0),
    "RGB_NFC": (16.9, 17.5, 18.8),
    "DROP": (13.1, 13.5, 13.7),
    "PICK": (22.0, 22.4, 23.1),
}
BRIDGE_ADDS_S = 1.05
"""From the CCU's order to the TXT's, and from the TXT's FINISHED to the module's."""
HOME_S = 11.4
"""What the arm takes to go home."""


class DeliveryController(Controller):
    """INPUT_RGB and RGB_NFC for the bridge, DROP and PICK for the CCU (PROTOCOL D.1, F.35)."""

    client = "txt-dps"
    built_in = DPS
    version = "1.6.0+gitc321c85"
    waiting = "WAITIING"
    link_extra = {"ip": "-1"}  # noqa: RUF012 - a constant of the program

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.tag: dict[str, Any] | None = None
        """What lies over the reader: the piece that came in, or was delivered, last."""

    def filters(self) -> tuple[str, ...]:
        """Also what the tag reader is asked."""
        return (*super().filters(), catalogue.address("nfc_request"))

    def on_message(self, name: str, levels: dict[str, str], body: Any) -> None:
        """Reading answers, deleting empties the tag and answers; without a tag there is silence."""
        if name != "nfc_request":
            super().on_message(name, levels, body)
            return
        asked = body.get("cmd") if isinstance(body, dict) else None
        if self.tag is None or asked not in {"read", "delete"}:
            return
        if asked == "delete":
            self.tag = {"id": self.tag["id"]}
        empty = {"id": "", "state": "", "type": ""}
        piece = empty | {name: self.tag[name] for name in empty if name in self.tag}
        history = self.tag.get("history", [])
        self.send("nfc_answer", {"ts": self.stamp, "workpiece": piece, "history": history})

    def knows(self, order: dict[str, Any]) -> bool:
        """A lower orderUpdateId of the same order is refused, an equal one not read anew (C.20)."""
        told, last = order.get("orderUpdateId"), self.order.get("orderUpdateId")
        if not (isinstance(told, int) and isinstance(last, int)):
            return False
        if order.get("orderId") != self.order.get("orderId") or told > last:
            return False
        if told < last:
            self.errors = [error("orderUpdateError", order)]
        self.publish(self.action)
        return True

    def takes_s(self, action: dict[str, Any]) -> Span:
        """As recorded for each command."""
        return TAKES_S.get(str(action.get("command")), TAKES_S["DROP"])

    def lasts(self, action: dict[str, Any]) -> float:
        """Where this factory's own times are known, less what the bridge adds to them."""
        command, takes_s = str(action.get("command")), self.takes_s(action)
        told = self.told(f"DPS.{command}", self.facts.serial)
        return self.draw(takes_s) if told is None else max(0.0, told - BRIDGE_ADDS_S)

    def done(self) -> None:
        """Tell the result: the tag that was read, or whether it could be written."""
        results: dict[str, dict[str, Any]] = {
            "INPUT_RGB": {"result": None},
            "RGB_NFC": {"result": f"{self.random.getrandbits(56):014x}"},
            "PICK": {"result": "PASSED"},
        }
        result = results.get(str(self.action["command"]), {})
        self.tag = self._tag(result)
        self.step("FINISHED", **result)

    def _tag(self, result: dict[str, Any]) -> dict[str, Any] | None:
        """Which tag lies over the reader once the order is done."""
        metadata = self.order["action"].get("metadata") or {}
        command = self.action["command"]
        if command == "RGB_NFC":
            return {"id": result["result"], "state": "RAW", "type": metadata.get("type")}
        piece = metadata.get("workpiece") if command == "PICK" else None
        return {**piece, "id": piece.get("workpieceId")} if isinstance(piece, dict) else None

    def instant(self, action: dict[str, Any]) -> None:
        """A reset drives the arm home; it stays visible as a warning until the next order."""
        super().instant(action)
        if action.get("actionType") != "reset":
            return
        warning = {"errorLevel": "WARNING", "errorType": "RESET_WARNING"}
        self.errors = [warning | {"errorReferences": [{"orderId": ""}]}]
        moving = {"id": action.get("actionId"), "command": "reset", "state": "RUNNING"}
        self.publish(moving | {"timestamp": self.fine_stamp})
        self.after(HOME_S, self.publish, {}, group="order")

    def own_fields(self, action: dict[str, Any]) -> dict[str, Any]:
        """The fields only this program sends."""
        listed: list[dict[str, Any]] = [dict(action)] if action else []
        if action.get("command") == "reset":
            listed[0]["warning"] = True
        elif action and action.get("id") == self.action.get("id"):
            listed[0]["metadata"] = self.order["action"].get("metadata")
        return {"actionStates": listed, "information": [], "operatingMode": "AUTOMATIC"}
