"""`omf history`: what the archive of an environment holds, and whether it is whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.app import TYPER_OPTIONS
from services.cli.connection import archive_storage, connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import EXIT_FAILED, data, fail, finish, say, show, table, told, usage
from services.common.process import time_parsing
from services.common.store.bus import Bus
from services.common.store.keys import Environment
from services.history import copying, questions, retention, verification
from services.history.location import storage_of
from services.history.manifest import ArchiveError, ArchiveGap, Manifest
from services.history.query import Question
from services.history.questions import QuestionError
from services.history.reader import History
from services.history.rows import DERIVED_KINDS
from services.history.totals import KindTotal, forecast_days, totals
from services.history.verification import DayReport

app = typer.Typer(help="What the archive holds, and whether it is whole.", **TYPER_OPTIONS)

DAY_COLUMNS = ("day", "files", "messages", "bytes", "missing")
KIND_COLUMNS = ("kind", "files", "rows", "bytes", "full_in")
REPORT_COLUMNS = ("day", "messages", "same_in_journal", "states", "gaps", "faults")


@app.command("list")
def list_days(
    *, environment: EnvironmentOption = "mock", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Print what is archived, by day and by kind, and in how many days the oldest is deleted."""
    with answering(environment, run) as history:
        days = history.days()
        kinds = totals(days)
        if as_json:
            for row in (*map(_day_row, days), *map(_kind_row, kinds)):
                data(row)
            return
        table(DAY_COLUMNS, (tuple(_day_row(day).values()) for day in days))
        show("")
        table(KIND_COLUMNS, (tuple(_kind_row(total).values()) for total in kinds))
        for gap in history.gaps():
            show(_gap_line(gap))


@app.command("query")
def query(  # noqa: PLR0913 - one option for each limit
    sql: Annotated[str, typer.Argument(help="One SELECT over messages, field_values, events ...")],
    *,
    start: Annotated[str, typer.Option("--from", help="2h (ago), 14:05 or an ISO time.")] = "",
    end: Annotated[str, typer.Option("--to", help="As --from; else now.")] = "",
    count: Annotated[int, typer.Option("-n", min=1, help="At most so many rows.")] = 1000,
    timeout: Annotated[float, typer.Option(min=1, max=600, help="Seconds it may take.")] = 30,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Answer a question in SQL from the archive (docs/history.md names views and columns)."""
    try:
        since_ms, until_ms = (milliseconds(given) for given in (start, end))
    except ValueError as error:
        usage(str(error))
    question = Question(sql, since_ms=since_ms, until_ms=until_ms, max_rows=count)
    with answering(environment, run) as history:
        try:
            found = questions.ask(history, question, timeout_s=timeout)
        except QuestionError as error:
            fail(str(error))
        if as_json:
            for row in found.rows:
                data(dict(zip(found.columns, row, strict=True)))
        else:
            table(found.columns, found.rows)
        if found.cut:
            say(f"There are more rows than {count}; ask for more with -n.")


@app.command("copy")
def copy_archive(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="A folder, or s3://bucket/...")],
    *,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Copy the archive to another folder or to S3 while it is written; again, only what is new.

    The copy lies in TARGET/<environment>, and OMF_HISTORY=TARGET reads it.
    """
    place = target if target.startswith("s3:") else str(Path(target).resolve())
    with answering(environment, run) as history:
        try:
            copied = copying.copy(history.storage, storage_of(environment, Path(), place))
        except ValueError as error:
            usage(f"TARGET: {error}")
    if as_json:
        data(copied._asdict())
    else:
        show(f"{copied.days} days, {copied.files} new files of {copied.size} bytes: {target}")


@app.command("verify")
def verify(
    day: Annotated[str, typer.Argument(metavar="[DAY]", help="2026-05-13; else all.")] = "",
    *,
    journal: Annotated[
        bool, typer.Option(help="Compare with the journal as well, as far as it reaches.")
    ] = True,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Check files, messages and states of the archive; ends with 1 if something is wrong."""

    async def work() -> None:
        history = History(archive_storage(environment, run))
        days = [found for found in history.days() if day in ("", found.day)]
        if not days and not history.faults:
            fail(f"{history.storage.place} has nothing of {day or 'any day'}.")
        reports: list[DayReport] = []
        if journal:
            async with connect(environment, run).bus() as bus:
                await _check(history, days, bus, reports)
        else:
            await _check(history, days, None, reports)
        _show(reports, as_json=as_json)
        wrong = [*history.faults, *(fault for one in reports for fault in one.faults)]
        for fault in dict.fromkeys(wrong):
            say(fault)
        if wrong:
            raise typer.Exit(EXIT_FAILED)

    finish(work())


async def _check(
    history: History, days: list[Manifest], bus: Bus | None, reports: list[DayReport]
) -> None:
    for one in days:
        reports.append(await verification.check(history, one, bus))  # noqa: PERF401 - told as found


def _show(reports: list[DayReport], *, as_json: bool) -> None:
    shown: list[dict[str, Any]] = [
        {
            "day": one.day,
            "messages": one.messages,
            "same_in_journal": one.compared,
            "states": one.states,
            "gaps": [gap.model_dump() for gap in one.gaps],
            "faults": list(one.faults),
        }
        for one in reports
    ]
    if as_json:
        for row in shown:
            data(row)
        return
    table(
        REPORT_COLUMNS, ((*list(r.values())[:4], len(r["gaps"]), len(r["faults"])) for r in shown)
    )
    for gap in (gap for one in reports for gap in one.gaps):
        show(_gap_line(gap))


@contextmanager
def answering(environment: Environment, run: Path | None) -> Iterator[History]:
    """The archive; what of it could not be read is said at the end."""
    with told():
        history = History(archive_storage(environment, run))
        try:
            yield history
        except ArchiveError as error:
            fail(str(error))
        place = history.storage.place
        if not history.faults and not history.storage.exists():
            fail(f"{place} is not there: no historian has written of {environment} yet.")
    for fault in history.faults:
        say(fault)


def milliseconds(given: str) -> int | None:
    """A time as typed in ms since 1970 UTC; None if none was. ValueError if it is none."""
    return round(time_parsing.moment(given) * 1000) if given else None


def _day_row(day: Manifest) -> dict[str, Any]:
    said = sum(file.rows for file in day.files if file.kind not in DERIVED_KINDS)
    missing = [gap.count for gap in day.gaps]
    return {
        "day": day.day,
        "files": len(day.files),
        "messages": said,
        "bytes": sum(file.size for file in day.files),
        "missing": "unknown" if None in missing else sum(filter(None, missing)),
    }


def _kind_row(total: KindTotal) -> dict[str, Any]:
    own = os.environ.get("OMF_HISTORY_RETENTION")
    limit = retention.read(Path(own) if own else None).limit(total.kind)
    left = forecast_days(total, limit) if limit else None
    return {
        "kind": total.kind,
        "files": total.files,
        "rows": total.rows,
        "bytes": total.size,
        "full_in": None if left is None else f"{left:.0f} d",
    }


def _gap_line(gap: ArchiveGap) -> str:
    many = "an unknown number of" if gap.count is None else str(gap.count)
    why = {
        "trimmed": "the journal let them go before they were archived",
        "emptied": "the store was emptied",
    }
    between = f"between {gap.after} and {gap.until}"
    return f"{many} messages are missing {between}: {why[gap.cause]}"
