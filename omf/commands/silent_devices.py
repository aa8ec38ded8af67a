"""What is asked of the devices a command addresses: that they are heard, and used by the site.

No moving command goes to a device that is silent: its last state may be wrong, and nobody would
see. That the site took a module out warns only, for the control unit goes on using it.
"""

from collections.abc import Iterable

from omf.commands.facts.factory import passed
from omf.commands.forms import Form
from omf.commands.schemas import Check, Kind, PlannedStep
from omf.commands.site_changes import SITE_FIELDS
from omf.state import FactoryState, staleness
from omf.state.device_names import device_name
from omf.texts import Text, text

DEVICE_HEARD = "device-heard"
DEVICE_IN_USE = "device-in-use"
_NAMES_DEVICE = ("serial", "target", "node")
"""Parameters that are the serial of a device."""
_ORDERS = "flow-connected"
"""Asked of kinds that send a piece through the modules of the flow of its colour."""


def unheard(
    kind: Kind, steps: Iterable[PlannedStep], state: FactoryState, now: float
) -> tuple[Check, ...]:
    """Return an unmet check for each silent device a moving command addresses, judged at `now`.

    Prudence asks it: a supervisor may override it with a reason. A reset may go to the silent, it
    is the way to wake them.
    """
    if not kind.moves or kind.name.endswith("-reset"):
        return ()
    addressed = dict.fromkeys(step.device for step in steps if step.device)
    return tuple(
        _check(device_name(state, serial))
        for serial in addressed
        if (device := state.modules.get(serial) or state.vehicles.get(serial))
        and staleness.unheard(state, device, staleness.moment(state, now))
    )


def _check(name: Text) -> Check:
    said = text("plan.device_silent", name=name)
    return Check(id=DEVICE_HEARD, met=False, text=said, basis="prudence")


def taken_out(
    kind: Kind, form: Form, steps: Iterable[PlannedStep], state: FactoryState
) -> tuple[Check, ...]:
    """Return a warning for each module the command addresses and the site took out."""
    named = (getattr(form, name, None) for name in _NAMES_DEVICE)
    found = [step.device for step in steps] + [one for one in named if isinstance(one, str)]
    if kind.name in SITE_FIELDS:
        return ()
    found += _passed_modules(kind, form, state)
    return tuple(_warning(state, one) for one in dict.fromkeys(found) if state.site.taken_out(one))


def _passed_modules(kind: Kind, form: Form, state: FactoryState) -> list[str]:
    """Modules on the flow of the ordered piece, where no other one of their type is used."""
    colour = getattr(form, "colour", None)
    if _ORDERS not in kind.interlocks or not isinstance(colour, str):
        return []
    found = list[str]()
    for wanted in passed(state, colour):
        alike = [one.serial for one in state.modules.values() if one.type == wanted]
        if all(map(state.site.taken_out, alike)):
            found += alike
    return found


def _warning(state: FactoryState, serial: str) -> Check:
    said = text("plan.taken_out", name=device_name(state, serial))
    return Check(id=DEVICE_IN_USE, met=False, text=said, blocking=False, basis="prudence")
