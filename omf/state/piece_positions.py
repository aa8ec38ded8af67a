"""Where each workpiece is shown: at one place only, also while it is handed over.

1. a vehicle docks and its bay is preset with the piece to come (PROTOCOL D.4), 2. the module gives
it, 3. the CCU confirms. The other way round the module names the piece as soon as it begins to take
it, and the bay is emptied only when the CCU confirms. In between both tell the same piece.
"""

from collections.abc import Iterator
from typing import NamedTuple

from omf.state.assignments import active_orders, holds
from omf.state.model import Factory
from omf.state.modules import WAREHOUSE, Module
from omf.state.orders import Order
from omf.state.values import CarriedLoad
from omf.state.vehicles import Vehicle


class PlacedPiece(NamedTuple):
    """A piece outside the store, at the one place where it is shown."""

    device: str
    """Serial of the module or vehicle."""
    bay: str | None
    """Of a vehicle; None on a module, and where the vehicle did not tell it."""
    load: CarriedLoad
    order: Order | None
    """The active order that works on it; None where no order names it."""


def placed_pieces(state: Factory) -> list[PlacedPiece]:
    """Every piece outside the store, each once."""
    return [*_on_modules(state), *_on_vehicles(state)]


def _on_modules(state: Factory) -> Iterator[PlacedPiece]:
    for serial, module in state.modules.items():
        if module.type != WAREHOUSE:
            # Of what it is taking from a vehicle, the vehicle tells still.
            here = on_module(module, state)
            for load in module.loads if module.bays or here else ():
                yield PlacedPiece(serial, None, load, _order_on_module(state, module, load))


def _on_vehicles(state: Factory) -> Iterator[PlacedPiece]:
    for serial, vehicle in state.vehicles.items():
        for bay, load in on_vehicle(vehicle, state).items():
            if load is not None:
                yield PlacedPiece(serial, bay, load, _order_aboard(state, serial, bay, load))
        for load in vehicle.unplaced:
            yield PlacedPiece(serial, None, load, _order_of_tag(state, load))


def _order_on_module(state: Factory, module: Module, load: CarriedLoad) -> Order | None:
    orders = list(active_orders(state))
    named = next((order for order in orders if order.id == module.order_id), None)
    held = next((order for order in orders if holds(order, module)), None)
    return _order_of_tag(state, load) or named or held


def _order_aboard(state: Factory, serial: str, bay: str, load: CarriedLoad) -> Order | None:
    """By its tag; else by the bay the vehicle docked with for an order of that colour."""
    alike = (
        order
        for order in active_orders(state)
        if (order.vehicle, order.bay, order.colour) == (serial, bay, load.colour)
    )
    return _order_of_tag(state, load) or next(alike, None)


def _order_of_tag(state: Factory, load: CarriedLoad) -> Order | None:
    tag = load.workpiece_id
    named = (order for order in active_orders(state) if tag and order.workpiece_id == tag)
    return next(named, None)


def on_module(module: Module, state: Factory) -> CarriedLoad | None:
    """The piece that lies on a module which is no store; one it is taking is still aboard."""
    if module.bays or not module.loads:
        return None
    piece = module.loads[0]
    if not _taking(module):
        return piece
    waiting = (v for v in state.vehicles.values() if _before(v, state) is module)
    aboard = any(_bay_of(piece.colour, vehicle) for vehicle in waiting)
    return None if aboard else piece


def on_vehicle(vehicle: Vehicle, state: Factory) -> dict[str, CarriedLoad | None]:
    """What a vehicle carries, bay by bay; what the module before it has is not aboard."""
    module = _before(vehicle, state)
    if module is None or _taking(module):
        return vehicle.bays
    kept = _kept(module, vehicle)
    return {bay: None if bay == kept else load for bay, load in vehicle.bays.items()}


def _before(vehicle: Vehicle, state: Factory) -> Module | None:
    """The module a vehicle hands over with; None while it does not."""
    return state.modules.get(vehicle.last_node or "") if vehicle.waiting_for_load else None


def _taking(module: Module) -> bool:
    action = module.action
    return action is not None and action.command == "PICK" and action.state != "FINISHED"


def _kept(module: Module, vehicle: Vehicle) -> str | None:
    """The bay whose piece the module before the vehicle has; None if it has none of them."""
    if not module.bays:
        colours = {load.colour for load in module.loads}
        return next((bay for colour in colours if (bay := _bay_of(colour, vehicle))), None)
    # A store tells its action only by the order: what it has not given yet has no tag aboard.
    preset = next((b for b, load in vehicle.bays.items() if load and not load.workpiece_id), None)
    action = module.action
    if action is None or module.order_id != vehicle.order_id:
        return preset
    if action.command == "PICK":
        return next((bay for bay, load in vehicle.bays.items() if load), None)
    return None if action.state == "FINISHED" else preset


def _bay_of(colour: str | None, vehicle: Vehicle) -> str | None:
    """The bay of a piece of that colour, first one whose tag is still to be told."""
    alike = [(bay, load) for bay, load in vehicle.bays.items() if load and load.colour == colour]
    preset = next((bay for bay, load in alike if load.workpiece_id is None), None)
    return preset or (alike[0][0] if alike else None)
