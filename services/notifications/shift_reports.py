"""Makes the reports of shifts that wait to be sent: each once, beside everything else."""

import asyncio
import logging
from collections.abc import Collection, Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from omf.analysis.shift_figures import RangeFigures
from omf.notifications.shift_notices import ShiftNotice
from omf.notifications.wording import ReadyReport
from omf.texts import Language
from services.common.process import clock
from services.common.store.bus import Bus
from services.notifications.settings import NotificationSettings

REPORT_TRY_AGAIN_S = 30.0

_log = logging.getLogger(__name__)


class WantedReport(NamedTuple):
    """A report that waits, for somebody who reads this language."""

    notice: ShiftNotice
    language: Language
    timezone: str


class ShiftReports:
    """Called by one task of the event loop. One report is made at a time.

    It is made before anything is marked as being sent: whoever is killed meanwhile leaves no doubt
    whether it arrived. What cannot be made is tried again; until then its notices wait.
    """

    def __init__(self, bus: Bus, settings: NotificationSettings) -> None:
        self._bus = bus
        self._settings = settings
        self._figures: dict[str, RangeFigures] = {}
        self._papers: dict[tuple[str, Language], bytes] = {}
        self._wanted: frozenset[tuple[str, Language]] = frozenset()
        self._work: asyncio.Task[None] | None = None
        self._try_at = 0.0

    @property
    def made(self) -> Collection[str]:
        """The shifts whose report is there in every language that is wanted."""
        return self._figures.keys() - {shift for shift, _ in self._wanted - self._papers.keys()}

    def report(self, shift: str, language: Language) -> ReadyReport:
        """One that is made."""
        return ReadyReport(shift, self._figures[shift], self._papers[shift, language])

    def step(self, wanted: Iterable[WantedReport]) -> None:
        """Begin with the next that is missing; forget what nobody waits for any more."""
        every = list(wanted)
        self._wanted = frozenset((one.notice.shift, one.language) for one in every)
        shifts = {shift for shift, _ in self._wanted}
        self._figures = {name: found for name, found in self._figures.items() if name in shifts}
        self._papers = {key: found for key, found in self._papers.items() if key in self._wanted}
        if self._work is not None and not self._work.done():
            return
        missing = [one for one in every if (one.notice.shift, one.language) not in self._papers]
        if missing and clock.monotonic() >= self._try_at:
            self._work = asyncio.create_task(self._make(missing[0]), name="report of a shift")

    def close(self) -> None:
        """Make no more."""
        if self._work is not None:
            self._work.cancel()

    async def _make(self, wanted: WantedReport) -> None:
        shift = wanted.notice.shift
        try:
            if shift not in self._figures:
                self._figures[shift] = await self._count(wanted.notice)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must be tried again
            _log.warning("the report of %s is not made yet: %s", shift, error)
            self._try_at = clock.monotonic() + REPORT_TRY_AGAIN_S
            return
        paper = await asyncio.to_thread(_paper, self._figures[shift], wanted)
        self._papers[shift, wanted.language] = paper

    async def _count(self, notice: ShiftNotice) -> RangeFigures:
        # Who tells of alarms alone needs no archive; it takes long to import.
        from services.history.reader import History  # noqa: PLC0415
        from services.history.shift_reading import figures_between  # noqa: PLC0415

        history = History(self._settings.archive_of(self._settings.environment))
        span = notice.since, notice.until
        return await figures_between(self._bus, history, span, self._settings.shift_calendar)


def _paper(found: RangeFigures, wanted: WantedReport) -> bytes:
    from services.common.documents.life_record import Reader  # noqa: PLC0415
    from services.common.documents.pdf import pdf  # noqa: PLC0415
    from services.common.documents.shift_report import shift_report  # noqa: PLC0415

    reader = Reader(wanted.language, ZoneInfo(wanted.timezone))
    title = reader.say("shift_report.title", name=wanted.notice.shift)
    try:
        return pdf(shift_report(found, title, reader))
    except Exception:  # noqa: BLE001 - the figures are told all the same
        _log.exception("the report of %s goes without paper", wanted.notice.shift)
        return b""
