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
from omf.commands.forms import Bay, Colour, Form, Serial, WorkpieceId, field
from omf.commands.instant import Sent, instant, step_of
from omf.commands.schemas import Drafting, Effect, PlannedStep
from omf.state import FactoryState
from omf.texts import Text, text
from omf.topics.catalogue import address


class OneVehicle(Form):
    """A vehicle; the only one if none is named."""

    serial: Serial | None = field("field.vehicle", None)


class Charge(OneVehicle):
    """Charging on or off."""

    charge: bool = field("field.charge")


class Dock(OneVehicle):
    """The first docking, at the delivery station."""

    node: Serial | None = field("field.module", None, hint="hint.default_dps")


class ClearLoad(OneVehicle):
    """What was done with the load."""

    load_dropped: bool = field("field.load_dropped", hint="hint.no_load_taken")
    load_type: Colour | None = field("field.colour", None)
    load_id: WorkpieceId | None = field("field.workpiece_id", None)
    load_position: Bay | None = field("field.bay", None)


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
    on_title = text("step.charge_vehicle", serial=serial)
    off_title = text("step.stop_charging_vehicle", serial=serial)
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
    docked = text("step.position_found")
    expect = denied(draft.state, serial, "findInitialDockPosition")
    effect = vehicle_told("docked-at-first", serial, DOCK_WINDOW_S, docked, **expect)
    # What the CCU tells may be of before: it counts only if the vehicle's own word never came.
    expected = text("effect.vehicle_paired")
    listed = paired_as("paired", 0, expected, serial=serial)
    step = PlannedStep(
        topic=address("ccu_pairing_pair_fts"),
        payload=dump({"serialNumber": serial}),
        title=text("step.pair_vehicle", serial=serial),
        effect=effect.model_copy(update={"otherwise": listed}),
        device=serial,
    )
    return (step,)


def dock(form: Dock, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.22: the vehicle stands before that module and finds its place there."""
    node = form.node or the_module(draft.state, DELIVERY, None)
    title = text("step.dock_vehicle", serial=form.serial)
    return _act(form, draft, ("findInitialDockPosition", {"nodeId": node}), title)


def clear_load(form: ClearLoad, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.22: loadDropped empties the bay, else it is filled with what is named."""
    key = "step.vehicle_load_dropped" if form.load_dropped else "step.vehicle_load_taken"
    title = text(key, serial=form.serial)
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
    title = text("step.vehicle_stop_charge", serial=form.serial)
    return _act(form, draft, ("stopCharging", None), title)


def factsheet(form: OneVehicle, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.22: always accepted, moves nothing."""
    title = text("step.factsheet_vehicle", serial=form.serial)
    return _act(form, draft, ("factsheetRequest", None), title, once=False)


def reset(form: OneVehicle, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.22: order and loads are forgotten, the position becomes UNKNOWN."""
    serial = str(form.serial)
    title = text("step.reset_vehicle", serial=serial)
    expected = text("effect.vehicle_reset_state")
    known = resets(draft.state)
    effect = vehicle_told("vehicle-reset", serial, BEGUN_WINDOW_S, expected)
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
    expected = text("effect.vehicle_done_with")
    return vehicle_told("vehicle-action", serial, DOCK_WINDOW_S, expected, action_id=sent.action_id)
