"""What the design suppresses is listed with its reason, and is announced once that is over."""

import pytest

from omf.alarms.alarm import Alarm
from omf.alarms.changes import CAUSE_HOLDS_S, observe
from omf.alarms.lifecycle import AlarmState
from omf.alarms.rule_data import ALWAYS_ON, BUILT_IN, with_site
from omf.alarms.rules import current_alarms
from omf.simulation import simulated_factory
from omf.yaml_files import YamlFileError
from tests.support import mock_world
from tests.support.factory import DRILL, MILL, Factory
from tests.support.watched_mock import WatchedMock

LOST = f"connection-lost:{DRILL}"


def site(rows: str) -> str:
    return f"version: 1\nsuppressions:\n{rows}"


def lost(rows: str = "") -> Factory:
    factory = Factory().online(DRILL, "OFFLINE")
    if rows:
        factory.state.alarm_rules = with_site(site(rows))
    return factory


def suppressed(factory: Factory) -> dict[str, Alarm]:
    found = current_alarms(factory.state, factory.now)
    return {one.id: one for one in found if one.suppressed is not None}


def test_a_device_a_site_gave_up_is_suppressed_with_the_reason_of_the_site() -> None:
    factory = lost(
        "  repair: {when: always, rules: [connection-lost], "
        f"devices: [{DRILL}], reason: {{en: in repair, de: in Reparatur}}}}\n"
    )
    factory.online(MILL, "OFFLINE")
    assert set(factory.alarms()) == {f"connection-lost:{MILL}"}
    assert suppressed(factory)[LOST].suppressed.de == "in Reparatur"
    assert suppressed(factory)[LOST].suppressed.fr == "in repair"


def test_its_txt_is_the_same_device() -> None:
    rows = f"  repair: {{when: always, rules: [connection-lost], devices: [{DRILL}]}}\n"
    factory = lost(rows)
    factory.raw(f"module/v1/ff/NodeRed/{DRILL}/connection", {"connectionState": "OFFLINE"})
    assert factory.alarms() == {}


def test_a_module_that_is_calibrated_is_suppressed_where_the_site_wants_it() -> None:
    rows = "  work: {when: calibrating, rules: [connection-lost]}\n"
    factory = lost(rows)
    assert LOST in factory.alarms()
    factory.module(DRILL, operatingMode="TEACHIN").online(DRILL, "OFFLINE")
    assert factory.alarms() == {}
    assert "calibrated" in suppressed(factory)[LOST].suppressed.en


def test_a_module_out_of_the_layout_is_suppressed_and_announced_once_it_is_in_it() -> None:
    one = WatchedMock()
    whole = simulated_factory.layout()
    less = {
        **whole,
        "modules": [module for module in whole["modules"] if module["type"] != "DRILL"],
        "roads": [road for road in whole["roads"] if road["from"] != DRILL],
    }
    mock_world.say(one.world, "ccu_set_layout", less)
    one.run(2)
    one.world.fault("unreachable", "DRILL")
    one.run(30)
    assert LOST not in one.alarms()
    lives, told = observe({}, one.state.found_alarms(one.now), one.now)
    assert lives[LOST].state is AlarmState.SUPPRESSED
    assert "not part of the layout" in lives[LOST].suppressed.en
    assert [entry.why for entry in told if entry.alarm == LOST] == [lives[LOST].suppressed]
    mock_world.say(one.world, "ccu_set_layout", whole)
    one.run(2)
    assert LOST in one.alarms()
    lives, _ = observe(lives, one.state.found_alarms(one.now), one.now)
    lives, told = observe(lives, one.state.found_alarms(one.now), one.now + CAUSE_HOLDS_S)
    assert [entry.event.value for entry in told if entry.alarm == LOST] == ["unsuppressed"]
    assert lives[LOST].state is AlarmState.UNACKNOWLEDGED


def test_a_factory_that_is_off_asks_for_nothing_of_its_devices() -> None:
    one = WatchedMock(2)
    for colour in ("WHITE", "RED"):
        one.order(colour)
    one.world.fault("warning", "DRILL")
    assert one.run(300, lambda: f"action-failed:{DRILL}" in one.alarms())
    one.world.lose_power()
    one.run(300)
    assert set(one.alarms()) == {"power-off:factory"}
    found = {alarm.id: alarm for alarm in current_alarms(one.state, one.now)}
    assert found[f"action-failed:{DRILL}"].suppressed.en == "the factory is off"


def test_a_site_takes_one_that_comes_with_the_software_back() -> None:
    rules = with_site(
        site("  factory-off: {when: factory-off, rules: [collision], enabled: false}\n")
    )
    assert not rules.suppressions["factory-off"].enabled
    assert rules.suppressions["out-of-layout"] == BUILT_IN.suppressions["out-of-layout"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("  a: {when: always, rules: [danger]}", "rules.0: this rule cannot be switched off"),
        ("  a: {when: always, rules: [colliding]}", "rules.0: is no rule; perhaps collision"),
        ("  a: {when: always, rules: []}", "suppressions.a.rules"),
        ("  a: {when: sometimes, rules: [collision]}", "suppressions.a.when"),
        ("  a: {rules: [collision]}", "suppressions.a.when"),
    ],
)
def test_a_row_with_a_fault_is_refused_with_its_line(row: str, said: str) -> None:
    with pytest.raises(YamlFileError) as refused:
        with_site(site(f"{row}\n"))
    assert said in refused.value.text.en
    assert refused.value.faults[0].line == 3


def test_nothing_that_may_not_be_switched_off_is_suppressed_as_delivered() -> None:
    for row in BUILT_IN.suppressions.values():
        assert ALWAYS_ON.isdisjoint(row.rules)
        assert set(row.rules) <= BUILT_IN.rules.keys()


def test_an_alarm_of_priority_one_is_neither_suppressed_nor_put_under_another() -> None:
    one = WatchedMock()
    one.state.alarm_rules = with_site(
        "version: 1\nrules:\n  connection-lost: {priority: 1}\n"
        "suppressions:\n  all: {when: always, rules: [connection-lost, bridge-down]}\n"
    )
    one.world.lose_power()
    one.run(5)
    assert {alarm.rule for alarm in one.alarms().values()} == {"power-off", "connection-lost"}
