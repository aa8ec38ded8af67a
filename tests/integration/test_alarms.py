"""The owner of the alarms as a process: each passage written once, acts decided by orders."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from omf.alarms.kpis import FLOOD_BEGINS
from omf.alarms.lifecycle import AlarmEvent
from services.common.store.bus import Bus
from services.common.store.fold_reader import state_until
from services.common.store.keys import Stage, key
from services.common.store.usual_pauses import USUAL_PAUSES_KEY, UsualPauses
from services.orders.locks import OTHERS_WAIT_S
from services.orders.service import LINK_FRESH_S
from tests.support.alarm_desk import AlarmDesk
from tests.support.circle import ENVIRONMENT, World, settled
from tests.support.factory import DRILL, MILL
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike


@pytest.fixture
def desk(processes: Processes, servers: Addresses) -> Iterator[AlarmDesk]:
    with World(processes, servers) as world:
        yield AlarmDesk(world)


def events(desk: AlarmDesk, alarm: str) -> list[str]:
    return [entry.event.value for entry in desk.told(alarm)]


def test_an_alarm_is_followed_from_its_rise_to_its_end(desk: AlarmDesk) -> None:
    for name in ("alarms", "orders"):
        desk.world.start(name).wait_ready()
    alarm = desk.lose(DRILL)
    desk.becomes(alarm, "unacknowledged")
    done = desk.act("anna", "alarm-acknowledge", alarm)
    assert done.stage is Stage.EFFECT, done
    assert desk.world.desk.stages("alarm-acknowledge-1") == [
        "requested",
        "accepted",
        "queued",
        "effect",
    ]
    life = desk.lives()[alarm]
    assert (life.state, life.acknowledged_by) == ("acknowledged", "anna")
    time.sleep(OTHERS_WAIT_S)
    late = desk.act("bert", "alarm-acknowledge", alarm)
    assert late.stage is Stage.REFUSED
    assert "anna" in late.reasons[0].en
    assert desk.act("anna", "alarm-comment", alarm, reason="cable").stage is Stage.EFFECT
    desk.find(DRILL)
    desk.becomes(alarm, "normal")
    assert events(desk, alarm) == ["raised", "acknowledged", "commented", "returned"]
    raised, acknowledged, commented, _ = desk.told(alarm)
    assert (raised.who, acknowledged.who, commented.reason) == ("", "anna", "cable")
    assert acknowledged.command_id == "alarm-acknowledge-1"
    over = desk.act("anna", "alarm-acknowledge", alarm)
    assert (over.stage, over.reasons[0].id) == (Stage.REFUSED, "alarm-act")


def test_shelved_and_out_of_service_hide_it_until_somebody_shows_it(desk: AlarmDesk) -> None:
    for name in ("alarms", "orders"):
        desk.world.start(name).wait_ready()
    alarm = desk.lose(DRILL)
    desk.becomes(alarm, "unacknowledged")
    assert desk.act("anna", "alarm-shelve", alarm, reason="known").stage is Stage.EFFECT
    life = desk.lives()[alarm]
    assert (life.state, life.hidden_by, life.hidden_reason) == ("shelved", "anna", "known")
    assert life.hidden_until is not None
    assert 800 < life.hidden_until - time.time() < 901
    assert desk.act("anna", "alarm-unshelve", alarm).stage is Stage.EFFECT
    assert desk.state(alarm) == "unacknowledged"
    done = desk.act("anna", "alarm-out-of-service", alarm, days=2, reason="in repair")
    assert done.stage is Stage.EFFECT
    desk.find(DRILL)
    wait_for(lambda: not desk.lives()[alarm].stands)
    assert desk.act("anna", "alarm-return-to-service", alarm).stage is Stage.EFFECT
    assert desk.state(alarm) == "normal"
    refused = desk.act("anna", "alarm-shelve", alarm, duration="1h")
    assert (refused.stage, refused.reasons[0].id) == (Stage.REFUSED, "parameter:reason")


def test_of_two_who_acknowledge_at_once_one_wins_and_the_other_is_told_who(
    desk: AlarmDesk,
) -> None:
    for name in ("alarms", "orders"):
        desk.world.start(name).wait_ready()
    alarm = desk.lose(DRILL)
    desk.becomes(alarm, "unacknowledged")
    asked = [desk.ask(who, "alarm-acknowledge", alarm) for who in ("anna", "bert")]
    ends = [desk.world.desk.final(one) for one in asked]
    stages = [end.stage for end in ends]
    assert sorted(stages) == sorted([Stage.EFFECT, Stage.REFUSED])
    winner, loser = sorted(ends, key=lambda end: end.stage is Stage.REFUSED)
    assert winner.operator in loser.reasons[0].en
    assert events(desk, alarm) == ["raised", "acknowledged"]


def test_an_act_is_refused_while_the_owner_is_away_and_the_link_is_not_needed(
    desk: AlarmDesk,
) -> None:
    desk.world.start("orders").wait_ready()
    alarm = desk.lose(DRILL)
    refused = desk.act("anna", "alarm-acknowledge", alarm)
    assert (refused.stage, refused.reasons[0].id) == (Stage.REFUSED, "alarm-owner")
    desk.world.start("alarms").wait_ready()
    desk.becomes(alarm, "unacknowledged")
    desk.world.mirror.connected = False
    wait_for(lambda: not desk.world.desk.link().connected)
    settled(lambda: True, 2 * LINK_FRESH_S)
    assert desk.act("anna", "alarm-acknowledge", alarm).stage is Stage.EFFECT


def test_what_orders_accepted_is_done_by_the_owner_that_comes_next(desk: AlarmDesk) -> None:
    owner = desk.world.start("alarms").wait_ready()
    orders = desk.world.start("orders").wait_ready()
    alarm = desk.lose(DRILL)
    desk.becomes(alarm, "unacknowledged")
    owner.kill()
    asked = desk.ask("anna", "alarm-acknowledge", alarm)
    wait_for(lambda: desk.world.desk.stages(asked)[-1:] == ["queued"])
    orders.kill()
    desk.world.start("alarms").wait_ready()
    desk.becomes(alarm, "acknowledged")
    desk.world.start("orders").wait_ready()
    assert desk.world.desk.final(asked).stage is Stage.EFFECT
    assert events(desk, alarm) == ["raised", "acknowledged"]


def test_of_two_owners_the_last_one_writes_and_the_other_takes_over_when_it_is_gone(
    desk: AlarmDesk,
) -> None:
    first = desk.world.start("alarms").wait_ready()
    alarm = desk.lose(DRILL)
    desk.becomes(alarm, "unacknowledged")
    second = desk.world.start("alarms").wait_ready()
    wait_for(lambda: not first.ready())
    desk.becomes(desk.lose(MILL), "unacknowledged")
    settled(lambda: not first.ready(), 1.5)
    second.wait_ready()
    second.send(signal.SIGSTOP)
    wait_for(first.ready, 60)
    desk.find(DRILL)
    desk.becomes(alarm, "returned_unacknowledged")
    second.send(signal.SIGCONT)
    wait_for(lambda: not second.ready())
    assert events(desk, alarm) == ["raised", "returned"]
    assert len(desk.told()) == 3


@pytest.mark.parametrize("place", ["alarms.before_write", "alarms.after_write"])
def test_a_crash_around_the_write_neither_loses_nor_doubles_an_alarm(
    desk: AlarmDesk, place: str
) -> None:
    desk.world.start("alarms").wait_ready().stop(10)
    alarm = desk.lose(DRILL)
    crashed = desk.world.start("alarms", failpoint=place)
    wait_for(lambda: not crashed.alive)
    desk.world.start("alarms").wait_ready()
    desk.becomes(alarm, "unacknowledged")
    settled(lambda: [one.event for one in desk.told(alarm)] == [AlarmEvent.RAISED], 1.5)


def test_an_emptied_store_begins_with_what_stands(desk: AlarmDesk) -> None:
    desk.world.start("alarms").wait_ready()
    alarm = desk.lose(DRILL)
    desk.becomes(alarm, "unacknowledged")
    desk.world.desk.client.flushdb()
    desk.lose(DRILL)
    desk.becomes(alarm, "unacknowledged")
    assert events(desk, alarm) == ["raised"]


def test_a_lost_broker_is_one_alarm_and_what_follows_from_it_is_under_it(desk: AlarmDesk) -> None:
    desk.world.start("alarms").wait_ready()
    desk.world.mirror.connected = False
    desk.becomes("broker-lost:broker", "unacknowledged", 30)
    alarm = desk.lose(DRILL)
    desk.becomes(alarm, "suppressed_by_design")
    assert events(desk, alarm) == ["suppressed"]
    assert desk.lives()[alarm].cause == "broker-lost:broker"
    desk.world.mirror.connected = True
    desk.becomes("broker-lost:broker", "returned_unacknowledged")
    desk.find(DRILL)
    desk.becomes(alarm, "normal")
    assert events(desk, alarm) == ["suppressed", "returned", "unsuppressed"]


def test_a_flood_is_announced_by_an_alarm_of_its_own(desk: AlarmDesk) -> None:
    desk.world.start("alarms").wait_ready()
    for number in range(FLOOD_BEGINS + 1):
        desk.lose(f"SVR{number}")
    desk.becomes("alarm-flood:alarms", "unacknowledged")
    [raised] = desk.told("alarm-flood:alarms")
    assert str(FLOOD_BEGINS + 1) in raised.text.en


async def test_the_rules_of_a_site_hold_for_everybody_and_a_faulty_file_changes_nothing(
    desk: AlarmDesk, servers: Addresses, tmp_path: Path
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("version: 1\nrules:\n  connection-lost: {priority: 1, off_delay_s: 2}\n")
    owner = desk.world.start("alarms", alarm_rules=str(path)).wait_ready()
    alarm = desk.lose(DRILL)
    desk.becomes(alarm, "unacknowledged")
    assert desk.lives()[alarm].severity == "critical"
    async with Bus(servers.store_url, ENVIRONMENT) as bus:
        state = await state_until(bus)
    assert state.alarm_rules.rules["connection-lost"].priority == 1
    owner.stop(10)
    path.write_text("version: 2\nrules:\n  connection-lost: {priority: 0}\n")
    desk.world.start("alarms", alarm_rules=str(path)).wait_ready()
    desk.becomes("rules-refused:rules", "unacknowledged")
    [told] = desk.told("rules-refused:rules")
    assert "line 3, rules.connection-lost.priority" in told.text.en
    assert desk.lives()[alarm].severity == "critical"
    async with Bus(servers.store_url, ENVIRONMENT) as bus:
        assert (await state_until(bus)).rules_fault is not None


def test_what_the_archive_says_is_usual_is_asked_for(desk: AlarmDesk) -> None:
    """The topic was heard once: by itself nobody here could tell what is usual."""
    desk.world.factory.say("plant/oven", b"1")
    desk.world.start("alarms").wait_ready()
    told = UsualPauses(at=0.0, seconds={"plant/oven": 1.0})
    desk.world.desk.client.set(key(ENVIRONMENT, USUAL_PAUSES_KEY), told.model_dump_json())
    time.sleep(OTHERS_WAIT_S)
    assert "topic-silent:plant/oven" not in desk.lives(), "it is not silent for long yet"
    desk.becomes("topic-silent:plant/oven", "unacknowledged", 90)
