"""The catalogue: complete, unambiguous, in every language, and the only place of its facts."""

import string
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omf.messages.reading import model_of
from omf.texts import has
from omf.topics import catalogue
from omf.topics.filters import TopicError, check_filter, covers, disjoint_cover, matches, overlaps

ENTRIES = {entry.name: entry for entry in catalogue.TOPICS}
named = st.text(string.ascii_letters + string.digits + "-_", min_size=1).filter(
    lambda text: text != "NodeRed"
)


def test_every_entry_has_a_name_and_a_pattern_of_its_own() -> None:
    assert len(ENTRIES) == len({entry.pattern for entry in catalogue.TOPICS})
    assert len(ENTRIES) == len(catalogue.TOPICS)


@pytest.mark.parametrize("entry", catalogue.TOPICS, ids=lambda entry: entry.name)
def test_an_entry_can_be_subscribed_is_explained_twice_and_has_its_model(
    entry: catalogue.Topic,
) -> None:
    check_filter(entry.pattern)
    assert entry.text.de
    assert entry.text.en
    assert entry.source
    assert entry.priority in catalogue.PRIORITY_CLASSES
    assert (model_of(entry) is None) is (entry.model is None)


@pytest.mark.parametrize("entry", catalogue.TOPICS, ids=lambda entry: entry.name)
def test_only_what_goes_to_the_factory_may_be_sent_and_never_stays_in_the_broker(
    entry: catalogue.Topic,
) -> None:
    if entry.command:
        assert entry.direction == "to_factory"
        assert entry.retain is False
        assert entry.model


@pytest.mark.parametrize("entry", catalogue.TOPICS, ids=lambda entry: entry.name)
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_an_address_is_found_again_as_its_entry_with_its_levels(
    entry: catalogue.Topic, data: st.DataObject
) -> None:
    wanted = [part[1:-1] for part in entry.topic.split("/") if part.startswith("{")]
    levels = {name: data.draw(named, label=name) for name in wanted}
    topic = catalogue.address(entry.name, **levels)
    assert matches(entry.pattern, topic)
    assert catalogue.of(topic) is entry
    assert catalogue.levels(entry.name, topic) == levels


def test_no_two_entries_of_the_same_detail_claim_one_topic() -> None:
    for one, other in combinations(catalogue.TOPICS, 2):
        if overlaps(one.pattern, other.pattern):
            assert one.pattern.count("+") != other.pattern.count("+")


@pytest.mark.parametrize("serial", ["", "a/b", "NodeRed", "+", "#", "a\0", "\ud800"])
def test_a_serial_that_is_none_gets_no_address(serial: str) -> None:
    with pytest.raises((KeyError, TopicError)):
        catalogue.address("module_order", serial=serial)


@pytest.mark.parametrize("levels", [{}, {"id": "x"}, {"serial": "x", "more": "y"}])
def test_an_address_names_the_levels_it_takes(levels: dict[str, str]) -> None:
    with pytest.raises(KeyError, match="serial"):
        catalogue.address("module_order", **levels)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="fts_state"):
        catalogue.find("fts_stat")


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("module/v1/ff/NodeRed/status", "nodered_status"),
        ("module/v1/ff/NodeRed/SVR4H73275/state", "nodered_state"),
        ("module/v1/ff/NodeRed/state", None),
        ("module/v1/ff/NodeRed/NodeRed/state", None),
        ("module/v1/ff//state", None),
        ("osf/arduino/station/factsheet", "arduino_station_factsheet"),
        ("fts/v1/ff/5iO4/command", None),
        ("ccu/state/flow", None),
        ("$SYS/broker/uptime", None),
    ],
)
def test_nodered_is_no_serial_and_invented_topics_are_unknown(topic: str, name: str | None) -> None:
    entry = catalogue.of(topic)
    assert (entry and entry.name) == name


@pytest.mark.parametrize("priority", [2, 3, 4, 5, 6])
def test_a_class_contains_the_ones_before_it(priority: int) -> None:
    assert set(catalogue.filters(priority - 1)) < set(catalogue.filters(priority))


def test_the_last_class_adds_everything_and_no_other_does() -> None:
    assert catalogue.filters(6)[-1] == "#"
    assert all("#" not in catalogue.filters(priority) for priority in range(1, 6))
    with pytest.raises(ValueError, match="use 1 to 6"):
        catalogue.filters(7)


def test_classes_have_names_in_both_languages() -> None:
    assert list(catalogue.PRIORITY_CLASSES) == [1, 2, 3, 4, 5, 6]
    assert all(has(f"priority.{number}") for number in catalogue.PRIORITY_CLASSES)


@pytest.mark.parametrize("priority", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("also", [(), ("ccu/#", "module/v1/ff/+/+", "$SYS/#"), ("+/+/ff/#", "x/+")])
def test_no_subscription_on_the_wire_overlaps_another(priority: int, also: tuple[str, ...]) -> None:
    wire = disjoint_cover((*catalogue.filters(priority), *also))
    assert not any(overlaps(one, other) for one, other in combinations(wire, 2))
    for wanted in (*catalogue.filters(priority), *also):
        assert any(covers(wide, wanted) for wide in wire)


def test_everything_is_one_subscription() -> None:
    assert disjoint_cover(catalogue.filters(6)) == ("#",)


def test_every_buffer_is_bounded_also_one_the_catalogue_does_not_know() -> None:
    for topic_filter in (*catalogue.filters(6), "my/own/#"):
        limits = catalogue.limits(topic_filter)
        assert limits.keep_hours > 0
        assert limits.keep_count or limits.keep_bytes
    assert catalogue.limits("#").keep_count is None


def test_pictures_are_kept_in_small_numbers_and_may_be_large() -> None:
    assert catalogue.limits("/j1/txt/1/i/cam").keep_count == 300
    assert catalogue.max_bytes("/j1/txt/1/i/quality_check") == 1_048_576
    assert catalogue.max_bytes("never/heard/of") == 65_536
