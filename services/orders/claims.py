"""What a command occupies until its outcome is known, so that two of them never cross. Pure."""

import hashlib
import json
from collections.abc import Iterable

from omf.commands import Plan, Text
from omf.state import FactoryState
from omf.state.device_names import device_name
from services.common.store.keys import StreamModel

MAX_NAME = 80
"""Longer wishes, such as a whole layout, are named by their digest."""
_DEVICE = "device"
OTHERS_WAIT_S = 2.0
"""Two people who saw the same screen press within this time; the same person may go on at once."""


class Claim(StreamModel):
    """Who commands a device since when; `held` ends with the command's outcome."""

    command_id: str
    operator: str
    at: float
    held: bool = True


def occupied(plan: Plan) -> tuple[str, ...]:
    """Names of what a plan occupies: each device it addresses, and for the CCU the wish itself.

    Two orders of different colours go side by side; the same colour again waits for the answer to
    the first, for only then is known which piece is still free.
    """
    serials = {step.device for step in plan.steps if step.device} | set(_named(plan))
    if serials:
        return tuple(sorted(f"{_DEVICE} {serial}" for serial in serials))
    wish = ", ".join(f"{name}={value}" for name, value in sorted(plan.parameters.items()))
    return (f"{plan.kind} {wish}".strip() if len(wish) <= MAX_NAME else _digest(plan),)


def spoken(what: str, plan: Plan | None, state: FactoryState) -> Text:
    """What is occupied as people call it: the device, else what the command would do."""
    kind, _, serial = what.partition(" ")
    if kind == _DEVICE:
        name = device_name(state, serial)
        return Text(de=name, en=name)
    return plan.steps[0].title if plan and plan.steps else Text(de=what, en=what)


def claim_name(what: str) -> str:
    """The key, in the map of `streams`, that holds a claim on this."""
    return f"claim:{what}"


def _digest(plan: Plan) -> str:
    body = json.dumps(plan.parameters, sort_keys=True).encode()
    return f"{plan.kind} {hashlib.sha256(body).hexdigest()[:16]}"


def _named(plan: Plan) -> Iterable[str]:
    serial = plan.parameters.get("serial")
    return (serial,) if isinstance(serial, str) else ()
