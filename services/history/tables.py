"""The columns of the archive's tables, and how rows become them and come back.

An id `<ms>-<seq>` is kept as the time and two small numbers: `id_offset_ms` is its milliseconds
less those of `time` (zero outside of a replay), `id_seq` its second part. `recorded_at` is the
exact recorded moment of a replayed message; `time` is that in whole milliseconds.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

import pyarrow as pa

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from services.history.rows import (
    ENTRY_TABLES,
    LIFE_TABLE,
    VALUES,
    ArchivedMessage,
    EndedLife,
    FieldValue,
    StoredEntry,
)

Table = pa.Table

_TIMED = [
    ("time", pa.timestamp("ms", "UTC")),
    ("id_offset_ms", pa.int64()),
    ("id_seq", pa.int64()),
]
TIMED_COLUMNS = tuple(name for name, _ in _TIMED)
_MESSAGES = pa.schema(
    [
        ("topic", pa.string()),
        *_TIMED,
        ("payload", pa.binary()),
        ("qos", pa.int8()),
        ("retain", pa.bool_()),
        ("dup", pa.bool_()),
        ("direction", pa.string()),
        ("command_id", pa.string()),
        ("session", pa.string()),
        ("recorded_at", pa.float64()),
        ("properties", pa.string()),
    ]
)
ADDED_LATER = frozenset({"properties"})
"""Columns that files written before the archive had them do not have; there they are empty."""
_STORED = pa.schema(
    [
        *_TIMED,
        ("command_id", pa.string()),
        ("kind", pa.string()),
        ("stage", pa.string()),
        ("operator", pa.string()),
        ("before", pa.string()),
        ("seal", pa.string()),
        ("data", pa.string()),
    ]
)
_VALUES = pa.schema(
    [
        ("topic", pa.string()),
        ("path", pa.string()),
        *_TIMED,
        ("number", pa.float64()),
        ("text", pa.string()),
    ]
)
_LIVES = pa.schema(
    [
        *_TIMED,
        ("life", pa.string()),
        ("tag", pa.string()),
        ("colour", pa.string()),
        ("status", pa.string()),
        ("orders", pa.string()),
        ("begun", pa.timestamp("ms", "UTC")),
        ("data", pa.string()),
    ]
)


def schema_of(kind: str) -> pa.Schema:
    """The columns of a kind of file."""
    if kind == VALUES:
        return _VALUES
    if kind == LIFE_TABLE:
        return _LIVES
    return _STORED if kind in ENTRY_TABLES else _MESSAGES


def completed(kind: str, table: pa.Table) -> pa.Table:
    """The table of a file with the columns that were added to its kind since it was written."""
    for field in schema_of(kind):
        if field.name in ADDED_LATER and field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table


def sort_columns(kind: str) -> tuple[str, ...]:
    """By what a file is sorted, before the time."""
    if kind == VALUES:
        return ("topic", "path")
    return () if kind in (LIFE_TABLE, *ENTRY_TABLES) else ("topic",)


def message_table(rows: Iterable[ArchivedMessage]) -> pa.Table:
    """Messages in the order of their ids, as columns sorted by topic and time."""
    found = sorted(rows, key=lambda row: row.message.topic)
    said = [row.message for row in found]
    columns = {
        "topic": [m.topic for m in said],
        **_times((m.id, round(m.received_at * 1000)) for m in said),
        "payload": [m.payload for m in said],
        "qos": [m.qos for m in said],
        "retain": [m.retain for m in said],
        "dup": [m.dup for m in said],
        "direction": [row.direction for row in found],
        "command_id": [row.command_id for row in found],
        "session": [m.session for m in said],
        "recorded_at": [m.recorded_at for m in said],
        "properties": [m.properties or None for m in said],
    }
    return pa.table(columns, schema=_MESSAGES)


def value_table(rows: Iterable[FieldValue]) -> pa.Table:
    """Fields in the order of their ids, as columns sorted by topic, path and time."""
    found = sorted(rows, key=itemgetter(0, 1))
    columns = {
        "topic": [row.topic for row in found],
        "path": [row.path for row in found],
        **_times((row.id, row.time_ms) for row in found),
        "number": [row.number for row in found],
        "text": [row.text for row in found],
    }
    return pa.table(columns, schema=_VALUES)


def stored_table(rows: Sequence[StoredEntry]) -> pa.Table:
    """Entries of other streams, in the order of their ids, as columns."""
    names = ("command_id", "kind", "stage", "operator", "before", "seal", "data")
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    return pa.table(_times((row.id, row.time_ms) for row in rows) | columns, schema=_STORED)


def life_table(rows: Sequence[EndedLife]) -> pa.Table:
    """Ended lives, in the order they were told, as columns."""
    names = ("life", "tag", "colour", "status", "orders", "data")
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    columns |= _times((row.id, row.time_ms) for row in rows)
    return pa.table(columns | {"begun": [row.begun_ms for row in rows]}, schema=_LIVES)


def _times(stamps: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    split = [(time_ms, *StreamId.parse(entry_id)) for entry_id, time_ms in stamps]
    return {
        "time": [time_ms for time_ms, _, _ in split],
        "id_offset_ms": [id_ms - time_ms for time_ms, id_ms, _ in split],
        "id_seq": [sequence for _, _, sequence in split],
    }


def archived_messages(table: pa.Table) -> list[ArchivedMessage]:
    """The messages of a table, in the order of their ids."""
    columns = {name: table[name].to_pylist() for name in table.column_names if name != "time"}
    columns["time"] = table["time"].cast(pa.int64()).to_pylist()
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    found = ((_id(row), _archived(row)) for row in rows)
    return [message for _, message in sorted(found, key=itemgetter(0))]


def _id(row: dict[str, Any]) -> tuple[int, int]:
    return row["time"] + row["id_offset_ms"], row["id_seq"]


def _id_text(row: dict[str, Any]) -> str:
    return "{}-{}".format(*_id(row))


def _archived(row: dict[str, Any]) -> ArchivedMessage:
    message = Message(
        topic=row["topic"],
        payload=row["payload"],
        id=_id_text(row),
        qos=row["qos"],
        retain=row["retain"],
        dup=row["dup"],
        recorded_at=row["recorded_at"],
        session=row["session"],
        properties=row["properties"] or "",
    )
    return ArchivedMessage(message, row["direction"], row["command_id"])


def seconds_of(table: pa.Table) -> list[tuple[str, float]]:
    """Topic and time received, Unix seconds, of each row of a table of these two columns."""
    times = table["time"].cast(pa.int64()).to_pylist()
    return [(t, ms / 1000) for t, ms in zip(table["topic"].to_pylist(), times, strict=True)]


def beginnings(table: pa.Table) -> list[tuple[str, int]]:
    """Id and beginning in ms of each life of a table of these two columns."""
    times = table["begun"].cast(pa.int64()).to_pylist()
    return list(zip(table["life"].to_pylist(), times, strict=True))


def ids_and_times(table: pa.Table) -> list[tuple[StreamId, int]]:
    """Id and time in ms of each row of a table, of which these columns suffice."""
    rows = table.set_column(0, "time", table["time"].cast(pa.int64())).to_pylist()
    return [(StreamId(*_id(row)), row["time"]) for row in rows]


def stored_entries(table: pa.Table) -> list[StoredEntry]:
    """The entries of a table, in the order of their ids."""
    rows = table.set_column(0, "time", table["time"].cast(pa.int64())).to_pylist()
    found = []
    for row in sorted(rows, key=_id):
        own = {k: v for k, v in row.items() if k not in {"time", "id_offset_ms", "id_seq"}}
        found.append(StoredEntry(id=_id_text(row), time_ms=row["time"], **own))
    return found


def field_values(table: pa.Table) -> list[FieldValue]:
    """The fields of a table, in the order of their ids."""
    place_of_time = table.column_names.index("time")
    rows = table.set_column(place_of_time, "time", table["time"].cast(pa.int64())).to_pylist()
    return [
        FieldValue(r["topic"], r["path"], r["number"], r["text"], _id_text(r), r["time"])
        for r in sorted(rows, key=_id)
    ]
