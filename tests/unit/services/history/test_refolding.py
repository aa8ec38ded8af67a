"""States of an earlier release are folded anew, day by day, beside everything else."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from omf.state.factory_state import SNAPSHOT_VERSION
from omf.workpieces.collect import collect
from services.historian import archive as archive_module
from services.historian import chunks, refolding
from services.historian.archive import Archive
from services.historian.chunks import ChunkBuilder
from services.historian.refolding import Refolding
from services.history import parquet, retention
from services.history.lives import find_lives, lives_between
from services.history.manifest import ArchiveError
from services.history.reader import History
from tests.support.archives import HOUR_MS, archive_faults, filled, folded_to, lights, merged
from tests.support.shared import recording

EVERY_MS = 60_000
DAYS_BEGIN = 1_778_630_400_000
DAYS = lights(3 * 1440, at_ms=DAYS_BEGIN, every_ms=EVERY_MS)
"""Three days from midnight on."""
RED = "be88d734ab51c7"


class OldFold(FactoryState):
    """What an earlier release took the same messages for."""

    def snapshot(self) -> dict[str, object]:
        return {"version": SNAPSHOT_VERSION - 1, "total": self.total}


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with monkeypatch.context() as earlier:
        earlier.setattr(parquet, "SNAPSHOT_VERSION", SNAPSHOT_VERSION - 1)
        builder = ChunkBuilder(retention.read(), "0-0", OldFold())
        merged(filled(tmp_path, DAYS, 500, builder))
    return tmp_path


def at_most(messages: Sequence[Message], message_id: str) -> list[Message]:
    return [m for m in messages if StreamId.parse(m.id) <= StreamId.parse(message_id)]


def refolded(root: Path, days: Sequence[str]) -> Archive:
    archive = Archive(root, "mock")
    archive.open()
    work = Refolding(archive)
    steps = 0
    while work.step(days):
        steps += 1
        assert steps <= len(days)
    work.halt()
    archive.close()
    return archive


def test_each_state_is_the_fold_of_this_release_at_the_same_message(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refolding, "REST_FACTOR", 0.0)
    before = [(one.id, one.time_ms) for one in History(old).entries("states")]
    assert len(before) == 71
    days = [day.day for day in History(old).days()]
    archive = refolded(old, days[:2])
    kept = History(old).entries("states")
    assert [(one.id, one.time_ms) for one in kept] == before
    for one in (*kept[:47:9], kept[46]):
        assert json.loads(one.data) == folded_to(at_most(DAYS, one.id)).snapshot()
    versions = [json.loads(one.data)["version"] for one in kept]
    assert versions == [SNAPSHOT_VERSION] * 47 + [SNAPSHOT_VERSION - 1] * 24
    assert archive_faults(archive) == []
    assert History(old).message(DAYS[2000].id) is not None


def test_a_moment_before_the_upgrade_goes_on_from_what_is_folded_anew(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refolding, "REST_FACTOR", 0.0)
    days = [day.day for day in History(old).days()]
    assert History(old).nearest_state(DAYS[-1].id)[0] == "0-0"
    refolded(old, days[:1])
    through, state = History(old).nearest_state(DAYS[-1].id)
    assert StreamId.parse(through).ms // HOUR_MS == StreamId.parse(DAYS[1439].id).ms // HOUR_MS - 1
    assert state.snapshot() == folded_to(at_most(DAYS, through)).snapshot()


def test_an_end_in_between_changes_nothing(old: Path) -> None:
    archive = Archive(old, "mock")
    archive.open()
    names = {file.name for day in archive.days.values() for file in day.files}
    work = Refolding(archive)
    work.halt()
    assert not work.step(list(archive.days))
    work = Refolding(archive)
    work._halt.wait = lambda _: True  # type: ignore[method-assign]
    assert not work.step(list(archive.days))
    archive.close()
    assert {file.name for day in archive.days.values() for file in day.files} == names
    assert {p.name for p in old.glob("*/*.parquet*")} == names


def test_the_lives_of_a_day_become_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day archived by a release without rows of lives; a piece came in the night before."""
    monkeypatch.setattr(refolding, "REST_FACTOR", 0.0)
    said = list(recording("ml-wrb-red-nok_20260807_130729"))
    shift = DAYS_BEGIN + 24 * HOUR_MS - StreamId.parse(said[len(said) // 3].id).ms
    moved = [one._replace(id=f"{StreamId.parse(one.id).ms + shift}-0") for one in said]
    with monkeypatch.context() as earlier:
        earlier.setattr(chunks.EndedLives, "rows", lambda *_: [])
        earlier.setattr(archive_module, "SNAPSHOT_VERSION", 0)
        merged(filled(tmp_path, moved, 500))
    days = [day.day for day in History(tmp_path).days()]
    assert find_lives(History(tmp_path), RED).unread_days == tuple(days)
    whole = lives_between(History(tmp_path), None, None).lives
    refolded(tmp_path, days)
    found = find_lives(History(tmp_path), RED)
    assert found.unread_days == ()
    assert found.lives == [life for life in whole if life.tag == RED]
    assert found.lives == [life for life in collect(moved).lives if life.tag == RED]
    assert lives_between(History(tmp_path), None, None).lives == whole
    assert not Refolding(Archive(tmp_path, "mock")).step(days)


def test_a_day_with_an_unreadable_file_keeps_its_states_until_it_is_put_back(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folded without those messages, nobody could tell that they are missing in the states."""
    monkeypatch.setattr(refolding, "REST_FACTOR", 0.0)
    archive = Archive(old, "mock")
    archive.open()
    day = min(archive.days)
    before = [file.name for file in archive.days[day].of("states")]
    victim = old / day / archive.days[day].of("messages")[0].name
    whole = victim.read_bytes()
    victim.write_bytes(whole[: len(whole) // 2])
    work = Refolding(archive)
    with pytest.raises(ArchiveError, match=victim.name):
        work.step([day])
    assert not work.step([day])
    assert [file.name for file in archive.days[day].of("states")] == before
    victim.write_bytes(whole)
    monkeypatch.setattr(refolding, "TRY_AGAIN_S", 0.0)
    assert work.step([day])
    archive.close()
    first = next(iter(History(old).entries("states")))
    assert json.loads(first.data) == folded_to(at_most(DAYS, first.id)).snapshot()
