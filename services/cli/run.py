"""`omf run`: planning runs, with a beginning and an end; then `omf report NAME`."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli import sign_in
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, show, table
from services.common.process import clock
from services.common.sessions import runs
from services.common.sessions.runs import RUNNING, RunError
from services.common.store.keys import Environment

PLANNING_COLUMNS = ("name", "since", "operator", "note")

app = typer.Typer(
    help="Begin and end planning runs; `omf report NAME` says how one was.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
RunName = Annotated[str, typer.Argument(metavar="NAME")]
UserOption = Annotated[str, typer.Option(help="Who does it; else the user of this machine.")]


@app.command("start")
def start(
    name: RunName,
    *,
    note: Annotated[str, typer.Option(help="What is tried.")] = "",
    user: UserOption = "",
    environment: EnvironmentOption = "mock",
    run: RunOption = None,
) -> None:
    """Begin a run now, under a name that is free."""
    who = sign_in.allowed(environment, run, RUNNING, user)
    finish(_started(name, note, who, environment, run))


async def _started(
    name: str, note: str, user: str, environment: Environment, folder: Path | None
) -> None:
    async with connect(environment, folder).bus() as bus:
        try:
            await runs.start(bus, name, user, note)
        except RunError as error:
            fail(str(error))
    show(f"{name} has begun; end it with `omf run stop {name}`")


@app.command("stop")
def stop(
    name: RunName,
    *,
    user: UserOption = "",
    environment: EnvironmentOption = "mock",
    run: RunOption = None,
) -> None:
    """End a run now; it is a named range from then on, as those of `omf session`."""
    who = sign_in.allowed(environment, run, RUNNING, user)
    finish(_stopped(name, who, environment, run))


async def _stopped(name: str, user: str, environment: Environment, folder: Path | None) -> None:
    async with connect(environment, folder).bus() as bus:
        try:
            ended = await runs.stop(bus, name, user)
        except RunError as error:
            fail(str(error))
    length = ended.to_at - ended.from_at
    show(f"{name}: {length:.0f} s; `omf report {name}` says how it was")


@app.command("list")
def list_all(
    *, environment: EnvironmentOption = "mock", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Print the runs under way; those that ended are in `omf session list`."""

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            found = await runs.under_way(bus)
        if as_json:
            for one in found:
                data(one.model_dump(mode="json"))
            return
        rows = ((one.name, clock.iso(one.from_at), one.operator, one.note) for one in found)
        table(PLANNING_COLUMNS, rows)

    finish(work())
