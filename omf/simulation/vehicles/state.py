"""What a vehicle knows of itself, and the state message made of it (PROTOCOL B.7)."""

from dataclasses import dataclass, field
from typing import Any

from omf.simulation.simulated_factory import UNKNOWN
from omf.simulation.vehicles.battery import SimulatedBattery


class Loads:
    """What lies in which of the three bays; a bay is only listed once it was used."""

    def __init__(self) -> None:
        self._bays: dict[str, tuple[str | None, str | None]] = {}

    def put(self, bay: str, colour: str | None, tag: str | None) -> None:
        """Fill a bay, also with a colour alone: the tag is told later."""
        self._bays[bay] = (colour, tag)

    def empty(self, bay: str) -> None:
        """Clear a bay; it stays listed."""
        self._bays[bay] = (None, None)

    def accepts(self, bay: str, tag: str | None) -> bool:
        """Whether the bay is free, or holds that very piece already."""
        colour, held = self._bays.get(bay, (None, None))
        return colour is None or held is None or held == tag

    def to_list(self) -> list[dict[str, Any]]:
        """`load` of the state message, keys as the vehicle writes them."""
        return [
            {"loadPosition": bay, "loadType": colour, "loadId": tag}
            for bay, (colour, tag) in self._bays.items()
        ]


@dataclass(slots=True)
class SimulatedState:
    """The state of one vehicle; its parts read and change it."""

    battery: SimulatedBattery
    last_node: str
    order_id: str = ""
    order_update_id: int = 0
    executing: bool = False
    """An order is being driven."""
    driving: bool = False
    paused: bool = False
    waiting: bool = False
    """For the change of load at the module where it docked."""
    actions: list[dict[str, Any]] = field(default_factory=list)
    """Those of the order in node order, then instant ones until the next order."""
    active: dict[str, Any] | None = None
    """The order's action that was last touched; an entry of `actions`."""
    errors: list[dict[str, Any]] = field(default_factory=list)
    loads: Loads = field(default_factory=Loads)
    docked_bay: str = "1"

    def reset(self) -> None:
        """Forget order, loads and place; only the RESET warning remembers the order."""
        references = [{"referenceKey": "orderId", "referenceValue": self.order_id}]
        self.errors = [
            {"errorType": "RESET", "errorReferences": references, "errorLevel": "WARNING"}
        ]
        self.order_id, self.order_update_id = "", 0
        self.executing = self.driving = self.paused = self.waiting = False
        self.actions, self.active = [], None
        self.loads = Loads()
        self.last_node = UNKNOWN

    def to_dict(self, at: float) -> dict[str, Any]:
        """The fields of the state message that tell of the vehicle; `at` is plant time."""
        body: dict[str, Any] = {
            "orderId": self.order_id,
            "orderUpdateId": self.order_update_id,
            "lastNodeId": self.last_node,
            "lastNodeSequenceId": 0,
            "lastCode": "",
            "nodeStates": [],
            "edgeStates": [],
            "driving": self.driving,
            "paused": self.paused,
            "waitingForLoadHandling": self.waiting,
            "actionStates": [dict(action) for action in self.actions],
            "load": self.loads.to_list(),
            "batteryState": self.battery.to_dict(at, driving=self.driving),
            "errors": self.errors,
        }
        if self.active is not None:
            body["actionState"] = dict(self.active)
        return body


def touch(action: dict[str, Any], state: str, stamp: str) -> None:
    """Put an action into a state; `stamp` dates it."""
    action |= {"timestamp": stamp, "state": state}
