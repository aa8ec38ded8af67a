"""Filling in what the operator need not say because the factory has only one of it."""

from collections.abc import Callable
from typing import TypeVar

from omf.commands.facts.vehicle import bay_names
from omf.commands.forms import Form
from omf.commands.schemas import CommandError
from omf.state import FactoryState

F = TypeVar("F", bound=Form)


def the_module(state: FactoryState, module_type: str, given: str | None) -> str:
    """The serial given, else the only module of that type; CommandError if that is unclear."""
    if given:
        return given
    known = [serial for serial, m in state.modules.items() if m.type == module_type]
    return _only(known, f"Modul {module_type}", f"{module_type} module")


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
    raise CommandError(
        "load_position",
        f"Einen Platz {bay} hat FTS {serial} nicht; es hat {has}",
        f"vehicle {serial} has no bay {bay}; it has {has}",
    )


def the_vehicle(state: FactoryState, given: str | None) -> str:
    """The serial given, else the only vehicle; CommandError if that is unclear."""
    return given or _only(list(state.vehicles), "FTS", "vehicle")


def _only(known: list[str], de: str, en: str) -> str:
    if len(known) == 1:
        return known[0]
    if not known:
        raise CommandError("serial", f"Kein {de} bekannt", f"no {en} is known")
    names = ", ".join(known)
    raise CommandError("serial", f"Welches {de}? {names}", f"which {en}? {names}")
