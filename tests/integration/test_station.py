"""The session station as a process: obeyed through the store, recorded again, compared."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from omf.analysis import analyse, compare
from omf.topics.catalogue import address
from services.common.sessions import named_ranges, station
from services.common.sessions.export import JournalSource, Range, export
from services.common.sessions.files import Recorded, SessionWriter, read, stamped
from services.common.sessions.named_ranges import Session
from services.common.sessions.session_folder import SessionFolder
from services.common.sessions.station import ReplayControl, ReplayStatus
from services.common.store.bus import Bus
from tests.support.processes import Processes
from tests.support.servers import Addresses
from tests.support.shared import shared_path

pytestmark = pytest.mark.alike

NONSENSE = (
    *(("speed", value) for value in ("backwards", "0", "-1", "nan", "inf", "1e9")),
    *(("seek", value) for value in ("soon", "-5", "nan", "inf")),
    *(("jump", value) for value in ("", "a/#/b", "*/state")),
    *(("seek_order", ""), ("loop", "perhaps"), ("loop", "9-3"), ("play", "")),
)
NAME = "storage-blue_20260303_080705"
STATE = address("fts_state", serial="5iO4")


@pytest.fixture
async def bus(servers: Addresses) -> AsyncIterator[Bus]:
    async with Bus(servers.store_url, "replay") as one:
        yield one


@pytest.fixture
def launched(processes: Processes, servers: Addresses, tmp_path: Path) -> SessionFolder:
    """The station runs; its library."""
    where = {"store_url": servers.store_url, "mqtt_url": servers.mqtt_url, "data": str(tmp_path)}
    processes.service("replay", environment="replay", **where).wait_ready()
    return SessionFolder(tmp_path / "sessions")


async def ask(bus: Bus, action: str, value: str = "") -> ReplayStatus:
    # A wish from before the station looked for the first time counts as one of an earlier life.
    await until(bus)
    wish = ReplayControl.model_validate({"action": action, "value": value})
    wanted = await station.control(bus, wish)
    async with asyncio.timeout(10):
        while True:
            now = await station.status(bus)
            if now and now.control == wanted:
                return now
            await asyncio.sleep(0.02)


async def until(bus: Bus, **facts: Any) -> ReplayStatus:
    async with asyncio.timeout(20):
        while True:
            now = await station.status(bus)
            if now and facts.items() <= now.model_dump().items():
                return now
            await asyncio.sleep(0.05)


async def mirrored(bus: Bus, count: int) -> None:
    async with asyncio.timeout(20):
        while True:
            (info,) = await bus.buffers(["#"])
            if info.length >= count:
                return
            await asyncio.sleep(0.1)


def lines(path: Path) -> list[Recorded]:
    return [item for item in read(path) if isinstance(item, Recorded)]


async def test_a_session_replayed_and_recorded_again_is_the_same(
    launched: SessionFolder, bus: Bus, processes: Processes, servers: Addresses, tmp_path: Path
) -> None:
    processes.service(
        "ingest", environment="replay", store_url=servers.store_url, mqtt_url=servers.mqtt_url
    ).wait_ready()
    launched.add(shared_path("recordings", f"{NAME}.jsonl.gz"), NAME)
    await ask(bus, "speed", "max")
    await ask(bus, "play", NAME)
    ended = await until(bus, state="ended")
    first = lines(launched.path(NAME))
    assert (ended.sent, ended.total) == (len(first), len(first))
    again = tmp_path / "again.jsonl.gz"
    await mirrored(bus, len(first))
    await export(JournalSource(bus), again, Range())
    second = lines(again)
    assert [(m.topic, m.payload) for m in second] == [(m.topic, m.payload) for m in first]
    held = compare(analyse(list(stamped(first))), analyse(list(stamped(second))))
    assert held.verdict == "identical"
    assert [pair.states_a for pair in held.orders] == [pair.states_b for pair in held.orders]


async def test_the_station_obeys_and_says_why_where_it_cannot(
    launched: SessionFolder, bus: Bus
) -> None:
    assert "nothing is being played" in (await ask(bus, "pause")).refused
    assert "missing" in (await ask(bus, "play", "missing")).refused
    assert "no name" in (await ask(bus, "play", "../secret")).refused
    launched.add(shared_path("recordings", f"{NAME}.jsonl.gz"), NAME)
    await ask(bus, "play", NAME)
    paused = await ask(bus, "pause")
    assert (paused.state, paused.session, paused.refused) == ("paused", NAME, "")
    assert paused.sessions == (NAME,)
    sought = await ask(bus, "seek", "60")
    assert sought.position_s == 60.0
    stepped = await ask(bus, "step")
    assert (stepped.index, stepped.state) == (sought.index + 1, "paused")
    items = lines(launched.path(NAME))
    assert stepped.begin_at == items[0].at
    jumped = await ask(bus, "jump", STATE)
    assert items[jumped.index - 1].topic == STATE
    order = await ask(bus, "seek_order", "bfce0583-ceb8-4def-9a0d-21542585dc3d")
    assert b"bfce0583" in items[order.index].payload
    assert "no message names" in (await ask(bus, "seek_order", "nobody")).refused
    for action, nonsense in NONSENSE:
        now = await ask(bus, action, nonsense)
        assert now.refused, (action, nonsense)
        assert (now.state, now.index, now.speed, now.loop) == ("paused", order.index, 1.0, False)
    assert (await ask(bus, "stop")).state == "empty"


async def test_the_pace_is_kept_through_the_station(
    launched: SessionFolder, bus: Bus, tmp_path: Path
) -> None:
    file = tmp_path / "even.jsonl"
    with SessionWriter(file) as out:
        for number in range(50):
            out.write(Recorded(number / 10, "even", str(number).encode()))
    launched.add(file, "even")
    await ask(bus, "speed", "10")
    await ask(bus, "play", "even")
    ended = await until(bus, state="ended")
    assert ended.sent == 50
    assert ended.p99_ms is not None


async def test_a_named_range_of_another_environment_is_taken_over_and_reported_on(
    launched: SessionFolder, bus: Bus, servers: Addresses
) -> None:
    begin = 1_790_000_000
    async with Bus(servers.store_url, "mock") as mock:
        for number in range(20):
            fields = {"t": STATE, "p": json.dumps({"headerId": number}), "q": 1, "r": 0}
            await mock.client.xadd(mock.key("buffer:#"), fields, f"{(begin + number) * 1000}-0")
        wanted = Session(name="fair", from_at=begin + 4.5, to_at=begin + 9.5)
        await named_ranges.name(mock, wanted)
        await named_ranges.name(mock, wanted.model_copy(update={"name": "long-ago", "to_at": 2.0}))
    assert not (await ask(bus, "take", "mock/fair?")).refused
    await until(bus, busy="", sessions=("fair",))
    played = [json.loads(item.payload)["headerId"] for item in lines(launched.path("fair"))]
    assert played == [4, 5, 6, 7, 8, 9], "the state retained at its start leads"
    assert not (await ask(bus, "report", "fair?en")).refused
    await until(bus, busy="", reports=("fair",))
    page = await station.report(bus, "fair")
    assert page is not None
    assert b'<html lang="en">' in page
    assert b'id="compare"' not in page
    for value, why in (
        ("mock/fair", "in the library already"),
        ("mock/long-ago", "nothing of"),
        ("mock/none", "there is no session"),
        ("mars/fair", "is no environment"),
        ("mock/x?nonsense", "preset"),
    ):
        await ask(bus, "take", value)
        now = await until(bus, busy="")
        assert why in now.failed
        assert now.sessions == ("fair",)


async def test_two_sessions_of_the_library_are_held_against_each_other(
    launched: SessionFolder, bus: Bus
) -> None:
    launched.path("day").parent.mkdir(parents=True, exist_ok=True)
    for name, count in (("day", 5), ("night", 7)):
        with SessionWriter(launched.path(name)) as out:
            for number in range(count):
                out.write(Recorded(1_790_000_000.0 + number, STATE, b'{"headerId": 1}'))
    await until(bus, sessions=("day", "night"))
    assert not (await ask(bus, "report", "day?de?night")).refused
    await until(bus, busy="", failed="", reports=("day",))
    page = await station.report(bus, "day")
    assert page is not None
    assert b'id="compare"' in page
    assert b"night" in page
    await ask(bus, "report", "day?de?none")
    assert "none" in (await until(bus, busy="")).failed
