"""Named sessions are of the archive: whole when the journal let them go, and not forgotten."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from omf.messages.message import Message
from omf.topics.catalogue import address
from services.common.sessions import named_ranges
from services.common.sessions.export import Range, export
from services.common.sessions.files import Recorded, read
from services.common.sessions.named_ranges import ListedSession, Session, listed
from services.common.store.bus import Bus
from services.common.store.journal import id_before
from services.common.store.keys import JOURNAL, LinkHealth, buffer_key
from services.history.reader import History
from services.history.rows import DERIVED_KINDS
from services.history.session_source import ArchiveSource
from tests.support.archives import CAMERA, LDR, light
from tests.support.processes import WAIT_S, Processes, Service, wait_for

pytestmark = pytest.mark.alike

STOCK = address("ccu_state_stock")
HOUR_S = 3600.0


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as one:
        yield one


async def _until(condition: Callable[[list[ListedSession]], bool], bus: Bus) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition(await listed(bus)):
        assert time.monotonic() < deadline, await listed(bus)
        await asyncio.sleep(0.1)


async def _lives(bus: Bus, born: float) -> None:
    """Ingest says since when the store keeps messages."""
    link = LinkHealth(connected=True, broker="b", since=born, at=born, born=born)
    await bus.client.set(bus.key("link:ingest"), link.model_dump_json())


async def _say(bus: Bus, begin: float, hours: int = 6) -> list[Message]:
    """One value of the stock, then light and a picture each minute."""
    said = [Message(STOCK, b'{"n":1}', f"{round(begin * 1000)}-0", qos=1, retain=True)]
    for minute in range(1, hours * 60):
        at_ms = round((begin + minute * 60) * 1000)
        said.append(light(minute, at_ms, CAMERA if minute % 2 else LDR))
    for message in said:
        fields = {"t": message.topic, "p": message.payload, "q": 1, "r": int(message.retain)}
        await bus.client.xadd(buffer_key("mock", JOURNAL), fields, message.id)
    return said


def _start(processes: Processes, store_url: str, data: Path, **settings: str) -> Service:
    told = {"history_flush_s": "0.3", "data": str(data), **settings}
    return processes.service("historian", store_url=store_url, **told)


def _little(folder: Path) -> str:
    """Limits over which all but the newest file of each kind is."""
    limits = {"days": 0.001, "megabytes": 0.001}
    topics = {"camera": {"filters": [CAMERA], **limits}, "rest": {"filters": ["#"], **limits}}
    told = {"topics": topics, "tables": dict.fromkeys(DERIVED_KINDS, limits)}
    path = folder / "retention.yaml"
    path.write_text(json.dumps(told), "utf-8")
    return str(path)


def _ids(path: Path) -> list[tuple[str, int]]:
    found = [one for one in read(path) if isinstance(one, Recorded)]
    return [(one.topic, round(one.at * 1000)) for one in found]


async def test_a_named_session_is_whole_when_journal_and_retention_let_the_rest_go(
    processes: Processes, store_url: str, bus: Bus, tmp_path: Path
) -> None:
    begin = time.time() - 6 * HOUR_S
    said = await _say(bus, begin)
    await _lives(bus, begin - 10)
    session = Session(name="fair", from_at=begin + HOUR_S, to_at=begin + 2 * HOUR_S)
    await named_ranges.name(bus, session)
    historian = _start(processes, store_url, tmp_path).wait_ready()
    await _until(lambda found: found[0].size > 0, bus)
    historian.stop(10)
    await bus.client.xtrim(buffer_key("mock", JOURNAL), maxlen=1, approximate=False)
    await bus.client.hset(bus.key("counters"), "trimmed:#", 1)
    _start(processes, store_url, tmp_path, history_retention=_little(tmp_path)).wait_ready()
    history = History(tmp_path / "history" / "mock")
    wait_for(lambda: any(day.forgotten for day in history.days()))
    left = [row.message.id for row in history.messages()]
    wanted = said[60:120]
    assert {one.id for one in wanted} <= set(left)
    assert len(left) < len(said) - 60
    [found] = await listed(bus)
    assert (found.session, found.kept) == (session, "whole")
    out = tmp_path / "fair.jsonl"
    ids = Range(id_before(session.from_at), id_before(session.to_at))
    counts = await export(ArchiveSource(bus, history), out, ids)
    assert counts.messages == len(wanted)
    assert _ids(out)[counts.retained :] == [(one.topic, int(one.id[:-2])) for one in wanted]


async def test_a_name_outlives_an_emptied_store_and_ends_when_it_is_taken_away(
    processes: Processes, store_url: str, bus: Bus, tmp_path: Path
) -> None:
    begin = time.time() - 6 * HOUR_S
    await _say(bus, begin)
    await _lives(bus, begin)
    kept, removed = (
        Session(name=name, from_at=begin + HOUR_S, to_at=begin + 2 * HOUR_S, note="seen")
        for name in ("kept", "removed")
    )
    for one in (kept, removed):
        await named_ranges.name(bus, one)
    _start(processes, store_url, tmp_path).wait_ready()
    await _until(lambda found: all(one.size for one in found) and len(found) == 2, bus)
    await named_ranges.remove(bus, "removed")
    file = tmp_path / "history" / "mock" / "sessions.json"
    wait_for(lambda: "removed" not in file.read_text("utf-8"))
    await bus.client.flushall()
    await _lives(bus, time.time())
    await _until(bool, bus)
    [found] = await listed(bus)
    assert (found.session, found.kept) == (kept, "whole")


async def test_an_export_leads_with_what_the_archive_knows_was_retained(
    bus: Bus, tmp_path: Path, processes: Processes, store_url: str
) -> None:
    begin = time.time() - 6 * HOUR_S
    await _say(bus, begin)
    historian = _start(processes, store_url, tmp_path).wait_ready()
    history = History(tmp_path / "history" / "mock")
    wait_for(lambda: history.through() != "0-0")
    historian.stop(10)
    await bus.client.flushall()
    out = tmp_path / "late.jsonl"
    wanted = Range(id_before(begin + HOUR_S), id_before(begin + 2 * HOUR_S))
    counts = await export(ArchiveSource(bus, history), out, wanted)
    assert (counts.messages, counts.retained) == (60, 3)
    assert {topic for topic, _ in _ids(out)[:3]} == {STOCK, LDR, CAMERA}
