"""The archive on disk: what goes in comes out, whatever is merged, deleted, damaged or killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from services.historian import archive as writer
from services.historian import chunks
from services.historian.archive import Archive
from services.historian.chunks import ChunkBuilder
from services.history import retention
from services.history.manifest import ArchiveError
from services.history.reader import History
from services.history.retention import KeepLimit
from tests.support.archives import (
    CAMERA,
    HOUR_MS,
    LDR,
    START_MS,
    TO_ARCHIVE,
    archive_faults,
    filled,
    folded,
    go_on,
    light,
    lights,
    merged,
)
from tests.support.shared import RECORDINGS, recording

ODD = [
    Message("a/binary", b"\x00\xff\xfe not JSON", f"{START_MS}-0", qos=2, retain=True, dup=True),
    Message("a/empty", b"", f"{START_MS}-1"),
    Message(
        "a/half",
        b'{"x": "\\ud800", "\\udfff": 1, "n": 1e999, "i": 1' + b"0" * 400 + b"}",
        f"{START_MS}-2",
    ),
    Message("a/deep", b"[" * 5000 + b"]" * 5000, f"{START_MS}-3"),
    Message("a/\N{SNOWMAN}", '{"\N{SNOWMAN}": true}'.encode(), f"{START_MS}-4"),
    Message("played", b"{}", f"{START_MS}-5", recorded_at=1_700_000_000.123456, session="s1"),
]


def _messages(root: Path, **which: object) -> list[Message]:
    return [row.message for row in History(root).messages(**which)]  # type: ignore[arg-type]


def test_every_message_comes_back_as_it_was(tmp_path: Path) -> None:
    filled(tmp_path, ODD, 2)
    assert _messages(tmp_path) == ODD


def test_merging_changes_no_message_and_no_field(tmp_path: Path) -> None:
    said = lights(900, every_ms=9_000)
    archive = filled(tmp_path, said, 50)
    before = History(tmp_path).values(LDR, "ldr")
    files = sum(len(day.files) for day in archive.days.values())
    assert merged(archive)
    assert sum(len(day.files) for day in archive.days.values()) < files / 3
    assert _messages(tmp_path) == said
    assert History(tmp_path).values(LDR, "ldr") == before
    assert {value.number for value in before} == set(map(float, range(0, 900, 3)))
    assert not archive_faults(archive)


def test_a_message_is_found_by_id_time_topic_and_class(tmp_path: Path) -> None:
    said = lights(300, every_ms=60_000)
    merged(filled(tmp_path, said, 40))
    history = History(tmp_path)
    found = history.message(said[123].id)
    assert found is not None
    assert found.message == said[123]
    assert history.message(f"{START_MS}-77") is None
    since, until = START_MS + 60 * 60_000, START_MS + 90 * 60_000
    assert _messages(tmp_path, since_ms=since, until_ms=until) == said[60:90]
    assert _messages(tmp_path, topic_filter="/j1/+/1/i/ldr") == said[::3]
    assert _messages(tmp_path, kinds=["camera"]) == [m for m in said if m.topic == CAMERA]
    assert _messages(tmp_path, after=said[10].id, until=said[12].id) == said[11:13]
    assert not _messages(tmp_path, topic_filter="nobody/#")


def test_days_are_utc_and_an_hour_begins_with_a_state(tmp_path: Path) -> None:
    midnight = START_MS + 10 * HOUR_MS
    said = lights(200, midnight - 100_000)
    merged(filled(tmp_path, said))
    assert [day.day for day in History(tmp_path).days()] == ["2026-05-13", "2026-05-14"]
    [state] = History(tmp_path).entries("states")
    assert state.id == said[99].id
    assert _messages(tmp_path) == said


@pytest.mark.parametrize("name", RECORDINGS[:2])
def test_a_state_of_the_archive_is_the_fold_of_its_messages(tmp_path: Path, name: str) -> None:
    said = list(recording(name))
    shifted = [
        m._replace(id=f"{StreamId.parse(m.id).ms + i * 4_000}-{StreamId.parse(m.id)[1]}")
        for i, m in enumerate(said)
    ]
    merged(filled(tmp_path, shifted, 70))
    assert History(tmp_path).entries("states"), "it has to span an hour, or it shows little"
    for at in (0, len(shifted) // 3, len(shifted) - 1):
        through, state = History(tmp_path).state_until(shifted[at].id)
        assert through == shifted[at].id
        assert state.snapshot() == folded(shifted[: at + 1])


def test_a_busy_hour_has_states_over_any_number_of_restarts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "STATE_EVERY_MESSAGES", 100)
    said = lights(450, every_ms=10)
    for begin in range(0, 450, 30):
        history = History(tmp_path)
        through = history.through()
        kept = history.nearest_state(through)[1].total
        state = history.state_until(through)[1]
        builder = ChunkBuilder(retention.read(), through, state, kept)
        filled(tmp_path, said[begin : begin + 30], builder=builder)
    assert len(History(tmp_path).entries("states")) == 3
    assert History(tmp_path).state_until(said[-1].id)[1].snapshot() == folded(said)


def test_a_state_of_another_version_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = lights(100, every_ms=60_000)
    filled(tmp_path, said)

    def refuse(_: object) -> FactoryState:
        raise ValueError("another version")

    monkeypatch.setattr(FactoryState, "restore", refuse)
    assert History(tmp_path).state_until(said[-1].id)[1].snapshot() == folded(said)


@pytest.mark.parametrize("place_of_death", ["archive-files", "archive-manifest", "archive-merge"])
@pytest.mark.parametrize("times", [1, 4])
def test_killed_anywhere_each_message_is_there_once(
    tmp_path: Path, place_of_death: str, times: int
) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.support.archives import go_on;"
        "go_on(Path(sys.argv[1]))"
    )
    env = {**os.environ, "OMF_FAILPOINT": f"{place_of_death}:{times}"}
    run = [sys.executable, "-c", script, str(tmp_path)]
    root = Path(__file__).parents[4]
    died = subprocess.run(run, env=env, cwd=root, check=False)
    assert died.returncode == -signal.SIGKILL
    half = _messages(tmp_path)
    assert half == TO_ARCHIVE[: len(half)]
    go_on(tmp_path)
    assert _messages(tmp_path) == TO_ARCHIVE
    named = {file.name for day in History(tmp_path).days() for file in day.files}
    there = {path.name for path in tmp_path.glob("*/*.parquet")}
    assert named <= there


def test_merged_files_of_an_hour_ago_stay_for_who_reads_them_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = lights(400, every_ms=20_000)
    archive = filled(tmp_path, said, 60)
    reading = History(tmp_path).messages()
    first = next(reading)
    assert merged(archive)
    archive.sweep()
    assert [first.message, *(row.message for row in reading)] == said
    monkeypatch.setattr(writer, "LEFT_OVER_S", 0.0)
    archive.sweep()
    named = {file.name for day in archive.days.values() for file in day.files}
    assert {path.name for path in tmp_path.glob("*/*.parquet")} == named


def test_two_historians_do_not_write_into_one_folder(tmp_path: Path) -> None:
    first = Archive(tmp_path, "mock")
    first.open()
    with pytest.raises(ArchiveError, match="another historian"):
        Archive(tmp_path, "mock").open()
    first.close()
    second = Archive(tmp_path, "mock")
    second.open()
    second.close()


def test_a_folder_that_went_away_is_not_begun_anew_by_itself(tmp_path: Path) -> None:
    """A disk that was taken out comes back; what was written into an empty place would hide it."""
    root = tmp_path / "history"
    archive = filled(root, lights(100), 100)
    archive.open()
    root.rename(tmp_path / "aside")
    with pytest.raises(ArchiveError, match="is gone; put the folder back"):
        archive.open()
    assert not root.exists()
    root.mkdir()
    with pytest.raises(ArchiveError, match="another folder than before"):
        archive.storage.replace("day", b"")
    archive.open()
    assert archive.days == {}
    archive.close()


def test_the_folder_of_another_environment_is_not_written_into(tmp_path: Path) -> None:
    filled(tmp_path, lights(10))
    live = Archive(tmp_path, "live")
    with pytest.raises(ArchiveError, match="of mock and not of live"):
        live.open()
    live.close()


def test_what_is_over_its_limit_goes_oldest_first_and_the_newest_stays(tmp_path: Path) -> None:
    said = lights(30, every_ms=24 * HOUR_MS)
    archive = filled(tmp_path, said, 1)
    position = archive.through("journal")
    gone = archive.forget({"camera": KeepLimit(days=7, megabytes=1000)})
    assert {file.kind for file in gone} == {"camera"}
    kept = _messages(tmp_path, kinds=["camera"])
    assert [m for m in said if m.topic == CAMERA][-len(kept) :] == kept
    assert 2 <= len(kept) <= 3
    archive.forget({"messages": KeepLimit(days=3650, megabytes=0.000001)})
    assert len(_messages(tmp_path, kinds=["messages"])) == 1
    assert archive.through("journal") == position
    assert History(tmp_path).through() == position


def test_retention_can_be_divided_and_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "retention.yaml"
    limits = "{days: 1, megabytes: 1}"
    tables = f"tables: {{values: {limits}, states: {limits}, events: {limits}, audit: {limits}}}\n"
    wide = "topics:\n  few: {filters: ['/j1/#'], days: 1, megabytes: 1}\n"
    path.write_text(wide + tables, encoding="utf-8")
    with pytest.raises(ArchiveError, match="the last class must have the filter '#'"):
        retention.read(path)
    rest = "  rest: {filters: ['#'], days: 2, megabytes: 1}\n"
    path.write_text(wide + rest + tables, encoding="utf-8")
    found = retention.read(path)
    classes = [found.class_of(topic) for topic in (LDR, "ccu/x", "$SYS/x")]
    assert classes == ["few", "rest", "rest"]
    path.write_text("topics: {values: {}}", encoding="utf-8")
    with pytest.raises(ArchiveError, match=str(path)):
        retention.read(path)


def test_the_clock_set_back_leaves_an_order_of_ids(tmp_path: Path) -> None:
    # Ids never fall, so what came after the clock was set back has ids of the same millisecond.
    said = [light(n, START_MS)._replace(id=f"{START_MS}-{n}") for n in range(50)]
    filled(tmp_path, said, 7)
    assert _messages(tmp_path) == said
