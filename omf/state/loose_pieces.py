"""Pieces outside the store: after a factory reset they lie there still, and no order knows them."""

from collections.abc import Iterator

from omf.state.device_names import device_name
from omf.state.model import Factory
from omf.state.modules import WAREHOUSE
from omf.state.piece_positions import on_module, on_vehicle


def loose_pieces(state: Factory) -> list[tuple[str, str | None]]:
    """Where each one is, in words (`DRILL`, `FTS 5iO4/1`), and its colour, None if unknown."""
    return list(_found(state))


def _found(state: Factory) -> Iterator[tuple[str, str | None]]:
    for module in state.modules.values():
        if module.type != WAREHOUSE:
            # Of what it is taking from a vehicle, the vehicle tells still.
            here = on_module(module, state)
            for load in module.loads if module.bays or here else ():
                yield device_name(state, module.serial), load.colour
    for vehicle in state.vehicles.values():
        name = device_name(state, vehicle.serial)
        for bay, loaded in on_vehicle(vehicle, state).items():
            if loaded:
                yield f"{name}/{bay}", loaded.colour
        for load in vehicle.unplaced:
            yield name, load.colour
