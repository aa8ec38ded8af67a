"""The hours of days that are over are kept, by this release's rules, and tell what was heard."""

from itertools import pairwise
from pathlib import Path

import pytest

from omf.analysis import shift_facts
from omf.analysis.shift_facts import joined
from omf.analysis.shift_figures import RangeFigures, shift_figures
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from services.historian import refolding
from services.historian.archive import Archive
from services.historian.day_hours import DayHours
from services.history import parquet, shift_hours
from services.history.manifest import ArchiveError, midnight_ms
from services.history.reader import History
from services.history.rows import HOUR_TABLE
from services.history.shift_hours import KeptDay, kept_days
from tests.support.archives import archive_faults, filled, merged
from tests.support.shared import recording

DAY, NEXT = "2026-08-07", "2026-08-08"


def over_midnight() -> list[Message]:
    """A session of a quarter of an hour that lies over a midnight, and a word a day later."""
    said = list(recording("ml-wrb-red-nok_20260807_130729"))
    middle_ms = StreamId.parse(said[len(said) // 2].id).ms
    shift_ms = midnight_ms(NEXT) - middle_ms
    moved = []
    for message in (*said, said[-1]):
        ms, sequence = StreamId.parse(message.id)
        moved.append(message._replace(id=f"{ms + shift_ms}-{sequence}"))
    last_ms = StreamId.parse(moved[-1].id).ms
    return [*moved[:-1], moved[-1]._replace(id=f"{last_ms + 86_400_000}-0")]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(refolding, "REST_FACTOR", 0.0)
    merged(filled(tmp_path, over_midnight(), 500))
    return tmp_path


def keep(root: Path, days: tuple[str, ...] = (DAY, NEXT)) -> int:
    archive = Archive(root, "mock")
    archive.open()
    work, steps = DayHours(archive), 0
    while work.step(days):
        steps += 1
        assert steps <= len(days)
    work.halt()
    archive.close()
    assert archive_faults(archive) == []
    return steps


def span() -> tuple[float, float]:
    begin = midnight_ms(DAY) / 1000
    return begin, begin + 2 * 86_400


def kept(root: Path, begin: float = span()[0], end: float = span()[1]) -> list[KeptDay]:
    return list(kept_days(History(root), (begin, end)))


def figures(root: Path) -> RangeFigures:
    hours = [hour for day in kept(root) for hour in day.hours]
    return shift_figures(joined(hours), span(), [span()])


def test_kept_hours_tell_what_one_reading_of_all_messages_tells(root: Path) -> None:
    assert keep(root) == 2
    begin, end = span()
    clock = shift_facts.ShiftClock(None, begin)
    recorder = shift_facts.FactsRecorder(clock, begin, [end])
    for message in over_midnight()[:-1]:
        recorder.take(message)
    whole = shift_figures(recorder.close()[0], span(), [span()])
    ours = figures(root)
    for one, other in zip(ours.figures, whole.figures, strict=True):
        assert one[:3] == other[:3]
        assert one.value == pytest.approx(other.value, abs=1e-6), one[:3]
    assert [one[:5] for one in ours.disturbances] == [one[:5] for one in whole.disturbances]
    assert sum(one.value or 0 for one in ours.figures if one[:3] == ("orders", "", "begun")) > 1


def test_each_hour_of_a_day_is_kept_once_and_read_as_far_as_it_lies_in_the_range(
    root: Path,
) -> None:
    keep(root)
    assert keep(root) == 0
    assert [len(one.hours) for one in kept(root)] == [24, 24]
    hours = [hour for day in kept(root) for hour in day.hours]
    assert all(a.until == b.since for a, b in pairwise(hours))
    begin = span()[0]
    [part] = kept(root, begin + 1800, begin + 5 * 3600 - 1)
    assert (part.hours[0].since, part.hours[-1].until) == (begin + 3600, begin + 4 * 3600)
    assert kept(root, begin + 1800, begin + 5400) == []
    assert kept(root, begin + 3 * 86_400, begin + 4 * 86_400) == []


def test_a_day_that_is_not_over_and_a_replay_keep_no_hours(root: Path) -> None:
    assert keep(root, ()) == 0
    replay = Archive(root, "mock")
    replay.open()
    replay.environment = "replay"
    assert not DayHours(replay).step([DAY, NEXT])
    replay.close()
    files = [file.kind for day in History(root).days() for file in day.files]
    assert HOUR_TABLE not in files


def test_hours_made_by_other_rules_are_made_anew(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        for module in (parquet, shift_hours):
            earlier.setattr(module, "facts_version", lambda: 7)
        assert keep(root) == 2
        assert len(kept(root)) == 2
    assert kept(root) == []
    assert keep(root) == 2
    assert len(kept(root)) == 2
    for day in History(root).days()[:2]:
        assert len(day.of(HOUR_TABLE)) == 1


def test_of_a_day_that_cannot_be_read_nothing_is_kept(root: Path) -> None:
    day = History(root).days()[0]
    [file, *_] = day.of("messages")
    path = root / DAY / file.name
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    archive = Archive(root, "mock")
    archive.open()
    with pytest.raises(ArchiveError, match=file.name):
        DayHours(archive).step([DAY])
    archive.close()
    assert kept(root) == []
    path.write_bytes(content)
    assert keep(root) == 2


def test_damaged_hours_are_heard_anew_and_not_told(root: Path) -> None:
    keep(root)
    [file] = History(root).days()[0].of(HOUR_TABLE)
    (root / DAY / file.name).write_bytes(b"PAR1 nothing of it PAR1")
    assert [one.day for one in kept(root)] == [NEXT]
