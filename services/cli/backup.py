"""`omf backup`: one environment of the store as a file."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, say, show
from services.common.backup import backup
from services.common.store.backup_note import BackupNote, note_backup
from services.common.store.bus import StoreError


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
            begun = await bus.time()
            counts = await backup.save(bus, out)
            size = out.stat().st_size
            made = BackupNote(at=begun, file=out.name, size=size, **counts._asdict())
            try:
                await note_backup(bus, made)
            except StoreError as error:
                say(f"the copy is whole; that it was made could not be noted: {error}")
        if as_json:
            data({"file": str(out), **counts._asdict()})
        else:
            show(f"{counts.keys} keys with {counts.entries} messages: {out}")

    finish(work())
