"""What interlocks ask about a vehicle; None means it has not told."""

from collections.abc import Collection
from itertools import pairwise

from omf.commands.facts.factory import CHARGER
from omf.constants import VEHICLE_BAYS
from omf.layout.layout import Layout, NoRoute
from omf.messages.fts import NOWHERE
from omf.state import FactoryState, Module, Vehicle
from omf.state.assignments import held_nodes
from omf.state.device import ACTION_ENDED


def vehicle(state: FactoryState, serial: str | None) -> Vehicle | None:
    """The vehicle of that serial, None if it was never heard of."""
    return state.vehicles.get(serial) if serial else None


def position_known(state: FactoryState, serial: str | None) -> bool | None:
    """The vehicle knows where it is."""
    found = vehicle(state, serial)
    return None if found is None or found.last_node is None else found.last_node != NOWHERE


def docked(state: FactoryState, serial: str | None) -> bool | None:
    """The vehicle stands at a module, so that it is known where it looks."""
    found = vehicle(state, serial)
    if found is None or found.last_node is None or state.layout is None:
        return None
    return found.last_node in state.layout.modules


def still(state: FactoryState, serial: str | None) -> bool | None:
    """The vehicle does not drive and carries out no action of an order (PROTOCOL C.21)."""
    found = vehicle(state, serial)
    if found is None or found.driving is None:
        return None
    busy = found.action is not None and found.action.state not in ACTION_ENDED
    return not found.driving and not busy


def waiting(state: FactoryState, serial: str | None) -> bool | None:
    """The vehicle waits until its load was handled."""
    found = vehicle(state, serial)
    return None if found is None else found.waiting_for_load


def charging(state: FactoryState, serial: str | None) -> bool | None:
    """The vehicle's battery is being charged."""
    found = vehicle(state, serial)
    return None if found is None else found.charging


def sound(device: Module | Vehicle | None) -> bool | None:
    """No error of level FATAL blocks the device; warnings do not count (PROTOCOL F.25)."""
    return None if device is None or not device.state_known else not device.fatal


def unpaused(device: Module | Vehicle | None) -> bool | None:
    """The device is not paused: a paused vehicle charges, a paused module is calibrated."""
    return None if device is None or device.paused is None else not device.paused


def charge_is(state: FactoryState, serial: str | None, *, wanted: bool) -> bool | None:
    """The vehicle already does what is wanted: charging, or not."""
    told = charging(state, serial)
    return None if told is None else told == wanted


def charger_free(state: FactoryState) -> bool | None:
    """A charger is READY."""
    told = [m.available for m in state.modules.values() if m.type == CHARGER]
    return "READY" in told if any(told) else None


def paired(state: FactoryState, serial: str | None) -> bool | None:
    """The CCU has paired the vehicle."""
    found = vehicle(state, serial)
    return None if found is None or not found.listed else found.paired_since is not None


def reachable(state: FactoryState, serial: str | None, targets: tuple[str, ...]) -> bool | None:
    """A way from the vehicle to the first target, and on to each next, meets no other vehicle."""
    found, layout = vehicle(state, serial), state.layout
    if found is None or layout is None or found.last_node in (None, NOWHERE):
        return None
    start = str(found.last_node)
    return _drivable(layout, (start, *targets), held_nodes(state, serial))


def _drivable(layout: Layout, stops: tuple[str, ...], held: Collection[str]) -> bool:
    try:
        for start, end in pairwise(stops):
            layout.route(start, end, held)
    except NoRoute:
        return False
    return True


def bay_usable(
    state: FactoryState, serial: str | None, bay: str | None, workpiece: str | None
) -> bool | None:
    """The bay is free, or holds the very piece meant (PROTOCOL C.21)."""
    found = vehicle(state, serial)
    if found is None or bay is None or not found.bays:
        return None
    if bay not in found.bays:
        return None
    load = found.bays[bay]
    return load is None or (workpiece is not None and load.workpiece_id == workpiece)


def free_bay(state: FactoryState, serial: str | None) -> str:
    """The first bay that carries nothing, else the first of which nothing is told, else any."""
    found = vehicle(state, serial)
    bays = found.bays if found is not None else {}
    names = bay_names(state, serial)
    empty = [bay for bay in names if bay in bays and bays[bay] is None]
    untold = [bay for bay in names if bay not in bays]
    return next(iter([*empty, *untold, *names]))


def bay_names(state: FactoryState, serial: str | None) -> tuple[str, ...]:
    """The bays the vehicle has by its factsheet and states, else those of the makers' vehicle."""
    found = vehicle(state, serial)
    return found.bay_names if found is not None else VEHICLE_BAYS
