"""Who is told what when: each state once, to whom it concerns, and nobody in quiet hours."""

import itertools
from typing import Any

import pytest

from omf.alarms.life import AlarmLife
from omf.alarms.lifecycle import AlarmState
from omf.notifications.decision import AlarmNotice, decide
from omf.notifications.receivers import QuietHours, Receiver, ReceiverNow
from omf.texts import verbatim

S = AlarmState
ADDRESSES = [{"name": "mail", "url": "mail"}]


def _receiver(name: str = "anna", *, on_duty: bool = True, quiet: bool = False, **more: Any):
    hours = {"quiet": QuietHours(begin="22:00", end="06:00")} if quiet else {}
    told = Receiver.model_validate({"name": name, "addresses": ADDRESSES, **hours, **more})
    return ReceiverNow(told, on_duty, quiet)


def _life(state: AlarmState = S.UNACKNOWLEDGED, **more: Any) -> AlarmLife:
    said = verbatim("Robot stands still")
    given = {"severity": "warning", "raised_at": 100.0, "changed_at": 100.0, **more}
    return AlarmLife(
        id="r:1", rule="r", subject="1", since=None, text=said, action=said, state=state, **given
    )


class Told:
    """What was told so far, as the service keeps it."""

    def __init__(self, *receivers: ReceiverNow) -> None:
        self.receivers = receivers
        self.told: dict[str, AlarmNotice] = {}

    def at(self, now: float, *lives: AlarmLife) -> list[tuple[str, str]]:
        found = decide({one.id: one for one in lives}, self.told, self.receivers, now)
        for key in found.forgotten:
            del self.told[key]
        self.told |= {one.told_key: one for one in found.notices}
        return [(one.receiver, one.phase.value) for one in found.notices]


def test_each_state_is_told_once_and_the_end_too() -> None:
    told = Told(_receiver())
    acknowledged = {"acknowledged_by": "bert", "changed_at": 110.0}
    assert told.at(101, _life()) == [("anna", "raised")]
    assert told.at(102, _life()) == []
    assert told.at(111, _life(S.ACKNOWLEDGED, **acknowledged)) == [("anna", "acknowledged")]
    assert told.told["anna|r:1"].who == "bert"
    assert told.at(112, _life(S.ACKNOWLEDGED, **acknowledged)) == []
    assert told.at(120) == [("anna", "over")]
    assert told.at(121) == []
    assert told.told == {}


def test_what_returns_is_over_once_and_raised_anew_with_its_next_rise() -> None:
    told = Told(_receiver())
    told.at(101, _life())
    assert told.at(110, _life(S.RETURNED)) == [("anna", "over")]
    assert told.at(111) == [], "acknowledged after it was over"
    assert told.at(120, _life(raised_at=120.0)) == [("anna", "raised")]
    assert told.at(121, _life(S.RETURNED, raised_at=121.0)) == [("anna", "over")], "came and went"


def test_hidden_and_back_is_told_to_who_knows_of_it() -> None:
    told = Told(_receiver())
    assert told.at(100, _life(S.SHELVED, hidden_by="bert")) == []
    told.at(101, _life())
    assert told.at(102, _life(S.SHELVED, hidden_by="bert")) == [("anna", "hidden")]
    assert told.at(103, _life(changed_at=103.0)) == [("anna", "raised")]


def test_what_another_alarm_explains_is_told_again_only_when_it_is_over() -> None:
    told = Told(_receiver())
    told.at(101, _life())
    assert told.at(102, _life(S.SUPPRESSED)) == []
    assert told.at(103, _life()) == []
    assert told.at(104, _life(S.SUPPRESSED)) == []
    assert told.at(105) == [("anna", "over")]


@pytest.mark.parametrize("state", [one for one in S if one not in (S.UNACKNOWLEDGED, S.RETURNED)])
def test_nobody_is_called_for_what_asks_for_nothing_new(state: AlarmState) -> None:
    assert Told(_receiver()).at(101, _life(state)) == []


def test_priority_environment_and_duty_say_who() -> None:
    told = Told(
        _receiver("critical only", least_priority=1),
        _receiver("off duty", on_duty=False),
        _receiver("on duty"),
    )
    assert told.at(101, _life()) == [("on duty", "raised")]
    graver = _life(severity="critical")
    assert told.at(102, graver) == [("critical only", "raised")], "once it became graver"


def test_escalation_waits_for_an_acknowledgement() -> None:
    told = Told(_receiver("boss", after_minutes=15))
    assert told.at(100 + 899, _life()) == []
    assert told.at(100 + 900, _life(S.ACKNOWLEDGED)) == []
    assert told.at(100 + 900, _life(S.RETURNED)) == []
    assert told.at(100 + 900, _life()) == [("boss", "raised")]
    assert told.at(100 + 901) == [("boss", "over")]


def test_quiet_hours_hold_back_until_they_end_and_what_is_over_by_then_is_not_told() -> None:
    anna = _receiver(quiet=True)
    told = Told(anna)
    assert told.at(101, _life()) == []
    assert told.at(101, _life(severity="critical")) == [("anna", "raised")]
    told = Told(anna)
    told.at(101, _life())
    told.receivers = (anna._replace(quiet=False),)
    assert told.at(102) == []
    assert told.at(103, _life()) == [("anna", "raised")]


def test_the_end_is_told_after_the_quiet_hours_in_which_it_came() -> None:
    anna = _receiver(quiet=True)
    told = Told(anna._replace(quiet=False))
    told.at(101, _life())
    told.receivers = (anna,)
    assert told.at(102) == []
    told.receivers = (anna._replace(quiet=False),)
    assert told.at(103) == [("anna", "over")]


def test_a_receiver_that_is_no_more_is_forgotten() -> None:
    told = Told(_receiver())
    told.at(101, _life())
    told.receivers = ()
    assert told.at(102, _life()) == []
    assert told.told == {}


def test_whatever_the_order_no_state_is_told_twice_in_a_row() -> None:
    """Every way of five states."""
    states = (None, S.UNACKNOWLEDGED, S.ACKNOWLEDGED, S.RETURNED)
    for way in itertools.product(states, repeat=5):
        told, rise, last = Told(_receiver()), 100, ("", 0)
        for now, state in enumerate(way, 101):
            rise = now if state is None else rise
            lives = [] if state is None else [_life(state, raised_at=rise)]
            for _, phase in [*told.at(now, *lives), *told.at(now, *lives)]:
                rose = rise if lives else last[1]
                assert (phase, rose) != last
                last = (phase, rose)
