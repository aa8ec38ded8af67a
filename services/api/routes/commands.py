"""`/api/v1/commands`: give a command, and see what became of it."""

from collections.abc import AsyncGenerator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from services.api import command_service, events, reasons
from services.api.access import (
    ClientDep,
    ContextDep,
    EnvironmentDep,
    StreamSlot,
    address_of,
    token_words,
)
from services.api.description import EVENT_STREAM, PREFIX, refusals
from services.api.events import Batch, Event
from services.api.problems import RefusalError
from services.api.schemas import CommandId, CommandLife, CommandLives, CommandWish, StreamIdText
from services.common.auth.api_tokens import LOOPBACK, ApiClient
from services.common.process import clock
from services.common.store.journal import BEGINNING
from services.common.store.keys import CommandEvent, Role

router = APIRouter(prefix=f"{PREFIX}/commands", tags=["commands"])
LOCATION = {
    "headers": {"Location": {"description": "Its life.", "schema": {"type": "string"}}},
}


@router.post(
    "",
    status_code=202,
    responses={
        200: {**LOCATION, "model": CommandLife, "description": "Known: the life it has had."},
        202: {**LOCATION, "description": "Handed to orders, which decides on it."},
        **refusals(reasons.OTHER_COMMAND, reasons.TOO_MANY_COMMANDS, reasons.ORDERS_BUSY),
    },
)
async def submit(
    wish: CommandWish,
    request: Request,
    response: Response,
    context: ContextDep,
    client: ClientDep,
    served: EnvironmentDep,
) -> CommandLife:
    """Give a command. It is done once, however often it is asked with the same `command_id`.

    What it came to is told by `GET /commands/{command_id}` (Location) or `/commands/stream`:
    accepted is not done, the last stage is `effect`, `no_effect`, `failed`, `refused`, `expired`
    or `unknown`. 429 with Retry-After: nothing was sent; ask again then, with a new `command_id`.
    """
    if client is LOOPBACK:
        # Nobody the audit could name; a client with a token is refused by orders, which keeps it.
        command_service.check_role(client, served.environment, Role.OPERATOR)
    if wait_s := context.rate_limiter.wait_s(client.name, clock.monotonic()):
        after = {"retry-after": str(int(wait_s) + 1)}
        raise RefusalError(reasons.TOO_MANY_COMMANDS, headers=after, command_id=wish.command_id)
    source = f"api {address_of(request)}{token_words(client)}"
    record, new = await command_service.submit(served, client, wish, source)
    command_id = record.command.command_id
    address = f"{PREFIX}/commands/{quote(command_id)}?environment={served.environment}"
    response.headers["location"] = address
    response.status_code = 202 if new else 200
    return CommandLife.of(record)


@router.get("", responses=refusals())
async def newest(
    served: EnvironmentDep, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> CommandLives:
    """The newest commands, newest first, whoever gave them."""
    records = reversed(await served.bus.records(limit))
    return CommandLives(commands=tuple(map(CommandLife.of, records)))


@router.get("/stream", response_class=StreamingResponse, responses=refusals() | EVENT_STREAM)
async def stream(
    context: ContextDep,
    served: EnvironmentDep,
    client: Annotated[ApiClient, StreamSlot],
    command_id: Annotated[CommandId | None, Query(description="Only this command.")] = None,
    last_event_id: Annotated[StreamIdText | None, Header()] = None,
) -> StreamingResponse:
    """Every stage of every command as it comes: `event: stage`, `data:` a CommandEvent.

    Begins with the next one, or behind Last-Event-ID.
    """

    async def read(after: str) -> AsyncGenerator[Batch, None]:
        async for batch in served.bus.follow_models("events", CommandEvent, after):
            wanted = [pair for pair in batch if command_id in (None, pair[1].command_id)]
            after = batch[-1][0] if batch else after
            yield after, [Event(entry_id, "stage", event) for entry_id, event in wanted]

    newest = await served.bus.newest_models("events", CommandEvent, 1)
    now = newest[-1][0] if newest else BEGINNING
    return events.answer(context, client, last_event_id or now, read)


@router.get("/{command_id}", responses=refusals())
async def one(served: EnvironmentDep, command_id: Annotated[CommandId, Path()]) -> CommandLife:
    """The life of one command so far."""
    if record := await command_service.life(served.bus, command_id):
        return CommandLife.of(record)
    raise RefusalError(reasons.NO_COMMAND, command_id=None)
