"""`omf history messages`, `fields`, `values`: what is found in the archive, as lines or a file."""

import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from omf.messages.printable import escaped
from omf.topics.filters import TopicError, check_filter
from services.cli import rows
from services.cli.history import answering, app, milliseconds
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, fail, say, show, table, usage
from services.common.process import clock
from services.history import field_search
from services.history.export import (
    EXPORT_TIMEOUT_S,
    MAX_MESSAGES,
    ExportFormat,
    export_messages,
    export_values,
)
from services.history.field_search import FieldName, FieldQuestion
from services.history.message_search import MessageQuestion, MessageSearch
from services.history.questions import QuestionError, WrongQuestionError
from services.history.reader import History
from services.history.rows import ArchivedMessage

FIELD_COLUMNS = ("topic", "path", "numbers", "texts")
COLUMN_COLUMNS = ("from", "values", "low", "high", "first", "last", "text")
TopicOption = Annotated[str, typer.Option(metavar="FILTER", help="An MQTT topic filter.")]
StartOption = Annotated[str, typer.Option("--from", help="2h (ago), 14:05 or an ISO time.")]
EndOption = Annotated[str, typer.Option("--to", help="As --from; else now.")]
FormatOption = Annotated[
    ExportFormat | None,
    typer.Option("--format", help="Write a file to stdout; flat: CSV with a column a field."),
]


@app.command("messages")
def messages(  # noqa: PLR0913 - one option for each way to narrow it
    *,
    topic: TopicOption = "#",
    start: StartOption = "",
    end: EndOption = "",
    text: Annotated[str, typer.Option(help="Only payloads that contain this.")] = "",
    regex: Annotated[str, typer.Option(help="Only payloads in which this (RE2) is found.")] = "",
    where: Annotated[
        str, typer.Option(metavar="PATH OP VALUE", help="Only with such a field: 'charge < 20'.")
    ] = "",
    count: Annotated[int | None, typer.Option("-n", min=1, help="At most so many.")] = None,
    newest: Annotated[bool, typer.Option(help="Newest first.")] = False,
    export_format: FormatOption = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print archived messages, oldest first, or write them as a file."""
    span = _span(start, end)
    asked = MessageQuestion(
        _checked(topic),
        text,
        since_ms=span[0],
        until_ms=span[1],
        limit=count or MAX_MESSAGES,
        regex=regex,
        where=where,
        newest_first=newest,
    )
    with answering(environment, run) as history:
        try:
            if export_format:
                write_file(export_messages(history, asked, export_format))
                return
            for found in MessageSearch(history, asked, timeout_s=EXPORT_TIMEOUT_S).lines():
                if isinstance(found, ArchivedMessage):
                    _show(found, as_json=as_json)
        except WrongQuestionError as error:
            usage(str(error))
        except QuestionError as error:
            fail(str(error))


def _show(row: ArchivedMessage, *, as_json: bool) -> None:
    if as_json:
        more = {"direction": row.direction, "command_id": row.command_id}
        data(rows.message_row(row.message) | more)
    else:
        show(f"{clock.iso(row.message.received_at)[:10]} {rows.message_line(row.message)}")


@app.command("fields")
def fields(
    *,
    topic: TopicOption = "#",
    start: StartOption = "",
    end: EndOption = "",
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print which fields of which topics have values: what can be charted."""
    span, narrowed = _span(start, end), _checked(topic)
    with answering(environment, run) as history:
        try:
            found, more = field_search.list_fields(history, *span, narrowed)
        except QuestionError as error:
            fail(str(error))
        if as_json:
            for one in found:
                data(one._asdict())
        else:
            table(FIELD_COLUMNS, found)
        if more:
            say(f"There are more than {len(found)} fields; narrow them with --topic.")


@app.command("values")
def values(  # noqa: PLR0913 - one option for each way to narrow it
    topic: Annotated[str, typer.Argument(help="A whole topic.")],
    path: Annotated[str, typer.Argument(help="Its field, as batteryState.charge.")],
    *,
    start: StartOption = "",
    end: EndOption = "",
    columns: Annotated[
        int | None,
        typer.Option(min=1, max=field_search.MAX_COLUMNS, help="Lowest and highest of so many."),
    ] = None,
    export_format: FormatOption = None,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print each value of a field, or its extremes in columns of time, or write a file."""
    span, name = _span(start, end), FieldName(topic, path)
    with answering(environment, run) as history:
        try:
            if export_format:
                write_file(export_values(history, name, *span, export_format))
            elif columns:
                _show_columns(history, name, span, columns, as_json=as_json)
            else:
                _show_values(history, name, span, as_json=as_json)
        except QuestionError as error:
            fail(str(error))


def _show_values(
    history: History, name: FieldName, span: tuple[int | None, int | None], *, as_json: bool
) -> None:
    for one in field_search.field_values(history, name, *span, timeout_s=EXPORT_TIMEOUT_S):
        value = one.text if one.number is None else one.number
        if as_json:
            data({"ts": clock.iso(one.time_ms / 1000), "id": one.id, "value": value})
        else:
            show(f"{clock.iso(one.time_ms / 1000)}  {escaped(str(value))}")


def _show_columns(
    history: History,
    name: FieldName,
    span: tuple[int | None, int | None],
    columns: int,
    *,
    as_json: bool,
) -> None:
    whole = field_search.span_of(history, *span)
    found = field_search.series(history, FieldQuestion([name], *whole, columns)) if whole else {}
    lines: list[dict[str, Any]] = []
    for one in found.get(name, ()):
        told = one._asdict()
        times = {end: clock.iso(told.pop(f"{end}_ms") / 1000) for end in ("first", "last")}
        lines.append({"from": times["first"], "to": times["last"]} | told)
    if as_json:
        for line in lines:
            data(line)
    else:
        table(COLUMN_COLUMNS, ([line[column] for column in COLUMN_COLUMNS] for line in lines))


def write_file(pieces: Iterable[bytes]) -> None:
    """Write a file to stdout, piece by piece."""
    for piece in pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _span(start: str, end: str) -> tuple[int | None, int | None]:
    try:
        return milliseconds(start), milliseconds(end)
    except ValueError as error:
        usage(str(error))


def _checked(topic: str) -> str:
    try:
        return check_filter(topic)
    except TopicError as error:
        usage(str(error))
