"""The machines of the factory: what the CCU and each module itself last said of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from omf.messages.ccu import PairedModule
from omf.messages.factsheet import ModuleFactsheet
from omf.messages.module import InstantActions, ModuleOrder, ModuleState
from omf.messages.parts import Load as LoadEntry
from omf.state.device import ACTION_ENDED, Channel, forget_state, read_state
from omf.state.values import Arrival, CarriedLoad, clip

WAREHOUSE = "HBW"
MAX_LOADS = 64
"""A high-bay warehouse has nine bays; more than seven times that is no module of this kind."""
MAX_MODULE_COMMANDS = 64


@dataclass(slots=True)
class Ordered:
    """The last command seen on the device's order topic, whoever sent it."""

    order_id: str
    order_update_id: int | None
    action_id: str | None
    command: str | None
    at: float


@dataclass(slots=True)
class Instant:
    """The last instant action seen on the device's topic, whoever sent it."""

    type: str | None
    action_id: str | None
    at: float


@dataclass(slots=True, kw_only=True)
class Module(Channel):
    """One module; the direct channel in its own fields, the TXT behind it in `nodered`."""

    serial: str
    type: str | None = None
    """HBW, DRILL, MILL, DPS, AIQS, CHRG, OVEN: from pairing, layout or factsheet, never guessed."""
    connected: bool | None = None
    """The CCU's word."""
    connected_since: float | None = None
    """When it last said something else of it."""
    available: str | None = None
    """The CCU's word: READY, BUSY or BLOCKED."""
    available_since: float | None = None
    assigned: bool | None = None
    listed: bool = False
    """In the last pairing state."""
    paired_since: str | None = None
    ccu_last_seen: str | None = None
    has_calibration: bool | None = None
    calibrating: bool | None = None
    production_duration: float | None = None
    """Seconds, MILL and DRILL."""
    loads: list[CarriedLoad] = field(default_factory=list)
    """What lies on the module, empty bays left out."""
    bays: dict[str, CarriedLoad | None] = field(default_factory=dict)
    """Every bay of a warehouse by its name A1 to C3; None is reported as empty."""
    loads_known: bool = False
    loads_at: float | None = None
    opcua: str | None = None
    series: str | None = None
    commands: tuple[str, ...] = ()
    """Order and instant actions of the factsheet."""
    positions: tuple[str, ...] = ()
    """Names of its bays by the factsheet."""
    capacity: dict[str, int] = field(default_factory=dict)
    """Pieces of each colour it takes, by the factsheet; empty: not told."""
    ordered: Ordered | None = None
    instant: Instant | None = None
    lamp: dict[str, bool] | None = None
    """red, yellow, green as last set on the DPS."""
    nodered: Channel | None = None

    @property
    def unplaced(self) -> list[CarriedLoad]:
        """Pieces somewhere in a module that has bays, which did not tell in which one."""
        return [load for load in self.loads if not load.position] if self.bays else []

    @property
    def calibrated(self) -> bool | None:
        """Whether the module can be calibrated, by the CCU's word."""
        return self.has_calibration


def read_module_state(module: Module, payload: ModuleState, arrival: Arrival) -> None:
    """Take over a state of the direct channel (PROTOCOL B.3)."""
    read_state(module, payload, arrival)
    module.operating_mode = clip(payload.operating_mode)
    if payload.metadata is not None:
        module.opcua = clip(payload.metadata.opcua_state)
    if payload.loads is None:
        _keep_loads(module, unread="loads" in payload.unread)
        return
    entries = payload.loads[:MAX_LOADS]
    module.loads = [load for entry in entries if (load := read_load(entry))]
    module.bays = {name: read_load(one) for name, one in by_position(entries).items() if one.known}
    # Of an entry that cannot be read nobody knows whether a piece lies there.
    module.loads_known = "loads" not in payload.unread and all(one.known for one in entries)
    if not arrival.retained:
        module.loads_at = arrival.at


def _keep_loads(module: Module, *, unread: bool) -> None:
    # 1. the DPS forwards states of its TXT without loads, 2. while it acts the former ones hold,
    # 3. its DROP is finished and the piece lies on the vehicle: what it holds now, nobody told
    if unread or (module.action is not None and module.action.state in ACTION_ENDED):
        module.loads, module.bays, module.loads_known = [], {}, False


def by_position(entries: Iterable[LoadEntry]) -> dict[str, LoadEntry]:
    """The entries that name their place; of one named twice that with a piece, the first of two."""
    placed: dict[str, LoadEntry] = {}
    for entry in entries:
        if (name := clip(entry.load_position)) and (name not in placed or placed[name].empty):
            placed[name] = entry
    return placed


def read_load(entry: LoadEntry) -> CarriedLoad | None:
    """Make the kept form of a load; None for an empty bay."""
    if entry.empty:
        return None
    return CarriedLoad(
        colour=clip(entry.colour),
        workpiece_id=clip(entry.workpiece_id),
        position=clip(entry.load_position),
        loaded_ms=entry.load_timestamp or None,
    )


def read_pairing(module: Module, payload: PairedModule, arrival: Arrival) -> None:
    """Take over the CCU's word on one module (PROTOCOL B.8)."""
    module.listed = True
    module.type = clip(payload.sub_type) or module.type
    if payload.connected != module.connected:
        module.connected, module.connected_since = payload.connected, arrival.news_at
    available = clip(payload.available)
    if available != module.available:
        module.available = available
        module.available_since = arrival.news_at
    module.assigned = payload.assigned
    module.paired_since = clip(payload.paired_since)
    module.ccu_last_seen = clip(payload.last_seen)
    module.has_calibration = payload.has_calibration
    module.calibrating = payload.calibrating
    module.production_duration = payload.production_duration
    module.ip = clip(payload.ip) or module.ip
    module.version = clip(payload.version) or module.version


def leave_pairing(module: Module) -> None:
    """Forget the CCU's word on a module it lists no more."""
    module.listed = False
    module.connected = module.available = module.assigned = None
    module.connected_since = module.available_since = None
    module.paired_since = module.calibrating = None


def read_factsheet(module: Module, payload: ModuleFactsheet) -> None:
    """Take over what a module says it is and can (PROTOCOL D.6)."""
    kind = payload.type_specification
    module.series = clip(kind.series_name) if kind else None
    module.type = module.type or (clip(kind.module_class) if kind else None)
    module.version = clip(payload.version) or module.version
    module.commands = tuple(clip(name) or "" for name in payload.actions[:MAX_MODULE_COMMANDS])
    if loads := payload.load_specification:
        module.positions = tuple(clip(name) or "" for name in loads.load_positions[:MAX_LOADS])
        module.capacity = {
            clip(one.load_type) or "": one.max_amount
            for one in loads.load_sets[:MAX_LOADS]
            if one.load_type and one.max_amount is not None
        }


def read_order(module: Module, payload: ModuleOrder, arrival: Arrival) -> None:
    """Note a command sent to the module (PROTOCOL B.4)."""
    action = payload.action
    module.ordered = Ordered(
        order_id=clip(payload.order_id) or "",
        order_update_id=payload.order_update_id,
        action_id=clip(action.id) if action else None,
        command=clip(action.command) if action else None,
        at=arrival.at,
    )


def read_instant(module: Module, payload: InstantActions, arrival: Arrival) -> None:
    """Note an instant action sent to the module; the bridge reads only the first (PROTOCOL B.5)."""
    if not payload.actions:
        return
    first = payload.actions[0]
    module.instant = Instant(clip(first.action_type), clip(first.action_id), arrival.at)
    if first.action_type == "setStatusLED" and first.metadata is not None:
        wanted = first.metadata
        module.lamp = {
            "red": wanted.red is True,
            "yellow": wanted.yellow is True,
            "green": wanted.green is True,
        }


def forget_module_state(module: Module) -> None:
    """Undo a retained state that was deleted."""
    forget_state(module)
    module.loads = []
    module.bays = {}
    module.loads_known = False
    module.loads_at = module.opcua = None
