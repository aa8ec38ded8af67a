"""`omf restore`: an environment of the store as it was when a copy was taken."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli import sign_in
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, finish, show
from services.common.backup.backup_format import CopyError
from services.common.backup.restore import restore
from services.common.store.keys import Role


def command(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `omf backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Delete what the environment holds now.")
    ] = False,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Put a copy back; ingest, orders and gateway of the environment must not be running."""
    sign_in.allowed(environment, run, Role.ADMIN)

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            try:
                counts = await restore(bus, file, replace=replace)
            except CopyError as error:
                fail(str(error))
        if as_json:
            data({"file": str(file), **counts._asdict()})
        else:
            show(f"{counts.keys} keys with {counts.entries} messages from {file}")

    finish(work())
