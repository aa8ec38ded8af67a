"""Lives of pieces from the archive are those of all messages, whichever way they were found."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.workpieces.collect import collect
from omf.workpieces.record import record
from services.historian.chunks import ChunkBuilder
from services.history import lives as past
from services.history import retention
from services.history.reader import History
from tests.support.archives import HOUR_MS, filled, merged
from tests.support.shared import recording

DAY = (
    "red-storage-production_20260807_113213",
    "white-storage-production_20260807_111716",
    "ml-wrb-red-nok_20260807_130729",
)
START_MS = 1_786_060_800_000


def day(names: Sequence[str] = DAY) -> list[Message]:
    """These recordings, one beginning each second hour."""
    said: list[Message] = []
    for number, name in enumerate(names):
        messages = list(recording(name))
        shift = START_MS + 2 * number * HOUR_MS - StreamId.parse(messages[0].id).ms
        for message in messages:
            ms, sequence = StreamId.parse(message.id)
            said.append(message._replace(id=f"{ms + shift}-{sequence}"))
    return said


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    root = tmp_path_factory.mktemp("history") / "mock"
    merged(filled(root, day(), 1000))
    return History(root)


def test_all_lives_of_a_range_are_those_of_its_messages(history: History) -> None:
    whole = collect(day()).lives
    found = past.lives_between(history, None, None)
    assert found.lives == whole
    assert len(found.lives) == 5
    assert found.state.modules


def test_what_ended_is_not_folded_again(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    def folding(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(past, "_folded", folding)
    assert len(past.lives_between(history, None, None).lives) == 5


def test_a_day_of_another_fold_is_folded_anew(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = past.lives_between(history, None, None)
    monkeypatch.setattr(past, "has_lives", lambda _: False)
    assert past.lives_between(history, None, None).lives == whole.lives


def test_a_life_is_found_by_tag_order_and_id_however_long_ago(history: History) -> None:
    ended = [life for life in collect(day()).lives if life.end]
    assert len(ended) == 4
    for life in ended:
        for wanted in (life.tag, life.id, life.orders[-1].order_id):
            assert past.find_lives(history, str(wanted)) == ([life], 0, ())
    assert past.find_lives(history, "nobody") == ([], 0, ())
    assert past.find_lives(history, "'") == ([], 0, ())


def test_of_many_lives_of_a_tag_the_newest_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = day((DAY[0], DAY[0], DAY[0]))
    merged(filled(tmp_path, said, 1000))
    lives = [life for life in collect(said).lives if life.end]
    assert len({life.tag for life in lives}) == 1
    tag = str(lives[0].tag)
    assert past.find_lives(History(tmp_path), tag) == (lives, 0, ())
    since_ms = START_MS + HOUR_MS
    assert past.find_lives(History(tmp_path), tag, since_ms).lives == lives[1:]
    monkeypatch.setattr(past, "MAX_FOUND_LIVES", 2)
    assert past.find_lives(History(tmp_path), tag) == (lives[1:], 1, ())


def test_a_restart_anywhere_changes_no_life(tmp_path: Path) -> None:
    """The historian goes on from the state at the end of the archive."""
    said = day(DAY[:2])
    for begin in range(0, len(said), 700):
        through = History(tmp_path).through()
        _, state = History(tmp_path).state_until(through)
        builder = ChunkBuilder(retention.read(), through, state)
        filled(tmp_path, said[begin : begin + 700], 100, builder)
    found = past.lives_between(History(tmp_path), None, None)
    assert found.lives == collect(said).lives


def test_days_whose_lives_are_not_rows_yet_are_named(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "SNAPSHOT_VERSION", 0)
    assert past.find_lives(history, "nobody").unread_days == ("2026-08-07",)


def test_what_is_told_after_the_end_is_in_the_life(history: History) -> None:
    """The order of a delivered piece ends some seconds after the piece has left."""
    delivered = [one for one in past.lives_between(history, None, None).lives if one.end]
    assert any(one.end == "delivered" for one in delivered)
    assert all(trace.ended_at for life in delivered for trace in life.orders)


def test_a_range_has_who_was_in_the_house_then(history: History) -> None:
    begin, until = START_MS + 2 * HOUR_MS, START_MS + 3 * HOUR_MS
    found = past.lives_between(history, begin, until)
    assert found.lives == collect(day()[: _count(until)]).lives[1:]
    assert past.lives_between(history, begin - HOUR_MS, begin).lives == []
    assert past.lives_between(history, until, until + HOUR_MS // 2).lives == []


def _count(until_ms: int) -> int:
    return sum(StreamId.parse(message.id).ms < until_ms for message in day())


def test_a_record_has_the_same_surroundings_from_the_archive(history: History) -> None:
    found = past.lives_between(history, None, None)
    whole = past.whole_record(found.lives[0], found.state, past.archived_readings(history))
    assert all("surroundings" in event for event in whole["events"])
    assert any(event["surroundings"] for event in whole["events"])
    assert len(whole["events"]) == len(record(found.lives[0], found.state)["events"])


def test_an_empty_archive_has_no_lives(tmp_path: Path) -> None:
    assert past.lives_between(History(tmp_path), None, None).lives == []
