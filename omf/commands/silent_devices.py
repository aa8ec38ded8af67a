"""No command goes to a device that is silent: its last state may be wrong, and nobody would see."""

from collections.abc import Iterable

from omf.commands.schemas import Check, Kind, PlannedStep
from omf.state import FactoryState, staleness
from omf.state.device_names import device_name
from omf.texts import text

DEVICE_HEARD = "device-heard"


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


def _check(name: str) -> Check:
    said = text("plan.device_silent", name=name)
    return Check(id=DEVICE_HEARD, met=False, text=said, basis="prudence")
