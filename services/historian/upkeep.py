"""Which closed files are to become one: an hour's messages, a day's fields and states."""

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from omf.messages.stream_id import StreamId
from services.history.manifest import HOUR_MS, ArchiveFile, Manifest
from services.history.retention import DAY_MS
from services.history.rows import DERIVED_KINDS

MAX_ROWS = {True: 600_000, False: 100_000}
"""Of a merged file: of fields and states, and of messages. Who sorts or reads holds all of one."""
MAX_RAW_BYTES = 64 * 1024 * 1024
MANY_FILES = 12
"""So many small files of the hour that still runs are merged at once."""


def due(
    day: Manifest, through_ms: int, damaged: Collection[str] = ()
) -> Iterator[list[ArchiveFile]]:
    """Files of a day that are to be merged, oldest first; `through_ms`: how far the archive is.

    The `damaged` ones stay as they are, by name, and no file is made that reaches over one.

    Messages stay in files of an hour, so that any second is a short read. What is made of them is
    merged once more when the day is over, so that a year of one field is few files.
    """
    day_over = any(
        through_ms // DAY_MS > StreamId.parse(file.last).ms // DAY_MS for file in day.files
    )
    for kind in sorted({file.kind for file in day.files}):
        derived = kind in DERIVED_KINDS
        span_ms = DAY_MS if derived and day_over else HOUR_MS
        ordered = sorted(day.of(kind), key=lambda file: StreamId.parse(file.first))
        for span, found in groupby(
            ordered, key=lambda file: StreamId.parse(file.first).ms // span_ms
        ):
            closed = through_ms // span_ms > span
            for part in _portions(found, MAX_ROWS[derived], damaged):
                if len(part) > 1 and (closed or len(part) >= MANY_FILES):
                    yield part


def _portions(
    files: Iterable[ArchiveFile], max_rows: int, damaged: Collection[str]
) -> Iterator[list[ArchiveFile]]:
    part: list[ArchiveFile] = []
    for file in files:
        rows = sum(one.rows for one in part) + file.rows
        raw = sum(one.raw_bytes for one in part) + file.raw_bytes
        full = rows > max_rows or raw > MAX_RAW_BYTES
        # Entries of a store whose clock was set back may lie between others: they are left so.
        between = part and StreamId.parse(file.first) <= StreamId.parse(part[-1].last)
        # States of another version of the fold are folded anew, those beside them need not be.
        other = part and file.fold_version != part[-1].fold_version
        if part and (full or between or other or file.name in damaged):
            yield part
            part = []
        if file.name not in damaged:
            part.append(file)
    if part:
        yield part
