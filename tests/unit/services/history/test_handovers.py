"""The last hand-overs, from the store and, where it has fewer, from the archive; none twice."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from omf.alarms.handover import (
    HandoverEntry,
    HandoverEvent,
    PendingHandover,
    answer,
    give,
    handover_report,
)
from omf.alarms.life import AlarmAct
from omf.analysis.shifts import default_shifts
from services.common.store import entries
from services.common.store.alarm_lives import AlarmsOwner
from services.common.store.bus import Bus
from services.history.handovers import last_handovers, shift_now
from services.history.manifest import Manifest
from services.history.reader import History
from services.history.rows import StoredEntry
from tests.support.archives import START_MS, archive_entries

NOTHING = handover_report({}, [], since=0.0, until=60.0)


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as opened:
        yield opened


def signed(count: int, every_s: int = 100) -> list[tuple[str, HandoverEntry]]:
    """So many shifts, each given and taken."""
    found: list[tuple[str, HandoverEntry]] = []
    for number in range(count):
        at = START_MS / 1000 + number * every_s
        wanted = PendingHandover(
            id=f"g-{number}", shift="early", since=at - 90, until=at, who="anna", at=at
        )
        given = give(None, wanted, NOTHING, AlarmAct(at, "anna"))[1]
        taken = answer(wanted, "", HandoverEvent.TAKEN, AlarmAct(at + 10, "bert"))[1]
        found += [(f"{round(one.at * 1000)}-0", one) for one in (given, taken)]
    return found


@pytest.mark.parametrize("kept", [0, 4, 12])
async def test_what_the_store_let_go_is_told_from_the_archive(
    bus: Bus, tmp_path: Path, kept: int
) -> None:
    found = signed(6)
    archive_entries(tmp_path, "handovers", found[: 12 - kept + 2])
    for entry_id, entry in found[12 - kept :]:
        await bus.client.xadd(bus.key("handovers"), entries.encode(entry), id=entry_id)
    last = await last_handovers(bus, History(tmp_path), 5)
    assert [one.given.handover for one in last] == [f"g-{number}" for number in (5, 4, 3, 2, 1)]
    assert {one.end.who for one in last if one.end} == {"bert"}


async def test_of_years_in_the_archive_only_the_newest_days_are_read(
    bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive_entries(tmp_path, "handovers", signed(12, every_s=86_400), portion=2)
    read: list[str] = []

    def counted(history: History, kind: str, **only: Sequence[Manifest]) -> list[StoredEntry]:
        read.extend(day.day for day in only.get("days", history.days()))
        return entries_of(history, kind, **only)

    entries_of = History.entries
    monkeypatch.setattr(History, "entries", counted)
    last = await last_handovers(bus, History(tmp_path), 3)
    assert [one.given.handover for one in last] == ["g-11", "g-10", "g-9"]
    assert len(read) == 3


async def test_a_shift_that_waits_is_told_as_it_was_given(bus: Bus) -> None:
    [(_, given), _] = signed(1)
    await bus.client.xadd(bus.key("handovers"), entries.encode(given))
    owner = AlarmsOwner(owner="o", at=given.at, handover=given.given)
    await bus.client.set(bus.key("alarms:owner"), owner.model_dump_json())
    now = await shift_now(bus, default_shifts())
    assert now.waiting == given.given
    assert (now.shift.name, now.report) == ("early", given.report)


async def test_while_nobody_gave_it_the_shift_of_the_calendar_is_told(bus: Bus) -> None:
    now = await shift_now(bus, default_shifts())
    assert now.waiting is None
    assert now.shift == default_shifts().handed_over_at(await bus.time())
