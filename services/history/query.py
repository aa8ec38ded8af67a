"""`python -m services.history.query`: one question in SQL, in a process that can do nothing else.

Reads a `Question` as JSON from its input and writes JSON lines: the names of the columns, each row,
and at last `{"rows": n, "cut": false}` or `{"error": "..."}`. Whatever the question is, it can read
the files of the archive it was given and no other, write none, reach no network, and change no
setting: files are named before the configuration is locked, only one SELECT is taken, and the
process may not make a file grow. Its caller ends it when its time is over.
"""

import json
import resource
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SETTINGS = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET temp_directory = ''",
    "SET threads = 2",
    "SET TimeZone = 'UTC'",
)
LOCKS = ("SET enable_external_access = false", "SET lock_configuration = true")
_ID = "concat(epoch_ms(time) + id_offset_ms, '-', id_seq) AS id"
_TEXT = "TRY(decode(payload)) AS text, TRY_CAST(TRY(decode(payload)) AS JSON) AS fields"
_TIMED = "time TIMESTAMPTZ, id_offset_ms BIGINT, id_seq BIGINT"
_STORED = (
    f"{_TIMED}, command_id VARCHAR, kind VARCHAR, stage VARCHAR, operator VARCHAR, before VARCHAR,"
    " seal VARCHAR, data VARCHAR"
)
COLUMNS = {
    "messages": (
        f"topic VARCHAR, {_TIMED}, payload BLOB, qos TINYINT, retain BOOLEAN, dup BOOLEAN,"
        " direction VARCHAR, command_id VARCHAR, session VARCHAR, recorded_at DOUBLE"
    ),
    "field_values": f"topic VARCHAR, path VARCHAR, {_TIMED}, number DOUBLE, text VARCHAR",
    "states": _STORED,
    "events": _STORED,
    "audit": _STORED,
}
"""Views a question can use; all have `id` beside these, and messages `text` and `fields` (JSON)."""


@dataclass(frozen=True)
class Question:
    """What the process is given; `files` are absolute paths by view."""

    sql: str
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since_ms: int | None = None
    until_ms: int | None = None
    memory_mb: int = 512
    max_rows: int = 100_000
    parameters: Sequence[Any] = ()
    """For `$1`, `$2` ... in the question."""


def main() -> None:
    """Answer the question on standard input."""
    import duckdb  # noqa: PLC0415 - who asks imports this module too, and needs no database

    _confine()
    question = Question(**json.load(sys.stdin))
    try:
        for line in _answer(duckdb, question):
            _say(line)
    except duckdb.Error as error:
        _say({"error": str(error).strip()})


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(duckdb: Any, question: Question) -> Iterator[Any]:
    connection = duckdb.connect(":memory:")
    for setting in (*SETTINGS, f"SET memory_limit = '{question.memory_mb}MB'"):
        connection.execute(setting)
    paths = [path for files in question.files.values() for path in files]
    connection.execute(f"SET allowed_paths = {_list(paths)}")
    for view, columns in COLUMNS.items():
        connection.execute(_view(view, columns, question))
    for lock in LOCKS:
        connection.execute(lock)
    statements = connection.extract_statements(question.sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        yield {"error": "a question is exactly one SELECT"}
        return
    result = connection.execute(statements[0], list(question.parameters))
    yield [column[0] for column in result.description or ()]
    count = 0
    while count < question.max_rows and (row := result.fetchone()):
        count += 1
        yield [_shown(value) for value in row]
    yield {"rows": count, "cut": result.fetchone() is not None}


def _view(name: str, columns: str, question: Question) -> str:
    files = question.files.get(name, ())
    nothing = ", ".join(f"NULL::{_type(one)} AS {_name(one)}" for one in columns.split(", "))
    source = f"read_parquet({_list(files)})" if files else f"(SELECT {nothing} LIMIT 0)"
    more = f", {_TEXT}" if name == "messages" else ""
    times = ""
    if question.since_ms is not None:
        times += f" AND epoch_ms(time) >= {question.since_ms:d}"
    if question.until_ms is not None:
        times += f" AND epoch_ms(time) < {question.until_ms:d}"
    # Nothing of it is the asker's but two numbers.
    return f"CREATE VIEW {name} AS SELECT {_ID}, *{more} FROM {source} WHERE true{times}"  # noqa: S608


def _name(column: str) -> str:
    return column.split(" ", maxsplit=1)[0]


def _type(column: str) -> str:
    return column.split(" ")[1]


def _list(paths: Sequence[str]) -> str:
    quoted = ("'" + path.replace("'", "''") + "'" for path in paths)
    return f"[{', '.join(quoted)}]"


def _shown(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _say(line: Any) -> None:
    sys.stdout.write(json.dumps(line, default=str) + "\n")


if __name__ == "__main__":
    main()
