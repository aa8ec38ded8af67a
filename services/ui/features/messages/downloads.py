"""What can be taken away from the message centre: messages as a file, a picture as a picture."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress

from nicegui import app
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from omf.messages.message import Message
from omf.topics.filters import TopicError
from services.common.process import clock
from services.common.sessions import csv_export
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Environment
from services.common.store.own_publishes import OwnPublishes
from services.ui.live import message_history
from services.ui.live.message_filter import MessageFilter
from services.ui.live.model import ViewModel
from services.ui.live.past_reader import PastSource, PastUnreadableError
from services.ui.live.recent_messages import priority_of
from services.ui.views import filter_query, message_rows, pictures

_log = logging.getLogger(__name__)

Line = Callable[[Message], str]
COLUMNS = (
    "received_at",
    "way",
    "priority",
    "topic",
    "qos",
    "retain",
    "dup",
    "id",
    "payload",
    "properties",
)
CHUNK_CHARS = 64_000
"""A day of messages sent line by line would cost more to send than to read."""
YEAR = "private, max-age=31536000, immutable"
"""A message never changes, and neither does its picture."""


class Downloads:
    """The addresses of files; every one of them may be read by whoever may look at the page."""

    def __init__(
        self,
        models: Mapping[Environment, ViewModel],
        buses: Mapping[Environment, Bus],
        past: PastSource | None = None,
    ) -> None:
        """`past` has the pictures that the store has no more."""
        self._models = models
        self._buses = buses
        self._past = past

    def register(self) -> None:
        """Put the files on their addresses."""
        app.get("/{environment}/messages.jsonl")(self._jsonl)
        app.get("/{environment}/messages.csv")(self._csv)
        app.get("/{environment}/picture/{message_id}")(self._picture)

    async def _jsonl(self, environment: str, request: Request) -> Response:
        """What a person sees in the message centre, to play again with `omf replay`."""
        return await self._file(environment, request, "jsonl")

    async def _csv(self, environment: str, request: Request) -> Response:
        """The same for a spreadsheet, with a head."""
        return await self._file(environment, request, "csv")

    async def _file(self, environment: str, request: Request, kind: str) -> Response:
        name = self._known(environment)
        if name is None:
            return Response(status_code=404)
        selection = filter_query.read(request.query_params)
        try:
            await self._buses[name].ping()
            found = self._stored(name, selection)
        except StoreError:
            # What the list of the page shows meanwhile, too.
            found = self._at_hand(name, selection)
        own = self._models[name].commands.publishes
        jsonl, head = kind == "jsonl", ""
        if not jsonl:
            head = csv_export.head(COLUMNS)
        line: Line = json_line if jsonl else lambda message: csv_line(message, own)
        headers = {"content-disposition": f'attachment; filename="{name}-messages.{kind}"'}
        media_type = "application/x-ndjson" if jsonl else csv_export.CSV_MEDIA_TYPE
        lines = file_lines(found, line, head, _cut_short_json if jsonl else _cut_short_csv)
        return StreamingResponse(lines, 200, headers, media_type)

    def _known(self, environment: str) -> Environment | None:
        return next((name for name in self._models if name == environment), None)

    async def _stored(self, name: Environment, selection: MessageFilter) -> AsyncIterator[Message]:
        """Every message of the look that is kept: what the page counts, listed or not."""
        own = self._models[name].commands.publishes
        # A look at topics that no buffer holds finds nothing, on the page as well.
        with suppress(TopicError):
            async for message in message_history.stretch(self._buses[name], selection, own.of):
                yield message

    async def _at_hand(self, name: Environment, selection: MessageFilter) -> AsyncIterator[Message]:
        model = self._models[name]
        of = model.commands.publishes.of
        for message in reversed([m for m in model.journal.newest() if selection.takes(m, of)]):
            yield message

    async def _picture(self, environment: str, message_id: str) -> Response:
        """The picture of one message, as an image and as nothing else."""
        name = self._known(environment)
        if name is None:
            return Response(status_code=404)
        try:
            message = self._models[name].journal.find(message_id)
            message = message or await message_history.message(self._buses[name], message_id)
            if message is None and self._past is not None:
                message = await self._past.message(name, message_id)
        except (StoreError, PastUnreadableError, ValueError):
            message = None
        found = pictures.of(message) if message else None
        if found is None:
            return Response(status_code=404)
        headers = {"cache-control": YEAR, "content-disposition": "inline"}
        return Response(found.data, media_type=found.kind, headers=headers)


async def file_lines(
    found: AsyncIterator[Message], line: Line, first: str, cut_short: Callable[[str], str]
) -> AsyncIterator[str]:
    """A file in pieces; where the store goes away under it, `cut_short` makes its last line.

    The answer has begun by then, so nothing but the file itself can tell that it is not whole.
    """
    lines, size, count = [first], 0, 0
    try:
        async for message in found:
            lines.append(line(message))
            size, count = size + len(lines[-1]), count + 1
            if size > CHUNK_CHARS:
                yield "".join(lines)
                lines, size = [], 0
    except StoreError as error:
        _log.warning("a download ended after %d messages: %s", count, error)
        lines.append(cut_short(f"not whole: the store went away after {count} messages"))
    yield "".join(lines)


def _cut_short_json(why: str) -> str:
    return json.dumps({"error": why}) + "\n"


def _cut_short_csv(why: str) -> str:
    return csv_export.record((why,))


def json_line(message: Message) -> str:
    """A message as one line of a session file."""
    return f"{message_rows.line(message)}\n"


def csv_line(message: Message, own: OwnPublishes | None = None) -> str:
    """A message as one record; nothing in it is taken for a formula."""
    return csv_export.record(
        (
            clock.iso(message.received_at),
            "to factory" if message_rows.sent(message, own) else "from factory",
            priority_of(message.topic),
            message.topic,
            message.qos,
            int(message.retain),
            int(message.dup),
            message.id,
            message.payload.decode(errors="replace"),
            message.properties,
        )
    )
