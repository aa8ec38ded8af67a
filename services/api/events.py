"""Server-sent events: what comes from now on, or from behind the last id the caller has seen."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import NamedTuple

from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel

from services.api.context import AppContext
from services.common.auth.api_tokens import ApiClient
from services.common.process.main import STORE_RETRY_S
from services.common.store.bus import StoreError

PING_EVERY = 10
"""Idle seconds until a comment is sent: proxies close what is silent for a minute."""
RETRY_MS = 2000


class Event(NamedTuple):
    """One event; `id` is what Last-Event-ID brings back."""

    id: str
    name: str
    data: BaseModel

    def encoded(self) -> bytes:
        """As it is sent."""
        body = self.data.model_dump_json(exclude_none=True)
        return format_sse_event(data_str=body, event=self.name, id=self.id)


Batch = tuple[str, list[Event]]
"""The id behind which to go on, and what to send; nothing to send is an idle second."""
Read = Callable[[str], AsyncGenerator[Batch, None]]


def answer(context: AppContext, client: ApiClient, after: str, read: Read) -> EventSourceResponse:
    """A stream that begins behind the id `after` and ends when the client is known no longer.

    The routes do not name EventSourceResponse as their class: FastAPI would then run the route
    after the head of the answer, and a refusal (429, 422) could no longer be one.
    """
    return EventSourceResponse(_lines(context, client, after, read))


async def _lines(
    context: AppContext, client: ApiClient, after: str, read: Read
) -> AsyncIterator[bytes]:
    yield format_sse_event(retry=RETRY_MS, comment=f"open, behind {after}")
    seen, idle = after, 0
    while not context.closing:
        try:
            if not await context.serves(client):
                return
            async with aclosing(read(seen)) as batches:
                async for seen, found in batches:  # noqa: B007 - where to go on after an outage
                    # Before it is sent: a revoked token hears nothing more.
                    if not await context.serves(client):
                        return
                    idle = 0 if found else idle + 1
                    if line := _told(found, idle):
                        yield line
        except StoreError:
            # The stream outlives the store: it goes on behind the same id.
            yield format_sse_event(comment="the store is away")
            await asyncio.sleep(STORE_RETRY_S)


def _told(found: list[Event], idle: int) -> bytes:
    """What is new; a comment now and then shows the other side that the line stands."""
    if found or idle % PING_EVERY:
        return b"".join(event.encoded() for event in found)
    return format_sse_event(comment="idle")
