"""The rules as data: what a site may change, and what is wrong with a file that may not be used."""

import pytest

from omf.alarms.changes import observe
from omf.alarms.lifecycle import AlarmState
from omf.alarms.rule_data import BUILT_IN, SEVERITIES, with_site
from omf.texts import LANGUAGES, has
from omf.yaml_files import YamlFileError
from tests.support.factory import DRILL, Factory
from tests.unit.omf.alarms.test_lifecycle import alarm

LOST = f"connection-lost:{DRILL}"


def site(rules: str) -> str:
    return f"version: 3\nrules:\n{rules}"


def told(rules: str) -> Factory:
    factory = Factory().online(DRILL, "OFFLINE")
    factory.state.alarm_rules = with_site(site(rules))
    return factory


HALF_AN_HOUR_S = 1800


@pytest.mark.parametrize("rule", BUILT_IN.rules)
def test_each_rule_says_its_cause_its_consequence_and_what_to_do(rule: str) -> None:
    for part in ("", ".title", ".cause", ".consequence", ".action"):
        assert has(f"alarm.{rule}{part}"), (rule, part)
    assert LANGUAGES


def test_a_site_changes_what_it_names_and_nothing_else() -> None:
    found = with_site(site("  order-standstill: {priority: 1, parameters: {limit_s: 600}}\n"))
    changed, before = found.rules["order-standstill"], BUILT_IN.rules["order-standstill"]
    assert (changed.severity, changed.respond_s) == ("critical", before.respond_s)
    assert found.number("order-standstill", "limit_s") == 600
    assert found.changed == {"order-standstill"}
    others = {name: rule for name, rule in found.rules.items() if name not in found.changed}
    assert others == {n: one for n, one in BUILT_IN.rules.items() if n not in found.changed}
    assert found.version.startswith(f"{BUILT_IN.version} + 3 (")
    assert found.version != with_site(site("  order-stuck: {priority: 1}\n")).version


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("  batery-low: {priority: 2}\n", "line 3, rules.batery-low: is no rule; perhaps battery"),
        ("  danger: {enabled: false}\n", "line 3, rules.danger.enabled: this rule cannot be"),
        ("  danger:\n    priority: 9\n", "line 4, rules.danger.priority: must be 4 at most"),
        ("  danger:\n    prio: 1\n", "line 4, rules.danger.prio: "),
        ("  collision: {on_delay_s: -1}\n", "line 3, rules.collision.on_delay_s: "),
        ("  collision: {off_delay_s: .inf}\n", "line 3, rules.collision.off_delay_s: "),
        ("  order-standstill: {parameters: {limit: 3}}\n", "perhaps limit_s is meant"),
        ("  order-standstill: {parameters: {limit_s: soon}}\n", "parameters.limit_s: "),
        ("  collision: {priority: 1}\n  collision: {priority: 2}\n", "line 4, collision: stands"),
        ("  collision: [\n", "no YAML"),
        ("  collision: 3\n", "line 3, rules.collision: "),
    ],
)
def test_a_fault_is_named_with_its_line_and_the_mend(rules: str, said: str) -> None:
    with pytest.raises(YamlFileError) as refused:
        with_site(site(rules))
    for language in LANGUAGES:
        assert refused.value.text.in_(language)
    assert said in refused.value.text.en


def test_a_file_without_a_version_is_refused() -> None:
    with pytest.raises(YamlFileError, match="version"):
        with_site("rules: {}")


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(YamlFileError) as refused:
        with_site(site("  one: {priority: 1}\n  two: {priority: 2}\n"))
    assert [fault.line for fault in refused.value.faults] == [3, 4]


def test_the_priority_of_a_site_is_the_severity_of_its_alarms() -> None:
    factory = told("  connection-lost: {priority: 1}\n")
    assert factory.state.alarms(factory.now)[0].severity == SEVERITIES[0]


def test_a_rule_that_is_switched_off_raises_nothing() -> None:
    assert LOST not in told("  connection-lost: {enabled: false}\n").alarms()


def test_a_rule_has_to_be_met_for_its_delay_before_it_is_an_alarm() -> None:
    factory = told("  connection-lost: {on_delay_s: 30}\n")
    assert LOST not in factory.alarms()
    factory.wait(30)
    assert LOST in factory.alarms()


def test_what_began_longer_ago_than_anybody_knows_waits_for_no_delay() -> None:
    factory = Factory().online(DRILL, "OFFLINE", retain=True)
    factory.state.alarm_rules = with_site(site("  connection-lost: {on_delay_s: 30}\n"))
    assert LOST in factory.alarms()


def test_an_alarm_stays_for_its_delay_after_its_rule_was_last_met() -> None:
    rules = with_site(site("  connection-lost: {off_delay_s: 60}\n"))
    factory = Factory()
    lives, _ = observe({}, [alarm(LOST)], 100.0, rules)
    lives, told_now = observe(lives, [], 110.0, rules)
    assert (told_now, lives[LOST].stands, lives[LOST].gone_at) == ([], True, 110.0)
    factory.state.alarm_rules, factory.state.lives = rules, lives
    assert [one.id for one in factory.state.alarms(120.0)] == [LOST]
    again, told_now = observe(lives, [alarm(LOST)], 150.0, rules)
    assert (told_now, again[LOST].gone_at) == ([], None)
    lives, told_now = observe(lives, [], 170.0, rules)
    assert [entry.event.value for entry in told_now] == ["returned"]
    assert (lives[LOST].state, lives[LOST].gone_at) == (AlarmState.RETURNED, None)


def test_another_replayed_session_is_judged_by_the_same_rules() -> None:
    factory = told("  connection-lost: {priority: 1}\n")
    rules = factory.state.alarm_rules
    factory.state.begin_anew("another")
    assert factory.state.alarm_rules is rules


def test_few_rules_are_urgent_and_whoever_is_urgent_leaves_little_time() -> None:
    rules = BUILT_IN.rules.values()
    shares = [sum(one.priority == n for one in rules) / len(rules) for n in (1, 2)]
    # ISA-18.2 aims at 5 and 15 %; an order that stands still until somebody acts is a 2.
    assert shares[0] <= 0.08
    assert shares[1] <= 0.20
    assert all(one.respond_s <= HALF_AN_HOUR_S for one in rules if one.priority <= 2)
