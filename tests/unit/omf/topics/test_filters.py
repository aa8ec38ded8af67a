"""Topic matching against an oracle written from section 4.7 of the standard, not from our code."""

import re
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from omf.topics.filters import (
    MAX_TOPIC_BYTES,
    FilterIndex,
    TopicError,
    check_filter,
    check_topic,
    covers,
    disjoint_cover,
    matches,
    minimal_cover,
    overlaps,
)

steady = settings(deadline=None)  # a busy machine proves nothing about matching
LEVELS = ("", "a", "b", "$s", "$")
DEEPEST = 4
EVERY_TOPIC = tuple(
    text for depth in range(1, DEEPEST + 2) for text in map("/".join, product(LEVELS, repeat=depth))
    if text
)  # fmt: skip


def oracle(topic_filter: str, topic: str) -> bool:
    """4.7.1.2, 4.7.1.3 and 4.7.2, as one regular expression over the whole topic."""
    if topic[0] == "$" and topic_filter[0] in "+#":
        return False
    pattern = re.escape(topic_filter).replace(r"\+", "[^/]*")
    pattern = re.sub(r"^\\#$", ".*", pattern)
    pattern = re.sub(r"/\\#$", "(/.*)?", pattern)
    return re.fullmatch(pattern, topic, re.DOTALL) is not None


def received(topic_filter: str) -> set[str]:
    return {topic for topic in EVERY_TOPIC if oracle(topic_filter, topic)}


topics = (
    st.lists(st.sampled_from((*LEVELS, "c")), min_size=1, max_size=5).map("/".join).filter(bool)
)
heads = st.lists(st.sampled_from((*LEVELS, "+", "+")), min_size=0, max_size=DEEPEST - 1)
filters = st.tuples(heads, st.sampled_from(("a", "b", "", "+", "#", "#"))).map(
    lambda parts: "/".join([*parts[0], parts[1]])
).filter(bool)  # fmt: skip


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("sport/tennis/player1/#", "sport/tennis/player1", True),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", True),
        ("sport/#", "sport", True),
        ("#", "a//b/", True),
        ("sport/+", "sport", False),
        ("sport/+", "sport/", True),
        ("+/+", "/finance", True),
        ("/+", "/finance", True),
        ("+", "/finance", False),
        ("#", "$SYS/uptime", False),
        ("+/monitor/Clients", "$SYS/monitor/Clients", False),
        ("$SYS/#", "$SYS/monitor/Clients", True),
        ("$SYS/monitor/+", "$SYS/monitor/Clients", True),
        ("ACCOUNTS", "Accounts", False),
        ("module/v1/ff/+/state", "module/v1/ff/NodeRed/SVR4H73275/state", False),
        ("/j1/txt/1/#", "/j1/txt/1/i/cam", True),
        ("j1/txt/1/#", "/j1/txt/1/i/cam", False),
    ],
)
def test_the_examples_of_the_standard_hold(
    topic_filter: str, topic: str, *, expected: bool
) -> None:
    assert matches(topic_filter, topic) is expected
    assert oracle(topic_filter, topic) is expected


@steady
@given(filters, topics)
def test_matching_is_what_the_standard_says(topic_filter: str, topic: str) -> None:
    assert matches(topic_filter, topic) is oracle(topic_filter, topic)


@steady
@given(st.lists(filters, max_size=30), topics)
def test_the_index_finds_what_matching_one_by_one_finds(wanted: list[str], topic: str) -> None:
    expected = tuple(f for f in dict.fromkeys(wanted) if oracle(f, topic))
    assert FilterIndex(wanted).match(topic) == expected


@steady
@given(filters, filters)
@example("+/#", "#")
@example("+/+/#", "#")
@example("a/+/#", "a/#")
def test_covering_means_receiving_everything_the_other_receives(wide: str, narrow: str) -> None:
    assert covers(wide, narrow) is (received(narrow) <= received(wide))


@steady
@given(filters, filters)
def test_overlapping_means_sharing_a_topic(one: str, other: str) -> None:
    assert overlaps(one, other) is bool(received(one) & received(other))


@steady
@given(st.lists(filters, max_size=6))
def test_a_minimal_cover_loses_nothing_and_has_nothing_to_spare(wanted: list[str]) -> None:
    cover = minimal_cover(wanted)
    assert set(cover) <= set(wanted)
    assert all(any(covers(wide, narrow) for wide in cover) for narrow in wanted)
    assert not any(covers(a, b) for a in cover for b in cover if a != b)


@steady
@given(st.lists(filters, max_size=6))
def test_a_disjoint_cover_delivers_each_message_exactly_once(wanted: list[str]) -> None:
    cover = disjoint_cover(wanted)
    for topic in EVERY_TOPIC[:800]:
        deliveries = sum(oracle(f, topic) for f in cover)
        asked = any(oracle(f, topic) for f in wanted)
        assert deliveries == 1 if asked else deliveries <= 1


@pytest.mark.parametrize(
    ("bad", "hint"),
    [
        ("module/v1/ff/*/state", "use + for one level"),
        ("a/b+", "stands alone"),
        ("a#", "stands alone"),
        ("a/#/b", "must be the last"),
        ("", "empty"),
        ("a\0b", "NUL"),
        ("a/\ud800", "not UTF-8"),
        ("ä" * 40_000, f"at most {MAX_TOPIC_BYTES}"),
    ],
)
def test_a_refused_filter_says_how_to_mend_it(bad: str, hint: str) -> None:
    with pytest.raises(TopicError, match=re.escape(hint)) as caught:
        check_filter(bad)
    assert caught.value.de.startswith("Filter ")
    assert caught.value.en not in caught.value.de


@pytest.mark.parametrize("bad", ["", "a/+", "a/#", "a\0", "\udfff"])
def test_a_topic_to_publish_on_has_no_wildcard_and_is_text(bad: str) -> None:
    with pytest.raises(TopicError):
        check_topic(bad)


@pytest.mark.parametrize("good", ["/", "a*b", "$SYS/x", "Ω/ b", "/j1/txt/1/i/cam"])
def test_a_usual_topic_passes_unchanged(good: str) -> None:
    assert check_topic(good) == good == check_filter(good)


def test_the_index_steps_once_per_level_however_many_filters_there_are() -> None:
    steps: list[str] = []

    class Counted(str):
        __slots__ = ()

        def split(self, *_: object, **__: object) -> list[str]:
            return [_Level(level) for level in str.split(self, "/")]

    class _Level(str):
        __slots__ = ()

        def __hash__(self) -> int:
            steps.append(str(self))
            return str.__hash__(self)

    index = FilterIndex(f"module/v1/ff/S{number}/state" for number in range(10_000))
    assert index.match(Counted("module/v1/ff/S77/state")) == ("module/v1/ff/S77/state",)
    assert len(steps) == len(["module", "v1", "ff", "S77", "state"])
