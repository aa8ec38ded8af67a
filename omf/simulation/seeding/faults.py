"""Devices that do not do what they were told: a simulation goes on with them as they are.

Without it every device of a simulation would be sound, and an order that stands still would go on
by itself there.
"""

from omf.simulation.ccu.ccu import RESET_AFTER_S
from omf.simulation.modules.plc import Plc
from omf.simulation.vehicles.vehicle import SimulatedVehicle
from omf.state import FactoryState
from omf.state.assignments import active_orders
from omf.state.device_names import device_name
from omf.state.links import CCU
from omf.state.waiting import why_waits
from omf.state.waiting_texts import WaitCause
from omf.texts import Text, figure, text

SILENT_CAUSES: frozenset[WaitCause] = frozenset({"module-silent", "vehicle-silent"})
IDLE_CAUSES: frozenset[WaitCause] = frozenset({"module-idle", "vehicle-idle"})
ENDLESS_CAUSES: frozenset[WaitCause] = frozenset({"module-endless", "vehicle-endless"})


def faulty(state: FactoryState, now: float) -> dict[str, WaitCause]:
    """What is wrong with each device an order stands still for, by serial."""
    waits = (why_waits(state, order, now) for order in active_orders(state))
    return {
        wait.device: wait.cause
        for wait in waits
        if wait is not None
        and wait.device
        and wait.cause in SILENT_CAUSES | IDLE_CAUSES | ENDLESS_CAUSES
    }


def seed_module(plc: Plc, cause: WaitCause | None) -> None:
    """Set a module, before it is given what it was sent."""
    plc.silent = plc.silent or cause in SILENT_CAUSES
    plc.deaf, plc.stuck = cause in IDLE_CAUSES, cause in ENDLESS_CAUSES


def seed_vehicle(machine: SimulatedVehicle, cause: WaitCause | None) -> None:
    """Set a vehicle that has the rest of its way already."""
    machine.lost = machine.lost or cause in SILENT_CAUSES
    machine.deaf = cause in IDLE_CAUSES
    if cause in ENDLESS_CAUSES:
        machine.on_fault("stuck", machine.serial)


def reset_in_s(state: FactoryState, now: float, speed: float) -> float | None:
    """Seconds of the factory until a CCU that was started anew resets it; None without that."""
    at, link = state.plant.ccu_started_at, state.links.get(CCU)
    anew = at is not None and link is not None and link.heard_at is not None and link.heard_at < at
    rest = RESET_AFTER_S - (now - (at or now)) * speed
    return rest if anew and 0 < rest <= RESET_AFTER_S else None


def told(state: FactoryState, found: dict[str, WaitCause], reset_s: float | None) -> list[Text]:
    """What is taken of them."""
    named = [text("simulation.gap_fault", device=device_name(state, serial)) for serial in found]
    if reset_s is not None:
        named.append(text("simulation.gap_restart", seconds=figure(reset_s, 0)))
    return named
