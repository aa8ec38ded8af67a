"""Limits of a site on any number of any message: passed once, back by the hysteresis, by topic."""

import json
from typing import Any

import pytest

from omf.alarms.limits import path_steps
from omf.alarms.rule_data import AlarmRules, with_site
from omf.state import FactoryState
from omf.state.limit_watch import MAX_WATCHED
from omf.texts import LANGUAGES
from omf.yaml_files import YamlFileError
from tests.support.factory import FTS, Factory

TOPIC = "plant/oven/1/state"


def rules(limit: str) -> AlarmRules:
    return with_site(f"version: 1\nlimits:\n  oven-hot: {{{limit}}}\n")


def told(limit: str) -> Factory:
    factory = Factory()
    factory.state.alarm_rules = rules(limit)
    return factory


def say(factory: Factory, body: Any, topic: str = TOPIC, **when: Any) -> set[str]:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    factory.raw(topic, payload, **when)
    return {name for name in factory.alarms() if name.startswith("limit-")}


HOT = f"limit-oven-hot:{TOPIC}"
ABOVE = "topic: plant/oven/+/state, path: inside.temperature, above: 60, hysteresis: 5"


def test_a_value_above_its_limit_is_an_alarm_until_it_is_back_by_the_hysteresis() -> None:
    factory = told(ABOVE)
    for value, raised in ((60, False), (61, True), (58, True), (55.1, True), (55, False)):
        assert (say(factory, {"inside": {"temperature": value}}) == {HOT}) is raised, value
    assert say(factory, {"inside": {"temperature": 60}}) == set()


def test_a_value_below_its_limit_is_the_same_on_the_other_side() -> None:
    factory = told("topic: '#', path: level, below: 10, hysteresis: 2")
    for value, raised in ((10, False), (9.5, True), (11.9, True), (12, False), (11, False)):
        assert (say(factory, {"level": value}) == {HOT}) is raised, value


def test_it_stands_since_it_passed_and_each_topic_has_its_own() -> None:
    factory = told(ABOVE)
    say(factory, {"inside": {"temperature": 70}})
    began = factory.alarms()[HOT]
    other = "plant/oven/2/state"
    assert say(factory, {"inside": {"temperature": 71}}) == {HOT}
    assert factory.alarms()[HOT] == began
    found = say(factory, {"inside": {"temperature": 99}}, other)
    assert found == {HOT, f"limit-oven-hot:{other}"}
    assert say(factory, {"inside": {"temperature": 99}}, "plant/mill/2/state") == found


def test_the_delay_begins_when_the_value_passes() -> None:
    factory = told(f"{ABOVE}, on_delay_s: 30")
    assert say(factory, {"inside": {"temperature": 70}}) == set()
    factory.wait(20)
    assert say(factory, {"inside": {"temperature": 80}}) == set()
    factory.wait(15)
    assert HOT in factory.alarms()


@pytest.mark.parametrize(
    "body",
    [
        {"inside": {"temperature": True}},
        {"inside": {"temperature": "99"}},
        {"inside": {"temperature": None}},
        {"inside": 99},
        {"inside": {"temperature": [99]}},
        [99],
        b"not json",
        b"",
        b'{"inside": {"temperature": NaN}}',
        b'{"inside": {"temperature": 1e999}}',
        b'{"inside": {"temperature": 1' + b"0" * 400 + b"}}",
        b"[" * 100_000,
    ],
)
def test_what_is_no_number_changes_nothing(body: Any) -> None:
    factory = told(ABOVE)
    assert say(factory, body) == set()
    assert say(factory, {"inside": {"temperature": 70}}) == {HOT}
    assert say(factory, body) == {HOT}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("loads[1].weight", {"loads": [{"weight": 1}, {"weight": 70}]}),
        ("loads[*].weight", {"loads": [{"weight": 70}, {"weight": 1}]}),
        ("[0]", [70]),
        ("a.b.c", {"a": {"b": {"c": 70.5}}}),
        ("grid[0][1]", {"grid": [[1, 70]]}),
    ],
)
def test_a_path_leads_into_objects_and_lists(path: str, body: Any) -> None:
    assert say(told(f"topic: '#', path: '{path}', above: 60"), body) == {HOT}


@pytest.mark.parametrize("path", ["", ".a", "a..b", "a[", "a[x]", "a[-1]", "a]", "a." + "b." * 12])
def test_what_is_no_path_is_refused(path: str) -> None:
    assert path_steps(path) == ()
    with pytest.raises(YamlFileError, match=r"line 3, limits.oven-hot.path"):
        rules(f"topic: '#', path: '{path}', above: 1")


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("topic: a/#/b, path: x, above: 1", "limits.oven-hot.topic"),
        ("topic: a, path: x", "names either above or below"),
        ("topic: a, path: x, above: 1, below: 2", "names either above or below"),
        ("topic: a, path: x, above: .nan", "limits.oven-hot.above"),
        ("topic: a, path: x, above: 1, hysteresis: -1", "limits.oven-hot.hysteresis"),
        ("topic: a, path: x, above: 1, title: {xx: y}", "limits.oven-hot.title"),
        ("topic: a, path: x, above: 1, over: 2", "limits.oven-hot.over"),
    ],
)
def test_a_limit_with_a_fault_is_refused_with_its_line(limit: str, said: str) -> None:
    with pytest.raises(YamlFileError) as refused:
        rules(limit)
    assert said in refused.value.text.en
    assert refused.value.faults[0].line == 3


def test_a_name_is_made_of_small_letters() -> None:
    with pytest.raises(YamlFileError, match="line 3"):
        with_site("version: 1\nlimits:\n  Oven Hot: {topic: a, path: x, above: 1}\n")


def test_the_words_of_the_site_are_used_and_the_device_has_its_name() -> None:
    factory = told(
        "topic: fts/v1/ff/+/state, path: batteryState.currentVoltage, below: 8.5, unit: V, "
        "priority: 2, title: {de: Spannung, en: voltage}, action: {de: FTS laden}"
    )
    factory.vehicle("1", batteryState={"percentage": 50, "currentVoltage": 8.0})
    [alarm] = [a for a in factory.state.alarms(factory.now) if a.rule.startswith("limit-")]
    assert alarm.de == f"FTS {FTS}: Spannung ist 8 V, Grenze < 8.5 V"
    assert alarm.en == f"FTS {FTS}: voltage is 8 V, limit < 8.5 V"
    assert (alarm.action.en, alarm.severity) == ("FTS laden", "warning")
    assert all(alarm.text.in_(language) for language in LANGUAGES)


def test_what_is_watched_is_bounded_and_survives_a_snapshot() -> None:
    factory = told("topic: '#', path: x, above: 1")
    for number in range(MAX_WATCHED + 5):
        say(factory, {"x": 2}, f"many/{number}")
    assert len(factory.state.watched) == MAX_WATCHED
    again = FactoryState.restore(json.loads(json.dumps(factory.state.snapshot())))
    assert again.watched == factory.state.watched


def test_a_changed_limit_holds_for_the_value_that_is_known() -> None:
    factory = told("topic: '#', path: x, above: 10")
    assert say(factory, {"x": 20}, TOPIC)
    factory.state.alarm_rules = rules("topic: '#', path: x, above: 30")
    assert HOT not in factory.alarms()
    factory.state.alarm_rules = rules("topic: '#', path: x, above: 15")
    assert HOT in factory.alarms()
