"""Parquet files of the archive: how they are written, merged and read."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from omf.analysis.shift_facts import facts_version
from omf.state.factory_state import SNAPSHOT_VERSION
from services.history.manifest import FOLD_MARK, ArchiveError, ArchiveFile
from services.history.rows import FOLDED_KINDS, HOUR_TABLE
from services.history.storage import ArchiveStorage, sha256_of
from services.history.tables import completed, schema_of, sort_columns

QUICK, THOROUGH = 3, 19
"""Levels of zstd: for a file that is merged within the hour, and for one that stays."""
GROUP_ROWS = 16_384
GROUP_BYTES = 8 * 1024 * 1024
STATE_GROUP_BYTES = 32 * 1024 * 1024
"""States that follow each other are nearly alike, and only what lies in one group is packed
together: four of 2 MB in a group take twice the room of sixteen. One of them is read in 0.1 s."""
BATCH_ROWS = 2048


class DayFolder(NamedTuple):
    """Where the files of a day go."""

    storage: ArchiveStorage
    day: str


def write(folder: DayFolder, kind: str, span: tuple[str, str], table: pa.Table) -> ArchiveFile:
    """A new closed file of a day, for what lies between two ids; OSError leaves nothing behind."""
    return _written(folder, kind, span, [table], QUICK)


def write_anew(
    folder: DayFolder, sources: Sequence[ArchiveFile], tables: Iterable[pa.Table]
) -> ArchiveFile:
    """A file to take the place of several of a kind; OSError leaves nothing behind."""
    span = (sources[0].first, sources[-1].last)
    return _written(folder, sources[0].kind, span, tables, THOROUGH)


def merge(folder: DayFolder, sources: Sequence[ArchiveFile]) -> ArchiveFile:
    """One file with the rows of several of the same kind that follow each other in time.

    ArchiveError names one that is damaged.
    """
    kind, span = sources[0].kind, (sources[0].first, sources[-1].last)
    paths = [folder.storage.local(folder.day, source) for source in sources]
    columns = sort_columns(kind)
    pieces = _sorted(paths, columns) if columns else _in_turn(paths)
    return _written(folder, kind, span, _grouped(pieces, _group_bytes(kind)), THOROUGH)


def _in_turn(paths: Iterable[Path]) -> Iterator[pa.Table]:
    for path in paths:
        with _opened(path) as file:
            for batch in file.iter_batches(BATCH_ROWS):
                yield pa.Table.from_batches([batch])


def _sorted(paths: Iterable[Path], columns: Sequence[str]) -> Iterator[pa.Table]:
    """Rows that are equal in these columns stay in the order of the files."""
    whole = pa.concat_tables([read(path) for path in paths])
    order = pc.sort_indices(whole, sort_keys=[(name, "ascending") for name in columns])
    for begin in range(0, whole.num_rows, BATCH_ROWS):
        yield whole.take(order.slice(begin, BATCH_ROWS))


def _group_bytes(kind: str) -> int:
    return STATE_GROUP_BYTES if kind == "states" else GROUP_BYTES


def _grouped(pieces: Iterable[pa.Table], most_bytes: int) -> Iterator[pa.Table]:
    held: list[pa.Table] = []
    rows = size = 0
    for piece in pieces:
        held.append(piece)
        rows, size = rows + piece.num_rows, size + piece.nbytes
        if rows >= GROUP_ROWS or size >= most_bytes:
            yield pa.concat_tables(held)
            held, rows, size = [], 0, 0
    if held:
        yield pa.concat_tables(held)


def _written(
    folder: DayFolder, kind: str, span: tuple[str, str], tables: Iterable[pa.Table], level: int
) -> ArchiveFile:
    first, last = span
    name = f"{kind}-{first}_{last}{_mark(kind)}.parquet"
    place = f"{folder.day}/{name}"
    unfinished = folder.storage.unfinished(place)
    rows = raw = 0
    times: list[int] = []
    try:
        with unfinished.open("wb") as target:
            with pq.ParquetWriter(target, schema_of(kind), **_encoding(kind, level)) as writer:
                for table in tables:
                    writer.write_table(table)
                    rows, raw = rows + table.num_rows, raw + _raw_bytes(table)
                    span_ms = pc.min_max(table["time"].cast(pa.int64())).as_py()
                    times += (span_ms["min"], span_ms["max"])
            target.flush()
            os.fsync(target.fileno())
        size, sha256 = unfinished.stat().st_size, sha256_of(unfinished)
        folder.storage.publish(unfinished, place, sha256)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    ends = {"first_ms": min(times), "last_ms": max(times)}
    about = {"name": name, "kind": kind, "first": first, "last": last, "rows": rows}
    return ArchiveFile(**about, **ends, size=size, sha256=sha256, raw_bytes=raw)


def _mark(kind: str) -> str:
    if kind == HOUR_TABLE:
        return f"{FOLD_MARK}{facts_version()}"
    return f"{FOLD_MARK}{SNAPSHOT_VERSION}" if kind in FOLDED_KINDS else ""


class _Sink:
    """Where a file goes piece by piece; `taken` gives what was written since."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._at = 0
        self.closed = False

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._held.append(piece)
        self._at += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        self.closed = True

    def taken(self) -> bytes:
        piece = b"".join(self._held)
        self._held.clear()
        return piece


def pieces(kind: str, found: Iterable[pa.Table]) -> Iterator[bytes]:
    """A file of tables of this kind, a group of rows each, while it is written."""
    sink = _Sink()
    writer = pq.ParquetWriter(sink, schema_of(kind), compression="zstd")
    for table in found:
        writer.write_table(table)
        yield sink.taken()
    writer.close()
    yield sink.taken()


def _encoding(kind: str, level: int) -> dict[str, Any]:
    plain = {"time", "id_offset_ms", "id_seq"}
    names = [name for name in schema_of(kind).names if name not in plain]
    return {
        "compression": "zstd",
        "compression_level": level,
        "use_dictionary": [name for name in names if name != "data"],
        "column_encoding": dict.fromkeys(plain, "DELTA_BINARY_PACKED"),
        # Each page is packed by itself: one of the usual 1 MB would hold half a state.
        "data_page_size": _group_bytes(kind),
        "write_page_index": True,
        "write_page_checksum": True,
    }


def _raw_bytes(table: pa.Table) -> int:
    names = {"topic", "payload", "data"} & set(table.column_names)
    return sum(pc.sum(pc.binary_length(table[name])).as_py() or 0 for name in names)


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, page_checksum_verification=True)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise ArchiveError(f"{path} cannot be read: {error}") from error


def read(path: Path, columns: Sequence[str] | None = None, where: Any = None) -> pa.Table:
    """The rows of a file that fit a filter expression; ArchiveError names a damaged file."""
    try:
        table = pq.read_table(
            path,
            columns=None if columns is None else list(columns),
            filters=where,
            partitioning=None,
            page_checksum_verification=True,
        )
        table.validate(full=True)
        kind = path.name.partition("-")[0]
        table = table if columns is not None else completed(kind, table)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise ArchiveError(f"{path} cannot be read: {error}") from error
    expected = schema_of(kind)
    if table.schema != pa.schema([expected.field(name) for name in columns or expected.names]):
        raise ArchiveError(f"{path} cannot be read: its columns are not those of the archive")
    return table


def between(since_ms: int | None, until_ms: int | None, topics: Iterable[str] | None = None) -> Any:
    """The filter expression of rows received in [since, until), of these topics; None: of all."""
    parts = []
    if since_ms is not None:
        parts.append(pc.field("time") >= pa.scalar(since_ms, pa.timestamp("ms", "UTC")))
    if until_ms is not None:
        parts.append(pc.field("time") < pa.scalar(until_ms, pa.timestamp("ms", "UTC")))
    if topics is not None:
        parts.append(pc.field("topic").isin(list(topics)))
    if not parts:
        return None
    whole = parts[0]
    for part in parts[1:]:
        whole &= part
    return whole


def at(time_ms: int) -> Any:
    """The filter expression of the rows of one millisecond."""
    return pc.field("time") == pa.scalar(time_ms, pa.timestamp("ms", "UTC"))


def in_ids(first_ms: int, last_ms: int) -> Any:
    """The filter expression of rows whose ids are of these milliseconds, both included."""
    given = pc.add(pc.field("time").cast(pa.int64()), pc.field("id_offset_ms"))
    return (given >= first_ms) & (given <= last_ms)


def has_path(path: str) -> Any:
    """The filter expression of the rows of one field."""
    return pc.field("path") == path


def of_life(wanted: str, also: Any = None) -> Any:
    """The filter expression of the lives of a tag, of an order or of an id of a life."""
    where = (pc.field("tag") == wanted) | (pc.field("life") == wanted)
    where |= pc.match_substring(pc.field("orders"), wanted)
    return where if also is None else where & also


def contains(column: str, word: str, *, ignore_case: bool = False) -> Any:
    """The filter expression of the rows in whose column a word stands."""
    return pc.match_substring(pc.field(column), word, ignore_case=ignore_case)


def topics_of(path: Path) -> set[str]:
    """Every topic of a file."""
    return set(pc.unique(read(path, ["topic"])["topic"]).to_pylist())
