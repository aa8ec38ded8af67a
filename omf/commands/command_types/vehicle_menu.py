"""The menu entries of a vehicle's single acts."""

from typing import Any

from omf.commands.command_types import vehicles
from omf.commands.command_types.module_acts import ACT_EXPIRY_S
from omf.commands.schemas import Kind

"""Somebody looks at the vehicle: what does not move at once must not move later."""
PAST_CCU = frozenset({"vehicle-listed"})
"""What goes straight to the vehicle works whether the CCU lists it or not."""


def _kind(name: str, **parts: Any) -> Kind:
    traits = {
        "parameters": vehicles.OneVehicle,
        "resolve": vehicles.resolve,
        "expiry_s": ACT_EXPIRY_S,
        "role": "operator",
        "risk": "guarded",
        "once": True,
        "moves": True,
    }
    return Kind(name=name, **(traits | parts))


KINDS = (
    _kind(
        "charge",
        parameters=vehicles.Charge,
        build=vehicles.charge,
        interlocks=(
            "ccu-speaks",
            "vehicle-listed",
            "vehicle-connected",
            "position-known",
            "vehicle-still",
            "vehicle-unburdened",
            "charge-begins",
            "charge-ends",
            "charger-free",
        ),
        # The CCU keeps the wish and carries it out once the vehicle can (C.6).
        prudence=frozenset(
            {"position-known", "vehicle-still", "vehicle-unburdened", "charger-free"}
        ),
        risk="normal",
        source="C.6, D.4",
    ),
    _kind(
        "fts-dock",
        parameters=vehicles.Dock,
        build=vehicles.dock,
        interlocks=(
            "vehicle-listed",
            "vehicle-connected",
            "position-unknown",
            "vehicle-still",
            "delivery-connected",
        ),
        prudence=PAST_CCU,
        source="C.22",
    ),
    _kind(
        "fts-pair",
        build=vehicles.pair,
        interlocks=(
            "ccu-speaks",
            "vehicle-listed",
            "vehicle-connected",
            "vehicle-unpaired",
            "delivery-connected",
        ),
        source="C.16",
    ),
    _kind(
        "clear-load-handler",
        parameters=vehicles.ClearLoad,
        build=vehicles.clear_load,
        resolve=vehicles.resolve_load,
        interlocks=("vehicle-listed", "vehicle-connected", "vehicle-waiting"),
        prudence=PAST_CCU,
        role="supervisor",
        moves=False,
        source="C.22, D.4",
    ),
    _kind(
        "fts-reset",
        build=vehicles.reset,
        interlocks=("vehicle-connected",),
        role="supervisor",
        moves=False,
        source="C.22",
    ),
    _kind(
        "stop-charging",
        build=vehicles.stop_charging,
        interlocks=("vehicle-listed", "vehicle-connected", "vehicle-charging"),
        prudence=PAST_CCU,
        role="supervisor",
        source="C.22",
    ),
    _kind(
        "fts-factsheet",
        build=vehicles.factsheet,
        interlocks=("vehicle-connected",),
        risk="normal",
        once=False,
        moves=False,
        source="C.22",
    ),
)
