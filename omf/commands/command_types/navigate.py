"""What to drive: a preset or a free target becomes the list of stops (PROTOCOL E, F.4)."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from omf.commands.command_types.vehicles import OneVehicle
from omf.commands.defaults import the_bay, the_vehicle
from omf.commands.facts.factory import DELIVERY, flow_of
from omf.commands.facts.vehicle import free_bay, vehicle
from omf.commands.forms import Bay, Colour, Id, WorkpieceId, field, split_list
from omf.commands.schemas import CommandError
from omf.layout.layout import Layout
from omf.state import FactoryState
from omf.state.modules import WAREHOUSE
from omf.texts import text

Preset = Literal["DPS-HBW", "HBW-DPS", "RED-Prod", "WHITE-Prod", "BLUE-Prod"]
_COLOUR_OF: dict[str, Colour] = {"RED-Prod": "RED", "WHITE-Prod": "WHITE", "BLUE-Prod": "BLUE"}


class Navigate(OneVehicle):
    """Where to: a preset or a target; a prepared command also names the stops they mean."""

    preset: Preset | None = field("field.preset", None)
    target: Id | None = field("field.target", None, hint="hint.module")
    stops: Annotated[tuple[Id, ...], BeforeValidator(split_list), Field(max_length=20)] = field(
        "field.stops", (), hint="hint.ordered_list"
    )
    load_type: Colour | None = field("field.load", None, hint="hint.no_load_change")
    workpiece_id: WorkpieceId | None = field("field.workpiece_id", None)
    load_position: Bay | None = field("field.bay", None)
    empty: bool = field("field.drive_empty", default=False)
    mode: Literal["automatic", "stepwise"] = field("field.mode", "automatic")

    @model_validator(mode="after")
    def _one_way_to_say_where(self) -> Self:
        if (self.preset and self.target) or not (self.preset or self.target or self.stops):
            raise PydanticCustomError(
                "where", "need a preset, a target or stops, and not preset with target"
            )
        return self


def resolve(form: Navigate, state: FactoryState) -> Navigate:
    """The form with vehicle, stops, load and bay filled in; CommandError if one is unknown.

    A preset of a colour is the drive of that colour's flow, from the store by its modules to the
    delivery, and not the storage route older dashboards took for it (PROTOCOL F.4).
    """
    serial = the_vehicle(state, form.serial)
    if state.layout is None:
        raise CommandError("target", text("plan.layout_unknown"))
    stops = tuple(_node(state.layout, name) for name in form.stops or _wanted(form, state))
    load = None if form.empty else form.load_type or _COLOUR_OF.get(form.preset or "")
    bay = the_bay(state, serial, form.load_position) or free_bay(state, serial)
    found = vehicle(state, serial)
    here = found.last_node if found is not None else None
    # Without load there is nothing to do at the first stop if the vehicle stands there already.
    ahead = stops[1:] if load is None and len(stops) > 1 and stops[0] == here else stops
    filled = {"serial": serial, "stops": ahead, "load_type": load, "load_position": bay}
    return form.model_copy(update=filled)


def _wanted(form: Navigate, state: FactoryState) -> tuple[str, ...]:
    if form.target:
        return (form.target,)
    if form.preset == "DPS-HBW":
        return (DELIVERY, WAREHOUSE)
    if form.preset == "HBW-DPS":
        return (WAREHOUSE, DELIVERY)
    flow = flow_of(state, _COLOUR_OF[str(form.preset)])
    if not flow:
        raise CommandError("preset", text("plan.flow_unknown"))
    return (WAREHOUSE, *flow, DELIVERY)


def _node(layout: Layout, name: str) -> str:
    """A serial as it is, a module type as the first module of it."""
    if name in layout.modules:
        return name
    serials = layout.serials(name)
    if serials:
        return serials[0]
    raise CommandError("target", text("plan.no_module_layout", name=name))
