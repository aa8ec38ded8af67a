"""`omf buffers`: what is mirrored, and how much of it is kept."""

from typing import Annotated, Any

import typer

from omf.topics import catalogue
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, table
from services.common.store.entries import BufferInfo
from services.common.store.journal import class_of

BUFFER_COLUMNS = (
    "filter",
    "class",
    "length",
    "first_id",
    "last_id",
    "limit",
    "appended",
    "dropped",
)


def command(
    *,
    priority: Annotated[
        int | None,
        typer.Option("--class", min=1, max=6, help="Mirror this class from now on."),
    ] = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print every buffer: filter, class, length, first and last id, limit, what was dropped.

    In the order of the classes; with --json one object a line. With --class, ingest first changes
    to that class, without a reconnect; what orders lives on is received in any case.
    """

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            if priority is not None:
                await bus.choose_class(priority)
            found = await bus.buffers(catalogue.filters(catalogue.EVERYTHING))
        rows = [_row(info) for info in found]
        if as_json:
            for row in rows:
                data(row)
        else:
            table(BUFFER_COLUMNS, ([row[name] for name in BUFFER_COLUMNS] for row in rows))

    finish(work())


def _row(info: BufferInfo) -> dict[str, Any]:
    limits = catalogue.limits(info.filter)
    return {
        "filter": info.filter,
        "class": class_of(info.filter),
        "length": info.length,
        "first_id": info.first_id,
        "last_id": info.last_id,
        "limit": limits.keep_count,
        "limit_hours": limits.keep_hours,
        "limit_bytes": limits.keep_bytes,
        "appended": info.appended,
        "dropped": info.trimmed,
    }
