"""`python -m services.history.query`: one question in SQL, in a process that can do nothing else.

Reads a `Question` as JSON from its input and writes JSON lines: the names of the columns, each row,
`{"read": n, "of": m}` after each part that was read, `{"damaged": path}` for a file that is left
out, `{"again": true}` when the rows so far do not count, and at last `{"rows": n, "cut": false}` or
`{"error": "..."}`. Whatever the question is, it can read the files of the archive it was given and
no other, write none, reach no network, and change no setting: files are named before the
configuration is locked, only one SELECT is taken, and the process may not make a file grow. Its
caller ends it when its time is over, and the kernel when it used twice its time or its memory.
"""

import json
import resource
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.history.rows import ENTRY_TABLES, LIFE_TABLE

SETTINGS = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET temp_directory = ''",
    "SET threads = 2",
    "SET TimeZone = 'UTC'",
    "SET parquet_metadata_cache = true",
)
LOCKS = ("SET enable_external_access = false", "SET lock_configuration = true")
FETCHED = 256
"""Rows taken from the answer at once."""
SPARE_BYTES = 3 << 30
"""Of memory beyond what the database may take: its threads, its code, the rows on their way."""
SPARE_CPU_S = 5
LAST_MS = 2**47
"""In the year 6429."""
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
        " direction VARCHAR, command_id VARCHAR, session VARCHAR, recorded_at DOUBLE,"
        " properties VARCHAR"
    ),
    "field_values": f"topic VARCHAR, path VARCHAR, {_TIMED}, number DOUBLE, text VARCHAR",
    LIFE_TABLE: (
        f"{_TIMED}, life VARCHAR, tag VARCHAR, colour VARCHAR, status VARCHAR, orders VARCHAR,"
        " begun TIMESTAMPTZ, data VARCHAR"
    ),
    **dict.fromkeys(ENTRY_TABLES, _STORED),
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
    parts: Sequence[Sequence[str]] = ()
    """Files of messages, asked part by part in this order: what was found so far is told, and as
    soon as there are enough rows no more is read. Such a question orders its rows."""
    part_bytes: Sequence[int] = ()
    """Of each part, unpacked: for the progress."""
    otherwise: str = ""
    """Asked in place of `sql` where that fails for what a payload is, e.g. no text."""
    timeout_s: float = 30.0


def main() -> None:
    """Answer the question on standard input."""
    import duckdb  # noqa: PLC0415 - who asks imports this module too, and needs no database

    question = Question(**json.load(sys.stdin))
    _confine(question)
    try:
        for line in Answering(duckdb, question).lines():
            _say(line)
    except (duckdb.Error, MemoryError) as error:
        _say({"error": str(error).strip() or "Out of Memory"})


def _confine(question: Question) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    memory = (question.memory_mb << 20) + SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    # Whoever asked may be gone by then, and nobody else would end it.
    seconds = int(question.timeout_s * 2) + SPARE_CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


class Answering:
    """One question and the database that answers it."""

    def __init__(self, duckdb: Any, question: Question) -> None:
        self._duckdb, self._question = duckdb, question
        self._connection = duckdb.connect(":memory:")
        self._files = {view: list(files) for view, files in question.files.items()}
        self._count = 0
        self._told_columns = False

    def lines(self) -> Iterator[Any]:
        """What is told, line by line; a question that is none is refused before a file is read."""
        execute = self._connection.execute
        for setting in (*SETTINGS, f"SET memory_limit = '{self._question.memory_mb}MB'"):
            execute(setting)
        paths = [path for files in self._files.values() for path in files]
        parts = [list(part) for part in self._question.parts]
        paths += [path for part in parts for path in part]
        execute(f"SET allowed_paths = {_list(paths)}")
        for lock in LOCKS:
            execute(lock)
        if not self._is_select():
            yield {"error": "a question is exactly one SELECT"}
            return
        read = 0
        for place, part in enumerate(parts or [None]):
            if part is not None:
                self._files["messages"] = part
            cut = yield from self._part()
            if cut:
                yield {"rows": self._count, "cut": True}
                return
            if part is not None:
                read += self._question.part_bytes[place]
                yield {"read": read, "of": sum(self._question.part_bytes)}
        yield {"rows": self._count, "cut": False}

    def _is_select(self) -> bool:
        statements = self._connection.extract_statements(self._question.sql)
        return len(statements) == 1 and statements[0].type == self._duckdb.StatementType.SELECT

    def _part(self) -> Generator[Any, None, bool]:
        """The rows of the files of now, without the damaged ones; true if there are too many."""
        sql, before = self._question.sql, self._count
        while True:
            try:
                return (yield from self._rows(sql))
            except self._duckdb.Error as error:
                named, other = self._named(str(error)), self._question.otherwise
                if not named and other in {"", sql}:
                    raise
                sql = sql if named else other
                if self._count > before:
                    self._count = before
                    yield {"again": True}
                for path in named:
                    yield {"damaged": path}

    def _named(self, error: str) -> list[str]:
        """The files that an error names; no further question is put to them."""
        found = [path for files in self._files.values() for path in files if path in error]
        for view, files in self._files.items():
            self._files[view] = [path for path in files if path not in found]
        return found

    def _rows(self, sql: str) -> Generator[Any, None, bool]:
        question, connection = self._question, self._connection
        # A search part by part reads messages only; the other views stay as they are.
        fresh = ("messages",) if question.parts and self._told_columns else tuple(COLUMNS)
        for view in fresh:
            files = self._files.get(view, ())
            missing = self._missing(files) if view == "messages" and files else 0
            connection.execute(_view(view, COLUMNS[view], files, question, missing))
        result = connection.execute(sql, list(question.parameters))
        if not self._told_columns:
            self._told_columns = True
            yield [column[0] for column in result.description or ()]
        while rows := result.fetchmany(FETCHED):
            for row in rows:
                if self._count >= question.max_rows:
                    return True
                self._count += 1
                yield [_shown(value) for value in row]
        return False

    def _missing(self, files: Sequence[str]) -> int:
        """How many of the files were written before messages had properties."""
        asked = "SELECT count(*) FROM parquet_schema(?) WHERE name = 'properties'"
        [there] = self._connection.execute(asked, [list(files)]).fetchone() or (0,)
        return len(files) - int(there)


def _view(
    name: str, columns: str, files: Sequence[str], question: Question, missing: int = 0
) -> str:
    nothing = ", ".join(f"NULL::{_type(one)} AS {_name(one)}" for one in columns.split(", "))
    by_name = ", union_by_name = true" if missing else ""
    source = f"read_parquet({_list(files)}{by_name})" if files else f"(SELECT {nothing} LIMIT 0)"
    more = f", {_TEXT}" if name == "messages" else ""
    if missing and missing == len(files):
        more += ", NULL::VARCHAR AS properties"
    times = ""
    if question.since_ms is not None:
        times += f" AND time >= {_moment(question.since_ms)}"
    if question.until_ms is not None:
        times += f" AND time < {_moment(question.until_ms)}"
    select = f"SELECT {_ID}, *{more} FROM {source} WHERE true{times}"  # noqa: S608
    # Nothing of it is the asker's but two numbers.
    return f"CREATE OR REPLACE VIEW {name} AS {select}"


def _moment(ms: int) -> str:
    """A literal, so that whole groups of rows are left out by their statistics."""
    seconds, rest = divmod(min(max(ms, 0), LAST_MS), 1000)
    at = datetime.fromtimestamp(seconds, UTC)
    return f"TIMESTAMPTZ '{at:%Y-%m-%d %H:%M:%S}.{rest:03d}+00'"


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
    if isinstance(line, dict):
        # Whoever waits sees how far it is.
        sys.stdout.flush()


if __name__ == "__main__":
    main()
