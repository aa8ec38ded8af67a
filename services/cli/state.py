"""`omf state`: the factory as JSON, now or at any time that journal or archive remember."""

from typing import Annotated

import typer

from omf.messages.printable import json_text
from services.cli.connection import archive_storage, connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, say, show, usage
from services.common.process import time_parsing
from services.common.store import fold_reader, journal
from services.history.moments import NothingKnownError, state_at
from services.history.reader import History


def command(
    *,
    at: Annotated[str, typer.Option(help="10m (ago), 14:05:30 or an ISO time; else now.")] = "",
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print the state of the factory as one JSON object: the fold of all messages up to then.

    Without --json it is indented for people.
    """
    try:
        _ = time_parsing.moment(at) if at else None
    except ValueError as error:
        usage(str(error))

    async def work() -> None:
        history = History(archive_storage(environment, run))
        async with connect(environment, run).bus() as bus:
            now = await journal.message_now(bus)
            then = time_parsing.moment(at, now=now) if at else None
            if then is None:
                state = await fold_reader.state_until(bus)
            else:
                try:
                    _, state = await state_at(bus, history, then)
                except NothingKnownError as error:
                    fail(str(error))
            view = state.view(now if then is None else then)
        data(view) if as_json else show(*json_text(view, indent=2).split("\n"))

        for fault in history.faults:
            say(fault)

    finish(work())
