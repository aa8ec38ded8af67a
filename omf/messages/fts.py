"""Payloads of the vehicles (PROTOCOL B.6, B.7). Connection and instant actions: module.py."""

from typing import Annotated

from pydantic import Field

from omf.messages.base import Int, Json, Many, Number, Record, Serial, Stamp, Written
from omf.messages.parts import ActionState, DeviceError, Load, real_errors, real_order

NOWHERE = "UNKNOWN"
"""lastNodeId after a reset, until the vehicle has docked at a known module."""


class Battery(Record):
    """Voltage in V; `percentage` is linear in it and not clamped, -50 to 219 were seen (F.27)."""

    charging: bool | None = None
    current_voltage: Number | None = None
    percentage: Number | None = None
    min_volt: Number | None = None
    max_volt: Number | None = None


class VehicleState(Record):
    """Where a vehicle stands, what it does and what it carries (B.7)."""

    reported_order_id: str | Int | None = Field(default=None, alias="orderId")
    """The last accepted order; stays after its end."""
    order_update_id: Int | None = None
    header_id: Int | None = None
    timestamp: str | None = None
    serial_number: str | None = None
    last_node_id: str | None = None
    driving: bool | None = None
    paused: bool | None = None
    """True while charging."""
    waiting_for_load_handling: bool | None = None
    action_state: ActionState | None = None
    """The order's own action, never an instant one."""
    action_states: Many[ActionState] = ()
    """All actions of the order in node order, then the instant ones since."""
    load: Many[Load] = ()
    """Bays used since the last reset, in any order; take `load_position` as the key."""
    battery_state: Battery | None = None
    reported_errors: Many[DeviceError] = Field(default=(), alias="errors")
    last_node_sequence_id: Int | None = None
    last_code: str | None = None
    node_states: Many[Json] = ()
    edge_states: Many[Json] = ()

    @property
    def order_id(self) -> str | None:
        """The order last accepted; None since a reset."""
        return real_order(self.reported_order_id)

    @property
    def node(self) -> str | None:
        """The node it stands at; None while it does not know (D.4)."""
        return None if self.last_node_id in (NOWHERE, "") else self.last_node_id

    @property
    def errors(self) -> tuple[DeviceError, ...]:
        """The errors that are some."""
        return real_errors(self.reported_errors) if self.reported_errors else ()


class DriveMetadata(Record):
    """What to do at a node: DOCK names bay and load, TURN a direction (B.6)."""

    load_position: str | None = None
    load_type: str | None = None
    load_id: str | None = None
    no_load_change: bool | None = None
    charge: bool | None = None
    direction: str | None = None


class DriveAction(Record):
    """DOCK, PASS or TURN at a node."""

    id: str | None
    type: Annotated[str | None, Written(one_of=("DOCK", "PASS", "TURN"))]
    metadata: DriveMetadata | None = None


class Node(Record):
    """One stop of a route; the first is where the vehicle stands and has no action."""

    id: str | None
    linked_edges: Annotated[Many[str] | None, Written()] = None
    action: DriveAction | None = None


class Edge(Record):
    """A road in driving direction; `id` is `<from>-<to>`, `length` in millimetres."""

    id: str | None
    length: Annotated[Number | None, Written()] = None
    linked_nodes: Annotated[Many[str] | None, Written()] = None


class VehicleOrder(Record):
    """A drive along nodes and edges (B.6); the CCU's own shape, not the standard's."""

    timestamp: Stamp = None
    order_id: str | None
    order_update_id: Annotated[Int | None, Written()] = None
    nodes: Many[Node] | None
    edges: Many[Edge] | None
    serial_number: Serial = None
