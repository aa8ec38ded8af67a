"""Fields of the archive over any range: which there are, what they were, what a chart needs."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from omf.texts import Text, stored
from omf.topics import filters
from omf.topics.catalogue import address
from services.history.manifest import HOUR_MS
from services.history.query import Question
from services.history.questions import (
    TIMEOUT_S,
    AnswerEnd,
    QuestionError,
    ReadSoFar,
    RowsAgain,
    RunningQuestion,
    ask,
    chosen,
)
from services.history.reader import History
from services.history.rows import FieldValue

MAX_FIELDS = 5000
"""Listed at once; more are narrowed by a topic filter."""
MAX_COLUMNS = 4000
STATED_MS = 2 * HOUR_MS
"""A field stands in the archive at least once in each hour in which its message comes: between two
values further apart than this nobody said anything."""
MAX_MARKS = 300
MARKS_SPAN_MS = 8 * 24 * HOUR_MS
"""In longer ranges marks would cover the chart; and finding orders reads each hour."""
ORDERS = address("ccu_order_response")


class FieldName(NamedTuple):
    """A scalar field of the payloads of a topic."""

    topic: str
    path: str
    """`batteryState.charge`, `actionStates[0].state`."""


class FieldSummary(NamedTuple):
    """A field that has values in a range."""

    topic: str
    path: str
    numbers: int
    """How often it changed to a number, plus once an hour."""
    texts: int


class FieldQuestion(NamedTuple):
    """Fields over a range, for a chart of so many columns."""

    fields: Sequence[FieldName]
    since_ms: int
    until_ms: int
    columns: int = 600


class FieldColumn(NamedTuple):
    """What a field was within one column of a chart. Times in ms since 1970 UTC."""

    place: int
    """From 0; -1: before the range, for the value at its beginning."""
    values: int
    first_ms: int
    last_ms: int
    low: float | None
    low_id: str | None
    """Id of the message with the lowest number."""
    high: float | None
    high_id: str | None
    first: float | None
    last: float | None
    last_id: str
    text: str | None
    """The last one."""
    texts: int
    """How many different ones."""


class HistoryMark(NamedTuple):
    """Something that happened, to be marked in a chart."""

    kind: str
    """`order`, `command` or `alarm`."""
    id: str
    """Of the message, the event or the passage of the alarm."""
    at_ms: int
    name: str
    """Type of the order or kind of the command."""
    subject: str
    """The id of the order, the command or the alarm."""
    said: Text | None = None
    """What an alarm says."""


def span_of(history: History, since_ms: int | None, until_ms: int | None) -> tuple[int, int] | None:
    """The part of a range that has fields in the archive; None if there is none."""
    files = [
        file
        for _, file in chosen(history, since_ms, until_ms, ["field_values"]).get("field_values", ())
    ]
    if not files:
        return None
    first = min(file.first_ms for file in files)
    last = max(file.last_ms for file in files) + 1
    first = first if since_ms is None else max(first, since_ms)
    return first, max(first + 1, last if until_ms is None else min(last, until_ms))


def list_fields(
    history: History,
    since_ms: int | None = None,
    until_ms: int | None = None,
    topic_filter: str = "#",
    *,
    timeout_s: float = TIMEOUT_S,
) -> tuple[list[FieldSummary], bool]:
    """The fields with values in a range, by topic and path, and whether there are more.

    Raises as `ask`.
    """
    parameters = () if topic_filter == "#" else (filters.pattern(topic_filter),)
    where = "regexp_full_match(topic, $1)" if parameters else "true"
    question = Question(
        _FIELDS.format(where=where),
        since_ms=since_ms,
        until_ms=until_ms,
        max_rows=MAX_FIELDS,
        parameters=parameters,
    )
    found = _of_values(history, question, timeout_s)
    return [FieldSummary(*row) for row in found.rows], found.cut


_FIELDS = """
SELECT topic, path, count(number), count(text) FROM field_values WHERE {where}
GROUP BY topic, path ORDER BY topic, path
"""


def series(
    history: History, asked: FieldQuestion, *, timeout_s: float = TIMEOUT_S
) -> dict[FieldName, list[FieldColumn]]:
    """For each field its columns with something in them, in order of time; as `ask`.

    However long the range, a field has at most `columns` of them and one of before.
    """
    found: dict[FieldName, list[FieldColumn]] = {FieldName(*name): [] for name in asked.fields}
    if not found:
        return found
    span_ms = max(1, asked.until_ms - asked.since_ms)
    columns = min(max(1, asked.columns), MAX_COLUMNS)
    places = [f"(topic = ${2 * n + 1} AND path = ${2 * n + 2})" for n in range(len(found))]
    topics = ", ".join(f"${2 * n + 1}" for n in range(len(found)))
    paths = ", ".join(f"${2 * n + 2}" for n in range(len(found)))
    # Of the asker's are numbers alone; names stand in the parameters.
    sql = _SERIES.format(
        since=int(asked.since_ms),
        span=int(span_ms),
        columns=columns,
        where=f"topic IN ({topics}) AND path IN ({paths}) AND ({' OR '.join(places)})",
    )
    question = Question(
        sql,
        since_ms=asked.since_ms - STATED_MS,
        until_ms=asked.until_ms,
        parameters=[part for name in found for part in name],
        max_rows=(columns + 1) * len(found),
    )
    for topic, path, *row in _of_values(history, question, timeout_s).rows:
        found[FieldName(topic, path)].append(FieldColumn(*row))
    return found


_SERIES = """
SELECT topic, path, place, values, first_ms, last_ms,
  low, concat(low_at.ms, '-', low_at.seq), high, concat(high_at.ms, '-', high_at.seq),
  first, last, concat(last_at.ms, '-', last_at.seq), text, texts
FROM (
  SELECT topic, path,
    CASE WHEN at_ms < {since} THEN -1 ELSE (at_ms - {since}) * {columns} // {span} END AS place,
    count(*) AS values, min(at_ms) AS first_ms, max(at_ms) AS last_ms,
    min(number) AS low, arg_min(id_of, number) AS low_at,
    max(number) AS high, arg_max(id_of, number) AS high_at,
    arg_min(number, id_of) AS first, arg_max(number, id_of) AS last, max(id_of) AS last_at,
    arg_max(text, id_of) AS text, count(DISTINCT text) AS texts
  FROM (
    SELECT topic, path, epoch_ms(time) AS at_ms, number, text,
      {{'ms': epoch_ms(time) + id_offset_ms, 'seq': id_seq}} AS id_of
    FROM field_values WHERE {where}
  ) GROUP BY topic, path, place
) ORDER BY topic, path, place
"""


def field_values(
    history: History,
    name: FieldName,
    since_ms: int | None = None,
    until_ms: int | None = None,
    *,
    timeout_s: float = TIMEOUT_S,
) -> Iterator[FieldValue]:
    """Every archived value of a field, in order, one by one; as `ask`."""
    found = chosen(history, since_ms, until_ms, ["field_values"])
    if "field_values" not in found:
        return
    question = Question(
        _VALUES,
        since_ms=since_ms,
        until_ms=until_ms,
        parameters=name,
        max_rows=2**62,
    )
    running = RunningQuestion(
        history, question, timeout_s=timeout_s, found={"field_values": found["field_values"]}
    )
    head = True
    for line in running.lines():
        if isinstance(line, RowsAgain):
            raise QuestionError("a file was damaged while it was read; ask again")
        if isinstance(line, AnswerEnd | ReadSoFar):
            continue
        if not head:
            value_id, time_ms, number, text = line
            yield FieldValue(*name, number, text, value_id, time_ms)
        head = False


_VALUES = """
SELECT id, epoch_ms(time), number, text FROM field_values WHERE topic = $1 AND path = $2
ORDER BY epoch_ms(time) + id_offset_ms, id_seq
"""


def marks(
    history: History, since_ms: int, until_ms: int, *, timeout_s: float = TIMEOUT_S
) -> tuple[list[HistoryMark], bool]:
    """Orders, commands and alarms raised in a range, in order of time, and whether there are more.

    None for a range of more than `MARKS_SPAN_MS`. Raises as `ask`.
    """
    if until_ms - since_ms > MARKS_SPAN_MS:
        return [], True
    question = Question(_MARKS, since_ms=since_ms, until_ms=until_ms, max_rows=MAX_MARKS)
    found = ask(history, question, timeout_s=timeout_s)
    return [_mark(*row) for row in found.rows], found.cut


def _mark(
    kind: str, entry_id: str, at_ms: int, name: str, subject: str, told: str | None
) -> HistoryMark:
    said = stored(**json.loads(told)) if told else None
    return HistoryMark(kind, entry_id, at_ms, name, subject, said)


_MARKS = f"""
SELECT * FROM (
  SELECT 'command' AS what, id, epoch_ms(time) AS at_ms, kind, command_id, NULL AS said FROM events
  WHERE stage = 'requested'
  UNION ALL
  SELECT 'order', id, epoch_ms(time), coalesce(fields->>'$.type', ''), fields->>'$.orderId', NULL
  FROM messages WHERE topic = '{ORDERS}' AND fields->>'$.orderId' IS NOT NULL
  UNION ALL
  SELECT 'alarm', id, epoch_ms(time), data->>'$.rule', data->>'$.alarm', data->>'$.text'
  FROM alarms WHERE data->>'$.event' = 'raised'
) ORDER BY at_ms
"""  # noqa: S608 - nothing of it is asked for


def _of_values(history: History, question: Question, timeout_s: float) -> Any:
    return ask(history, question, timeout_s=timeout_s, views=("field_values",))
