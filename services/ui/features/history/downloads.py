"""Files of what a question finds in the archive, for whoever may look at its page."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from datetime import UTC

from nicegui import app
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from omf.topics.filters import TopicError
from services.common.process import clock
from services.common.store.keys import Environment
from services.history.export import (
    FORMATS,
    MEDIA_TYPES,
    ExportFormat,
    export_messages,
    suffix,
)
from services.history.location import ArchiveSettings
from services.history.questions import QuestionError
from services.history.reader import History
from services.ui.views import history_query
from services.ui.views.history_query import WrongTimeError

FILES_AT_ONCE = 2


class HistoryDownloads:
    """Registers `/{environment}/history.file?...&format=`."""

    def __init__(self, settings: ArchiveSettings, environments: Collection[Environment]) -> None:
        self._settings, self._environments = settings, environments
        self._running = 0
        self._begun = 0
        """Questions that are asked before the first byte of their file."""

    def register(self) -> None:
        """Put the files on their address."""
        app.get("/{environment}/history.file")(self._file)

    async def _file(self, environment: str, request: Request) -> Response:
        told = request.query_params.get("format")
        wanted = next((one for one in FORMATS if one == told), FORMATS[0])
        if environment not in self._environments:
            return Response(status_code=404)
        if self._running + self._begun >= FILES_AT_ONCE:
            # Each takes a process; whoever waits would not see why.
            return PlainTextResponse(
                "two files are being made: try again", 429, {"retry-after": "30"}
            )
        self._begun += 1
        try:
            return await self._answer(environment, request, wanted)
        finally:
            self._begun -= 1

    async def _answer(self, environment: str, request: Request, wanted: ExportFormat) -> Response:
        query = request.query_params
        history = History(self._settings.archive_of(environment))
        try:
            asked = history_query.message_question(history_query.read(query), UTC, clock.now())
            asked = asked._replace(newest_first=False)
            pieces = await asyncio.to_thread(export_messages, history, asked, wanted)
        except (QuestionError, TopicError, WrongTimeError) as error:
            return PlainTextResponse(str(error), 422)
        name = f"{environment}-history.{suffix(wanted)}"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(self._counted(pieces), 200, headers, MEDIA_TYPES[wanted])

    async def _counted(self, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
        self._running += 1
        try:
            async for piece in iterate_in_threadpool(pieces):
                yield piece
        finally:
            self._running -= 1
