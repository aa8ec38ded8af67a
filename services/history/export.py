"""What is found in the archive as a file, in pieces: memory does not grow with it.

CSV and JSON lines say in their last line that they are not whole when the search under them fails;
a Parquet file without its end cannot be opened, and the exception says why.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Literal, TypeVar, get_args

from services.common.process import clock
from services.common.sessions import csv_export, files
from services.history import parquet, tables
from services.history.field_search import FieldName, field_values
from services.history.message_search import MessageQuestion, MessageSearch
from services.history.payload_fields import scalars
from services.history.questions import QuestionError, WrongQuestionError
from services.history.reader import History
from services.history.rows import VALUES, ArchivedMessage, FieldValue

_log = logging.getLogger(__name__)

ExportFormat = Literal["csv", "flat", "jsonl", "parquet"]
FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
"""`flat`: CSV with one column for each field of the payloads."""
MEDIA_TYPES: dict[ExportFormat, str] = {
    "csv": csv_export.CSV_MEDIA_TYPE,
    "flat": csv_export.CSV_MEDIA_TYPE,
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
EXPORT_TIMEOUT_S = 1800.0
"""A file may take longer than an answer for which somebody sits there."""
MAX_MESSAGES = 2**40
CHUNK_BYTES = 64_000
EXPORT_BATCH_ROWS, EXPORT_BATCH_BYTES = 4096, 8_000_000
MAX_FLAT_COLUMNS = 1000
MESSAGE_COLUMNS = (
    "received_at",
    "direction",
    "topic",
    "qos",
    "retain",
    "dup",
    "id",
    "payload",
    "properties",
)
FLAT_COLUMNS = ("received_at", "id", "topic")
VALUE_COLUMNS = ("received_at", "id", "topic", "path", "value")
T = TypeVar("T")


def suffix(export_format: ExportFormat) -> str:
    """How the name of such a file ends."""
    return "csv" if export_format == "flat" else export_format


def export_messages(
    history: History, asked: MessageQuestion, export_format: ExportFormat
) -> Iterator[bytes]:
    """All messages of a question, its limit apart, in pieces; blocking.

    QuestionError before the first piece if the question is none. `flat` reads twice: the first
    time to know the columns.
    """
    wanted = asked._replace(limit=MAX_MESSAGES)
    if export_format == "flat":
        columns = _flat_columns(_messages(history, wanted))
        head = csv_export.head((*FLAT_COLUMNS, *columns)).encode()
        return _lines(_messages(history, wanted), lambda m: _flat_line(m, columns), head, _csv_end)
    found = _begun(_messages(history, wanted))
    if export_format == "csv":
        head = csv_export.head(MESSAGE_COLUMNS).encode()
        return _lines(found, _csv_line, head, _csv_end)
    if export_format == "jsonl":
        return _lines(found, _json_line, b"", _json_end)
    return _parquet(found, _message_table, "messages", _size_of_message)


def export_values(
    history: History,
    name: FieldName,
    since_ms: int | None,
    until_ms: int | None,
    export_format: ExportFormat,
) -> Iterator[bytes]:
    """All values of a field, as `export_messages`; `flat` is the same as `csv`."""
    found = _begun(field_values(history, name, since_ms, until_ms, timeout_s=EXPORT_TIMEOUT_S))
    if export_format == "parquet":
        return _parquet(found, tables.value_table, VALUES, lambda _: 0)
    if export_format == "jsonl":
        return _lines(found, _json_value, b"", _json_end)
    return _lines(found, _csv_value, csv_export.head(VALUE_COLUMNS).encode(), _csv_end)


def _messages(history: History, asked: MessageQuestion) -> Iterator[ArchivedMessage]:
    lines = MessageSearch(history, asked, timeout_s=EXPORT_TIMEOUT_S).lines()
    return (line for line in lines if isinstance(line, ArchivedMessage))


def _begun(found: Iterator[T]) -> Iterator[T]:
    """The same, asked already: a wrong question is refused before a file has begun."""
    for first in found:
        return chain((first,), found)
    return iter(())


def _csv_end(why: str) -> str:
    return csv_export.record((why,))


def _json_end(why: str) -> str:
    return json.dumps({"error": why}) + "\n"


def _lines(
    found: Iterable[T], line: Callable[[T], str], head: bytes, end: Callable[[str], str]
) -> Iterator[bytes]:
    """`end` makes the last line of a file that is not whole."""
    pieces, size, count = [head], 0, 0
    try:
        for one in found:
            pieces.append(line(one).encode("utf-8", "replace"))
            size, count = size + len(pieces[-1]), count + 1
            if size > CHUNK_BYTES:
                yield b"".join(pieces)
                pieces, size = [], 0
    except QuestionError as error:
        _log.warning("an export ended after %d rows: %s", count, error)
        pieces.append(end(f"not whole: the search ended after {count} rows").encode())
    yield b"".join(pieces)


def _csv_line(row: ArchivedMessage) -> str:
    message = row.message
    return csv_export.record(
        (
            clock.iso(message.received_at),
            row.direction,
            message.topic,
            message.qos,
            int(message.retain),
            int(message.dup),
            message.id,
            message.payload.decode(errors="replace"),
            message.properties,
        )
    )


def _json_line(row: ArchivedMessage) -> str:
    """As a line of a session, which `omf replay` plays again."""
    return f"{files.line_of(files.recorded(row.message))}\n"


def _csv_value(row: FieldValue) -> str:
    value = row.text if row.number is None else row.number
    return csv_export.record(
        (clock.iso(row.time_ms / 1000), row.id, row.topic, row.path, "" if value is None else value)
    )


def _json_value(row: FieldValue) -> str:
    value = row.text if row.number is None else row.number
    told = {"ts": clock.iso(row.time_ms / 1000), "id": row.id, "topic": row.topic}
    return json.dumps(told | {"path": row.path, "value": value}) + "\n"


def _leaves(row: ArchivedMessage) -> Iterator[tuple[str, Any]]:
    """Numbers as they were sent: `1.50` stays so."""
    try:
        told = json.loads(row.message.payload, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return iter(())
    return scalars(told)


def _flat_columns(found: Iterable[ArchivedMessage]) -> list[str]:
    """The fields of all messages, those of a topic side by side, as they first came."""
    by_topic: dict[str, dict[str, None]] = {}
    columns: set[str] = set()
    for row in found:
        known = by_topic.setdefault(row.message.topic, {})
        for path, _ in _leaves(row):
            known[path] = None
            columns.add(path)
        if len(columns) > MAX_FLAT_COLUMNS:
            raise WrongQuestionError(
                f"the payloads have more than {MAX_FLAT_COLUMNS} fields; narrow the question by a"
                " topic, or take another format"
            )
    return list(dict.fromkeys(chain.from_iterable(by_topic.values())))


def _flat_line(row: ArchivedMessage, columns: Sequence[str]) -> str:
    cells = {path: _cell(value) for path, value in _leaves(row)}
    message = row.message
    head = (clock.iso(message.received_at), message.id, message.topic)
    return csv_export.record((*head, *(cells.get(path, "") for path in columns)))


def _cell(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _message_table(rows: Sequence[ArchivedMessage]) -> tables.Table:
    """As a file of the archive has it (tables.py), but in the order of time."""
    table = tables.message_table(rows)
    return table.sort_by([("time", "ascending"), ("id_seq", "ascending")])


def _size_of_message(row: ArchivedMessage) -> int:
    return len(row.message.payload)


def _parquet(
    found: Iterable[T],
    table: Callable[[Sequence[T]], tables.Table],
    kind: str,
    size_of: Callable[[T], int],
) -> Iterator[bytes]:
    return parquet.pieces(kind, map(table, _batches(found, size_of)))


def _batches(found: Iterable[T], size_of: Callable[[T], int]) -> Iterator[list[T]]:
    batch: list[T] = []
    size = 0
    for one in found:
        batch.append(one)
        size += size_of(one)
        if len(batch) >= EXPORT_BATCH_ROWS or size >= EXPORT_BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
