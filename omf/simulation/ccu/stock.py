"""The stock as the CCU knows it: what the warehouse reports, and who has reserved what."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from omf.constants import COLOURS
from omf.simulation.ccu.orders import CcuOrder
from omf.simulation.device import DeviceRuntime
from omf.simulation.payloads import get_objects
from omf.simulation.simulated_factory import BAYS_PER_COLOUR, WAREHOUSE_BAYS


class StoredPiece(NamedTuple):
    """What a bay holds; an empty bay has empty strings (PROTOCOL F.26)."""

    colour: str = ""
    tag: str = ""
    stored_at: int = 0


class WarehouseStock:
    """Bays of the high-bay warehouse and their reservations."""

    def __init__(self, device: DeviceRuntime) -> None:
        self.device = device
        self.hbw = ""
        self.bays: dict[str, StoredPiece] = {}
        self.pieces: dict[str, str] = {}
        """Tag of a reserved piece to the order that will take it."""
        self.places: dict[str, str] = {}
        """Storage order to the colour it needs a place for."""

    def read(self, state: Mapping[str, Any]) -> None:
        """Take over what the warehouse reports, and publish."""
        self.hbw = str(state.get("serialNumber"))
        for load in get_objects(state, "loads"):
            piece = str(load.get("loadType") or ""), str(load.get("loadId") or "")
            stored_at, bay = load.get("loadTimestamp"), load.get("loadPosition")
            if bay in WAREHOUSE_BAYS:
                self.bays[bay] = StoredPiece(*piece, stored_at if isinstance(stored_at, int) else 0)
        held = {piece.tag for piece in self.bays.values()}
        self.pieces = {tag: order for tag, order in self.pieces.items() if tag in held}
        self.publish()

    def reserve_piece(self, order: CcuOrder) -> bool:
        """Keep the oldest unreserved piece of the colour for a production; False if none."""
        free = [p for p in self.bays.values() if p.colour == order.colour and p.tag]
        free = [piece for piece in free if piece.tag not in self.pieces]
        if not free:
            return False
        oldest = min(free, key=lambda piece: piece.stored_at)
        self.pieces[oldest.tag] = order.id
        order.reserved = oldest.tag
        return True

    def reserve_place(self, order: CcuOrder) -> bool:
        """Keep a bay for a storage; False if the colour has its three, none, or nothing is free."""
        if order.colour not in COLOURS:
            return False
        promised = list(self.places.values())
        of_colour = [p for p in self.bays.values() if p.colour == order.colour]
        empty = [p for p in self.bays.values() if not p.colour]
        full = len(of_colour) + promised.count(order.colour) >= BAYS_PER_COLOUR
        if full or len(empty) <= len(promised):
            return False
        self.places[order.id] = order.colour
        return True

    def release(self, order: CcuOrder) -> None:
        """Drop whatever the order had reserved."""
        self.places.pop(order.id, None)
        self.pieces = {tag: by for tag, by in self.pieces.items() if by != order.id}

    def reset(self, *, contents: bool) -> None:
        """Drop all reservations, and with `contents` the stock itself."""
        self.pieces, self.places = {}, {}
        if contents:
            self.bays = dict.fromkeys(WAREHOUSE_BAYS, StoredPiece())

    def publish(self, qos: int | None = None) -> None:
        """Publish the stock, also to the cloud; nothing before a warehouse was heard."""
        if not self.hbw or "ccu_state_stock" in self.device.unheard:
            return
        items = [
            {
                "workpiece": {
                    "id": piece.tag,
                    "type": piece.colour,
                    "state": "RESERVED" if piece.tag in self.pieces else "RAW",
                },
                "location": bay,
                "hbw": self.hbw,
            }
            for bay, piece in sorted(self.bays.items(), key=lambda item: bool(item[1].colour))
        ]
        body = {"ts": self.device.stamp, "stockItems": items}
        self.device.send("cloud_stock", body)
        self.device.send("ccu_state_stock", body, qos=qos)
