"""`/api/v1/messages`: what the factory said, exactly."""

from collections.abc import AsyncGenerator, Callable
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.texts import text
from omf.topics.filters import TopicError, matches
from services.api import events, reasons
from services.api.access import ContextDep, EnvironmentDep, StreamSlot
from services.api.description import EVENT_STREAM, PREFIX, refusals
from services.api.events import Batch, Event
from services.api.problems import FieldError, RefusalError
from services.api.schemas import MessagePage, MessageView, StreamIdText
from services.common.auth.api_tokens import ApiClient
from services.common.process import clock
from services.common.store import journal
from services.common.store.bus import READ_COUNT, Bus
from services.common.store.keys import JOURNAL

MAX_LIMIT = 500
MAX_SCANNED = 5_000
"""A rare topic without a buffer of its own is looked for in so many messages a request."""
STALL_S = 2.0
"""A caller that took longer to read may have been overtaken by the trimming of the buffer."""
MAX_PAGE_BYTES = 4_000_000
"""Camera frames are large: a page is bounded by bytes as well."""

router = APIRouter(prefix=f"{PREFIX}/messages", tags=["messages"])
Filter = Annotated[
    str,
    Query(alias="filter", max_length=512, description="An MQTT topic filter: `+`, `#`."),
]
After = Annotated[
    StreamIdText | None,
    Query(description="Only messages behind this id; `0-0`: from the beginning."),
]


class MessageGap(BaseModel):
    """Messages behind `after` and before `first_id` may be missing: they are no longer kept."""

    after: str
    first_id: str


@router.get("", responses=refusals())
async def page(
    served: EnvironmentDep,
    topic_filter: Filter = JOURNAL,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> MessagePage:
    """Messages of a topic filter, oldest first: the newest ones, or those behind `after`.

    The newest of a filter without a buffer of its own are looked for among the last 5000 messages
    of the narrowest buffer that covers it. Behind `after` is read whatever is still kept, from the
    journal too where that buffer has let it go. A page may hold less than `limit`; `more` tells
    whether to go on with `after`.
    """
    source, wanted = _source(topic_filter)
    if after is None:
        return await _newest(served.bus, source, wanted, limit)
    return await _behind(served.bus, topic_filter, after, limit)


@router.get("/stream", response_class=StreamingResponse, responses=refusals() | EVENT_STREAM)
async def stream(
    context: ContextDep,
    served: EnvironmentDep,
    client: Annotated[ApiClient, StreamSlot],
    topic_filter: Filter = JOURNAL,
    last_event_id: Annotated[StreamIdText | None, Header()] = None,
) -> StreamingResponse:
    """Every message of a topic filter as it comes: `event: message`, `data:` a MessageView.

    Begins with the next one, or behind Last-Event-ID. `event: gap` says that messages may be
    missing: the caller came back, or read on, after they were dropped from the buffer.
    """
    source, wanted = _source(topic_filter)

    async def read(after: str) -> AsyncGenerator[Batch, None]:
        stood_still = True
        async for batch in served.bus.follow(source, after):
            if stood_still and (gap := await _gap(served.bus, source, after)):
                yield after, [Event(after, "gap", gap)]
            after = batch[-1].id if batch else after
            handed_over = clock.monotonic()
            yield after, [_event(message) for message in batch if wanted(message)]
            stood_still = clock.monotonic() - handed_over > STALL_S

    start = last_event_id or await journal.last_id(served.bus, source)
    return events.answer(context, client, start, read)


def _source(topic_filter: str) -> tuple[str, Callable[[Message], bool]]:
    """The buffer to read, and which of its messages were asked for; 422 for a bad filter."""
    try:
        source = journal.buffer_of(topic_filter)
    except TopicError as error:
        said = text("problem_detail.no_filter", error=error.text)
        raise RefusalError(reasons.INVALID, field_errors=[FieldError("filter", said)]) from error
    if source == topic_filter:
        return source, lambda _: True
    return source, lambda message: matches(topic_filter, message.topic)


async def _newest(
    bus: Bus, source: str, wanted: Callable[[Message], bool], limit: int
) -> MessagePage:
    last = await journal.last_id(bus, source)
    count, found = limit, list[Message]()
    # Most filters have a buffer of their own: the last few are enough, and camera frames are large.
    while True:
        newest = await bus.newest(source, count)
        found = _fitting([message for message in newest if wanted(message)][-limit:])
        if len(found) >= limit or len(newest) < count or count >= MAX_SCANNED:
            break
        count = min(count * 4, MAX_SCANNED)
    end = newest[-1].id if newest else last
    shown = tuple(map(MessageView.of, found))
    return MessagePage(messages=shown, after=end, more=False)


def _fitting(messages: list[Message]) -> list[Message]:
    """The newest of them that fit into a page."""
    size, kept = 0, list[Message]()
    for message in reversed(messages):
        size += len(message.payload)
        if size > MAX_PAGE_BYTES and kept:
            break
        kept.append(message)
    return kept[::-1]


async def _behind(bus: Bus, topic_filter: str, after: str, limit: int) -> MessagePage:
    """All that is kept of a filter: what its own buffer has let go is read from the journal."""
    page = _Page(limit, after)
    source = journal.buffer_of(topic_filter)
    newest = [await journal.last_id(bus, name) for name in {source, JOURNAL}]
    for name, until in await journal.parts(bus, topic_filter, max(newest, key=StreamId.parse)):
        while StreamId.parse(page.after) < StreamId.parse(until):
            batch = await bus.messages(name, after=page.after, until=until, count=READ_COUNT)
            for message in batch:
                page.take(message, wanted=name == topic_filter or _fits(topic_filter, message))
                if page.full:
                    return page.made(more=True)
            if len(batch) < READ_COUNT:
                break
    return page.made(more=False)


def _fits(topic_filter: str, message: Message) -> bool:
    return matches(topic_filter, message.topic)


class _Page:
    """A page as it fills; bounded by messages, by bytes and by how many were looked at."""

    def __init__(self, limit: int, after: str) -> None:
        self.after = after
        self._limit = limit
        self._found: list[MessageView] = []
        self._scanned = self._size = 0

    @property
    def full(self) -> bool:
        """True if it takes no more."""
        enough = len(self._found) >= self._limit or self._size >= MAX_PAGE_BYTES
        return enough or self._scanned >= MAX_SCANNED

    def take(self, message: Message, *, wanted: bool) -> None:
        """Look at one message, and keep it if it is wanted."""
        self.after = message.id
        self._scanned += 1
        if wanted:
            self._found.append(MessageView.of(message))
            self._size += len(message.payload)

    def made(self, *, more: bool) -> MessagePage:
        """The page; `more` tells whether to go on behind it."""
        return MessagePage(messages=tuple(self._found), after=self.after, more=more)


async def _gap(bus: Bus, source: str, after: str) -> MessageGap | None:
    [info] = await bus.buffers([source])
    if after == journal.BEGINNING or info.first_id is None or not info.trimmed:
        return None
    lost = StreamId.parse(after) < StreamId.parse(info.first_id)
    return MessageGap(after=after, first_id=info.first_id) if lost else None


def _event(message: Message) -> Event:
    return Event(message.id, "message", MessageView.of(message))
