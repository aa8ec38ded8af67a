"""The life record of a piece as a file, for whoever may look at its page."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC

from nicegui import app
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from omf.state import FactoryState
from omf.workpieces.collect import matching
from omf.workpieces.life import WorkpieceLife
from omf.workpieces.record import CSV_COLUMNS, csv_rows
from omf.workpieces.wording import all_lives
from services.common.documents.life_record import Reader, Readings, life_record
from services.common.documents.pdf import DOCUMENT_FORMATS, DocumentFormat, pdf
from services.common.sessions import csv_export
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Environment
from services.history.lives import find_lives, journal_readings, whole_record, with_archived
from services.history.location import ArchiveSettings
from services.history.reader import History
from services.ui.auth.current_user import clock_of, language_of
from services.ui.live.model import ViewModel

RECORDS_AT_ONCE = 2
MAX_WANTED = 512


class LifeDownloads:
    """Registers `/{environment}/workpiece.file?piece=&format=`."""

    def __init__(
        self,
        settings: ArchiveSettings,
        models: Mapping[Environment, ViewModel],
        buses: Mapping[Environment, Bus],
    ) -> None:
        self._settings, self._models, self._buses = settings, models, buses
        self._turn = asyncio.Semaphore(RECORDS_AT_ONCE)

    def register(self) -> None:
        """Put the files on their address."""
        app.get("/{environment}/workpiece.file")(self._file)

    async def _file(self, environment: str, request: Request) -> Response:
        name = next((one for one in self._models if one == environment), None)
        wanted = request.query_params.get("piece", "")[:MAX_WANTED]
        asked = request.query_params.get("format")
        form: DocumentFormat = next((one for one in DOCUMENT_FORMATS if one == asked), "pdf")
        if name is None or not wanted:
            return Response(status_code=404)
        reader = Reader(language_of(request), UTC if clock_of(request) == "utc" else None)
        state, history = self._models[name].factory, History(self._settings.archive_of(name))
        async with self._turn:
            try:
                found = await asyncio.to_thread(find_lives, history, wanted)
                lives = matching(with_archived(all_lives(state), found), wanted)
                readings = await journal_readings(self._buses[name], history, lives)
            except StoreError as error:
                return PlainTextResponse(str(error), 503, {"retry-after": "5"})
            if not lives:
                return Response(status_code=404)
            content = await asyncio.to_thread(_content, form, lives, state, readings, reader)
        headers = {"content-disposition": f'attachment; filename="workpiece.{form}"'}
        return Response(content, 200, headers, DOCUMENT_FORMATS[form])


def _content(
    form: DocumentFormat,
    lives: list[WorkpieceLife],
    state: FactoryState,
    readings: Readings,
    reader: Reader,
) -> bytes:
    if form == "pdf":
        return pdf(life_record(lives, state, readings, reader))
    if form == "json":
        return json.dumps([whole_record(life, state, readings) for life in lives]).encode()
    rows = (csv_export.record(row) for row in csv_rows(lives, state))
    return "".join((csv_export.head(CSV_COLUMNS), *rows)).encode()
