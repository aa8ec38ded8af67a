"""Files of other recorders as rows of a session: SQLite, CSV, and lines of `mosquitto_sub`.

- SQLite, as earlier dashboards kept sessions: a table with a topic, a payload and a time.
- CSV, ours too: its head names a topic, a payload and a time.
- Text of `mosquitto_sub`: `-F '%I %t %p'`, `-F '%U %t %p'`, `-F '%t %p'` and `-v`.

A line of text without a time is dated by the timestamp in its payload, as far as it goes on and is
not later than the file; else it came with the line before. Each row is then read like a JSON object
of `line_formats`, which also judges its values.
"""

import base64
import csv
import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from services.common.sessions.line_formats import Damaged, epoch_of

Row = tuple[int, dict[str, Any] | Damaged]
"""The number of a line or record, from 1, and its cells by the keys of a session line."""
CELL_NAMES: Mapping[str, tuple[str, ...]] = {
    "ts": (
        "ts",
        "timestamp",
        "time",
        "received_at",
        "receivedat",
        "received",
        "created_at",
        "date",
    ),
    "topic": ("topic",),
    "payload_base64": ("payload_base64",),
    "payload": ("payload", "message", "value"),
    "qos": ("qos",),
    "retain": ("retain", "retained"),
}
"""By the key of a session line: what recorders call it, the best name first."""
NEEDED = ("ts", "topic", "payload")
SQLITE_MAGIC = b"SQLite format 3\0"
DELIMITERS = ",;\t"
TEXT_LINE = re.compile(
    r"(?:(?P<ts>\d{4}-\d\d-\d\dT\S+|\d{9,}(?:\.\d+)?)\s+)?"
    r"(?P<topic>[^\s{}\"\[\],;]*/[^\s{}\"]*)(?: (?P<payload>.*))?",
    re.DOTALL,
)
TEXT_FORM = "a line is: topic, a blank, payload; before them a time if there is one"
SENT_KEYS = ("timestamp", "ts")
CLOCKS_APART_S = 3600.0
ESCAPE = "surrogateescape"
"""Keeps bytes that are no UTF-8 until it is known whether they are a payload."""
FORMULA_GUARD = re.compile(r"'(?=\s*[=+\-@\t\r])")
"""What our own CSV puts before a cell that a spreadsheet might run."""
QUERY_STEPS, MAX_QUERY_CALLS = 100_000, 100_000

csv.field_size_limit(64 * 1024 * 1024)


def columns_of(names: Iterable[str]) -> dict[str, int] | None:
    """Where each key stands in a table with these columns; None if one that is needed is not."""
    lowered = [name.strip().lower().replace(" ", "_") for name in names]
    found: dict[str, int] = {}
    for key, known in CELL_NAMES.items():
        place = next((lowered.index(name) for name in known if name in lowered), None)
        if place is not None:
            found[key] = place
    if "payload_base64" in found:
        found.setdefault("payload", found["payload_base64"])
    return found if all(key in found for key in NEEDED) else None


def reader_of(first: str) -> Callable[[Iterator[bytes | None], float], Iterator[Row]] | None:
    """What reads a text file that begins with this line; None for JSON and what nobody knows."""
    if columns_of(next(csv.reader([first], delimiter=_delimiter(first)), [])):
        return _csv_rows
    return _text_rows if TEXT_LINE.fullmatch(first.rstrip("\r\n")) else None


def _delimiter(head: str) -> str:
    return max(DELIMITERS, key=head.count)


def _csv_rows(lines: Iterator[bytes | None], _: float) -> Iterator[Row]:
    too_long: list[int] = []
    texts = _texts(lines, too_long)
    head = next(texts, "")
    places = columns_of(next(csv.reader([head], delimiter=_delimiter(head)), [])) or {}
    records = csv.reader(texts, delimiter=_delimiter(head))
    while True:
        try:
            cells = next(records)
        except StopIteration:
            break
        except csv.Error as error:
            yield records.line_num + 1, Damaged(records.line_num + 1, f"no CSV: {error}")
            continue
        number = records.line_num + 1
        if any(cells):
            yield number, _record(number, cells, places)
    yield from ((one, Damaged(one, "the line is too long")) for one in too_long)


def _texts(lines: Iterator[bytes | None], too_long: list[int]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if line is None:
            too_long.append(number)
        else:
            text = line.decode("utf-8", ESCAPE)
            yield text.lstrip("\ufeff") if number == 1 else text


def _record(number: int, cells: list[str], places: Mapping[str, int]) -> dict[str, Any] | Damaged:
    if len(cells) <= max(places[key] for key in NEEDED):
        return Damaged(number, f"{len(cells)} cells, and the head names more")
    row: dict[str, Any] = {key: cells[at] for key, at in places.items() if at < len(cells)}
    row["payload"] = FORMULA_GUARD.sub("", row["payload"], count=1)
    return _with_payload(row)


def _with_payload(row: dict[str, Any]) -> dict[str, Any]:
    """One payload: the bytes where they are given or where they are no text, else the text."""
    coded, told = row.pop("payload_base64", None), row.pop("payload", "")
    if coded:
        return {**row, "payload_base64": coded}
    raw = (
        b""
        if told is None
        else told
        if isinstance(told, bytes)
        else str(told).encode("utf-8", ESCAPE)
    )
    try:
        return {**row, "payload": raw.decode()}
    except UnicodeDecodeError:
        return {**row, "payload_base64": base64.b64encode(raw).decode()}


def _text_rows(lines: Iterator[bytes | None], latest: float) -> Iterator[Row]:
    waiting: list[Row] = []
    at: float | None = None
    for number, line in enumerate(lines, 1):
        row = _text_row(number, line)
        if row is None:
            continue
        if isinstance(row, dict):
            at = _dated(row, at, latest)
            if at is None:
                waiting.append((number, row))
                continue
        yield from _with_time(waiting, at)
        waiting = []
        yield number, row
    yield from (
        (number, Damaged(number, "no line of the file has a time")) for number, _ in waiting
    )


def _text_row(number: int, line: bytes | None) -> dict[str, Any] | Damaged | None:
    if line is None:
        return Damaged(number, "the line is too long")
    try:
        text = line.decode().rstrip("\r\n").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        return Damaged(number, f"no UTF-8 at byte {error.start + 1}")
    if not text.strip():
        return None
    found = TEXT_LINE.fullmatch(text)
    if found is None:
        return Damaged(number, TEXT_FORM)
    row: dict[str, Any] = {"topic": found["topic"], "payload": found["payload"] or ""}
    return row if found["ts"] is None else {"ts": found["ts"], **row}


def _with_time(waiting: list[Row], at: float | None) -> Iterator[Row]:
    """Lines before the first time came with it; at a damaged line nothing is known yet."""
    for number, row in waiting:
        yield number, {"ts": at, **row} if isinstance(row, dict) and at is not None else row


def _dated(row: dict[str, Any], before: float | None, latest: float) -> float | None:
    """Give a line of text its time; the time itself, None while none is known."""
    if "ts" in row:
        return epoch_of(row["ts"]) or before
    sent = _sent(row["payload"])
    goes_on = sent is not None and sent <= latest and (before is None or sent >= before)
    at = sent if goes_on else before
    if at is not None:
        row["ts"] = at
    return at


def _sent(payload: str) -> float | None:
    """When the sender says it sent it."""
    if not payload.startswith("{"):
        return None
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    found = (epoch_of(told[key]) for key in SENT_KEYS if isinstance(told, dict) and key in told)
    return next((one for one in found if one), None)


def sqlite_rows(path: Path) -> Iterator[Row]:
    """The messages of a database in the order written; sqlite3.Error for one that is damaged.

    It may be anybody's: it is opened for reading only, and a table that never ends is not read on.
    """
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as base:
        base.text_factory = bytes
        base.execute("PRAGMA trusted_schema = OFF")
        calls = iter(range(MAX_QUERY_CALLS))
        base.set_progress_handler(lambda: int(next(calls, None) is None), QUERY_STEPS)
        table, places = _message_table(base)
        for number, record in enumerate(base.execute(f"SELECT * FROM {table} ORDER BY rowid"), 1):  # noqa: S608 - quoted
            cells = {key: _word(record[at]) for key, at in places.items() if key != "payload"}
            yield number, _with_payload({**cells, "payload": record[places["payload"]]})


def _word(cell: object) -> object:
    return cell.decode("utf-8", ESCAPE) if isinstance(cell, bytes) else cell


def _message_table(base: sqlite3.Connection) -> tuple[str, dict[str, int]]:
    tables = base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    for (name,) in tables.fetchall():
        quoted = '"' + str(_word(name)).replace('"', '""') + '"'
        names = [str(_word(one[1])) for one in base.execute(f"PRAGMA table_info({quoted})")]
        if places := columns_of(names):
            return quoted, places
    raise sqlite3.DatabaseError(f"no table in it has columns for {', '.join(NEEDED)}")


def latest_of(path: Path) -> float:
    """No message of the file can be later than its last change, but for a clock's difference."""
    return path.stat().st_mtime + CLOCKS_APART_S
