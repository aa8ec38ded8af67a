"""A workpiece on its way through the factory, said message by message, for tests of its life."""

from typing import Any

from tests.support.factory import (
    AIQS,
    DPS,
    DRILL,
    FTS,
    HBW,
    MILL,
    Factory,
    paired,
    vehicle_state,
    warehouse_loads,
)

TAG, OTHER = "04a189ca341290", "047389ca341291"
MODULES = {HBW: "HBW", DRILL: "DRILL", MILL: "MILL", DPS: "DPS", AIQS: "AIQS"}


class PieceTeller(Factory):
    """Says what modules, vehicles and the CCU say of pieces."""

    def __init__(self) -> None:
        super().__init__()
        listed = [paired(serial, kind) for serial, kind in MODULES.items()]
        self.say("ccu_pairing_state", {"modules": listed, "transports": []})

    @property
    def pieces(self) -> Any:
        """The lives."""
        return self.state.workpieces

    def lies_at_dock(self, colour: str | None, **action: Any) -> None:
        """The DPS tells of the piece in its input; no colour: it felt it only; "": nothing."""
        load = {"loadType": "UNKNOWN"} if colour is None else {"type": colour}
        acting = {"id": "0", "command": "RGB_NFC", **action} if action else None
        more: dict[str, Any] = {
            "loads": [] if colour == "" else [load],
            "orderId": "0",
            "actionState": acting,
        }
        self.module(DPS, **more)

    def handed_in(self, tag: str = TAG, colour: str = "RED") -> None:
        """A piece comes in and is read."""
        self.lies_at_dock(None)
        self.lies_at_dock(colour)
        self.lies_at_dock(colour, state="FINISHED", result=tag)

    def carries(self, node: str, serial: str = FTS, **held: str) -> None:
        """A vehicle tells where it is and what it holds, `p1="RED:tag"`."""
        load = [{"loadPosition": str(n), "loadType": None, "loadId": None} for n in (1, 2, 3)]
        for name, said in held.items():
            colour, _, tag = said.partition(":")
            load[int(name[1:]) - 1] |= {"loadType": colour, "loadId": tag or None}
        state = vehicle_state(node, load=load) | {"serialNumber": serial}
        self.say("fts_state", state, serial=serial)

    def acted(self, serial: str, command: str, order_id: str = "", **more: Any) -> None:
        """A module has ended an action; `result`, `loads`, `state` and `metadata` as given."""
        acting: dict[str, Any] = {"id": f"{command}-{self.now}", "command": command}
        acting["state"] = more.pop("state", "FINISHED")
        acting |= {key: more.pop(key) for key in ("result", "metadata") if key in more}
        self.module(serial, None, **{"orderId": order_id, "actionState": acting, **more})

    def rack(self, **pieces: str) -> None:
        """The warehouse tells what lies in its bays."""
        self.module(HBW, loads=warehouse_loads(**pieces))

    def happened(self, tag: str | None = TAG) -> list[str]:
        """What happened to the piece of a tag, the last one that ended where none is open."""
        return [event.what for event in self.life(tag).events]

    def life(self, tag: str | None = TAG) -> Any:
        """The life of a tag, of those open first."""
        lives = [*self.pieces.ended, *self.pieces.open.values()]
        return [one for one in lives if one.tag == tag][-1]
