"""Who may command what: the lock on a device, the control lease, the pace of each sender. Pure.

A command locks its devices until its outcome is known, so that two of them never cross. The lease
decides who may give risky commands where that is one person's at a time.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from omf.commands import Plan
from omf.constants import MINUTE_S
from omf.state import FactoryState
from omf.state.device_names import device_name
from omf.texts import Text, text, verbatim
from services.common.store.keys import Command, Reason, StreamModel
from services.common.store.lease import Lease
from services.orders.reasons import clock_time, person

MAX_NAME = 80
"""Longer wishes, such as a whole layout, are named by their digest."""
_DEVICE = "device"
OTHERS_WAIT_S = 2.0
"""Two people who saw the same screen press within this time; the same person may go on at once."""
RUN_SOURCE, PLAN_SOURCE = "sequence", "plan"
"""What begins the source of a command that orders gives itself, before whose it is."""
NOBODY_LEADS = Reason.of("control", text("reason.control_needed"))
CONTROL_FREE = Reason.of("control-free", text("reason.control_free"))
CONTROL_YOURS = Reason.of("control-yours", text("reason.control_yours"))
NOBODY_ASKED = Reason.of("parameter:to", text("reason.control_nobody_asked"))


class DeviceLock(StreamModel):
    """Who commands a device since when; `held` ends with the command's outcome."""

    command_id: str
    operator: str
    at: float
    held: bool = True


def lock_names(plan: Plan) -> tuple[str, ...]:
    """Names of what a plan occupies: each device it addresses, and for the CCU the wish itself.

    Of an act on an alarm it is the alarm, whatever the act.

    Two orders of different colours go side by side; the same colour again waits for the answer to
    the first, for only then is known which piece is still free.
    """
    if alarm := plan.parameters.get("alarm"):
        return (f"alarm {alarm}",)
    serials = {step.device for step in plan.steps if step.device} | set(_named(plan))
    if serials:
        return tuple(sorted(f"{_DEVICE} {serial}" for serial in serials))
    wish = ", ".join(f"{name}={value}" for name, value in sorted(plan.parameters.items()))
    return (f"{plan.kind} {wish}".strip() if len(wish) <= MAX_NAME else _digest(plan),)


def lock_label(what: str, plan: Plan | None, state: FactoryState) -> Text:
    """What is locked as people call it: the device, else what the command would do."""
    kind, _, serial = what.partition(" ")
    if kind == _DEVICE:
        return device_name(state, serial)
    return plan.steps[0].title if plan and plan.steps else verbatim(what)


def lock_key(what: str) -> str:
    """The key, in the map of `streams`, that holds the lock on this."""
    return f"claim:{what}"


def run_of(command: Command) -> str:
    """The sequence whose step a command is; "" where a person gave it."""
    source, _, run_id = command.source.partition(" ")
    return run_id if source == RUN_SOURCE else ""


def paced_as(command: Command) -> str:
    """Whose pace a command counts to: each sequence and plan has its own, beside its operator.

    A person who sends many by hand would else stop the sequence that goes on in their name.
    """
    return command.source if given_by_orders(command) else command.operator


def given_by_orders(command: Command) -> bool:
    """True if orders gave it itself, as a step of a sequence or an order by plan."""
    return command.source.partition(" ")[0] in (RUN_SOURCE, PLAN_SOURCE)


def _digest(plan: Plan) -> str:
    body = json.dumps(plan.parameters, sort_keys=True).encode()
    return f"{plan.kind} {hashlib.sha256(body).hexdigest()[:16]}"


def _named(plan: Plan) -> Iterable[str]:
    serial = plan.parameters.get("serial")
    return (serial,) if isinstance(serial, str) else ()


def lock_held(what: Text, lock: DeviceLock, now: float) -> Reason:
    """Somebody was faster: who, and when."""
    said = text(
        "reason.occupied",
        what=what,
        who=person(lock.operator),
        ago_s=max(0.0, now - lock.at),
        at=clock_time(lock.at),
        command_id=lock.command_id,
    )
    return Reason.of("occupied", said)


def transfer_lease(
    kind: str, parameters: dict[str, Any], operator: str, lease: Lease, now: float
) -> Lease | Reason:
    """The lease after a command of `operator` about it, or why it stays as it is."""
    holder = lease.holder_at(now)
    if kind == "control-request":
        return _request(operator, holder, lease, now)
    if holder not in (operator, "") or not (holder or kind == "control-take"):
        return lease_held(lease, now) if holder else CONTROL_FREE
    if kind == "control-release":
        return lease.vacant
    minutes_s = parameters["minutes"] * MINUTE_S
    if kind == "control-hand-over":
        return _hand_over(parameters.get("to") or lease.asked_by, lease, now, minutes_s)
    free = lease.vacant.model_copy(update={"holder": operator, "since": now})
    kept = lease if holder else free
    return kept.model_copy(update={"until": now + minutes_s})


def _request(operator: str, holder: str, lease: Lease, now: float) -> Lease | Reason:
    if not holder:
        return CONTROL_FREE
    if holder == operator:
        return CONTROL_YOURS
    if lease.asked_by not in (operator, ""):
        return asked_before(lease)
    return lease.model_copy(update={"asked_by": operator, "asked_at": now})


def _hand_over(to: str, lease: Lease, now: float, minutes_s: float) -> Lease | Reason:
    if not to:
        return NOBODY_ASKED
    led = {"holder": to, "since": now, "until": now + minutes_s}
    return lease.vacant.model_copy(update=led)


def lease_held(lease: Lease, now: float) -> Reason:
    """A risky command needs the lease: who holds it since when, or that it is free."""
    holder = lease.holder_at(now)
    if not holder:
        return NOBODY_LEADS
    since, until = clock_time(lease.since), clock_time(lease.until)
    return Reason.of(
        "control",
        text("reason.control_held", holder=holder, since=since, until=until),
    )


def lease_outcome(lease: Lease) -> Reason:
    """What a command about the lease led to."""
    if not lease.holder:
        return Reason.of("leads", text("reason.nobody_has_control"))
    until, asked = clock_time(lease.until), lease.asked_by
    if not asked:
        return Reason.of("leads", text("reason.leads", holder=lease.holder, until=until))
    said = text("reason.leads_asked", holder=lease.holder, until=until, asked=asked)
    return Reason.of("leads", said)


def asked_before(lease: Lease) -> Reason:
    """Another one asks for the lease already."""
    at = clock_time(lease.asked_at)
    return Reason.of(
        "asked-before", text("reason.control_asked_before", asked_by=lease.asked_by, at=at)
    )
