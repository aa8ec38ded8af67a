"""What can be taken away from the sessions page: a named session as a file, a report as a page."""

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from nicegui import app
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from services.common.sessions import named_ranges, station
from services.common.sessions.export import Range, export
from services.common.sessions.named_ranges import Session
from services.common.sessions.topic_groups import TOPIC_PRESETS
from services.common.store import journal
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Environment
from services.history.reader import History
from services.history.session_source import ArchiveSource
from services.history.storage import ArchiveStorage

ENDING = ".jsonl.gz"
PACKED_AT_ONCE = 2
REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)
"""A report is markup made elsewhere: it runs apart from the pages, without their cookies, and
fetches nothing."""


class SessionDownloads:
    """The addresses of session files and reports."""

    def __init__(
        self,
        store_address: str,
        buses: Mapping[Environment, Bus],
        archive_of: Callable[[str], ArchiveStorage],
    ) -> None:
        self._store_address = store_address
        self._archive_of = archive_of
        self._buses = buses
        self._packing = 0

    def register(self) -> None:
        """Put the files on their addresses."""
        app.get(f"/{{environment}}/sessions/{{name}}{ENDING}")(self._file)
        app.get("/{environment}/sessions/{name}/report")(self._report)

    def _known(self, environment: str) -> Environment | None:
        return next((name for name in self._buses if name == environment), None)

    async def _file(self, environment: str, name: str, request: Request) -> Response:
        """A named session with the retained values of its start; `exclude` names presets."""
        place = self._known(environment)
        if place is None:
            return Response(status_code=404)
        if self._packing >= PACKED_AT_ONCE:
            # Whoever looks may ask, signed in or not, and each takes a thread, disk and the store.
            again = {"retry-after": "30"}
            return PlainTextResponse("two sessions are being packed: try again", 429, again)
        self._packing += 1
        try:
            return await self._packed(place, name, request)
        finally:
            self._packing -= 1

    async def _packed(self, place: Environment, name: str, request: Request) -> Response:
        try:
            session = await named_ranges.find(self._buses[place], name)
        except named_ranges.SessionNameError as error:
            return PlainTextResponse(str(error), 404)
        except StoreError as error:
            return PlainTextResponse(str(error), 503)
        presets = request.query_params.get("exclude", "").split(",")
        left_out = [one for preset in presets for one in TOPIC_PRESETS.get(preset, ())]
        folder = tempfile.TemporaryDirectory()
        out = Path(folder.name) / f"{session.name}{ENDING}"
        # In a thread with a loop of its own: packing a day of traffic must not hold up the pages.
        work = self._write(place, session, out, left_out)
        try:
            await asyncio.to_thread(asyncio.run, work)
        except (StoreError, OSError) as error:
            folder.cleanup()
            return PlainTextResponse(str(error), 503)
        done = BackgroundTask(folder.cleanup)
        return FileResponse(out, 200, None, "application/gzip", done, filename=out.name)

    async def _write(
        self, environment: Environment, session: Session, out: Path, left_out: list[str]
    ) -> None:
        wanted = Range(journal.id_before(session.from_at), journal.id_before(session.to_at))
        async with Bus(self._store_address, environment) as bus:
            source = ArchiveSource(bus, History(self._archive_of(environment)))
            await export(source, out, wanted, left_out)

    async def _report(self, environment: str, name: str) -> Response:
        """The report that the station made lately."""
        place = self._known(environment)
        try:
            found = await station.report(self._buses[place], name) if place else None
        except StoreError as error:
            return PlainTextResponse(str(error), 503)
        if found is None:
            return PlainTextResponse("no report of this session was made within the hour", 404)
        return HTMLResponse(found, headers={"content-security-policy": REPORT_POLICY})
