"""The menu entries of a vehicle's single acts."""

from typing import Any

from omf.commands.command_types import vehicles
from omf.commands.command_types.module_acts import ACT_EXPIRY_S
from omf.commands.forms import Text
from omf.commands.schemas import Kind

"""Somebody looks at the vehicle: what does not move at once must not move later."""
PAST_CCU = frozenset({"vehicle-listed"})
"""What goes straight to the vehicle works whether the CCU lists it or not."""


def _kind(name: str, title: Text, summary: Text, **parts: Any) -> Kind:
    traits = {
        "parameters": vehicles.OneVehicle,
        "resolve": vehicles.resolve,
        "expiry_s": ACT_EXPIRY_S,
        "role": "operator",
        "risk": "guarded",
        "once": True,
        "moves": True,
    }
    return Kind(name=name, title=title, summary=summary, **(traits | parts))


KINDS = (
    _kind(
        "charge",
        Text(de="Laden ein / aus", en="Charge on / off"),
        Text(
            de="Schickt das FTS über die CCU zum Laden oder holt es von der Ladestation.",
            en="Has the CCU send the vehicle to the charger, or end charging.",
        ),
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
        Text(de="FTS andocken", en="Dock vehicle"),
        Text(
            de="Nach dem Zurücksetzen: das FTS steht vor der DPS und findet dort seinen Ort.",
            en="After a reset: the vehicle stands before the DPS and finds its position there.",
        ),
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
        Text(de="FTS koppeln", en="Pair vehicle"),
        Text(
            de="Lässt die CCU ein neues FTS an der DPS andocken und koppeln.",
            en="Has the CCU dock a new vehicle at the DPS and pair it.",
        ),
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
        Text(de="Last bestätigen", en="Confirm load handling"),
        Text(
            de="Sagt dem wartenden FTS, ob die Last abgegeben oder aufgenommen wurde.",
            en="Tells the waiting vehicle whether the load was dropped or taken.",
        ),
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
        Text(de="FTS zurücksetzen", en="Reset vehicle"),
        Text(
            de="Hält an und vergisst Auftrag, Last und Ort; danach neu andocken.",
            en="Stops and forgets order, load and position; it must dock again afterwards.",
        ),
        build=vehicles.reset,
        interlocks=("vehicle-connected",),
        role="supervisor",
        moves=False,
        source="C.22",
    ),
    _kind(
        "stop-charging",
        Text(de="Laden abbrechen (direkt)", en="Stop charging (direct)"),
        Text(
            de="Beendet das Laden am FTS selbst, an der CCU vorbei.",
            en="Ends charging at the vehicle itself, past the CCU.",
        ),
        build=vehicles.stop_charging,
        interlocks=("vehicle-listed", "vehicle-connected", "vehicle-charging"),
        prudence=PAST_CCU,
        role="supervisor",
        source="C.22",
    ),
    _kind(
        "fts-factsheet",
        Text(de="FTS-Datenblatt anfordern", en="Request vehicle factsheet"),
        Text(de="Das FTS sendet sein Datenblatt.", en="The vehicle publishes its factsheet."),
        build=vehicles.factsheet,
        interlocks=("vehicle-connected",),
        risk="normal",
        once=False,
        moves=False,
        source="C.22",
    ),
)
