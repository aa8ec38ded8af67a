"""Server-sent events: what comes from now on, or from behind the last id the caller has seen."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import NamedTuple

from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from services.api.door import AppContext
from services.common.store.bus import StoreError

MEDIA_TYPE = "text/event-stream"
PING_EVERY = 10
"""Idle seconds until a comment is sent: proxies close what is silent for a minute."""
RETRY_S = 1.0
RETRY_MS = 2000


class Event(NamedTuple):
    """One event; `id` is what Last-Event-ID brings back."""

    id: str
    name: str
    data: BaseModel

    def text(self) -> str:
        """As it is sent; JSON has no raw line feed that could end it early."""
        body = self.data.model_dump_json(exclude_none=True)
        return f"id: {self.id}\nevent: {self.name}\ndata: {body}\n\n"


Batch = tuple[str, list[Event]]
"""The id behind which to go on, and what to send; nothing to send is an idle second."""
Read = Callable[[str], AsyncGenerator[Batch, None]]


def answer(door: AppContext, after: str, read: Read) -> StreamingResponse:
    """A stream that begins behind the id `after`."""
    return StreamingResponse(_lines(door, after, read), media_type=MEDIA_TYPE)


async def _lines(door: AppContext, after: str, read: Read) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MS}\n: open, behind {after}\n\n"
    seen, idle = after, 0
    while not door.closing:
        try:
            async with aclosing(read(seen)) as batches:
                async for seen, found in batches:  # noqa: B007 - where to go on after an outage
                    idle = 0 if found else idle + 1
                    if line := _told(found, idle):
                        yield line
                    if door.closing:
                        return
        except StoreError:
            # The stream outlives the store: it goes on behind the same id.
            yield ": the store is away\n\n"
            await asyncio.sleep(RETRY_S)


def _told(found: list[Event], idle: int) -> str:
    """What is new; a comment now and then shows the other side that the line stands."""
    if found or idle % PING_EVERY:
        return "".join(event.text() for event in found)
    return ": idle\n\n"
