"""How long the report of an 8 h shift takes: `python -m tests.bench.shift_report`.

A day of traffic is archived as a historian does it; the report is made from the archive, with a
store that has nothing but its alarms and commands. OMF_BENCH_SHIFT_HOURS is how long (8 is usual).
"""

import asyncio
import os
import tempfile
from itertools import takewhile
from pathlib import Path

from omf.analysis.shifts import default_shifts
from omf.messages.stream_id import StreamId
from services.common.documents.life_record import Reader
from services.common.documents.pdf import pdf
from services.common.documents.shift_report import shift_report
from services.common.store.bus import Bus
from services.history.reader import History
from services.history.shift_reading import figures_between
from tests.bench.history import traffic
from tests.bench.needs import recordings, require, server
from tests.bench.report import row, seconds, write
from tests.support.archives import filled, merged
from tests.support.servers import LocalServer

HOURS = float(os.environ.get("OMF_BENCH_SHIFT_HOURS", "8"))
BEGIN_MS = 1_746_079_200_000
"""2025-05-01 06:00 UTC."""
RUNS = 3


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
        database.kill()
    rows = [
        row("messages of the shift", "1000", [len(said) / 1000], 0),
        row(f"figures of {HOURS:.0f} h", "s", taken),
        row("the same as PDF", "s", paper),
    ]
    write("shift_report", rows, {})


if __name__ == "__main__":
    main()
