"""`omf state`: the factory as JSON, now or at any time the journal remembers."""

from typing import Annotated

import typer

from omf.messages.printable import json_text
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, show, usage
from services.common.process import time_parsing
from services.common.store import fold_reader, journal


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
        async with connect(environment, run).bus() as bus:
            now = await journal.message_now(bus)
            then = time_parsing.moment(at, now=now) if at else None
            until = "" if then is None else await journal.before(bus, then + 0.001)
            state = await fold_reader.state_until(bus, until)
            view = state.view(now if then is None else then)
        data(view) if as_json else show(*json_text(view, indent=2).split("\n"))

    finish(work())
