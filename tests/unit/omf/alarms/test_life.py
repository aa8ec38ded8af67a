"""One alarm from its rise to its end, and what is told of it."""

import pytest

from omf.alarms.changes import (
    MAX_ALARM_COMMENTS,
    MAX_ALARM_LIVES,
    carry_out,
    drop_all,
    observe,
)
from omf.alarms.life import AlarmAct, AlarmEntry, AlarmLife
from omf.alarms.lifecycle import AlarmEvent, AlarmState
from omf.texts import LANGUAGES
from tests.unit.omf.alarms.test_lifecycle import alarm

COLLISION, GAS = "collision:5iO4", "danger:gas"
Lives = dict[str, AlarmLife]


def raised(*names: str, at: float = 10.0) -> Lives:
    return observe({}, map(alarm, names), at)[0]


def did(
    lives: Lives, name: str, event: AlarmEvent, at: float = 20.0, **more: object
) -> tuple[Lives, AlarmEntry]:
    return carry_out(lives, name, event, AlarmAct(at, "anna")._replace(**more))


def test_an_alarm_is_raised_once_and_stays_until_it_is_acknowledged_and_over() -> None:
    lives, [entry] = observe({}, [alarm(COLLISION)], 10.0)
    assert (entry.event, entry.before, entry.after) == ("raised", "normal", "unacknowledged")
    assert (entry.alarm, entry.priority, entry.since, entry.at) == (COLLISION, 2, 1.0, 10.0)
    assert observe(lives, [alarm(COLLISION)], 11.0)[1] == []
    lives, [entry] = observe(lives, [], 12.0)
    assert entry.after == "returned_unacknowledged"
    lives, entry = did(lives, COLLISION, AlarmEvent.ACKNOWLEDGED)
    assert (entry.after, entry.who) == ("normal", "anna")
    assert lives == {}


def test_what_was_acknowledged_is_normal_as_soon_as_it_is_over() -> None:
    lives, entry = did(raised(COLLISION), COLLISION, AlarmEvent.ACKNOWLEDGED)
    life = lives[COLLISION]
    assert (life.state, life.acknowledged_by, life.acknowledged_at) == ("acknowledged", "anna", 20)
    assert entry.command_id == ""
    lives, [entry] = observe(lives, [], 30.0)
    assert (entry.after, lives) == ("normal", {})


def test_what_comes_back_asks_again_and_is_counted() -> None:
    lives, _ = observe(raised(COLLISION), [], 12.0)
    lives, [entry] = observe(lives, [alarm(COLLISION)], 13.0)
    assert (entry.before, entry.after) == ("returned_unacknowledged", "unacknowledged")
    assert lives[COLLISION].count == 2


def test_fire_and_gas_stay_until_they_are_reset() -> None:
    lives, _ = did(raised(GAS), GAS, AlarmEvent.ACKNOWLEDGED)
    lives, [entry] = observe(lives, [], 30.0)
    assert entry.after == "latched"
    assert lives[GAS].asks
    lives, entry = did(lives, GAS, AlarmEvent.RESET, 31.0)
    assert (entry.after, lives) == ("normal", {})


@pytest.mark.parametrize(
    ("hide", "end", "back"),
    [
        (AlarmEvent.SHELVED, "shelf_ended", AlarmEvent.UNSHELVED),
        (AlarmEvent.TAKEN_OUT, "out_of_service_ended", AlarmEvent.PUT_BACK),
    ],
)
def test_what_is_hidden_comes_back_at_its_end_or_by_a_person(
    hide: AlarmEvent, end: str, back: AlarmEvent
) -> None:
    lives, entry = did(raised(COLLISION), COLLISION, hide, until=900.0, reason="known")
    assert (entry.until, entry.reason) == (900.0, "known")
    assert lives[COLLISION].hidden_by == "anna"
    assert not lives[COLLISION].asks
    by_hand, entry = did(lives, COLLISION, back, 30.0)
    assert by_hand[COLLISION].state == entry.after == "unacknowledged"
    assert by_hand[COLLISION].hidden_until is None
    lives, [entry] = observe(lives, [alarm(COLLISION)], 900.0)
    assert (entry.event, entry.after, entry.who) == (end, "unacknowledged", "")
    gone, _ = observe(did(raised(COLLISION), COLLISION, hide, until=900.0)[0], [], 20.0)
    assert gone[COLLISION].state in ("shelved", "out_of_service")
    gone, [entry] = observe(gone, [], 901.0)
    assert (entry.after, gone) == ("normal", {})


def test_the_second_who_acknowledges_is_told_who_was_faster() -> None:
    lives, _ = did(raised(COLLISION), COLLISION, AlarmEvent.ACKNOWLEDGED, 3600 * 14 + 180)
    act = AlarmAct(3600 * 14 + 200, "ben", command_id="c-2")
    after, entry = carry_out(lives, COLLISION, AlarmEvent.ACKNOWLEDGED, act)
    assert (after, entry.event, entry.after) == (lives, AlarmEvent.REFUSED, "acknowledged")
    assert entry.why is not None
    assert "anna" in entry.why.en
    assert "14:03" in entry.why.en
    assert all("anna" in entry.why.in_(language) for language in LANGUAGES)


@pytest.mark.parametrize("event", AlarmEvent)
def test_what_is_over_or_was_never_there_takes_no_act_and_says_so(event: AlarmEvent) -> None:
    lives, entry = did({}, "collision:nobody", event)
    assert (lives, entry.event) == ({}, AlarmEvent.REFUSED)
    assert (entry.rule, entry.subject, entry.severity) == ("collision", "nobody", "warning")
    assert entry.why


def test_comments_are_kept_and_do_not_change_the_state() -> None:
    lives = raised(COLLISION)
    for number in range(MAX_ALARM_COMMENTS + 5):
        lives, entry = did(lives, COLLISION, AlarmEvent.COMMENTED, reason=f"seen {number}")
        assert (entry.before, entry.after) == ("unacknowledged", "unacknowledged")
    said = lives[COLLISION].comments
    assert (len(said), said[-1].text, said[-1].by) == (MAX_ALARM_COMMENTS, "seen 24", "anna")


def test_the_words_of_an_alarm_follow_the_rule_without_an_entry() -> None:
    lives, entries = observe(raised(COLLISION), [alarm(COLLISION, "12 %")], 11.0)
    assert (entries, lives[COLLISION].text.en) == ([], "12 %")


def test_too_many_that_nobody_acknowledges_drop_the_oldest_and_say_so() -> None:
    names = [f"order-standstill:{number}" for number in range(MAX_ALARM_LIVES)]
    lives, _ = observe(raised(*names[:2]), map(alarm, names[2:]), 20.0)
    lives, entries = observe(lives, map(alarm, ["collision:new"]), 30.0)
    dropped = [one.alarm for one in entries if one.event is AlarmEvent.DROPPED]
    assert dropped == names[:1]
    assert len(lives) == MAX_ALARM_LIVES
    assert lives["collision:new"].state is AlarmState.UNACKNOWLEDGED


def test_another_session_drops_whatever_there_was() -> None:
    lives, _ = did(raised(COLLISION, GAS), COLLISION, AlarmEvent.SHELVED, until=900.0)
    entries = drop_all(lives, 40.0)
    assert {(one.alarm, one.event, one.after) for one in entries} == {
        (COLLISION, AlarmEvent.DROPPED, AlarmState.NORMAL),
        (GAS, AlarmEvent.DROPPED, AlarmState.NORMAL),
    }
