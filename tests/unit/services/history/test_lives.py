"""Lives of pieces from the archive are those of all messages, whichever way they were found."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.workpieces.collect import collect
from omf.workpieces.life import WorkpieceLife
from omf.workpieces.record import record
from services.history import lives as past
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


def shown(lives: Sequence[WorkpieceLife]) -> list[tuple[str | None, str | None, int, int]]:
    return [(one.tag, one.end, len(one.events), len(one.orders)) for one in lives]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    root = tmp_path_factory.mktemp("history") / "mock"
    merged(filled(root, day(), 1000))
    return History(root)


def test_all_lives_of_a_range_are_those_of_its_messages(history: History) -> None:
    whole = collect(day()).lives
    found = past.lives_between(history, None, None)
    assert shown(found.lives) == shown(whole)
    assert len(found.lives) == 5
    assert found.state.modules


def test_where_states_follow_each_other_only_the_end_is_folded(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = past.lives_between(history, None, None)
    folded = 0

    class Counting(past.LifeCollector):
        def take(self, message: Message) -> None:
            nonlocal folded
            folded += 1
            super().take(message)

    monkeypatch.setattr(past, "LifeCollector", Counting)
    again = past.lives_between(history, None, None)
    assert shown(again.lives) == shown(whole.lives)
    assert folded == len(list(recording(DAY[-1]))), "no state was archived behind the last one"


def test_states_that_lost_lives_between_them_are_folded_anew(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = past.lives_between(history, None, None)
    monkeypatch.setattr(past, "_follows", lambda _one, _other: False)
    assert shown(past.lives_between(history, None, None).lives) == shown(whole.lives)


def test_states_of_another_version_are_folded_anew(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = past.lives_between(history, None, None)
    monkeypatch.setattr(past, "SNAPSHOT_VERSION", 0)
    assert shown(past.lives_between(history, None, None).lives) == shown(whole.lives)


def test_a_range_has_who_was_in_the_house_then(history: History) -> None:
    begin, until = START_MS + 2 * HOUR_MS, START_MS + 3 * HOUR_MS
    found = past.lives_between(history, begin, until)
    assert shown(found.lives) == shown(collect(day()[: _count(until)]).lives[1:])
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
