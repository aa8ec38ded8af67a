"""Hands a command to orders once, whoever asks how often, and finds what became of it."""

import asyncio
from uuid import uuid4

from omf.commands import FREE_MESSAGE, KINDS, CommandError, kind_of, parameters_of
from omf.texts import text
from services.api import reasons
from services.api.context import ServedEnvironment
from services.api.metrics import SUBMITTED
from services.api.problems import FieldError, RefusalError
from services.api.schemas import CommandWish
from services.common.auth.api_tokens import ApiClient
from services.common.store.approvals import approval_of
from services.common.store.bus import Bus, StoreError
from services.common.store.busy import retry_after_s
from services.common.store.keys import Command, CommandRecord, Environment, Role
from services.common.store.submission import TooBusyError

LOOKS_S = (0.01, 0.02, 0.04, 0.08, 0.15, 0.2)
"""Pauses before orders is asked whether it refused at once; a decision takes five milliseconds."""
UNDECIDED = 200
"""Orders decides in milliseconds; while it is away, commands expire within seconds."""


async def life(bus: Bus, command_id: str) -> CommandRecord | None:
    """The life of a command so far, also before orders has seen it; None if there is none."""
    if record := await bus.record(command_id):
        return record
    if held := await approval_of(bus, command_id):
        return CommandRecord(command=held.command, events=(held.event,))
    waiting = await bus.newest_models("commands", Command, UNDECIDED)
    mine = (command for _, command in waiting if command.command_id == command_id)
    first = next(mine, None)
    return CommandRecord(command=first) if first else None


async def submit(
    served: ServedEnvironment, client: ApiClient, wish: CommandWish, source: str
) -> tuple[CommandRecord, bool]:
    """The life of the command, and whether it begins now.

    What orders would refuse at sight is refused here at once, but handed over all the same: it is
    orders that keeps the audit of who tried what.
    """
    command_id = wish.command_id or str(uuid4())
    try:
        async with served.submitting:
            record = await life(served.bus, command_id)
            if known := record is not None:
                _same(record.command, wish)
            else:
                record = CommandRecord(
                    command=Command(
                        **wish.model_dump(exclude={"command_id"}),
                        command_id=command_id,
                        environment=served.environment,
                        operator=client.name,
                        role=client.role_at(served.environment),
                        created_at=await served.bus.time(),
                        source=source,
                        known_by="token",
                    )
                )
                await _handed_over(served.bus, record.command)
                SUBMITTED.labels(client.counted_as).inc()
    except StoreError as error:
        # It may have been written all the same; the id is what makes a repetition harmless.
        raise RefusalError(reasons.STORE_AWAY, command_id=command_id) from error
    _acceptable(wish, client, served.environment, command_id)
    if not known:
        await _taken_on(served.bus, command_id)
    return record, not known


async def _handed_over(bus: Bus, command: Command) -> None:
    """429 if more is asked for than orders can do: then nothing is known of the command."""
    try:
        await bus.submit(command)
    except TooBusyError as error:
        raise _too_busy(error.retry_s, command.command_id) from error


def _too_busy(retry_s: int, command_id: str) -> RefusalError:
    after = {"retry-after": str(retry_s)}
    return RefusalError(reasons.ORDERS_BUSY, headers=after, command_id=command_id)


async def _taken_on(bus: Bus, command_id: str) -> None:
    """429 if orders refuses it at its entrance, where it says so at once; else it is decided on."""
    for pause_s in LOOKS_S:
        await asyncio.sleep(pause_s)
        try:
            record = await bus.record(command_id)
        except StoreError:
            return  # it was handed over; its life tells the rest
        if record is None:
            continue
        wait_s = retry_after_s(record.events[-1].reasons) if record.events else None
        if wait_s is not None:
            raise _too_busy(wait_s, command_id)
        return


def _same(first: Command, wish: CommandWish) -> None:
    said_before = ("kind", "parameters", "override", "edited")
    differs = [name for name in said_before if getattr(first, name) != getattr(wish, name)]
    if not differs:
        return
    said = text("problem_detail.id_reused")
    field_errors = [FieldError(name, said) for name in differs]
    raise RefusalError(
        reasons.OTHER_COMMAND, field_errors=field_errors, command_id=first.command_id
    )


def _acceptable(
    wish: CommandWish, client: ApiClient, environment: Environment, command_id: str
) -> None:
    try:
        kind = kind_of(wish.kind)
        parameters_of(kind, wish.parameters)
    except CommandError as error:
        field_error = FieldError(wish.field_of(error), error.text)
        raise RefusalError(
            reasons.INVALID, field_errors=[field_error], command_id=command_id
        ) from error
    needed = KINDS[FREE_MESSAGE].role if wish.edited else kind.role
    check_role(client, environment, Role(needed), command_id)


def check_role(
    client: ApiClient, environment: Environment, needed: Role, command_id: str | None = None
) -> None:
    """403 if the client's role in this factory is below what is needed."""
    role = client.role_at(environment)
    if role.includes(needed):
        return
    said = text("problem_detail.client_role", client=client.name, role=role, needed=needed)
    raise RefusalError(
        reasons.ROLE, said, field_errors=[FieldError("role", said)], command_id=command_id
    )
