"""The report of a shift as a file, for whoever may look at its page."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC

from nicegui import app
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from omf.analysis import shift_wording
from omf.analysis.shift_figures import ComparedFigure, RangeFigures, compare_shifts
from services.common.documents.life_record import Reader
from services.common.documents.pdf import DOCUMENT_FORMATS, DocumentFormat, pdf
from services.common.documents.shift_report import shift_report
from services.common.process import clock
from services.common.sessions import csv_export
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Environment
from services.history.reader import History
from services.history.run_ranges import range_asked
from services.history.shift_reading import (
    RangeError,
    figures_between,
)
from services.ui.auth.current_user import clock_of, language_of
from services.ui.settings import UiSettings

MAX_RANGE_CHARS = 80


class ReportDownloads:
    """Registers `/{environment}/report.file?range=&against=&format=`."""

    def __init__(self, settings: UiSettings, buses: Mapping[Environment, Bus]) -> None:
        self._settings, self._buses = settings, buses
        self._turn = asyncio.Semaphore(1)

    def register(self) -> None:
        """Put the files on their address."""
        app.get("/{environment}/report.file")(self._file)

    async def _file(self, environment: str, request: Request) -> Response:
        name = next((one for one in self._buses if one == environment), None)
        if name is None:
            return Response(status_code=404)
        query = request.query_params
        asked = [query.get("range", "") or "now", query.get("against", "")]
        form: DocumentFormat = next(
            (f for f in DOCUMENT_FORMATS if f == query.get("format")), "pdf"
        )
        reader = Reader(language_of(request), UTC if clock_of(request) == "utc" else None)
        async with self._turn:
            try:
                found = [await self._figures(name, one[:MAX_RANGE_CHARS]) for one in asked if one]
            except RangeError as error:
                return PlainTextResponse(reader.say.either(error.told), 422)
            except StoreError as error:
                return PlainTextResponse(str(error), 503, {"retry-after": "5"})
            compared = compare_shifts(*found) if len(found) > 1 else []
            title = reader.say("shift_report.title", name=asked[0])
            content = await asyncio.to_thread(_content, form, found[0], compared, title, reader)
        headers = {"content-disposition": f'attachment; filename="report.{form}"'}
        return Response(content, 200, headers, DOCUMENT_FORMATS[form])

    async def _figures(self, name: Environment, asked: str) -> RangeFigures:
        calendar = self._settings.shift_calendar
        span = (await range_asked(self._buses[name], asked, calendar, clock.now())).span
        history = History(self._settings.archive_of(name))
        return await figures_between(self._buses[name], history, span, calendar)


def _content(
    form: DocumentFormat,
    found: RangeFigures,
    compared: list[ComparedFigure],
    title: str,
    reader: Reader,
) -> bytes:
    if form == "pdf":
        return pdf(shift_report(found, title, reader, compared))
    if form == "json":
        told = {"compared": shift_wording.compared_json(compared)} if compared else {}
        return json.dumps({**shift_wording.shift_json(found), **told}).encode()
    rows = (csv_export.record(row) for row in shift_wording.shift_csv(found))
    return "".join((csv_export.head(shift_wording.SHIFT_CSV_COLUMNS), *rows)).encode()
