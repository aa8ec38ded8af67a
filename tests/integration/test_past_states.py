"""The factory at any moment, over a real store and an archive, is the fold of what was said."""

import json
import os
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from omf.messages.message import Message
from omf.messages.printable import json_text
from omf.messages.stream_id import LAST_OF_MS, StreamId
from omf.state import FactoryState
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL
from services.history.manifest import ArchiveGap
from services.history.moments import NothingKnownError, state_at
from services.history.reader import History
from services.orders.view import thin_out
from tests.support.api import Door, problem
from tests.support.archives import HOUR_MS, START_MS, filled, folded, lights, merged
from tests.support.processes import Processes
from tests.support.shared import recording
from tests.support.system import omf

pytestmark = pytest.mark.alike

MOMENTS = int(os.environ.get("OMF_MOMENTS", "60"))
"""1,000 were compared before this number was chosen for every run."""
SESSION = "ml-wrb-red-nok_20260807_130729"


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as made:
        yield made


async def say(bus: Bus, messages: Sequence[Message]) -> None:
    """What ingest does with each."""
    async with bus.client.pipeline(transaction=False) as pipe:
        for message in messages:
            fields = {"t": message.topic, "p": message.payload, "q": message.qos}
            if message.retain:
                fields["r"] = 1
            pipe.xadd(bus.key(f"buffer:{JOURNAL}"), fields, message.id)
        await pipe.execute()


async def forget(bus: Bus, count: int) -> None:
    """What ingest does when the journal is full."""
    [journal] = await bus.buffers([JOURNAL])
    await bus.client.xtrim(bus.key(f"buffer:{JOURNAL}"), maxlen=journal.length - count)
    await bus.client.hincrby(bus.key("counters"), f"trimmed:{JOURNAL}", count)


def at(message: Message) -> float:
    return StreamId.parse(message.id).seconds


async def test_random_moments_of_a_recording_equal_the_fold(bus: Bus, tmp_path: Path) -> None:
    said = list(recording(SESSION))
    archived, kept = said[: len(said) * 2 // 3], said[len(said) // 2 :]
    merged(filled(tmp_path, archived, 300))
    await say(bus, said)
    await bus.save_snapshot(kept[700].id, folded(said[: said.index(kept[700]) + 1]))
    await forget(bus, len(said) - len(kept))
    history, state, place = History(tmp_path), FactoryState(), 0
    first, last = StreamId.parse(said[0].id).ms, StreamId.parse(said[-1].id).ms
    chance = random.Random(20260807)  # noqa: S311 - the same moments each time
    for ms in sorted(chance.randint(first, last + 60_000) for _ in range(MOMENTS)):
        moment, until = ms / 1000, StreamId(ms, LAST_OF_MS)
        while place < len(said) and StreamId.parse(said[place].id) <= until:
            state.apply(said[place], said[place].received_at)
            place += 1
        found = await state_at(bus, history, moment)
        assert found.through == said[place - 1].id
        assert found.state.snapshot() == state.snapshot(), moment
    assert history.faults == []


async def test_snapshots_lie_close_for_an_hour_and_hourly_before(bus: Bus) -> None:
    begin, state = START_MS - 4 * HOUR_MS, FactoryState().snapshot()
    every = range(begin, START_MS + 1, 120_000)
    for ms in every:
        await bus.save_snapshot(f"{ms}-0", state)
        await thin_out(bus, f"{ms}-0")
    kept = await bus.client.xrange(bus.key("snapshots"))
    ids = [StreamId.parse(entry_id.decode()).ms for entry_id, _ in kept]
    last_hour = [ms for ms in every if ms > START_MS - HOUR_MS]
    assert ids == [*range(begin, START_MS - HOUR_MS + 1, HOUR_MS), *last_hour]


async def test_a_moment_of_which_nothing_was_kept_says_so(bus: Bus, tmp_path: Path) -> None:
    said = lights(300)
    nowhere = History(tmp_path / "none")
    with pytest.raises(NothingKnownError, match="No message has been kept yet"):
        await state_at(bus, nowhere, at(said[0]))
    await say(bus, said[200:])
    with pytest.raises(NothingKnownError, match="the first message kept is of 2026-05-13 14:03:20"):
        await state_at(bus, nowhere, at(said[100]))
    # The journal let go what no historian had: between both nothing is known.
    filled(tmp_path, said[:100])
    await bus.client.hincrby(bus.key("counters"), f"trimmed:{JOURNAL}", 100)
    history = History(tmp_path)
    assert (await state_at(bus, history, at(said[99]))).state.snapshot() == folded(said[:100])
    with pytest.raises(NothingKnownError, match="between 2026-05-13 14:01:39 UTC and"):
        await state_at(bus, history, at(said[150]))
    with pytest.raises(NothingKnownError, match="the first message kept is of 2026-05-13 14:00:00"):
        await state_at(bus, history, at(said[0]) - 1)


async def test_a_gap_the_archive_knows_is_no_moment(bus: Bus, tmp_path: Path) -> None:
    said = lights(300)
    archive = filled(tmp_path, [*said[:100], *said[200:]])
    gap = ArchiveGap(after=said[99].id, until=said[200].id, count=100, cause="trimmed")
    [day] = archive.days.values()
    archive.storage.store(day.model_copy(update={"gaps": (gap,)}))
    history = History(tmp_path)
    with pytest.raises(NothingKnownError, match="between 2026-05-13 14:01:39 UTC and 2026-05-13"):
        await state_at(bus, history, at(said[150]))
    found = await state_at(bus, history, at(said[200]))
    assert found.state.snapshot() == folded([*said[:100], said[200]])


async def test_a_day_that_cannot_be_read_is_not_told_from_the_day_before(
    bus: Bus, tmp_path: Path
) -> None:
    said = lights(3 * 24, every_ms=HOUR_MS)
    filled(tmp_path, said)
    damaged = tmp_path / "2026-05-14" / "manifest.json"
    whole = damaged.read_text()
    damaged.write_text(whole[:200])
    history = History(tmp_path)
    with pytest.raises(NothingKnownError, match="The archive of 2026-05-14 cannot be read"):
        await state_at(bus, history, at(said[20]))
    assert (await state_at(bus, history, at(said[5]))).state.snapshot() == folded(said[:6])
    assert (await state_at(bus, history, at(said[40]))).state.snapshot() == folded(said[:41])
    damaged.write_text(whole)
    assert (await state_at(bus, history, at(said[20]))).state.snapshot() == folded(said[:21])


async def test_a_state_that_outlived_its_messages_is_not_shown_as_later(
    bus: Bus, tmp_path: Path
) -> None:
    said = lights(300, every_ms=60_000)
    archive = filled(tmp_path, said)
    [day] = archive.days.values()
    left = tuple(f for f in day.files if f.kind == "states" or f.first >= said[200].id)
    archive.storage.store(day.model_copy(update={"files": left}))
    with pytest.raises(NothingKnownError, match="the first message kept"):
        await state_at(bus, History(tmp_path), at(said[150]))


def test_the_command_line_reaches_as_far_as_the_archive(store_url: str, tmp_path: Path) -> None:
    said = lights(300, every_ms=60_000)
    filled(tmp_path / "history" / "mock", said)
    told = {"OMF_STORE_URL": store_url, "OMF_DATA": str(tmp_path)}
    shown = omf("state", "--at", "2026-05-13T15:00:00Z", "--json", **told)
    state = FactoryState()
    for message in said[:61]:
        state.apply(message, message.received_at)
    assert json.loads(shown.stdout) == json.loads(json_text(state.view(START_MS / 1000 + 3600)))
    for later in ("9999-12-31T23:59:59Z", "2999-01-01", "99999999999"):
        to_come = omf("state", "--at", later, **told)
        assert to_come.returncode == 1
        assert to_come.stderr.startswith("omf: This moment has not come yet.")
        assert not to_come.stdout
    early = omf("state", "--at", "2026-05-13T13:00:00Z", **told)
    assert early.returncode == 1
    assert early.stderr.startswith("omf: Nothing is known of that moment: the first message kept")
    assert not early.stdout


def test_the_api_reaches_as_far_as_the_archive(
    processes: Processes, store_url: str, tmp_path: Path
) -> None:
    said = lights(300, every_ms=60_000)
    filled(tmp_path / "history" / "mock", said)
    door = Door(processes, store_url, data=str(tmp_path)).ready()
    viewer = door.client("viewer")
    past = viewer.get("/state", params={"at": "2026-05-13T15:00:00Z"}).json()
    state = FactoryState()
    for message in said[:61]:
        state.apply(message, message.received_at)
    assert past == json.loads(json_text(state.view(START_MS / 1000 + 3600)))
    early = viewer.get("/state", params={"at": str(START_MS / 1000 - 60)})
    assert "2026-05-13 14:00:00 UTC" in problem(early, 404, "no-state")["detail"]
    later = viewer.get("/state", params={"at": "2999-01-01T00:00:00Z"})
    assert "has not come yet" in problem(later, 404, "no-state")["detail"]
    door.close()
