"""How fast the archive answers questions: `python -m tests.bench.history_questions`.

Some hours of recordings are archived as a historian does it, then repeated with shifted times and
fresh ids: OMF_BENCH_DAYS days of messages (30 is usual) at the end of OMF_BENCH_FIELD_DAYS days of
fields and of ended lives (365 is usual); each tag comes in again on every fiftieth day.

Each question is a process of its own, as for a page; its start is measured
with it.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from omf.messages.stream_id import StreamId
from omf.state.factory_state import SNAPSHOT_VERSION
from services.history import parquet
from services.history.field_search import FieldName, FieldQuestion, list_fields, series, span_of
from services.history.lives import find_lives
from services.history.local import LocalStorage
from services.history.manifest import HOUR_MS, ArchiveFile, Manifest, day_of
from services.history.message_search import MessageQuestion, find_messages
from services.history.parquet import DayFolder
from services.history.reader import History
from services.history.retention import DAY_MS
from tests.bench.history import traffic
from tests.bench.needs import recordings, require
from tests.bench.report import Row, row, seconds, write
from tests.support.archives import filled, merged

DAYS = int(os.environ.get("OMF_BENCH_DAYS", "30"))
FIELD_DAYS = int(os.environ.get("OMF_BENCH_FIELD_DAYS", "365"))
BASE_HOURS = 2
"""Archived message by message; a day is twelve times that."""
MIDNIGHT_MS = 1_746_057_600_000
"""2025-05-01 00:00 UTC."""
STATE, CHARGE = "fts/v1/ff/5iO4/state", "batteryState.percentage"
UUID_PARTS = r"([0-9a-f]{8})-[0-9a-f]{4}-([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
HOUR = r"\d{4}-\d\d-\d\dT\d\d:"


def year(root: Path) -> int:
    """An archive of `FIELD_DAYS` days whose last `DAYS` have messages; how many messages."""
    with tempfile.TemporaryDirectory() as made:
        base = Path(made) / "mock"
        said = []
        for message in traffic(MIDNIGHT_MS):
            if StreamId.parse(message.id).ms >= MIDNIGHT_MS + BASE_HOURS * HOUR_MS:
                break
            said.append(message)
        merged(filled(base, said, 300))
        [day] = History(base).days()
        messages = list(_by_hour(base / day.day, day, "messages"))
        values, lives = (
            _day_of(kind, Path(made) / kind, list(_by_hour(base / day.day, day, kind)))
            for kind in ("values", "lives")
        )
    root.mkdir(parents=True, exist_ok=True)
    storage = LocalStorage(root)
    for number in range(FIELD_DAYS):
        shift = number * DAY_MS
        folder = DayFolder(storage, day_of(MIDNIGHT_MS + shift))
        files = [_shifted(folder, "values", values, shift)]
        files.append(_shifted(folder, "lives", _of_day(lives, number), shift))
        for turn in range(24 // BASE_HOURS if number >= FIELD_DAYS - DAYS else 0):
            at = shift + turn * BASE_HOURS * HOUR_MS
            files += [_shifted(folder, "messages", table, at) for table in messages]
        told = {"files": tuple(files), "lives": SNAPSHOT_VERSION}
        storage.store(Manifest(environment="mock", day=folder.day, **told))
    return sum(file.rows for one in History(root).days() for file in one.of("messages"))


def _by_hour(folder: Path, day: Manifest, kind: str) -> Iterator[pa.Table]:
    files = sorted(day.of(kind), key=lambda file: StreamId.parse(file.first))
    for _, found in groupby(files, key=lambda file: file.first_ms // HOUR_MS):
        yield pa.concat_tables([parquet.read(folder / one.name) for one in found])


def _of_day(lives: pa.Table, number: int) -> pa.Table:
    """These lives as others of their own, under tags that come in again on every fiftieth day."""
    rows = lives.to_pylist()
    for place, one in enumerate(rows):
        life, tag = f"{one['life']}~{number}.{place}", f"{one['tag'][:12]}{number % 50:02d}"
        data = one["data"].replace(one["tag"], tag).replace(one["life"], life, 1)
        one |= {"life": life, "tag": tag, "data": data}
    return pa.Table.from_pylist(rows, schema=lives.schema)


def _day_of(kind: str, root: Path, hours: list[pa.Table]) -> pa.Table:
    """The fields or lives of a day, merged as a historian merges them."""
    root.mkdir()
    folder = DayFolder(LocalStorage(root), day_of(MIDNIGHT_MS))
    files = [
        _shifted(folder, kind, table, turn * BASE_HOURS * HOUR_MS)
        for turn in range(24 // BASE_HOURS)
        for table in hours
    ]
    whole = parquet.merge(folder, files)
    return parquet.read(root / folder.day / whole.name)


def _shifted(folder: DayFolder, kind: str, table: pa.Table, shift_ms: int) -> ArchiveFile:
    times = pc.add(table["time"].cast(pa.int64()), shift_ms)
    place = table.column_names.index("time")
    moved = table.set_column(place, "time", times.cast(pa.timestamp("ms", "UTC")))
    ends = pc.min_max(times).as_py()
    if kind == "messages":
        at = pc.strftime(pa.scalar(ends["min"], pa.timestamp("ms", "UTC")), "%Y-%m-%dT%H:")
        text = moved["payload"].cast(pa.string())
        text = pc.replace_substring_regex(text, HOUR, str(at))
        text = pc.replace_substring_regex(text, UUID_PARTS, f"\\1-{shift_ms // HOUR_MS:04x}-\\2")
        place = moved.column_names.index("payload")
        moved = moved.set_column(place, "payload", text.cast(pa.binary()))
    groups = [
        moved.slice(at, parquet.GROUP_ROWS) for at in range(0, len(moved), parquet.GROUP_ROWS)
    ]
    span = (f"{ends['min']}-0", f"{ends['max']}-9")
    return parquet._written(folder, kind, span, groups, parquet.QUICK)


def _tag_of(history: History) -> str:
    """A tag that came in on the first day."""
    oldest = history.days()[0]
    [file] = oldest.of("lives")
    table = parquet.read(history.storage.local(oldest.day, file), ("tag",))
    return next(tag for tag in table["tag"].to_pylist() if tag)


def answers(root: Path) -> list[Row]:
    """How long questions take, each three times."""
    history = History(root)
    end = MIDNIGHT_MS + FIELD_DAYS * DAY_MS
    month = MessageQuestion(since_ms=end - 30 * DAY_MS, until_ms=end, newest_first=True)
    [middle] = find_messages(history, month._replace(since_ms=end - 15 * DAY_MS, limit=1))[0]
    field = FieldName(STATE, CHARGE)
    whole = span_of(history, None, None)
    assert whole is not None
    last_month = (end - 30 * DAY_MS, end)
    work: dict[str, Callable[[], object]] = {
        "a message by its id": partial(history.message, middle.id),
        "30 days by a text that is often there": partial(
            find_messages, history, month._replace(text="SVR3QA0022")
        ),
        "30 days by a text that is nowhere": partial(
            find_messages, history, month._replace(text="nowhere at all")
        ),
        "30 days by an expression that is nowhere": partial(
            find_messages, history, month._replace(regex="NOWHERE[0-9]+")
        ),
        "30 days by topic and path": partial(
            find_messages, history, month._replace(topic_filter=STATE, where=f"{CHARGE} < 20")
        ),
        "30 days by topic and path, nowhere": partial(
            find_messages, history, month._replace(topic_filter=STATE, where=f"{CHARGE} < -1")
        ),
        "one field over a year": partial(series, history, FieldQuestion([field], *whole)),
        "one field over 30 days": partial(series, history, FieldQuestion([field], *last_month)),
        "the fields of 30 days": partial(list_fields, history, *last_month),
        "the fields of a year": partial(list_fields, history),
        "the lives of a tag in a year": partial(find_lives, history, _tag_of(history)),
    }
    return [row(name, "s", [seconds(one) for _ in range(3)]) for name, one in work.items()]


def main() -> None:
    """Measure all of it."""
    require("bench-history_questions", recordings())
    with tempfile.TemporaryDirectory() as made:
        root = Path(made) / "mock"
        rows = [row("messages archived", "1000", [year(root) / 1000], 0)]
        rows.append(row("days of fields", "", [FIELD_DAYS], 0))
        rows += answers(root)
    write("history_questions", rows, {})


if __name__ == "__main__":
    main()
