"""What the station does beside playing, one thing at a time: take a session over, report on one.

Neither holds up what is being played: taking over has a connection and a loop of its own, and the
report is made by another process, for it reckons for seconds.
"""

import asyncio
import logging
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from omf.texts import LANGUAGES
from services.common.sessions import named_ranges, station
from services.common.sessions.export import Range, export
from services.common.sessions.files import SessionError
from services.common.sessions.session_folder import SessionFolder
from services.common.sessions.station import ReplayControl
from services.common.sessions.topic_groups import TOPIC_PRESETS
from services.common.store import environments, journal
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Environment
from services.history.reader import History
from services.history.session_source import ArchiveSource
from services.replay.player import ControlError
from services.replay.settings import ReplaySettings

REPORTS_TOLD = 20
REPORT_LIMIT_S = 120.0

_log = logging.getLogger(__name__)


class BackgroundJobs:
    """At most one job is under way; what became of the last one is told in the status."""

    def __init__(self, settings: ReplaySettings, library: SessionFolder) -> None:
        self._settings = settings
        self._library = library
        self._task: asyncio.Task[None] | None = None
        self.busy = ""
        self.failed = ""
        self.reports: tuple[str, ...] = ()

    def begin(self, wish: ReplayControl) -> None:
        """Start a job; ControlError while another one is under way, or if it makes no sense."""
        if self.busy:
            raise ControlError(f"{self.busy} is still under way")
        what, _, more = wish.value.partition("?")
        work = self._take(what, more) if wish.action == "take" else self._report(what, more)
        self.busy, self.failed = f"{wish.action} {what}", ""
        self._task = asyncio.create_task(self._run(work), name="job")

    async def end(self) -> None:
        """Leave off; a half-written session leaves no trace."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (
            ControlError,
            SessionError,
            named_ranges.SessionNameError,
            StoreError,
            OSError,
        ) as why:
            self.failed = str(why)
            _log.warning("job failed", extra={"job": self.busy, "why": self.failed})
        finally:
            self.busy = ""

    async def _take(self, what: str, presets: str) -> None:
        """Write a named session of any environment into the library, to be played here."""
        environment, _, name = what.partition("/")
        if environment not in environments.names():
            raise ControlError(f"{environment!r} is no environment")
        out = self._library.path(name)
        if out.exists():
            raise SessionError(f"a session {name!r} is in the library already")
        unknown = [one for one in presets.split(",") if one and one not in TOPIC_PRESETS]
        if unknown:
            raise ControlError(f"preset {unknown[0]!r}: known are {', '.join(TOPIC_PRESETS)}")
        left_out = [one for p in presets.split(",") if p for one in TOPIC_PRESETS[p]]
        await asyncio.to_thread(asyncio.run, self._write(environment, name, out, left_out))

    async def _write(
        self, environment: Environment, name: str, out: Path, left_out: list[str]
    ) -> None:
        async with Bus(self._settings.store_address, environment) as bus:
            found = await named_ranges.find(bus, name)
            wanted = Range(journal.id_before(found.from_at), journal.id_before(found.to_at))
            out.parent.mkdir(parents=True, exist_ok=True)
            source = ArchiveSource(bus, History(self._settings.archive_of(environment)))
            counts = await export(source, out, wanted, left_out)
        if not counts.messages:
            await asyncio.to_thread(out.unlink)
            raise SessionError(f"nothing of {name!r} is kept any more")

    async def _report(self, name: str, more: str) -> None:
        """Have the report made and keep it in the store, where a page can fetch it.

        `more` is the language, then `?` and the session it is held against, if any.
        """
        language, _, other = more.partition("?")
        paths = [str(self._library.path(one)) for one in (name, other) if one]
        chosen = language if language in LANGUAGES else LANGUAGES[0]
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "report.html"
            words = ("-m", "services.replay.report", str(out), chosen, *paths)
            made = await asyncio.create_subprocess_exec(
                sys.executable, *words, stderr=asyncio.subprocess.PIPE
            )
            try:
                _, said = await asyncio.wait_for(made.communicate(), REPORT_LIMIT_S)
            except (TimeoutError, asyncio.CancelledError):
                made.kill()
                await made.wait()
                raise SessionError(f"the report of {name!r} took too long") from None
            if made.returncode != 0:
                raise SessionError(said.decode(errors="replace").strip()[-300:])
            page = out.read_bytes()
        async with Bus(self._settings.store_address, self._settings.environment) as bus:
            await station.keep_report(bus, name, page)
        told = (*(one for one in self.reports if one != name), name)
        self.reports = told[-REPORTS_TOLD:]
