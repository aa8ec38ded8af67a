"""`omf backup`: one environment of the store as a file."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, show
from services.common.backup import backup


def command(
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="gzip'd if it ends in .gz.")],
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Copy journal, state, audit, commands and what is under way; everything may go on running."""

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            counts = await backup.save(bus, out)
        if as_json:
            data({"file": str(out), **counts._asdict()})
        else:
            show(f"{counts.keys} keys with {counts.entries} messages: {out}")

    finish(work())
