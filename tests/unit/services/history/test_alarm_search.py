"""What became of alarms, over archive and store: every entry once, narrowed, piece by piece."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmState
from omf.messages.stream_id import StreamId
from services.common.store import entries
from services.common.store.bus import Bus
from services.history.alarm_search import PassageQuestion, find_passages
from services.history.reader import History
from services.history.retention import DAY_MS
from tests.support.archives import START_MS, archive_alarms, passages

Told = list[tuple[str, AlarmEntry]]


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as opened:
        yield opened


def told(count: int, every_ms: int = 1000) -> Told:
    found = passages(count, every_ms=every_ms)
    return [(f"{round(entry.at * 1000)}-0", entry) for entry in found]


async def put(bus: Bus, found: Told) -> None:
    for entry_id, entry in found:
        await bus.client.xadd(bus.key("alarms"), entries.encode(entry), id=entry_id)


async def ids(bus: Bus | None, root: Path, **asked: Any) -> list[str]:
    page = await find_passages(bus, History(root), PassageQuestion(**{"limit": 10_000, **asked}))
    return [entry_id for entry_id, _ in page.entries]


@pytest.mark.parametrize(("archived", "kept"), [(40, 0), (40, 25), (25, 25), (0, 0), (60, 60)])
async def test_what_archive_and_store_both_have_is_told_once_and_nothing_is_missing(
    bus: Bus, tmp_path: Path, archived: int, kept: int
) -> None:
    found = told(60, every_ms=DAY_MS // 20)
    archive_alarms(tmp_path, found[:archived], 7)
    await put(bus, found[kept:])
    wanted = [entry_id for entry_id, _ in reversed(found)]
    lost = {entry_id for entry_id, _ in found[archived:kept]}
    assert await ids(bus, tmp_path) == [one for one in wanted if one not in lost]


async def test_an_emptied_store_whose_clock_was_set_back_hides_nothing(
    bus: Bus, tmp_path: Path
) -> None:
    found = told(30)
    archive_alarms(tmp_path, found[10:])
    await put(bus, found[:10])
    assert await ids(bus, tmp_path) == [entry_id for entry_id, _ in reversed(found)]


@pytest.mark.parametrize("kept", [0, 30, 60])
@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"device": "5iO4"}, lambda e: e.subject == "5iO4"),
        ({"device": "5iO"}, lambda _: False),
        ({"rule": "danger"}, lambda e: e.rule == "danger"),
        ({"priority": 3}, lambda e: e.priority == 3),
        ({"state": AlarmState.ACKNOWLEDGED}, lambda e: e.after == "acknowledged"),
        ({"state": AlarmState.NORMAL}, lambda e: e.after == "normal"),
        ({"text": "ANNA"}, lambda e: e.who == "anna"),
        ({"text": "störung 1"}, lambda e: e.text.de.startswith("Störung 1")),
        ({"text": "défaut 1"}, lambda e: e.text.fr.startswith("Défaut 1")),
        ({"text": '"'}, lambda _: False),
        ({"alarm": "danger:gas", "priority": 1}, lambda e: e.rule == "danger"),
        ({"since_ms": START_MS + 10_000}, lambda e: e.at >= START_MS / 1000 + 10),
        ({"until_ms": START_MS + 10_000}, lambda e: e.at < START_MS / 1000 + 10),
        ({"after": f"{START_MS + 50_000}-0"}, lambda e: e.at > START_MS / 1000 + 50),
        ({"before": f"{START_MS + 50_000}-0"}, lambda e: e.at < START_MS / 1000 + 50),
        ({"until_ms": 0}, lambda _: False),
    ],
)
async def test_it_is_narrowed_alike_wherever_an_entry_lies(
    bus: Bus, tmp_path: Path, kept: int, asked: dict[str, Any], fits: Any
) -> None:
    found = told(60)
    archive_alarms(tmp_path, found[: kept + 5])
    await put(bus, found[kept:])
    assert await ids(bus, tmp_path, **asked) == [
        entry_id for entry_id, entry in reversed(found) if fits(entry)
    ]


async def test_pages_follow_one_another_without_a_gap(bus: Bus, tmp_path: Path) -> None:
    found = told(50)
    archive_alarms(tmp_path, found[:30])
    await put(bus, found[20:])
    seen: list[str] = []
    asked, more = PassageQuestion(device="5iO4", limit=4), True
    while more:
        page = await find_passages(bus, History(tmp_path), asked)
        seen += [entry_id for entry_id, _ in page.entries]
        asked, more = asked._replace(before=seen[-1]), page.more
    assert seen == [one for one, entry in reversed(found) if entry.subject == "5iO4"]


async def test_a_damaged_file_is_named_and_the_store_fills_in_what_it_has(
    bus: Bus, tmp_path: Path
) -> None:
    found = told(60, every_ms=DAY_MS // 20)
    archive_alarms(tmp_path, found)
    await put(bus, found[45:])
    history = History(tmp_path)
    days = history.days()
    damaged, newest = (day.of("alarms")[0] for day in (days[0], days[-1]))
    (tmp_path / days[0].day / damaged.name).write_bytes(b"none")
    (tmp_path / days[-1].day / newest.name).write_bytes(b"none")
    day = StreamId.parse(damaged.first).ms // DAY_MS
    page = await find_passages(bus, history, PassageQuestion(limit=1000))
    left = [one for one, _ in reversed(found) if StreamId.parse(one).ms // DAY_MS != day]
    assert [entry_id for entry_id, _ in page.entries] == left
    assert [damaged.name in fault or newest.name in fault for fault in history.faults] == [True] * 2


async def test_a_forged_entry_is_passed_over(bus: Bus, tmp_path: Path) -> None:
    found = told(3)
    await put(bus, found)
    await bus.client.xadd(bus.key("alarms"), {"__data__": "{}"})
    await bus.client.xadd(bus.key("alarms"), {"other": "x"})
    assert await ids(bus, tmp_path / "none") == [entry_id for entry_id, _ in reversed(found)]


async def test_without_a_store_the_archive_answers(tmp_path: Path) -> None:
    found = told(5)
    archive_alarms(tmp_path, found)
    assert await ids(None, tmp_path) == [entry_id for entry_id, _ in reversed(found)]
