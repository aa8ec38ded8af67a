"""`omf commands`: the life of every command."""

from typing import Annotated

import typer

from services.cli import rows
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, show
from services.common.store.bus import Bus
from services.common.store.keys import CommandEvent

LAST_COMMANDS = 200


def command(
    *,
    count: Annotated[
        int, typer.Option("-n", min=1, help="The last COUNT commands.")
    ] = LAST_COMMANDS,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what comes.")] = False,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print what became of every command, newest last; with --follow each stage as it comes."""

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            after = await newest_event(bus)
            for record in await bus.records(count):
                data(rows.record_row(record)) if as_json else show(rows.record_line(record))
            if not follow:
                return
            async for batch in bus.follow_models("events", CommandEvent, after):
                for _, event in batch:
                    _stage(event, as_json=as_json)

    finish(work())


async def newest_event(bus: Bus) -> str:
    """The id behind which the next event will be."""
    newest = await bus.newest_models("events", CommandEvent, 1)
    return newest[-1][0] if newest else "0-0"


def _stage(event: CommandEvent, *, as_json: bool) -> None:
    if as_json:
        data(event.model_dump(mode="json"))
    else:
        first, *reasons = rows.event_lines(event)
        show(f"{event.command_id}  {first}", *reasons)
