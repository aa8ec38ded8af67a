"""Which commands may free an order that stands still, by what it waits for; none is tried here."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from omf.constants import SINGLE_RESET_TYPES
from omf.state import FactoryState
from omf.state.assignments import held_nodes
from omf.state.waiting import Wait
from omf.state.waiting_texts import WaitCause

AGAIN = "production-order"
DOCK_KIND = "fts-dock"
MAX_AGAIN = 4
"""Lost orders that are given again: so many run at a time."""
TRAFFIC_CAUSES: frozenset[WaitCause] = frozenset({"vehicle-way", "vehicle-full", "module-taken"})
"""Where a vehicle that drives elsewhere may make room."""

OWN_RESET: frozenset[WaitCause] = frozenset({"module-failed", "module-idle", "module-race"})
"""The usual remedy is the reset of the factory; one of the module alone loses less."""


class Remedy(NamedTuple):
    """One command, by kind and parameters as `omf send` takes them, without what a person types."""

    kind: str
    parameters: dict[str, Any]


Remedies = tuple[Remedy, ...]
"""Commands to be given one after the other."""


def remedies(state: FactoryState, wait: Wait) -> list[Remedies]:
    """What may free whoever waits like this, that which changes least first."""
    found: list[Remedies] = []
    first = remedy_of(state, wait)
    if first is not None and first.kind != "factory-reset":
        found.append((first,))
        if first.kind == "fts-reset":
            found.append((first, dock(wait.device or "")))
    module = state.modules.get(wait.device or "")
    if wait.cause in OWN_RESET and module is not None and module.type in SINGLE_RESET_TYPES:
        found.append((Remedy("module-reset", {"serial": module.serial}),))
    if wait.cause == "module-unpaired":
        found.append((Remedy("default-layout", {}),))
    if wait.cause in TRAFFIC_CAUSES:
        found += [(one,) for one in _drives(state)]
    return [*found, reset_and_dock(state)]


def remedy_of(state: FactoryState, wait: Wait) -> Remedy | None:
    """The first command to think of; None where somebody has to do something by hand."""
    make = _OF_CAUSE.get(wait.cause)
    return make(state, wait.device or "") if make else None


def reset_and_dock(state: FactoryState) -> Remedies:
    """Reset the factory and let each vehicle find its place."""
    return (reset_factory(state, ""), *(dock(serial) for serial in state.vehicles))


def again(state: FactoryState, lost: Iterable[str]) -> Remedies:
    """Give lost orders again; what was to be stored has to be laid in by hand."""
    orders = (state.orders[one] for one in lost)
    wanted = [one.colour for one in orders if one.type == "PRODUCTION" and one.colour]
    return tuple(Remedy(AGAIN, {"colour": colour}) for colour in wanted[:MAX_AGAIN])


def reset_factory(_: FactoryState, __: str) -> Remedy:
    """Takes every order with it."""
    return Remedy("factory-reset", {})


def reset_device(state: FactoryState, serial: str) -> Remedy:
    """A module that has no reset of its own is freed by the one of the factory (PROTOCOL C.9)."""
    if serial in state.vehicles:
        return Remedy("fts-reset", {"serial": serial})
    module = state.modules.get(serial)
    if module is not None and module.type in SINGLE_RESET_TYPES:
        return Remedy("module-reset", {"serial": serial})
    return reset_factory(state, serial)


def free_device(state: FactoryState, serial: str) -> Remedy:
    """Ends what blocks it: its calibration, else by a reset."""
    module = state.modules.get(serial)
    if module is not None and (module.calibrating):
        return Remedy("calibration", {"serial": serial, "command": "stopCalibration"})
    return reset_device(state, serial)


def dock(serial: str) -> Remedy:
    """Finds its place, at the delivery station."""
    return Remedy(DOCK_KIND, {"serial": serial})


def charge(serial: str, *, on: bool) -> Remedy:
    """Begins or ends charging."""
    return Remedy("charge", {"serial": serial, "charge": on})


def _drives(state: FactoryState) -> Iterator[Remedy]:
    """Each vehicle to each module no vehicle stands at."""
    layout = state.layout
    for serial, vehicle in state.vehicles.items():
        taken = {vehicle.last_node, *held_nodes(state, serial)}
        for target in layout.modules if layout else ():
            if target not in taken and vehicle.position_known:
                yield Remedy("fts-navigate", {"serial": serial, "target": target})


Make = Callable[[FactoryState, str], Remedy]
_OF_CAUSE: Mapping[WaitCause, Make] = MappingProxyType(
    {
        "module-race": reset_factory,
        "module-failed": reset_factory,
        "module-idle": reset_factory,
        "module-endless": reset_device,
        "module-fatal": reset_device,
        "module-blocked": free_device,
        "module-paused": free_device,
        "vehicle-position": lambda _, serial: dock(serial),
        "vehicle-fatal": reset_device,
        "vehicle-failed": reset_device,
        "vehicle-blocked": reset_device,
        "vehicle-unlisted": reset_device,
        "vehicle-idle": reset_device,
        "vehicle-endless": reset_device,
        "vehicle-charging": lambda _, serial: charge(serial, on=False),
        "unexplained": reset_factory,
    }
)
