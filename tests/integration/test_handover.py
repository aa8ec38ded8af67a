"""The hand-over of a shift by two people, kept by the owner of the alarms and decided by orders."""

import time
from collections.abc import Iterator

import pytest

from omf.alarms.handover import HandoverEntry
from services.common.store import entries
from services.common.store.keys import CommandEvent, Role, Stage, key
from tests.support.alarm_desk import AlarmDesk
from tests.support.circle import ENVIRONMENT, World, settled
from tests.support.factory import DRILL
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike


@pytest.fixture
def desk(processes: Processes, servers: Addresses) -> Iterator[AlarmDesk]:
    with World(processes, servers) as world:
        yield AlarmDesk(world)


def told(desk: AlarmDesk) -> list[HandoverEntry]:
    found = desk.world.desk.client.xrange(key(ENVIRONMENT, "handovers"))
    return [entries.decode(HandoverEntry, fields) for _, fields in found]


def ask(desk: AlarmDesk, who: str, kind: str, name: str, **given: object) -> str:
    changes = {"kind": kind, "operator": who, "role": Role.OPERATOR, "parameters": given}
    return desk.world.desk.order(name, **changes)


def act(desk: AlarmDesk, who: str, kind: str, name: str, **given: object) -> CommandEvent:
    return desk.world.desk.final(ask(desk, who, kind, name, **given))


def test_one_gives_and_another_one_takes_and_both_sign(desk: AlarmDesk) -> None:
    for name in ("alarms", "orders"):
        desk.world.start(name).wait_ready()
    alarm = desk.lose(DRILL)
    desk.becomes(alarm, "unacknowledged")
    assert desk.act("anna", "alarm-comment", alarm, reason="cable").stage is Stage.EFFECT
    assert act(desk, "anna", "handover-give", "g-1", note="look at it").stage is Stage.EFFECT
    late = act(desk, "bert", "handover-give", "g-2")
    assert (late.stage, late.reasons[0].id) == (Stage.REFUSED, "handover-act")
    assert "anna" in late.reasons[0].en
    own = act(desk, "anna", "handover-take", "t-1")
    assert own.stage is Stage.FAILED
    assert act(desk, "bert", "handover-take", "t-2", note="seen").stage is Stage.EFFECT
    given, refused, taken = told(desk)
    assert (given.event, refused.event, taken.event) == ("given", "refused", "taken")
    assert (given.who, taken.who, taken.given) == ("anna", "bert", given.given)
    assert (given.note, taken.note, given.handover) == ("look at it", "seen", "g-1")
    assert given.report is not None
    assert [one.alarm for one in given.report.standing] == [alarm]
    assert [one.words for one in given.report.comments] == ["cable"]
    assert given.given is not None
    assert given.given.since < given.at
    again = ask(desk, "bert", "handover-take", "t-2", note="seen")
    time.sleep(1)
    assert again == "t-2"
    assert len(told(desk)) == 3


def test_of_two_who_take_at_once_one_wins_and_the_other_is_told(desk: AlarmDesk) -> None:
    for name in ("alarms", "orders"):
        desk.world.start(name).wait_ready()
    desk.becomes(desk.lose(DRILL), "unacknowledged")
    assert act(desk, "anna", "handover-give", "g-1").stage is Stage.EFFECT
    asked = [ask(desk, who, "handover-take", f"t-{who}") for who in ("bert", "carla")]
    ends = sorted(desk.world.desk.final(one).stage for one in asked)
    assert Stage.EFFECT in ends
    assert len(ends) == 2
    assert ends != [Stage.EFFECT, Stage.EFFECT]
    assert [one.event for one in told(desk) if one.event == "taken"] == ["taken"]


@pytest.mark.parametrize("place", ["alarms.before_write", "alarms.after_write"])
def test_a_crash_around_the_write_neither_loses_nor_doubles_a_signature(
    desk: AlarmDesk, place: str
) -> None:
    desk.world.start("orders").wait_ready()
    owner = desk.world.start("alarms").wait_ready()
    desk.becomes(desk.lose(DRILL), "unacknowledged")
    owner.kill()
    asked = ask(desk, "anna", "handover-give", "g-1")
    wait_for(lambda: desk.world.desk.stages(asked)[-1:] == ["queued"])
    crashed = desk.world.start("alarms", failpoint=place)
    wait_for(lambda: not crashed.alive)
    desk.world.start("alarms").wait_ready()
    assert desk.world.desk.final(asked).stage is Stage.EFFECT
    settled(lambda: [one.event for one in told(desk)] == ["given"], 1.5)


def test_it_is_refused_while_the_owner_is_away(desk: AlarmDesk) -> None:
    desk.world.start("orders").wait_ready()
    refused = act(desk, "anna", "handover-give", "g-1")
    assert (refused.stage, refused.reasons[0].id) == (Stage.REFUSED, "alarm-owner")
