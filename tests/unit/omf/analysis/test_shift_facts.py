"""Parts of a range, put together, tell what one reading of the whole tells."""

from collections.abc import Iterable
from functools import cache
from hashlib import sha256

import pytest

from omf.analysis.figure import MAX_SOURCES
from omf.analysis.shift_clock import ShiftClock
from omf.analysis.shift_facts import (
    FACTS_VERSION,
    FactsRecorder,
    ShiftFacts,
    facts_from,
    facts_json,
    facts_of,
    facts_version,
    joined,
)
from omf.analysis.shift_figures import RangeFigures, shift_figures
from omf.messages.message import Message
from tests.support.folds import every_recording
from tests.support.shared import recording


@cache
def whole(name: str) -> ShiftFacts:
    messages: list[Message] = list(recording(name))
    span = messages[0].received_at, messages[-1].received_at + 300.0
    clock = ShiftClock(None, span[0])
    for message in messages:
        clock.take(message)
    clock.close(span[1])
    return facts_of(clock, span)


def in_parts(name: str, ends: Iterable[float]) -> list[ShiftFacts]:
    """The same, each part kept and read again."""
    facts = whole(name)
    clock = ShiftClock(None, facts.since)
    recorder = FactsRecorder(clock, facts.since, [*sorted(ends), facts.until])
    for message in recording(name):
        recorder.take(message)
    return [facts_from(facts_json(one)) for one in recorder.close()]


def told(facts: ShiftFacts) -> RangeFigures:
    span = facts.since, facts.until
    middle = (span[0] + span[1]) / 2
    return shift_figures(facts, span, [(span[0], middle - 20), (middle + 20, span[1])])


@every_recording
def test_hours_put_together_tell_what_the_whole_range_tells(name: str) -> None:
    facts = whole(name)
    length = facts.until - facts.since
    for count in (1, 3, 40):
        ends = [facts.since + length * (number * 0.618 % 1) for number in range(1, count + 1)]
        parts = joined(in_parts(name, ends))
        ours, theirs = told(parts), told(facts)
        for one, other in zip(ours.figures, theirs.figures, strict=True):
            assert one[:3] == other[:3]
            assert one.value == pytest.approx(other.value, abs=1e-6), one[:3]
        assert [one[:4] for one in ours.disturbances] == [one[:4] for one in theirs.disturbances]
        assert parts.orders == facts.orders
        assert parts.checks == facts.checks
        assert parts.unheard == facts.unheard


@every_recording
def test_each_figure_names_what_it_was_counted_from(name: str) -> None:
    for one in told(whole(name)).figures:
        silent = one.name == "unknown"  # nobody told anything: there is nothing to open
        assert not one.value or one.source_count or silent or one.group == "time", one[:3]
        assert len(one.sources) == min(one.source_count, MAX_SOURCES)


def test_putting_parts_together_changes_none_of_them() -> None:
    name = "ml-wrb-red-nok_20260807_130729"
    facts = whole(name)
    parts = in_parts(name, [facts.since + 100, facts.since + 400])
    before = [facts_json(one) for one in parts]
    assert facts_json(joined(parts)) == facts_json(joined(parts))
    assert [facts_json(one) for one in parts] == before


def test_what_was_kept_of_something_else_is_refused() -> None:
    for data in ("", "{}", '{"since": 1}', "null"):
        with pytest.raises(ValueError, match="ShiftFacts"):
            facts_from(data)


def test_a_change_of_what_is_kept_changes_its_version() -> None:
    """Raise FACTS_VERSION if these differ: kept hours would else go on telling the old facts."""
    content = facts_json(whole("ml-wrb-red-nok_20260807_130729"))
    assert (FACTS_VERSION, sha256(content.encode()).hexdigest()[:16]) == (1, "123fe20bc94a766c")
    assert facts_version() == facts_version() > 0
