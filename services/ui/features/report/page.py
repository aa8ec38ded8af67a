"""Report: the figures of a shift, a day or any range; each opens what it was counted from."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlencode

from nicegui import background_tasks, ui

from omf.analysis.shift_figures import RangeFigures, compare_shifts
from omf.analysis.shifts import ShiftCalendar, ShiftSpan
from omf.texts import text as words_of
from services.common.documents.pdf import DOCUMENT_FORMATS
from services.common.process import clock
from services.common.store.bus import StoreError
from services.history.run_ranges import range_asked
from services.history.shift_reading import (
    RangeError,
    ReportStoppedError,
    ShiftProgress,
    ShiftRange,
    figures_between,
)
from services.ui import formats
from services.ui.features.report.downloads import MAX_RANGE_CHARS
from services.ui.features.report.figures import ReportFigures
from services.ui.live.archive_questions import history_of
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.range_recorder import RangeRecorder

OFFERED_S = 3 * 86_400.0
PROGRESS_EVERY_S = 0.5


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `range` and `against` in the address say what is reported."""
    ReportPage(
        screen,
        address.get("range", "")[:MAX_RANGE_CHARS],
        address.get("against", "")[:MAX_RANGE_CHARS],
    )


class ReportPage:
    """The choice of ranges, and the report as soon as it is counted."""

    def __init__(self, screen: Screen, asked: str, against: str) -> None:
        self._screen = screen
        self._asked, self._against = asked or "now", against
        self._progress = ShiftProgress()
        say = screen.say
        with div("detail-page"), panel(say("page.report"), "fill"):
            with div("report-choice"):
                self._ranges = self._field("range", self._asked, self._choose)
                self._field("against", self._against, self._hold_against)
                self._files = [self._file(form) for form in DOCUMENT_FORMATS]
            RangeRecorder(screen, "run", self._report_run)
            self._told = text("", "hint").props("role=status").mark("report-told")
            self._stop = text(say("report.stop"), "act small hidden", "button")
            self._stop.on("click", self._stopped)
            self._figures = ReportFigures(screen)
        self._ask()

    def _field(self, name: str, value: str, take: Callable[[str], None]) -> ui.select:
        label = self._screen.say(f"report.{name}")
        choices = self._choices()
        if value and value not in choices:
            choices[value] = value
        text(label, "dim")
        field = ui.select(
            choices, value=value or None, with_input=True, new_value_mode="add-unique"
        )
        field.classes("field grow").mark(f"report-{name}")
        field.props(f'dense outlined square clearable aria-label="{label}"')
        field.on_value_change(lambda event: take(event.value or ""))
        return field

    def _choices(self) -> dict[str, str]:
        """What is offered: the last shifts and days; anything else can be typed."""
        say = self._screen.say
        offered = {name: say(f"report.{name}") for name in ("now", "last", "today", "yesterday")}
        calendar, now = self._screen.settings.shift_calendar, clock.now()
        over = [one for one in calendar.between(now - OFFERED_S, now) if one.until <= now]
        shifts = {calendar.id_of(one): self._shift_name(one) for one in reversed(over)}
        model = self._screen.model
        names = [
            *(one.name for one in model.planning_runs),
            *(one.session.name for one in model.sessions),
        ]
        return offered | shifts | {name: name for name in names if name not in offered}

    def _shift_name(self, shift: ShiftSpan) -> str:
        screen = self._screen
        name = screen.say.known("shift", shift.name)
        return f"{formats.iso_day(shift.since, screen.user.clock)} {name}"

    def _file(self, form: str) -> ui.element:
        made = link(form.upper(), "", "act small")
        attribute(made, "download", value=True)
        return made

    def _report_run(self, name: str) -> None:
        self._ranges.set_options(self._choices() | {name: name})
        self._ranges.set_value(name)

    def _choose(self, asked: str) -> None:
        self._asked = asked.strip()[:MAX_RANGE_CHARS] or "now"
        self._ask()

    def _hold_against(self, asked: str) -> None:
        self._against = asked.strip()[:MAX_RANGE_CHARS]
        self._ask()

    def _query(self) -> str:
        parts = {"range": self._asked, "against": self._against}
        return urlencode({name: value for name, value in parts.items() if value})

    def _ask(self) -> None:
        self._progress.stop()
        self._progress = ShiftProgress()
        ui.navigate.history.replace(self._screen.path(f"report?{self._query()}"))
        for form, made in zip(DOCUMENT_FORMATS, self._files, strict=True):
            address = f"/{self._screen.environment}/report.file?{self._query()}&format={form}"
            attribute(made, "href", address)
        background_tasks.create(self._work(self._progress), name="report of a shift")

    async def _work(self, progress: ShiftProgress) -> None:
        say, screen = self._screen.say, self._screen
        self._say(say("report.counting"))
        set_classes(self._stop, hidden=False)
        try:
            calendar = screen.settings.shift_calendar
            ranges = [await self._range(one, calendar) for one in self._both()]
            found = [await self._count(one, calendar, progress) for one in ranges]
        except ReportStoppedError:
            if progress is self._progress:
                self._end(say("report.stopped"))
            return
        except (RangeError, StoreError) as error:
            if progress is self._progress:
                why = say.either(error.told) if isinstance(error, RangeError) else str(error)
                self._end(say("report.failed", why=why), wrong=True)
            return
        if progress is self._progress and not self._told.is_deleted:
            faults = dict.fromkeys(fault for _, more in found for fault in more)
            self._end("; ".join(faults), wrong=bool(faults))
            self._show([figures for figures, _ in found])

    def _both(self) -> list[str]:
        return [one for one in (self._asked, self._against) if one]

    async def _range(self, asked: str, calendar: ShiftCalendar) -> ShiftRange:
        if (bus := self._screen.bus) is None:
            raise RangeError(words_of("past.only_now"))
        return await range_asked(bus, asked, calendar, clock.now())

    async def _count(
        self, asked: ShiftRange, calendar: ShiftCalendar, progress: ShiftProgress
    ) -> tuple[RangeFigures, list[str]]:
        """The figures, and what of the archive could not be read for them."""
        bus = self._screen.bus
        if bus is None:
            raise RangeError(words_of("past.only_now"))
        history = history_of(self._screen)
        work = asyncio.create_task(figures_between(bus, history, asked.span, calendar, progress))
        while not work.done():
            await asyncio.wait([work], timeout=PROGRESS_EVERY_S)
            if self._told.is_deleted:  # nobody waits for it any more
                progress.stop()
            self._share(progress)
        return work.result(), history.faults

    def _stopped(self) -> None:
        self._progress.stop()

    def _share(self, progress: ShiftProgress) -> None:
        share = f"{100 * min(1.0, progress.share):.0f}"
        self._say(self._screen.say("report.counted", share=share))

    def _end(self, words: str, *, wrong: bool = False) -> None:
        if not self._told.is_deleted:
            self._say(words)
            set_classes(self._told, wrong=wrong)
            set_classes(self._stop, hidden=True)

    def _say(self, words: str) -> None:
        if not self._told.is_deleted:
            self._told.say(words)

    def _show(self, found: list[RangeFigures]) -> None:
        compared = compare_shifts(*found) if len(found) > 1 else []
        self._figures.show(found[0], compared)


PAGE = Page("report", "overview", "r", build, past=False)
