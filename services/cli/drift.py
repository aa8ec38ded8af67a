"""`omf drift`: fields of payloads that are not as they were learned, and who reads them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from omf.payload_shapes.learning import PayloadShapes
from omf.payload_shapes.shape import ShapeDrift
from omf.payload_shapes.wording import drift_after, drift_before, drift_what
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, say, table, told
from services.cli.rows import words
from services.cli.session_file import session_messages
from services.common.field_readers import readers_of
from services.common.process import clock
from services.common.store.payload_drifts import read_drifts

DRIFT_COLUMNS = (
    "since",
    "topic",
    "what",
    "before",
    "after",
    "times",
    "pages",
    "commands",
    "message",
)


def command(
    *,
    session: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Instead of a session: learn its begin, watch the rest."),
    ] = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print what drifted: fields that appeared, vanished, or changed their type or range.

    Acknowledged (`omf send alarm-acknowledge alarm=payload-drift:FILTER`) it is the new normal.
    """
    if session is not None:
        with told():
            shapes = PayloadShapes()
            for message in session_messages(session):
                shapes.take(message)
            _tell(shapes.drifts(), as_json=as_json)
        return

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            found = await read_drifts(bus)
        _tell(list(found), as_json=as_json)

    finish(work())


def _tell(drifts: list[ShapeDrift], *, as_json: bool) -> None:
    rows = [_row(one) for one in drifts]
    if as_json:
        for row in rows:
            data(row)
    elif rows:
        table(DRIFT_COLUMNS, [[_cell(value) for value in row.values()] for row in rows])
    else:
        say("Nothing drifted.")


def _row(one: ShapeDrift) -> dict[str, Any]:
    readers = readers_of(one.entry, one.path)
    return {
        "since": clock.iso(one.at),
        "topic": one.filter,
        "what": words(drift_what(one)),
        "before": words(drift_before(one)),
        "after": words(drift_after(one)),
        "times": one.count,
        "pages": readers.pages,
        "commands": readers.commands,
        "message": one.message_id,
    }


def _cell(value: object) -> object:
    return " ".join(value) if isinstance(value, tuple) else value
