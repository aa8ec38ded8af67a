"""Single acts of a vehicle: dock, pair, charge, confirm load, reset (PROTOCOL C.6, C.16, C.22)."""

from typing import Any

from omf.commands.defaults import the_bay, the_module, the_vehicle
from omf.commands.effects import (
    BEGUN_WINDOW_S,
    DOCK_WINDOW_S,
    charge_drive,
    charging,
    denied,
    paired_as,
    resets,
    vehicle_told,
)
from omf.commands.encoding import dump, without_none
from omf.commands.facts.factory import DELIVERY
from omf.commands.forms import Bay, Colour, Form, Serial, Text, WorkpieceId, field
from omf.commands.instant import Sent, instant, step_of
from omf.commands.schemas import Drafting, Effect, PlannedStep
from omf.state import FactoryState
from omf.topics.catalogue import address


class OneVehicle(Form):
    """A vehicle; the only one if none is named."""

    serial: Serial | None = field("FTS", "Vehicle", None)


class Charge(OneVehicle):
    """Charging on or off."""

    charge: bool = field("Laden", "Charge")


class Dock(OneVehicle):
    """The first docking, at the delivery station."""

    node: Serial | None = field(
        "Modul", "Module", None, hint=("sonst die DPS", "the DPS if left empty")
    )


class ClearLoad(OneVehicle):
    """What was done with the load."""

    load_dropped: bool = field(
        "Last abgegeben", "Load dropped", hint=("nein: Last aufgenommen", "no: load taken")
    )
    load_type: Colour | None = field("Farbe", "Colour", None)
    load_id: WorkpieceId | None = field("Werkstück-ID", "Workpiece id", None)
    load_position: Bay | None = field("Platz", "Bay", None)


def resolve(form: OneVehicle, state: FactoryState) -> OneVehicle:
    """The form with the serial of the only vehicle if none was named."""
    return form.model_copy(update={"serial": the_vehicle(state, form.serial)})


def resolve_load(form: ClearLoad, state: FactoryState) -> ClearLoad:
    """The form with its vehicle, whose bay must be one it has."""
    serial = the_vehicle(state, form.serial)
    the_bay(state, serial, form.load_position)
    return form.model_copy(update={"serial": serial})


def charge(form: Charge, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.6: no timestamp, no orderId; the CCU itself sends the drive to the charger."""
    serial = str(form.serial)
    off = charging(draft.state, serial, on=False)
    on_title = Text(de=f"FTS {serial} laden", en=f"Charge vehicle {serial}")
    off_title = Text(de=f"Laden von FTS {serial} beenden", en=f"Stop charging vehicle {serial}")
    step = PlannedStep(
        topic=address("ccu_set_charge"),
        payload=dump({"serialNumber": serial, "charge": form.charge}),
        title=on_title if form.charge else off_title,
        effect=charge_drive(draft.state, serial) if form.charge else off,
        device=serial,
    )
    return (step,)


def pair(form: OneVehicle, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.16: the CCU sends findInitialDockPosition with the DPS's serial."""
    serial = str(form.serial)
    docked = Text(de="FTS hat seinen Ort gefunden", en="The vehicle has found its position")
    expect = denied(draft.state, serial, "findInitialDockPosition")
    effect = vehicle_told("docked-at-first", serial, DOCK_WINDOW_S, docked, **expect)
    # What the CCU tells may be of before: it counts only if the vehicle's own word never came.
    text = Text(de="CCU hat das FTS gekoppelt", en="The CCU has paired the vehicle")
    listed = paired_as("paired", 0, text, serial=serial)
    step = PlannedStep(
        topic=address("ccu_pairing_pair_fts"),
        payload=dump({"serialNumber": serial}),
        title=Text(de=f"FTS {serial} koppeln", en=f"Pair vehicle {serial}"),
        effect=effect.model_copy(update={"otherwise": listed}),
        device=serial,
    )
    return (step,)


def dock(form: Dock, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.22: the vehicle stands before that module and finds its place there."""
    node = form.node or the_module(draft.state, DELIVERY, None)
    title = Text(de=f"FTS {form.serial} andocken", en=f"Dock vehicle {form.serial}")
    return _act(form, draft, ("findInitialDockPosition", {"nodeId": node}), title)


def clear_load(form: ClearLoad, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.22: loadDropped empties the bay, else it is filled with what is named."""
    title = Text(
        de=f"FTS {form.serial}: Last {'abgegeben' if form.load_dropped else 'aufgenommen'}",
        en=f"Vehicle {form.serial}: load {'dropped' if form.load_dropped else 'taken'}",
    )
    return _act(form, draft, ("clearLoadHandler", load_metadata(form)), title)


def load_metadata(form: ClearLoad) -> dict[str, Any]:
    """Metadata of clearLoadHandler, keys as the CCU writes them."""
    return without_none(
        loadDropped=form.load_dropped,
        loadType=form.load_type,
        loadId=form.load_id,
        loadPosition=form.load_position,
    )


def stop_charging(form: OneVehicle, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.22: straight to the vehicle, past the CCU."""
    title = Text(de=f"FTS {form.serial}: Laden abbrechen", en=f"Vehicle {form.serial}: stop charge")
    return _act(form, draft, ("stopCharging", None), title)


def factsheet(form: OneVehicle, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.22: always accepted, moves nothing."""
    title = Text(de=f"Datenblatt von FTS {form.serial}", en=f"Factsheet of vehicle {form.serial}")
    return _act(form, draft, ("factsheetRequest", None), title, once=False)


def reset(form: OneVehicle, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.22: order and loads are forgotten, the position becomes UNKNOWN."""
    serial = str(form.serial)
    title = Text(de=f"FTS {serial} zurücksetzen", en=f"Reset vehicle {serial}")
    text = Text(de="FTS meldet RESET, Ort unbekannt", en="The vehicle reports RESET")
    known = resets(draft.state)
    effect = vehicle_told("vehicle-reset", serial, BEGUN_WINDOW_S, text)
    before = {"before": {"resets": known}, "already": known.get(serial) == ""}
    effect = effect.model_copy(update=before)
    sent = instant(draft, "fts_instant_action", serial, ("reset", None))
    return (step_of(sent, serial, title, lambda _: effect),)


def _act(
    form: OneVehicle,
    draft: Drafting,
    action: tuple[str, dict[str, Any] | None],
    title: Text,
    *,
    once: bool = True,
) -> tuple[PlannedStep, ...]:
    serial = str(form.serial)
    sent = instant(draft, "fts_instant_action", serial, action)
    return (step_of(sent, serial, title, lambda told: _done(serial, told), once=once),)


def _done(serial: str, sent: Sent) -> Effect:
    text = Text(de="FTS ist damit fertig", en="The vehicle is done with it")
    return vehicle_told("vehicle-action", serial, DOCK_WINDOW_S, text, action_id=sent.action_id)
