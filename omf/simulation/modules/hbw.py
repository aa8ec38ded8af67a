"""HBW: the high-bay warehouse with nine bays (PROTOCOL A.3, B.3, C.23)."""

from collections.abc import Mapping
from typing import Any

from omf.constants import COLOURS
from omf.simulation import payloads
from omf.simulation.modules.calibration import Calibration
from omf.simulation.modules.plc import Order
from omf.simulation.payloads import get_object
from omf.simulation.simulated_factory import BAYS_PER_COLOUR, WAREHOUSE_BAYS

SHOWN_BAYS: tuple[str, ...] = tuple(sorted(WAREHOUSE_BAYS))


class Warehouse(Calibration):
    """The truth about the stock: the CCU only reads it from here."""

    def __init__(self, *args: Any) -> None:
        self.bays: dict[str, dict[str, Any]] = {bay: _bay(bay) for bay in SHOWN_BAYS}
        self.moving: Mapping[str, Any] = {}
        super().__init__(*args)

    def fill(self, bay: str, colour: str, workpiece_id: str, at: float) -> None:
        """Put a piece into a bay, without ado; `at` in Unix seconds."""
        self.bays[bay] = _bay(bay, colour, workpiece_id, payloads.epoch_ms(at))

    def stock(self, pieces: Mapping[str, int], at: float) -> None:
        """Fill the bays in their order with so many pieces of each colour."""
        free = [bay for bay in WAREHOUSE_BAYS if not self.bays[bay]["loadType"]]
        colours = [colour for colour, count in pieces.items() for _ in range(count)]
        for age, (bay, colour) in enumerate(zip(free, colours, strict=False)):
            self.fill(bay, colour, new_tag(self), at - 60.0 * (len(colours) - age))

    def refill(self, at: float) -> bool:
        """Fill free bays up to three pieces of each colour; False if there are none to fill."""
        lying = [piece["loadType"] for piece in self.bays.values()]
        missing = {colour: max(0, BAYS_PER_COLOUR - lying.count(colour)) for colour in COLOURS}
        if not any(missing.values()) or all(lying):
            return False
        self.stock(missing, at)
        self.publish()
        return True

    def loads(self) -> list[dict[str, Any]]:
        """All nine bays, the empty ones too."""
        return [dict(self.bays[bay]) for bay in SHOWN_BAYS]

    def inner_refusal(self, command: str) -> str | None:
        """The warehouse does one thing at a time."""
        del command
        return "Module is not IDLE" if self.running or self.calibrating else None

    def begun(self, order: Order) -> None:
        """Remember the piece; its time of storage is now."""
        self.moving = {**order["action"]["metadata"], "at": self.device.now.wall}

    def ended(self, command: str) -> dict[str, Any]:
        """Store in the first free bay, or release the oldest of the colour; then forget the ids."""
        self.accepted = None
        colour = str(self.moving.get("type") or "")
        if command == "DROP":
            return {"result": self._release(colour)}
        free = next((bay for bay in WAREHOUSE_BAYS if not self.bays[bay]["loadType"]), None)
        if free is not None:
            tag = str(self.moving.get("workpieceId") or "")
            self.fill(free, colour, tag, self.moving["at"])
        return {}

    def _release(self, colour: str) -> str:
        of_colour = [bay for bay in SHOWN_BAYS if self.bays[bay]["loadType"] == colour]
        if not of_colour:
            return "unknown"
        oldest = min(of_colour, key=lambda bay: int(self.bays[bay]["loadTimestamp"]))
        tag = str(self.bays[oldest]["loadId"])
        self.bays[oldest] = _bay(oldest)
        return tag

    def instant(self, action: Mapping[str, Any]) -> None:
        """SET_STORAGE rewrites every bay: one that is left out becomes empty."""
        if action.get("actionType") == "SET_STORAGE" and not (self.running or self.calibrating):
            contents = get_object(get_object(action, "metadata"), "contents")
            for bay in SHOWN_BAYS:
                piece = get_object(contents, bay)
                colour, tag = str(piece.get("type") or ""), str(piece.get("workpieceId") or "")
                at = payloads.epoch_ms(self.device.now.wall) if colour else 0
                self.bays[bay] = _bay(bay, colour, tag, at)
            self.publish()
            return
        super().instant(action)


def new_tag(module: Warehouse) -> str:
    """An NFC tag id nobody has used: 14 hex digits."""
    return f"{module.device.random.getrandbits(56):014x}"


def _bay(position: str, colour: str = "", tag: str = "", at_ms: int = 0) -> dict[str, Any]:
    return {"loadType": colour, "loadId": tag, "loadPosition": position, "loadTimestamp": at_ms}
