"""What a look finds in the journal, and the figures beside it: each message is asked once."""

import pytest

from omf.message import Message
from services.ui import journal
from services.ui.found import Found
from services.ui.journal import Arrivals, Journal
from services.ui.selection import Selection


class Asked(Selection):
    """Counts the questions."""

    count = 0

    def takes(self, message: Message) -> bool:
        """Whatever ends in an even figure."""
        Asked.count += 1
        return int(message.topic[-1]) % 2 == 0


def _say(kept: Journal, *numbers: int) -> None:
    for number in numbers:
        kept.add(Message(f"topic/{number}", b"", f"{1_000_000 + number}-0"))


def test_what_comes_is_asked_once_and_shown_as_often_as_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Asked, "count", 0)
    kept = Journal()
    _say(kept, 0, 1, 2, 3)
    found = Found(kept, Asked())
    assert [m.topic for m in found.newest(9)] == ["topic/2", "topic/0"]
    _say(kept, 4, 5)
    assert [m.topic for m in found.take()] == ["topic/4"]
    assert [m.topic for m in found.newest(2)] == ["topic/4", "topic/2"]
    assert found.take() == []
    assert (len(found), Asked.count) == (3, 6)


def test_what_left_the_journal_is_found_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "KEEP_COUNT", 3)
    kept = Journal()
    _say(kept, 0, 2, 4)
    found = Found(kept, Asked())
    _say(kept, 6, 7)
    found.take()
    assert [m.topic for m in found.newest(9)] == ["topic/6", "topic/4"]
    assert len(found) == 2


def test_nothing_is_found_in_an_empty_journal() -> None:
    found = Found(Journal(), Selection())
    assert (found.newest(9), len(found)) == ([], 0)


def test_arrivals_are_those_of_the_window_by_topic() -> None:
    came = Arrivals(10.0)
    for at in (980, 989, 990, 995):
        came.add(at, "a" if at < 995 else "b")
    assert dict(came.by_topic(1_000.0)) == {"a": 1, "b": 1}
    assert came.per_second(1_000.0) == 0.2
    assert dict(came.by_topic(1_004.0)) == {"b": 1}
    assert came.per_second(1_020.0) == 0.0


def test_arrivals_of_a_flood_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MOST_RECENT", 3)
    came = Arrivals(10.0)
    for number in range(5):
        came.add(1_000.0, f"topic/{number}")
    assert set(came.by_topic(1_000.0)) == {"topic/2", "topic/3", "topic/4"}
