"""What stands in the way of a step of an order: the module it needs, or the vehicle."""

from collections.abc import Collection
from dataclasses import dataclass

from omf import durations
from omf.constants import CCU_ANSWER_S
from omf.layout.layout import Layout, NoRoute
from omf.state.assignments import DOCK_TYPE, carrier, carries, held_nodes, holder, serves, untouched
from omf.state.device import ACTION_ENDED, Channel
from omf.state.model import Factory
from omf.state.modules import Module
from omf.state.orders import Order, OrderStep
from omf.state.staleness import SAYS_ONLINE, bridge_away, stale
from omf.state.vehicles import Vehicle
from omf.state.waiting_texts import ORDINARY, WaitCause


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a step does not go on, with what fills the words about it."""

    cause: WaitCause
    device: Module | Vehicle | None = None
    name: str | None = None
    """Where no device is at hand: what people call what is missing."""
    order: Order | None = None
    code: str | None = None
    """An error type, or the command that failed."""
    count: int = 0
    since: float | None = None
    """Where it did not begin with the wait, Unix s."""
    other: str | None = None
    """Serial of another vehicle that is in the way."""


# --- a step that was sent -------------------------------------------------------------------


def work_held(state: Factory, step: OrderStep, now: float) -> Obstacle | None:
    """Return what keeps a module from the work it was sent; None while it goes on."""
    module = _module_of(state, step)
    if module is None:
        return None
    if found := _unreachable(state, module, now):
        return found
    action = module.action
    if action is not None and action.id == step.id and action.state == "FAILED":
        return Obstacle("module-failed", module, code=action.command or step.command)
    if module.ordered is None or module.ordered.action_id != step.id:
        return None
    begun = action is not None and (action.id == step.id or action.state not in ACTION_ENDED)
    if not begun and now - module.ordered.at > CCU_ANSWER_S:
        return Obstacle("module-idle", module)
    return _endless(state, "module-endless", module, _longest_work_s(module, step), now)


def _longest_work_s(module: Module, step: OrderStep) -> float | None:
    """The longest known, and what it was set to take beyond that of the recordings."""
    usual = durations.USUAL_DURATIONS.get(f"{step.module_type}.{step.command}")
    more_s = max(0.0, (module.production_duration or 0.0) - durations.PRODUCTION_S)
    return usual.most + more_s if usual else None


def drive_held(state: Factory, order: Order, step: OrderStep, now: float) -> Obstacle | None:
    """Return what keeps a vehicle from the drive it was sent; None while it goes on."""
    vehicle = carrier(state, order)
    if vehicle is None:
        return None
    if found := _absent(state, vehicle, now) or _disabled(vehicle) or _stopped(vehicle, step):
        return found
    if vehicle.ordered is None or vehicle.ordered.order_id != order.id:
        return None
    if _arrived(vehicle, step):
        return _module_out_of_use(state, vehicle, now)
    idle = vehicle.state_known and vehicle.order_id != order.id and not vehicle.driving
    if idle and now - vehicle.ordered.at > CCU_ANSWER_S:
        return Obstacle("vehicle-idle", vehicle)
    longest_s = durations.longest_drive(len(vehicle.path) - 1)
    return _endless(state, "vehicle-endless", vehicle, longest_s, now)


def _arrived(vehicle: Vehicle, step: OrderStep) -> bool:
    return any(one.id == step.id and one.state == "FINISHED" for one in vehicle.actions)


def _module_out_of_use(state: Factory, vehicle: Vehicle, now: float) -> Obstacle | None:
    """It stands before its module, and the CCU does not call the drive done."""
    module = state.modules.get(vehicle.last_node or "")
    return (_unreachable(state, module, now) or _unfit(module)) if module else None


def _stopped(vehicle: Vehicle, step: OrderStep) -> Obstacle | None:
    action = vehicle.action
    if step.state == "ERROR" or (action is not None and action.state == "FAILED"):
        return Obstacle("vehicle-failed", vehicle, code=action.command if action else "DOCK")
    if any(one.type == "COLLISION" for one in vehicle.errors):
        return Obstacle("vehicle-obstacle", vehicle)
    return None


def _endless(
    state: Factory, cause: WaitCause, device: Module | Vehicle, longest_s: float | None, now: float
) -> Obstacle | None:
    """A step that takes a multiple of the longest it is known to take."""
    if longest_s is None or device.ordered is None:
        return None
    since = device.ordered.at + state.alarm_rules.number("order-held-up", "factor") * longest_s
    return Obstacle(cause, device, since=since) if now > since else None


# --- a step that is still to be sent --------------------------------------------------------


def module_for(state: Factory, order: Order, step: OrderStep, now: float) -> Obstacle | None:
    """Return why the module of a step cannot be had; None if one of its type is free."""
    kind = step.target if step.type == "NAVIGATION" else step.module_type
    if kind is None:
        return None
    known = [one for one in state.modules.values() if one.type == kind]
    paired = [one for one in known if _paired(state, one)]
    if not paired:
        told = any(one.listed for one in state.modules.values())
        named = known[0] if len(known) == 1 else None
        return Obstacle("module-unpaired", named, name=kind) if told else None
    if step.serial in {one.serial for one in paired}:
        paired = [one for one in paired if one.serial == step.serial]
    found = [_module_held(state, order, one, now) for one in paired]
    return None if None in found else _soonest(found)


def _paired(state: Factory, module: Module) -> bool:
    """Listed with the time of its pairing, unless the CCU tells that of no module at all."""
    told = any(one.paired_since is not None for one in state.modules.values())
    return module.listed and (module.paired_since is not None or not told)


def _module_held(state: Factory, order: Order, module: Module, now: float) -> Obstacle | None:
    if found := _unreachable(state, module, now) or _unfit(module):
        return found
    in_use = module.assigned or module.available != "READY"
    if in_use and (other := holder(state, order, module)) is not None:
        return Obstacle("module-taken", module, order=other)
    if module.available == "BUSY":
        return Obstacle("module-busy", module)
    # 1. a piece was put in, 2. its storage is ordered a moment later
    handed_in = bool(module.assigned and module.loads) and module.order_id != order.id
    waits = handed_in and order.type != "STORAGE" and module.type == DOCK_TYPE
    return Obstacle("module-input", module) if waits else None


def _unfit(module: Module) -> Obstacle | None:
    """There and heard, and yet of no use."""
    if module.paused or module.calibrating:
        return Obstacle("module-paused", module)
    action, told = module.action, module.ordered
    if action is not None and action.state == "FAILED":
        ordered = told.command if told is not None and told.action_id == action.id else None
        return Obstacle("module-failed", module, code=action.command or ordered)
    return Obstacle("module-blocked", module) if module.available == "BLOCKED" else None


def _unreachable(state: Factory, module: Module, now: float) -> Obstacle | None:
    for fatal in (one for one in module.errors if one.fatal):
        return Obstacle("module-fatal", module, code=fatal.type)
    if _gone(module):
        return Obstacle("module-lost", module)
    if module.connection is not None and bridge_away(state):
        return Obstacle("bridge-down", module)
    if stale(module, now):
        return Obstacle("module-silent", module)
    if module.opcua not in (None, "connected"):
        return Obstacle("module-plc", module)
    return None


def vehicle_for(state: Factory, order: Order, step: OrderStep, now: float) -> Obstacle | None:
    """Return why no vehicle can be had; None if one is free. A piece on board binds its vehicle."""
    bound = None if untouched(order) else carrier(state, order)
    vehicles = [bound] if bound else list(state.vehicles.values())
    if not vehicles:
        told = any(one.listed for one in state.modules.values())
        return Obstacle("vehicle-none") if told else None
    found = [
        _vehicle_held(state, order, one, now) or _way_held(state, one, step.target)
        for one in vehicles
    ]
    return None if None in found else _soonest(found)


def _vehicle_held(state: Factory, order: Order, vehicle: Vehicle, now: float) -> Obstacle | None:
    if found := _absent(state, vehicle, now) or _disabled(vehicle):
        return found
    if vehicle.charging:
        return Obstacle("vehicle-charging", vehicle)
    action = vehicle.action
    if action is not None and action.state == "FAILED":
        return Obstacle("vehicle-failed", vehicle, code=action.command)
    if vehicle.available == "BLOCKED":
        return Obstacle("vehicle-blocked", vehicle)
    return _occupied(state, order, vehicle)


def _occupied(state: Factory, order: Order, vehicle: Vehicle) -> Obstacle | None:
    if vehicle.available == "BUSY" or vehicle.driving or vehicle.waiting_for_load:
        other = state.orders.get(serves(vehicle))
        if other is not None and other.id != order.id and other.list == "active":
            return Obstacle("vehicle-taken", vehicle, order=other)
        return Obstacle("vehicle-busy", vehicle)
    full = bool(vehicle.bays) and None not in vehicle.bays.values()
    return Obstacle("vehicle-full", vehicle) if full and not carries(vehicle, order) else None


def _way_held(state: Factory, vehicle: Vehicle, kind: str | None) -> Obstacle | None:
    """Another vehicle stands where this one has to go, or in every way there."""
    layout, start = state.layout, vehicle.last_node
    targets = [serial for serial, one in layout.modules.items() if one == kind] if layout else []
    held = held_nodes(state, vehicle.serial)
    if start is None or not held:
        return None
    if layout is None:
        moving = (other.serial for other in state.vehicles.values() if other.driving)
        return Obstacle("vehicle-way", vehicle, other=one) if (one := next(moving, None)) else None
    if not targets or any(_reaches(layout, start, target, held) for target in targets):
        return None
    other = next((held[target] for target in targets if target in held), next(iter(held.values())))
    return Obstacle("vehicle-way", vehicle, other=other)


def _reaches(layout: Layout, start: str, target: str, held: Collection[str]) -> bool:
    try:
        layout.route(start, target, held)
    except NoRoute:
        return False
    return True


def _absent(state: Factory, vehicle: Vehicle, now: float) -> Obstacle | None:
    if _gone(vehicle):
        return Obstacle("vehicle-lost", vehicle)
    if stale(vehicle, now):
        return Obstacle("vehicle-silent", vehicle)
    if not vehicle.listed and any(one.listed for one in state.modules.values()):
        return Obstacle("vehicle-unlisted", vehicle)
    return None


def _disabled(vehicle: Vehicle) -> Obstacle | None:
    for fatal in (one for one in vehicle.errors if one.fatal):
        return Obstacle("vehicle-fatal", vehicle, code=fatal.type)
    if vehicle.last_node is not None and not vehicle.position_known:
        return Obstacle("vehicle-position", vehicle)
    return None


def _soonest(found: list[Obstacle | None]) -> Obstacle | None:
    """One that ends by itself, else the first."""
    told = [one for one in found if one is not None]
    ordinary = (one for one in told if one.cause in ORDINARY)
    return next(ordinary, told[0] if told else None)


def _gone(device: Channel) -> bool:
    return device.connection not in (None, SAYS_ONLINE)


def _module_of(state: Factory, step: OrderStep) -> Module | None:
    if step.serial is not None:
        return state.modules.get(step.serial)
    alike = [one for one in state.modules.values() if one.type == step.module_type]
    return alike[0] if len(alike) == 1 else None
