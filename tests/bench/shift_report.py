"""How long the report of an 8 h shift and of a month takes: `python -m tests.bench.shift_report`.

A day of traffic is archived as a historian does it; the report is made from the archive, with a
store that has nothing but its alarms and commands. OMF_BENCH_SHIFT_HOURS is how long (8 is usual).
The days of the month repeat one day, with ids of orders of their own, and their hours are kept as
the historian keeps them. OMF_BENCH_SHIFT_DAYS is how many there are (30 is usual).
"""

import asyncio
import os
import tempfile
from itertools import takewhile
from pathlib import Path

from omf.analysis.shift_clock import SHIFT_ENTRIES
from omf.analysis.shifts import default_shifts
from omf.constants import DAY_S
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.topics import catalogue
from omf.topics.filters import matches_any
from services.common.documents.life_record import Reader
from services.common.documents.pdf import pdf
from services.common.documents.shift_report import shift_report
from services.common.store.bus import Bus
from services.historian import refolding
from services.historian.archive import Archive, ArchiveChunk
from services.historian.chunks import archived, state_entry
from services.historian.day_hours import DayHours
from services.history.reader import History
from services.history.retention import DAY_MS
from services.history.rows import HOUR_TABLE
from services.history.shift_reading import figures_between
from services.history.tables import message_table, stored_table
from tests.bench.history import fresh, traffic
from tests.bench.needs import recordings, require, server
from tests.bench.report import Row, row, seconds, write
from tests.support.archives import filled, folded_to, merged
from tests.support.servers import LocalServer

HOURS = float(os.environ.get("OMF_BENCH_SHIFT_HOURS", "8"))
BEGIN_MS = 1_746_079_200_000
"""2025-05-01 06:00 UTC."""
DAYS = int(os.environ.get("OMF_BENCH_SHIFT_DAYS", "30"))
MONTH_MS = 1_746_057_600_000
"""2025-05-01 00:00 UTC."""
UNKEPT_DAYS = min(DAYS, 3)
RUNS = 3


def month(root: Path) -> None:
    """An archive of so many days, all of them over."""
    end_ms = MONTH_MS + DAY_MS
    patterns = sorted(catalogue.find(name).pattern for name in SHIFT_ENTRIES)
    day = [
        message
        for message in takewhile(lambda m: StreamId.parse(m.id).ms < end_ms, traffic(MONTH_MS))
        if matches_any(patterns, message.topic)
    ]
    archive = Archive(root, "mock")
    archive.open()
    ended = folded_to(day[-5000:])
    for number in range(DAYS):
        said = [_moved(message, number) for message in day]
        before = StreamId(StreamId.parse(said[0].id).ms - 1, 0)
        state = state_entry(str(before), ended)
        for begin in range(0, len(said), 5000):
            rows = archived(said[begin : begin + 5000])
            columns = {"messages": message_table(rows), "states": stored_table([state][begin:])}
            span = rows[0].message.id, rows[-1].message.id
            archive.append(ArchiveChunk("journal", *span, columns))
    archive.close()
    merged(archive)


def _moved(message: Message, days: int) -> Message:
    ms, sequence = StreamId.parse(message.id)
    payload = fresh(message.payload, 1000 + days, days * DAY_MS)
    return message._replace(id=f"{ms + days * DAY_MS}-{sequence}", payload=payload)


def keep_hours(root: Path) -> None:
    """As the historian does it, without its rests."""
    refolding.REST_FACTOR = 0.0
    archive = Archive(root, "mock")
    archive.open()
    work = DayHours(archive)
    for _ in range(DAYS):
        work.step(list(archive.days))
    archive.close()


def of_month(made: Path, url: str) -> list[Row]:
    """The report of the month, before its hours are kept and after."""
    root, begin = made / "month" / "mock", MONTH_MS / 1000
    month(root)

    async def report(days: int) -> object:
        span = begin, begin + days * DAY_S
        async with Bus(url, "mock") as bus:
            return await figures_between(bus, History(root), span, default_shifts())

    unkept = seconds(lambda: asyncio.run(report(UNKEPT_DAYS)))
    kept = seconds(lambda: keep_hours(root)) / DAYS
    taken = [seconds(lambda: asyncio.run(report(DAYS))) for _ in range(RUNS)]
    size = sum(one.size for day in History(root).days() for one in day.of(HOUR_TABLE))
    return [
        row(f"figures of {UNKEPT_DAYS} days of which no hour is kept", "s", [unkept]),
        row("keeping the hours of a day, without rests", "s", [kept]),
        row("kept hours of a day", "KB", [size / DAYS / 1000], 0),
        row(f"figures of {DAYS} days", "s", taken),
    ]


def main() -> None:
    """Measure it."""
    require("bench-shift_report", recordings(), server("store"))
    end_ms = BEGIN_MS + round(HOURS * 3_600_000)
    with tempfile.TemporaryDirectory() as made:
        root = Path(made) / "mock"
        said = list(takewhile(lambda m: StreamId.parse(m.id).ms < end_ms, traffic(BEGIN_MS)))
        merged(filled(root, said, 2000))
        database = LocalServer("store", Path(made) / "store")
        database.start()
        span = BEGIN_MS / 1000, end_ms / 1000

        async def figures() -> object:
            async with Bus(database.url, "mock") as bus:
                return await figures_between(bus, History(root), span, default_shifts())

        found = asyncio.run(figures())
        taken = [seconds(lambda: asyncio.run(figures())) for _ in range(RUNS)]
        reader = Reader("de", None)
        paper = [seconds(lambda: pdf(shift_report(found, "8 h", reader))) for _ in range(RUNS)]
        of_days = of_month(Path(made), database.url) if DAYS else []
        database.kill()
    rows = [
        row("messages of the shift", "1000", [len(said) / 1000], 0),
        row(f"figures of {HOURS:.0f} h", "s", taken),
        row("the same as PDF", "s", paper),
        *of_days,
    ]
    write("shift_report", rows, {})


if __name__ == "__main__":
    main()
