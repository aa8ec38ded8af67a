"""`omf changes`: what changed between two moments."""

from typing import Annotated, Any

import typer

from omf.analysis.moment_changes import MomentChange, MomentChanges
from services.cli.connection import archive_storage, connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, say, table, usage
from services.cli.rows import words
from services.common.process import time_parsing
from services.common.store import journal
from services.history.moment_changes import changes_between, wrong_moments
from services.history.moments import NothingKnownError
from services.history.reader import History

CHANGE_COLUMNS = ("kind", "of", "what", "before", "after")


def command(
    *,
    start: Annotated[
        str, typer.Option("--from", help="First moment: 2h (ago), 14:05 or an ISO time.")
    ],
    end: Annotated[str, typer.Option("--to", help="Second moment, as --from; else now.")] = "",
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print what changed between two moments: state, configuration, versions, shapes of payloads.

    Each line says what was and what is; what one of the moments does not know is unknown.
    """
    for one in filter(None, (start, end)):
        try:
            time_parsing.moment(one)
        except ValueError as error:
            usage(str(error))

    async def work() -> None:
        history = History(archive_storage(environment, run))
        async with connect(environment, run).bus() as bus:
            now = await journal.message_now(bus)
            since = time_parsing.moment(start, now=now)
            until = time_parsing.moment(end, now=now) if end else now
            if (wrong := wrong_moments(since, until)) is not None:
                usage(words(wrong))
            try:
                found = await changes_between(bus, history, since, until)
            except NothingKnownError as error:
                fail(words(error.told))
        _tell(found, history.faults, as_json=as_json)

    finish(work())


def _tell(found: MomentChanges, faults: list[str], *, as_json: bool) -> None:
    rows = [_row(one) for one in found.changes]
    if as_json:
        for row in rows:
            data(row)
    else:
        table(CHANGE_COLUMNS, [list(row.values())[: len(CHANGE_COLUMNS)] for row in rows])
    compared, unknown = found.shapes_compared, found.shapes_unknown
    say(f"Payloads: {compared} kinds of topics compared; of {unknown} too little was heard before.")
    for fault in faults:
        say(fault)


def _row(one: MomentChange) -> dict[str, Any]:
    return {
        "group": one.group,
        "subject": words(one.subject),
        "what": words(one.what),
        "before": words(one.before),
        "after": words(one.after),
        "about": one.about,
        "message": one.message_id,
    }
