"""Filling in what the operator need not say because the factory has only one of it."""

from collections.abc import Callable
from typing import TypeVar

from omf.commands.facts.vehicle import bay_names
from omf.commands.forms import Form
from omf.commands.schemas import CommandError
from omf.state import FactoryState
from omf.texts import Text, text

F = TypeVar("F", bound=Form)


def the_module(state: FactoryState, module_type: str, given: str | None) -> str:
    """The serial given, else the only module of that type; CommandError if that is unclear."""
    if given:
        return given
    known = [serial for serial, m in state.modules.items() if m.type == module_type]
    return _only(known, text("plan.module", module_type=module_type))


def only(module_type: str) -> Callable[[F, FactoryState], F]:
    """Writes into a form which module of that type is meant, as `the_module`."""

    def resolved(form: F, state: FactoryState) -> F:
        serial = the_module(state, module_type, getattr(form, "serial", None))
        return form.model_copy(update={"serial": serial})

    return resolved


def the_bay(state: FactoryState, serial: str, bay: str | None) -> str | None:
    """The bay as it was given; CommandError if the vehicle has no such bay."""
    names = bay_names(state, serial)
    if bay is None or bay in names:
        return bay
    has = ", ".join(names)
    said = text("plan.no_such_bay", bay=bay, serial=serial, names=has)
    raise CommandError("load_position", said)


def the_vehicle(state: FactoryState, given: str | None) -> str:
    """The serial given, else the only vehicle; CommandError if that is unclear."""
    return given or _only(list(state.vehicles), text("plan.vehicle"))


def _only(known: list[str], device: Text) -> str:
    if len(known) == 1:
        return known[0]
    if not known:
        raise CommandError("serial", text("plan.none_known", device=device))
    names = ", ".join(known)
    raise CommandError("serial", text("plan.which", device=device, names=names))
