"""`omf drift`: fields of payloads that are not as they were learned, and who reads them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from omf.payload_shapes.learning import PayloadShapes, places
from omf.payload_shapes.shape import ShapeDrift, TopicShape, ValueShape
from omf.payload_shapes.wording import drift_after, drift_before, drift_what
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, say, table, told
from services.cli.rows import words
from services.cli.session_file import session_messages
from services.common.field_readers import readers_of
from services.common.process import clock
from services.common.store.payload_drifts import read_drifts, read_shapes

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
SCHEMA_COLUMNS = ("topic", "field", "types", "optional", "range", "words", "messages")


def command(
    *,
    session: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Instead of a session: learn its begin, watch the rest."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Instead: every field that was learned, by topic.")
    ] = False,
    topic: Annotated[
        str, typer.Option(metavar="TEXT", help="Topics with this in their name only.")
    ] = "",
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print what drifted: fields that appeared, vanished, or changed their type or range.

    Acknowledged (`omf send alarm-acknowledge alarm=payload-drift:FILTER`) it is the new normal.
    `--schema`: what was learned of each field, its types, whether it may be missing, the range of
    its numbers, its words.
    """
    if session is not None:
        with told():
            shapes = PayloadShapes()
            for message in session_messages(session):
                shapes.take(message)
            if schema:
                _tell_schema(shapes, topic, as_json=as_json)
            else:
                _tell(shapes.drifts(), topic, as_json=as_json)
        return

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            if schema:
                _tell_schema(await read_shapes(bus), topic, as_json=as_json)
            else:
                _tell(await read_drifts(bus), topic, as_json=as_json)

    finish(work())


def _tell(drifts: Sequence[ShapeDrift], wanted: str, *, as_json: bool) -> None:
    rows = [_row(one) for one in drifts if wanted in one.filter]
    _print(DRIFT_COLUMNS, rows, "Nothing drifted.", as_json=as_json)


def _tell_schema(shapes: PayloadShapes, wanted: str, *, as_json: bool) -> None:
    known = sorted(shapes.topics.values(), key=lambda one: one.name)
    found = [one for one in known if wanted in one.name]
    rows = [_field(one, place) for one in found for place in places(one.root)]
    if wanted and not found and known:
        none = f"No topic that was learned has {wanted!r} in its name."
    else:
        none = "Nothing was learned yet."
    _print(SCHEMA_COLUMNS, rows, none, as_json=as_json)


def _print(
    head: Sequence[str], rows: Sequence[Mapping[str, Any]], none: str, *, as_json: bool
) -> None:
    if as_json:
        for row in rows:
            data(row)
    elif rows:
        table(head, [[_cell(value) for value in row.values()] for row in rows])
    else:
        say(none)


def _field(shape: TopicShape, place: ValueShape) -> dict[str, Any]:
    """One field as it was learned; the payload itself has an empty path."""
    return {
        "topic": shape.name,
        "field": place.path,
        "types": tuple(str(one) for one in place.types),
        "optional": place.missing > 0,
        "range": place.range_words if place.ranged else "",
        "words": () if place.free_text else tuple(place.words),
        "messages": place.count,
    }


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
