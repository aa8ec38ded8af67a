"""Causes before symptoms: one line for one cause, what it explains under it, nothing lost."""

from collections.abc import Callable

import pytest

from omf.alarms import causes
from omf.alarms.alarm_texts import SEVERITY
from omf.alarms.causes import EXPLANATIONS, explain
from omf.alarms.changes import CAUSE_HOLDS_S, carry_out, observe
from omf.alarms.kpis import announced
from omf.alarms.life import AlarmAct
from omf.alarms.lifecycle import AlarmEvent, AlarmState
from omf.state.links import LinkLoss
from tests.support.kept_alarms import KeptAlarms
from tests.support.watched_mock import WatchedMock
from tests.unit.omf.alarms.test_lifecycle import alarm

DRILL, FTS = "SVR4H76449", "5iO4"


def restart_ccu(one: WatchedMock) -> None:
    one.world.fault("ccu-restart")


def kill_bridge(one: WatchedMock) -> None:
    one.world.fault("bridge-dead")


def lose_power(one: WatchedMock) -> None:
    one.world.lose_power()


def lose_broker(one: WatchedMock) -> None:
    one.world.fall_silent()
    one.state.note_link(LinkLoss("broker", one.now))


def stop_ingest(one: WatchedMock) -> None:
    one.world.fall_silent()
    one.state.note_link(LinkLoss("ingest", one.now))


@pytest.mark.parametrize("vehicles", [1, 2])
@pytest.mark.parametrize(
    ("break_it", "cause"),
    [
        (restart_ccu, "ccu-restarted:ccu"),
        (kill_bridge, "bridge-down:nodered"),
        (lose_power, "power-off:factory"),
        (lose_broker, "broker-lost:broker"),
        (stop_ingest, "ingest-silent:ingest"),
    ],
)
def test_what_one_fault_sets_off_lies_under_one_cause(
    break_it: Callable[[WatchedMock], None], cause: str, vehicles: int
) -> None:
    one = WatchedMock(vehicles)
    for colour in ("WHITE", "RED", "BLUE"):
        one.order(colour)
    one.run(60)
    kept = KeptAlarms()
    break_it(one)
    for _ in range(560):
        one.run(1)
        kept.look(one.state, one.now)
    assert kept.under[cause]
    assert kept.share_under(cause) >= 0.9
    shown = {name for name, life in kept.lives.items() if life.state is AlarmState.UNACKNOWLEDGED}
    assert shown == {cause} == set(one.alarms())
    assert one.under(cause).keys() <= kept.under[cause]


def test_a_symptom_that_outlasts_its_cause_is_announced_and_one_that_ends_with_it_is_not() -> None:
    lives, _ = observe({}, [alarm("bridge-down:nodered")], 100.0)
    both = [alarm(f"device-silent:{name}", cause="bridge-down:nodered") for name in "AB"]
    lives, more = observe(lives, [alarm("bridge-down:nodered"), *both], 101.0)
    assert [entry.event for entry in more] == [AlarmEvent.SUPPRESSED] * 2
    assert all(entry.cause == "bridge-down:nodered" and entry.why for entry in more)
    assert not any(map(announced, more))
    freed = [alarm("device-silent:A"), alarm("device-silent:B")]
    lives, more = observe(lives, freed, 110.0)
    assert [entry.alarm for entry in more] == ["bridge-down:nodered"]
    lives, more = observe(lives, freed[1:], 120.0)
    assert [entry.event.value for entry in more] == ["returned", "unsuppressed"]
    assert "device-silent:A" not in lives
    lives, more = observe(lives, freed[1:], 110.0 + CAUSE_HOLDS_S)
    assert [(entry.event.value, entry.after.value) for entry in more] == [
        ("unsuppressed", "unacknowledged")
    ]
    assert announced(more[0])
    assert (lives["device-silent:B"].cause, lives["device-silent:B"].suppressed) == ("", None)


def test_a_symptom_whose_shelf_ends_goes_under_its_cause_in_the_same_look() -> None:
    lives, _ = observe({}, [alarm("device-silent:A")], 100.0)
    shelf = AlarmAct(100.0, "anna", "known", 1000.0, "c-1")
    lives, _ = carry_out(lives, "device-silent:A", AlarmEvent.SHELVED, shelf)
    both = [
        alarm("bridge-down:nodered"),
        alarm("device-silent:A", cause="bridge-down:nodered"),
    ]
    lives, more = observe(lives, both, 1000.0)
    assert [entry.event.value for entry in more] == ["raised", "shelf_ended", "suppressed"]
    assert lives["device-silent:A"].cause == "bridge-down:nodered"
    assert observe(lives, both, 1000.0) == (lives, [])


def test_a_cause_that_comes_again_keeps_its_symptoms() -> None:
    under = [alarm("device-silent:A", cause="bridge-down:nodered")]
    cause = alarm("bridge-down:nodered")
    lives, _ = observe({}, [cause, *under], 100.0)
    lives, _ = observe(lives, [alarm("device-silent:A")], 110.0)
    lives, _ = observe(lives, [cause, *under], 120.0)
    lives, more = observe(lives, [cause, *under], 120.0 + 2 * CAUSE_HOLDS_S)
    assert (more, lives["device-silent:A"].state) == ([], AlarmState.SUPPRESSED)


def test_what_was_acknowledged_before_its_cause_was_known_goes_under_it() -> None:
    lives, _ = observe({}, [alarm("device-silent:A")], 100.0)
    lives = {name: life.but(state=AlarmState.ACKNOWLEDGED) for name, life in lives.items()}
    under = alarm("device-silent:A", cause="bridge-down:nodered")
    lives, _ = observe(lives, [alarm("bridge-down:nodered"), under], 101.0)
    assert lives["device-silent:A"].state is AlarmState.SUPPRESSED
    assert lives["device-silent:A"].count == 1


def test_a_module_that_was_silent_long_before_node_red_died_keeps_its_own_alarm() -> None:
    one = WatchedMock()
    one.world.fault("silent", "DRILL")
    assert one.run(60, lambda: f"device-silent:{DRILL}" in one.alarms())
    one.run(300)
    one.world.fault("bridge-dead")
    one.run(120)
    assert set(one.alarms()) == {f"device-silent:{DRILL}", "bridge-down:nodered"}
    assert len(one.under("bridge-down:nodered")) == 4


def test_a_vehicle_lost_beside_a_dead_node_red_is_an_alarm_of_its_own() -> None:
    one = WatchedMock(2)
    one.world.fault("bridge-dead")
    one.run(20)
    one.world.fault("lost", FTS)
    one.run(20)
    assert set(one.alarms()) == {"bridge-down:nodered", f"connection-lost:{FTS}"}


def test_node_red_that_does_not_come_back_after_a_ccu_restart_is_said() -> None:
    one = WatchedMock()
    one.run(60)
    one.world.fault("ccu-restart")
    one.run(20)
    one.world.fault("bridge-dead")
    one.run(20)
    assert "bridge-down:nodered" in one.under("ccu-restarted:ccu")
    assert one.run(120, lambda: "bridge-down:nodered" in one.alarms())


def test_a_cause_is_as_grave_as_what_is_under_it_and_the_first_cause_takes_all() -> None:
    power, bridge = alarm("power-off:factory"), alarm("bridge-down:nodered")
    silent = alarm(f"device-silent:{DRILL}")
    found = {one.id: one for one in explain([power, bridge, silent], {DRILL}, 100.0)}
    assert found[bridge.id].cause == found[silent.id].cause == power.id
    assert found[power.id].cause == ""
    assert causes.symptoms(found.values())[power.id]


def test_the_table_names_rules_that_exist_and_knows_no_circle() -> None:
    for row in EXPLANATIONS:
        assert {row.cause, *row.explained} <= SEVERITY.keys()
        assert not {"critical"} & {SEVERITY[name] for name in row.explained}
    onward = {row.cause: set[str]() for row in EXPLANATIONS}
    for row in EXPLANATIONS:
        onward[row.cause] |= set(row.explained)

    def below(rule: str) -> set[str]:
        direct = onward.get(rule, set())
        return direct | {far for one in direct for far in below(one)}

    assert not [rule for rule in onward if rule in below(rule)]
