"""What can be taken away from the message centre: messages as a file, a picture as a picture."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping

from nicegui import app
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from omf.message import Message
from services.common import clock
from services.common.bus import Bus, StoreError
from services.common.streams import Environment
from services.ui import archive, looks, message_rows, pictures
from services.ui.journal import priority_of, to_factory
from services.ui.model import ViewModel
from services.ui.selection import Selection

Line = Callable[[Message], str]
COLUMNS = ("received_at", "way", "priority", "topic", "qos", "retain", "dup", "id", "payload")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula."""
YEAR = "private, max-age=31536000, immutable"
"""A message never changes, and neither does its picture."""


class Downloads:
    """The addresses of files; every one of them may be read by whoever may look at the page."""

    def __init__(
        self, models: Mapping[Environment, ViewModel], buses: Mapping[Environment, Bus]
    ) -> None:
        self._models = models
        self._buses = buses

    def register(self) -> None:
        """Put the files on their addresses."""
        app.get("/{environment}/messages.jsonl")(self._jsonl)
        app.get("/{environment}/messages.csv")(self._csv)
        app.get("/{environment}/picture/{message_id}")(self._picture)

    def _jsonl(self, environment: str, request: Request) -> Response:
        """What a person sees in the message centre, to play again with `omf replay`."""
        return self._file(environment, request, "application/x-ndjson", message_rows.line)

    def _csv(self, environment: str, request: Request) -> Response:
        """The same for a spreadsheet, with a head."""
        return self._file(environment, request, "text/csv; charset=utf-8", csv_line, head())

    def _file(
        self,
        environment: str,
        request: Request,
        media_type: str,
        line: Line,
        first: str = "",
    ) -> Response:
        name = self._known(environment)
        if name is None:
            return Response(status_code=404)
        found = self._messages(name, looks.read(request.query_params))
        return StreamingResponse(_lines(found, line, first), media_type=media_type)

    def _known(self, environment: str) -> Environment | None:
        return next((name for name in self._models if name == environment), None)

    async def _messages(self, name: Environment, selection: Selection) -> AsyncIterator[Message]:
        """As the page shows it: the newest messages, or of a time range all that is kept."""
        if selection.since is None and selection.until is None:
            kept = [m for m in self._models[name].journal.newest() if selection.takes(m)]
            for message in reversed(kept):
                yield message
            return
        async for message in archive.stretch(self._buses[name], selection):
            yield message

    async def _picture(self, environment: str, message_id: str) -> Response:
        """The picture of one message, as an image and as nothing else."""
        name = self._known(environment)
        if name is None:
            return Response(status_code=404)
        try:
            message = self._models[name].journal.find(message_id)
            message = message or await archive.message(self._buses[name], message_id)
        except (StoreError, ValueError):
            message = None
        found = pictures.of(message) if message else None
        if found is None:
            return Response(status_code=404)
        headers = {"cache-control": YEAR, "content-disposition": "inline"}
        return Response(found.data, media_type=found.kind, headers=headers)


async def _lines(found: AsyncIterator[Message], line: Line, first: str) -> AsyncIterator[str]:
    yield first
    async for message in found:
        yield f"{line(message)}\n"


def head() -> str:
    """The first line of a CSV file."""
    return f"{','.join(COLUMNS)}\n"


def csv_line(message: Message) -> str:
    """A message as one record; nothing in it is taken for a formula."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(
        (
            clock.iso(message.received_at),
            "to factory" if to_factory(message.topic) else "from factory",
            priority_of(message.topic),
            _cell(message.topic),
            message.qos,
            int(message.retain),
            int(message.dup),
            message.id,
            _cell(message.payload.decode(errors="replace")),
        )
    )
    return out.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
