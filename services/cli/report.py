"""`omf report`: the figures of a shift or of any range, as text, JSON, CSV or PDF."""

import asyncio
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from omf.analysis import shift_wording
from omf.analysis.shift_clock import ShiftClock
from omf.analysis.shift_figures import RangeFigures, compare_shifts, shift_figures
from omf.analysis.shifts import ShiftCalendar
from omf.analysis.time_spans import Span
from omf.texts import Language
from omf.texts.translator import Translator
from services.cli.connection import archive_storage, connect
from services.cli.history_export import write_file
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, say, show, table, told, usage
from services.cli.rows import language as own_language
from services.cli.session_file import session_messages
from services.common.documents.life_record import Reader
from services.common.process import clock
from services.common.process.settings import ServiceSettings
from services.common.sessions import csv_export
from services.common.store.bus import Bus
from services.common.store.keys import Environment
from services.history.reader import History
from services.history.run_ranges import range_asked
from services.history.shift_reading import (
    RangeError,
    ShiftProgress,
    ShiftRange,
    figures_between,
    range_of,
)
from services.supervisor.runfile import NotRunningError

REPORT_PROGRESS_S = 2.0


class ReportForm(NamedTuple):
    """In which form the report is wanted."""

    pdf: Path | None
    csv: bool
    as_json: bool
    language: Language


def command(  # noqa: PLR0913 - one option for each form
    asked: Annotated[
        str,
        typer.Argument(
            metavar="[RANGE]",
            help="now, last, today, yesterday, 2026-05-13, 2026-05-13/early, FROM..TO,"
            " or the name of a planning run or session.",
        ),
    ] = "now",
    *,
    against: Annotated[
        str, typer.Option(metavar="RANGE", help="Hold it against another range.")
    ] = "",
    session: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Of a whole session, .jsonl or .jsonl.gz.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="CSV, one row for each figure.")] = False,
    pdf: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as PDF.")] = None,
    language: Annotated[Language | None, typer.Option(help="Of the PDF.")] = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print how a shift was: orders, quality, OEE and its losses, vehicles, alarms, disturbances.

    What planned time is, says the file of OMF_SHIFTS; without one three shifts a day.
    """
    form = ReportForm(pdf, csv, as_json, language or own_language())
    with told():
        calendar = ServiceSettings.read().shift_calendar
    if session is not None:
        _tell(_of_session(session, calendar), str(session.name), None, form)
        return
    finish(_of_store((asked, against), calendar, environment, run, form))


async def _of_store(
    asked: tuple[str, str],
    calendar: ShiftCalendar,
    environment: Environment,
    run: Path | None,
    form: ReportForm,
) -> None:
    history = History(archive_storage(environment, run))
    ranges = await _ranges(asked, calendar, environment, run)
    async with connect(environment, run).bus() as bus:
        found = [await counted(bus, history, one.span, calendar) for one in ranges]
    name = ranges[0].shift or asked[0]
    await asyncio.to_thread(_tell, found[0], name, found[1] if len(found) > 1 else None, form)
    for fault in history.faults:
        say(fault)


async def _ranges(
    asked: tuple[str, str], calendar: ShiftCalendar, environment: Environment, run: Path | None
) -> list[ShiftRange]:
    """What is asked for; only names of runs are asked for in the store."""
    now = clock.now()
    try:
        return [range_of(one, calendar, now) for one in asked if one]
    except RangeError as error:
        wrong = str(error)
    try:
        async with connect(environment, run).bus() as bus:
            return [await range_asked(bus, one, calendar, now) for one in asked if one]
    except (RangeError, NotRunningError):
        usage(wrong)


async def counted(bus: Bus, history: History, span: Span, calendar: ShiftCalendar) -> RangeFigures:
    """The figures; what takes long says how far it is."""
    progress = ShiftProgress()
    work = asyncio.create_task(figures_between(bus, history, span, calendar, progress))
    try:
        while not (await asyncio.wait([work], timeout=REPORT_PROGRESS_S))[0]:
            say(f"{100 * progress.share:.0f} % of the report is counted; Ctrl-C ends it")
    except asyncio.CancelledError:
        work.cancel()
        await asyncio.wait([work])
        raise
    return work.result()


def _of_session(path: Path, calendar: ShiftCalendar) -> RangeFigures:
    messages = session_messages(path)
    if not messages:
        fail(f"{path} has no messages.")
    span = messages[0].received_at, max(one.received_at for one in messages)
    heard = ShiftClock(None, span[0])
    for message in messages:
        heard.take(message)
    heard.close(span[1])
    return shift_figures(heard, span, calendar.planned(*span))


def _tell(found: RangeFigures, name: str, other: RangeFigures | None, form: ReportForm) -> None:
    compared = compare_shifts(found, other) if other is not None else []
    if form.pdf is not None:
        _write_pdf(form.pdf, found, name, other, form.language)
    elif form.csv:
        rows = (csv_export.record(row) for row in shift_wording.shift_csv(found))
        head = csv_export.head(shift_wording.SHIFT_CSV_COLUMNS)
        write_file(one.encode() for one in (head, *rows))
    elif form.as_json:
        more = {"compared": shift_wording.compared_json(compared)} if compared else {}
        data({**shift_wording.shift_json(found), **more})
    else:
        _show(found, {one[:3]: one.b for one in compared}, compared=other is not None)


def _write_pdf(
    path: Path, found: RangeFigures, name: str, other: RangeFigures | None, language: Language
) -> None:
    # Typst and the words take longer to import than the rest to answer.
    from services.common.documents.pdf import pdf  # noqa: PLC0415
    from services.common.documents.shift_report import shift_report  # noqa: PLC0415

    reader = Reader(language, None)
    compared = compare_shifts(found, other) if other is not None else ()
    title = reader.say("shift_report.title", name=name)
    content = pdf(shift_report(found, title, reader, compared))
    try:
        path.write_bytes(content)
    except OSError as error:
        fail(f"{path} cannot be written: {error}")
    say(f"Written: {path}")


def _show(
    found: RangeFigures, other: dict[tuple[str, str, str], float | None], *, compared: bool
) -> None:
    words = Translator("en")
    columns = ("of", "figure", "value", *(("other",) if compared else ()))
    rows = []
    for one in found.figures:
        whose = shift_wording.subject_words(one.group, one.subject, found, words) or one.group
        value = shift_wording.value_words(one.value, one.unit, words)
        beside = shift_wording.value_words(other.get(one[:3]), one.unit, words)
        rows.append((whose, one.name, value, *((beside,) if compared else ())))
    table(columns, rows)
    for disturbance in found.disturbances:
        show(shift_wording.disturbance_words(disturbance, found, words))
