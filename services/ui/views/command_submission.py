"""How a page hands a command in: prepared against the factory as it is, then given to orders."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from omf.commands import RELEASE, Plan, derived_ids, fingerprint, fingerprint_of, prepare
from omf.messages.edited import EditedMessages
from services.common.store.brackets import of_order
from services.common.store.keys import MAX_OVERRIDE, Command
from services.common.store.submission import TooBusyError
from services.ui.live.screen import Screen

MAX_NOTE = 200


def planned(
    screen: Screen,
    kind: str,
    values: Mapping[str, Any],
    command_id: str,
    now: float,
    edited: EditedMessages | None = None,
) -> Plan:
    """The command as orders would make it now; CommandError names what is wrong with it.

    A release shows the step that waits for it. Messages that were `edited` stand as they go out.
    """
    factory = screen.model.factory
    at = screen.model.factory_now
    ids = derived_ids(command_id)
    plan = prepare(kind, values, factory, now=now, new_id=ids, judged_at=at, edited=edited)
    if kind != RELEASE:
        return plan
    bracket = of_order(screen.model.brackets, plan.parameters["order_id"])
    return (bracket and bracket.release(factory)) or plan


class Remarks(NamedTuple):
    """What goes with a command: why, why prudence is set aside, and what was edited."""

    note: str = ""
    override: str = ""
    edited: EditedMessages | None = None


NO_REMARKS = Remarks()


async def ask(
    screen: Screen,
    plan: Plan,
    command_id: str,
    remarks: Remarks = NO_REMARKS,
    still: Callable[[], bool] = lambda: True,
) -> bool:
    """Give this preview to orders in the name of who looks; StoreError if the store is away.

    Orders sends what was read or nothing. The same id given again stays one command. False: it is
    not wanted any more by `still`, which is asked at the last moment, or the page is of the past.
    """
    bus = screen.bus
    if bus is None:
        return False
    read = _read(screen, plan, remarks.edited)
    user, now = screen.user, await bus.time()
    if not still():
        return False
    command = Command(
        command_id=command_id,
        kind=plan.kind,
        parameters=plan.parameters,
        environment=screen.environment,
        operator=user.name,
        role=user.role,
        created_at=now,
        source=user.source,
        note=remarks.note.strip()[:MAX_NOTE],
        override=remarks.override.strip()[:MAX_OVERRIDE],
        plan=read,
        edited=remarks.edited,
        known_by=user.known_by,
    )
    await bus.submit(command)
    screen.model.ask(command)
    screen.model.changed()
    return True


def not_sent(screen: Screen, error: Exception) -> str:
    """Why a command did not reach orders, and what to do, in the language of who looks."""
    if isinstance(error, TooBusyError):
        return screen.say("reason.too_busy", retry_s=error.retry_s)
    return screen.say("command.send_failed", detail=str(error))


def _read(screen: Screen, plan: Plan, edited: EditedMessages | None) -> str:
    """The fingerprint of a preview that was just prepared."""
    if plan.kind == RELEASE:
        return fingerprint_of(plan) if plan.steps else ""
    return fingerprint(plan.kind, plan.parameters, screen.model.factory, edited)
