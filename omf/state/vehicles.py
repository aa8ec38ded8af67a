"""The vehicles (FTS): where each stands, what it carries, what it was last told to drive."""

from dataclasses import dataclass, field

from omf.constants import VEHICLE_BAYS
from omf.messages.ccu import PairedVehicle
from omf.messages.factsheet import VehicleFactsheet
from omf.messages.fts import NOWHERE, Battery, VehicleOrder, VehicleState
from omf.messages.module import InstantActions
from omf.state.device import Channel, forget_state, read_action, read_state
from omf.state.modules import Instant, Ordered, by_position, read_load
from omf.state.values import Action, Arrival, CarriedLoad, Change, clip, push

MAX_ACTIONS = 32
"""Six were the most ever seen in one state (PROTOCOL B.7)."""
MAX_VEHICLE_BAYS = 32
MAX_PATH_NODES = 64
MAX_VISITS = 50
BATTERY_EVERY_S = 30.0
"""A vehicle on its way reports each second; the voltage of a battery moves in minutes."""
MAX_BATTERY = 120
"""An hour: long enough to see when it has to be charged."""


@dataclass(slots=True)
class BatteryReading:
    """One look at a battery; Unix s, volts, percent as sent."""

    at: float
    voltage: float | None
    percentage: float | None
    charging: bool | None


@dataclass(slots=True, kw_only=True)
class Vehicle(Channel):
    """One vehicle; times are arrivals in Unix s, None is unknown."""

    serial: str
    connected: bool | None = None
    """The CCU's word, as are the fields up to `ccu_last_seen`."""
    connected_since: float | None = None
    """When it last said something else of it."""
    available: str | None = None
    available_since: float | None = None
    listed: bool = False
    unlisted_since: float | None = None
    """Since when the CCU, which tells of others, does not list it; None while it does."""
    paired_since: str | None = None
    last_module: str | None = None
    last_load_position: str | None = None
    ccu_last_seen: str | None = None
    charging: bool | None = None
    last_node: str | None = None
    """Module serial, crossing or UNKNOWN; a module only after DOCK is FINISHED (F.30)."""
    last_node_since: float | None = None
    driving: bool | None = None
    waiting_for_load: bool | None = None
    actions: list[Action] = field(default_factory=list)
    bays: dict[str, CarriedLoad | None] = field(default_factory=dict)
    """By the vehicle's own name; None carries nothing, a bay that is not here is unknown."""
    unplaced: list[CarriedLoad] = field(default_factory=list)
    """Pieces somewhere on board: the vehicle did not tell in which bay."""
    positions: tuple[str, ...] = ()
    """Names of the bays in its factsheet."""
    says_positions: bool = False
    """Its states use those names; those of the makers' vehicle say 1, 2, 3 (PROTOCOL A.2, B.7)."""
    battery_voltage: float | None = None
    battery_percentage: float | None = None
    """As sent: -50 to 219 was recorded (F.27); clamp only for display."""
    battery_min_v: float | None = None
    battery_max_v: float | None = None
    path: tuple[str, ...] = ()
    """Nodes of the last order, the first is where it began."""
    path_action: str | None = None
    """Action at the last node of that order."""
    path_bay: str | None = None
    """The bay it docks with at the end of that order."""
    ordered: Ordered | None = None
    instant: Instant | None = None
    series: str | None = None
    visits: list[Change] = field(default_factory=list)
    """Nodes it was at, oldest first, with the arrival of the first message that said so."""
    battery: list[BatteryReading] = field(default_factory=list)
    """Its battery over the last hour, a reading at most every half minute."""

    @property
    def bay_names(self) -> tuple[str, ...]:
        """Every bay it has, as far as it told, in its own order."""
        numbers = tuple(str(number) for number in range(1, len(self.positions) + 1))
        named = self.positions if self.says_positions else numbers
        return tuple(dict.fromkeys((*(named or VEHICLE_BAYS), *self.bays)))

    @property
    def position_known(self) -> bool:
        """Tell whether the vehicle knows where it is."""
        return self.last_node not in (None, "", NOWHERE)

    @property
    def ahead(self) -> tuple[str, ...]:
        """The nodes it has still to pass: it says that it drives, and for the order that was told.

        None while it stands, and while its last word names another order than the last one told.
        """
        node, told = self.last_node, self.ordered
        if not self.driving or told is None or node not in self.path:
            return ()
        own = (self.order_id, self.order_update_id or 0)
        if self.order_id and own != (told.order_id, told.order_update_id or 0):
            return ()
        return self.path[self.path.index(node) + 1 :]

    @property
    def driving_since(self) -> float | None:
        """Since when it drives on the road ahead of it; None where that was not heard live."""
        if not self.ahead or self.ordered is None or self.last_node_since is None:
            return None
        return max(self.last_node_since, self.ordered.at)


def read_vehicle_state(vehicle: Vehicle, payload: VehicleState, arrival: Arrival) -> None:
    """Take over a state of the vehicle (PROTOCOL B.7)."""
    read_state(vehicle, payload, arrival)
    node = clip(payload.last_node_id)
    if node != vehicle.last_node:
        vehicle.last_node = node
        vehicle.last_node_since = arrival.news_at
        push(vehicle.visits, Change(node, arrival.at, arrival.retained), MAX_VISITS)
    vehicle.driving = payload.driving
    vehicle.waiting_for_load = payload.waiting_for_load_handling
    vehicle.actions = [read_action(entry) for entry in payload.action_states[:MAX_ACTIONS]]
    _read_bays(vehicle, payload)
    battery = payload.battery_state
    if battery is None and "batteryState" in payload.unread:
        battery = Battery()
    if battery is None:
        return
    vehicle.charging = battery.charging
    vehicle.battery_voltage = battery.current_voltage
    vehicle.battery_percentage = battery.percentage
    vehicle.battery_min_v = battery.min_volt
    vehicle.battery_max_v = battery.max_volt
    if not arrival.retained:
        _note_battery(vehicle, arrival.at)


def _note_battery(vehicle: Vehicle, at: float) -> None:
    last = vehicle.battery[-1] if vehicle.battery else None
    if last is None or at - last.at >= BATTERY_EVERY_S or last.charging != vehicle.charging:
        reading = BatteryReading(
            at, vehicle.battery_voltage, vehicle.battery_percentage, vehicle.charging
        )
        push(vehicle.battery, reading, MAX_BATTERY)


def _read_bays(vehicle: Vehicle, payload: VehicleState) -> None:
    loads = payload.load[:MAX_VEHICLE_BAYS]
    placed = by_position(loads)
    # Of two pieces in one bay, one is elsewhere.
    elsewhere = (one for one in loads if placed.get(clip(one.load_position) or "") is not one)
    vehicle.unplaced = [load for one in elsewhere if (load := read_load(one))]
    vehicle.bays = {name: read_load(one) for name, one in placed.items() if one.known}
    vehicle.says_positions |= not placed.keys().isdisjoint(vehicle.positions)
    # A bay it does not list carries nothing, but only if each piece is listed with its bay.
    told = "load" in payload.model_fields_set and "load" not in payload.unread
    if told and all(one.load_position or (one.empty and one.known) for one in loads):
        vehicle.bays |= dict.fromkeys(set(vehicle.bay_names) - placed.keys())
    vehicle.bays = dict(sorted(vehicle.bays.items(), key=lambda bay: (len(bay[0]), bay[0])))


def read_pairing(vehicle: Vehicle, payload: PairedVehicle, arrival: Arrival) -> None:
    """Take over the CCU's word on one vehicle (PROTOCOL B.8).

    Position, charging and battery come from the vehicle itself; the CCU's copy of them counts
    only while the vehicle has not spoken.
    """
    vehicle.listed, vehicle.unlisted_since = True, None
    if payload.connected != vehicle.connected:
        vehicle.connected, vehicle.connected_since = payload.connected, arrival.news_at
    available = clip(payload.available)
    if available != vehicle.available:
        vehicle.available = available
        vehicle.available_since = arrival.news_at
    vehicle.paired_since = clip(payload.paired_since)
    vehicle.last_module = clip(payload.last_module_serial_number)
    vehicle.last_load_position = clip(payload.last_load_position)
    vehicle.ccu_last_seen = clip(payload.last_seen)
    vehicle.ip = clip(payload.ip) or vehicle.ip
    vehicle.version = clip(payload.version) or vehicle.version
    if vehicle.state_known:
        return
    vehicle.charging = payload.charging
    vehicle.last_node = clip(payload.last_node_id)
    vehicle.battery_voltage = payload.battery_voltage
    vehicle.battery_percentage = payload.battery_percentage


def leave_pairing(vehicle: Vehicle) -> None:
    """Forget the CCU's word on a vehicle it lists no more."""
    vehicle.listed = False
    vehicle.connected = vehicle.available = None
    vehicle.connected_since = vehicle.available_since = None
    vehicle.paired_since = vehicle.last_module = vehicle.last_load_position = None


def read_factsheet(vehicle: Vehicle, payload: VehicleFactsheet) -> None:
    """Take over what a vehicle says it is."""
    kind = payload.type_specification
    vehicle.series = clip(kind.series_name) if kind else None
    room = payload.load_specification
    vehicle.positions = (
        tuple(clip(name) for name in room.load_positions[:MAX_VEHICLE_BAYS]) if room else ()
    )
    vehicle.version = clip(payload.version) or vehicle.version


def read_order(vehicle: Vehicle, payload: VehicleOrder, arrival: Arrival) -> None:
    """Note a drive the vehicle was told (PROTOCOL B.6)."""
    nodes = (payload.nodes or ())[:MAX_PATH_NODES]
    last = nodes[-1].action if nodes else None
    vehicle.path = tuple(clip(node.id) or "" for node in nodes)
    vehicle.path_action = clip(last.type) if last else None
    vehicle.path_bay = clip(last.metadata.load_position) if last and last.metadata else None
    vehicle.ordered = Ordered(
        order_id=clip(payload.order_id) or "",
        order_update_id=payload.order_update_id,
        action_id=clip(last.id) if last else None,
        command=vehicle.path_action,
        at=arrival.at,
    )


def read_instant(vehicle: Vehicle, payload: InstantActions, arrival: Arrival) -> None:
    """Note the last of the instant actions sent to the vehicle, which handles all of them."""
    if payload.actions:
        last = payload.actions[-1]
        vehicle.instant = Instant(clip(last.action_type), clip(last.action_id), arrival.at)


def forget_vehicle_state(vehicle: Vehicle) -> None:
    """Undo a retained state that was deleted."""
    forget_state(vehicle)
    vehicle.last_node = vehicle.last_node_since = vehicle.driving = vehicle.waiting_for_load = None
    vehicle.charging = vehicle.battery_voltage = vehicle.battery_percentage = None
    vehicle.battery_min_v = vehicle.battery_max_v = None
    vehicle.actions, vehicle.unplaced = [], []
    vehicle.bays = {}
