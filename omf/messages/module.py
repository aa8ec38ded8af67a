"""Payloads of the modules and of their Node-RED bridge (PROTOCOL B.2 to B.5)."""

from typing import Annotated

from pydantic import Field

from omf.messages.base import Int, Json, Many, Record, Scalar, Serial, Stamp, Written
from omf.messages.parts import (
    ActionMetadata,
    ActionState,
    DeviceError,
    Load,
    Reference,
    real_errors,
    real_order,
)


class Connection(Record):
    """A device says it is there. Freshness is the arrival: `timestamp` stands still (B.2)."""

    connection_state: str | None
    """ONLINE, OFFLINE or CONNECTIONBROKEN."""
    serial_number: str | None = None
    header_id: Int | None = None
    timestamp: str | None = None
    ip: str | None = None
    version: str | None = None
    manufacturer: str | None = None

    @property
    def online(self) -> bool:
        """True while the device says so."""
        return self.connection_state == "ONLINE"


class BridgeStatus(Record):
    """Whether Node-RED lives, and with it every PLC module (D.6)."""

    connection_state: str | None


class StateMetadata(Record):
    """Whether the bridge reaches the module's PLC."""

    opcua_state: str | None = None


class Information(Record):
    """Calibration values a module shows while it is taught."""

    info_type: str | None = None
    info_level: str | None = None
    info_references: Many[Reference] = ()


class ModuleState(Record):
    """What a module does and holds (B.3); also the inner state of DPS and AIQS."""

    reported_order_id: str | Int | None = Field(default=None, alias="orderId")
    order_update_id: Int | None = None
    """Always 0 from the AIQS, and from the DPS while RUNNING (F.24)."""
    header_id: Int | None = None
    timestamp: str | None = None
    serial_number: str | None = None
    paused: bool | None = None
    action_state: ActionState | None = None
    action_states: Many[ActionState] = ()
    loads: Many[Load] | None = None
    """Missing in forwarded DPS states, which say nothing about loads."""
    reported_errors: Many[DeviceError] = Field(default=(), alias="errors")
    operating_mode: str | None = None
    information: Many[Information] = ()
    metadata: StateMetadata | None = None
    battery_state: dict[str, Json] | None = None
    type: str | None = None

    @property
    def order_id(self) -> str | None:
        """The order it works for; None for each spelling of no order."""
        return real_order(self.reported_order_id)

    @property
    def errors(self) -> tuple[DeviceError, ...]:
        """The errors that are some."""
        return real_errors(self.reported_errors) if self.reported_errors else ()


class ModuleAction(Record):
    """One act of a module; `id` comes back as `actionState.id`."""

    id: str | None
    command: str | None
    metadata: Annotated[ActionMetadata | None, Written()] = None


class ModuleOrder(Record):
    """One command to one module (B.4)."""

    timestamp: Stamp = None
    serial_number: Serial = None
    order_id: str | None
    order_update_id: Annotated[Int | None, Written()] = None
    action: ModuleAction | None


class InnerOrder(ModuleOrder):
    """What Node-RED tells the TXT of DPS or AIQS; orderId "0" and no serial are usual (F.35)."""

    serial_number: str | None = None


class InstantMetadata(Record):
    """Parameters of an instant action; which ones depends on its type (B.5, C.22 to C.25)."""

    node_id: str | None = None
    load_dropped: bool | None = None
    load_type: str | None = None
    load_id: str | None = None
    load_position: str | None = None
    red: bool | None = None
    yellow: bool | None = None
    green: bool | None = None
    order_id: str | None = None
    type: str | None = None
    position: str | None = None
    references: Many[Reference] | None = None
    contents: dict[str, dict[str, Scalar]] | None = None
    """SET_STORAGE: bay -> `{type, workpieceId}`, `{}` for an empty one (C.23)."""
    factory: bool | None = None


class InstantAction(Record):
    """One act outside any order."""

    action_type: str | None
    action_id: Annotated[str | None, Written()] = None
    metadata: InstantMetadata | None = None


class InstantActions(Record):
    """Instant actions to a module or vehicle; the PLC bridge reads only the first (B.5)."""

    timestamp: Stamp = None
    serial_number: Serial = None
    actions: Many[InstantAction] | None
    host: str | None = None
