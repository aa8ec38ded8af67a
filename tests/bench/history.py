"""What the archive costs and how fast it answers: `python -m tests.bench.history`.

Hours of traffic are made by repeating recordings at their own pace with shifted times and fresh
ids, so nothing repeats that would not in a factory. OMF_BENCH_HOURS=24 makes a whole day (6 is
usual). Processor time is of the historian alone: it tells little of what else the machine does.
"""

import os
import re
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.topics import catalogue
from services.common.process import clock
from services.common.store.bus import store
from services.common.store.keys import JOURNAL, buffer_key
from services.history.query import Question
from services.history.questions import ask
from services.history.reader import History
from services.history.retention import DAY_MS
from services.history.totals import totals
from services.supervisor.server import LocalServer
from tests.bench.needs import recordings, require, server
from tests.bench.report import Row, row, seconds, write
from tests.support.archives import HOUR_MS, START_MS, filled, merged
from tests.support.processes import Processes, Service
from tests.support.shared import RECORDINGS, recording

HOURS = int(os.environ.get("OMF_BENCH_HOURS", "6"))
UUID = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+")
SLOW, FAST = 5, 2000
"""Messages a second: a busy factory, and what has to be followed."""
SECONDS = {SLOW: 45, FAST: 15}


def traffic(begin_ms: int) -> Iterator[Message]:
    """Recorded messages without camera, one recording behind the other, for ever."""
    at_ms = begin_ms
    for turn in count():
        for name in RECORDINGS:
            said = [m for m in recording(name) if m.topic not in catalogue.PICTURES]
            first_ms = StreamId.parse(said[0].id).ms
            for message in said:
                ms, sequence = StreamId.parse(message.id)
                shifted = at_ms + ms - first_ms
                payload = fresh(message.payload, turn, shifted - ms)
                yield message._replace(id=f"{shifted}-{sequence}", payload=payload)
            at_ms += StreamId.parse(said[-1].id).ms - first_ms + 1000


def fresh(payload: bytes, turn: int, shift_ms: int) -> bytes:
    """The same with other ids, and its times moved."""

    def other_id(found: re.Match[bytes]) -> bytes:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{turn}{found[0]!r}")).encode()

    def later(found: re.Match[bytes]) -> bytes:
        text = found[0].decode()
        moved = datetime.fromisoformat(text[:26]) + timedelta(milliseconds=shift_ms)
        return moved.isoformat(timespec="milliseconds").encode().ljust(len(text), b"0")

    return STAMP.sub(later, UUID.sub(other_id, payload))


def sizes(root: Path) -> list[Row]:
    """Bytes a message of an archive of some hours, written and merged as a historian does."""
    until = START_MS + HOURS * HOUR_MS
    said = []
    for message in traffic(START_MS):
        if StreamId.parse(message.id).ms >= until:
            break
        said.append(message)
    raw = sum(len(m.topic) + len(m.payload) for m in said) / len(said)
    # A day is merged once more when it is over, and the first message of another says that it is.
    later = said[-1]._replace(id=f"{START_MS + DAY_MS}-0")
    took_s = seconds(lambda: merged(filled(root, [*said, later], 300)))
    rows = [
        row("messages written", "1000", [len(said) / 1000]),
        row("a message before compression", "bytes", [raw]),
        row("writing and merging a message", "us", [took_s / len(said) * 1e6]),
    ]
    # The day after holds nothing but a state to begin with.
    found = totals(History(root).days()[:-1])
    rows += [row(f"a message in {one.kind}", "bytes", [one.size / len(said)]) for one in found]
    whole = sum(one.size for one in found) / len(said)
    return [*rows, row("a message in all of it", "bytes", [whole])]


def answers(root: Path) -> list[Row]:
    """How long questions take, each three times."""
    history = History(root)
    said = [r.message for r in islice(history.messages(), 40_000, 40_001)] or [
        next(history.messages()).message
    ]
    middle = f"{START_MS + HOURS * HOUR_MS // 2 - 60_000}-0"
    light = "SELECT count(*), max(number) FROM field_values WHERE path = 'ldr'"
    text = "SELECT count(*) FROM messages WHERE contains(text, 'HBW')"
    work = {
        "a message by its id": partial(history.message, said[0].id),
        "the state just before a full hour": partial(history.state_until, middle),
        "one field over everything, in SQL": partial(ask, history, Question(light)),
        "a text in everything, in SQL": partial(ask, history, Question(text)),
    }
    return [row(name, "s", [seconds(one) for _ in range(3)]) for name, one in work.items()]


def follow(folder: Path) -> list[Row]:
    """Processor, memory and delay of a historian at both paces."""
    database, processes = LocalServer("store", folder / "store"), Processes(folder / "logs")
    try:
        database.start()
        told = {"store_url": database.url, "data": str(folder), "history_flush_s": "10"}
        historian = processes.service("historian", **told).wait_ready(120)
        return [one for pace in SECONDS for one in _at(pace, database.url, historian, folder)]
    finally:
        processes.close()
        database.kill()


def _at(pace: int, url: str, historian: Service, folder: Path) -> list[Row]:
    client: Any = store(url)
    began, worked_s = time.monotonic(), _processor_s(historian.pid)
    said = traffic(round(clock.now() * 1000))
    for turn in range(SECONDS[pace]):
        with client.pipeline(transaction=False) as pipe:
            for message in islice(said, pace):
                fields = {"t": message.topic, "p": message.payload, "q": 1}
                pipe.xadd(buffer_key("mock", JOURNAL), fields)
            last = pipe.execute()[-1].decode()
        time.sleep(max(0.0, turn + 1 - (time.monotonic() - began)))
    lasted_s = time.monotonic() - began
    used = (_processor_s(historian.pid) - worked_s) / lasted_s * 100
    ended = time.monotonic()
    history = History(folder / "history" / "mock")
    while (
        StreamId.parse(history.through()) < StreamId.parse(last) and time.monotonic() < ended + 120
    ):
        time.sleep(0.2)
    head = f"at {pace} messages a second"
    return [
        row(f"{head}: processor", "% of a core", [used], 1),
        row(f"{head}: memory", "MB", [_memory_mb(historian.pid)], 0),
        row(f"{head}: all on disk after", "s", [time.monotonic() - ended], 1),
    ]


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    [line] = [
        line
        for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
        if line.startswith("VmRSS")
    ]
    return int(line.split()[1]) / 1000


def main() -> None:
    """Measure all of it."""
    require("bench-history", recordings(), server("store"))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        rows = sizes(folder / "archive")
        rows += answers(folder / "archive")
        rows += follow(folder)
    write("history", rows, {})


if __name__ == "__main__":
    main()
