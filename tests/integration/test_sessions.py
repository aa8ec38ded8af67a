"""Sessions of a running mirror: named afterwards, written with all that is known, taken over."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from omf.topics.catalogue import address
from services.common.process import clock
from services.common.sessions import named_ranges
from services.common.sessions.export import JournalSource, Range, export
from services.common.sessions.files import Recorded, SessionError, read
from services.common.sessions.named_ranges import Session
from services.common.sessions.session_folder import DamagedSessionError, SessionFolder
from services.common.sessions.topic_groups import TOPIC_PRESETS
from services.common.store import journal
from services.common.store.bus import Bus
from services.common.store.keys import CommandEvent, Stage
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

STOCK, RESET, CAMERA = map(address, ("ccu_state_stock", "ccu_set_reset", "txt_cam"))
GOOD = '{"ts":"2026-08-07T09:11:27.016Z","topic":"a/b","payload":"{}"}'


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as one:
        yield one


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def test_a_session_is_written_with_what_was_known_at_its_start(
    processes: Processes, servers: Addresses, bus: Bus, tmp_path: Path
) -> None:
    mirrored = Mirrored(processes, servers.store_url, servers.mqtt_url).ready()
    says = mirrored.publisher()
    for payload in (b'{"old":1}', b'{"stockItems":[]}'):
        says.publish(STOCK, payload, retain=True).result(5)
    wait_for(lambda: len(mirrored.messages()) == 2)
    begin = await journal.last_id(bus)
    says.publish(RESET, b'{"withStorage":false}').result(5)
    says.publish(CAMERA, b"picture").result(5)
    says.stop()
    wait_for(lambda: len(mirrored.messages()) == 4)
    told = CommandEvent(
        command_id="c-1", kind="factory-reset", stage=Stage.PUBLISHED, at=await bus.time(),
        topic=RESET, payload='{"withStorage":false}',
    )  # fmt: skip
    await bus.add("events", told)

    out = tmp_path / "a.jsonl"
    counts = await export(JournalSource(bus), out, Range(after=begin), TOPIC_PRESETS["camera"])
    assert counts == (1, 1, 1)
    stock, reset = rows(out)
    assert (stock["topic"], stock["payload"]) == (STOCK, '{"stockItems":[]}')
    assert (stock["retain"], stock["direction"]) == (True, "from_factory")
    assert (reset["command_id"], reset["direction"], reset["qos"]) == ("c-1", "to_factory", 1)
    assert stock["ts"] == reset["ts"]
    assert [item.command_id for item in read(out) if isinstance(item, Recorded)] == ["", "c-1"]


async def test_a_name_is_given_afterwards_and_to_one_range_only(bus: Bus) -> None:
    now = clock.now()
    early = Session(name="early", from_at=now - 90, to_at=now - 60)
    await named_ranges.name(bus, Session(name="late", from_at=now - 30, to_at=now))
    await named_ranges.name(bus, early)
    assert [one.name for one in await named_ranges.every(bus)] == ["early", "late"]
    with pytest.raises(named_ranges.SessionNameError, match="already"):
        await named_ranges.name(bus, early)
    assert await named_ranges.find(bus, "early") == early
    await named_ranges.remove(bus, "early")
    with pytest.raises(named_ranges.SessionNameError, match="no session"):
        await named_ranges.remove(bus, "early")


async def test_what_the_journal_forgot_is_said(bus: Bus) -> None:
    key, counters = bus.key("buffer:#"), bus.key("counters")
    for second in (100, 200, 300):
        await bus.client.xadd(key, {"t": "a", "p": "1"}, f"{second}000-0")
    old, cut, new = (Session(name="a", from_at=at, to_at=at + 60) for at in (20.0, 80.0, 150.0))
    assert await named_ranges.kept_in_journal(bus, cut) == "whole"
    await bus.client.hset(counters, "trimmed:#", 1)
    assert [await named_ranges.kept_in_journal(bus, one) for one in (old, cut, new)] == [
        "gone",
        "partly",
        "whole",
    ]


def test_damaged_lines_stop_an_import_unless_skipping_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "foreign.jsonl"
    file.write_text(f"{GOOD}\nnonsense\n{GOOD}\n", "utf-8")
    library = SessionFolder(tmp_path / "library")
    with pytest.raises(DamagedSessionError) as refused:
        library.add(file, "day")
    assert [item.line for item in refused.value.damaged] == [2]
    assert library.names() == []
    assert [item.line for item in library.add(file, "day", skip_damaged=True)] == [2]
    assert library.names() == ["day"]
    assert len(list(read(library.path("day")))) == 2
    with pytest.raises(SessionError, match="already"):
        library.add(file, "day", skip_damaged=True)


@pytest.mark.parametrize("name", ["../out", "", ".hidden", "a/b", "x" * 121])
def test_a_name_never_leaves_the_library(tmp_path: Path, name: str) -> None:
    with pytest.raises(SessionError, match="no name"):
        SessionFolder(tmp_path).path(name)
