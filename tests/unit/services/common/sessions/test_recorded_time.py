"""Which recorded moment a message of a replay belongs to, and what ends with its session."""

from dataclasses import replace

import pytest

from omf.messages.message import Message
from omf.state import FactoryState
from services.common.sessions.recorded_time import Anchor, RecordedTimes, ReplayedLink
from services.common.store.keys import LinkHealth

DAY = 1_786_000_000.0
"""When it was recorded."""
NOW = 1_795_900_000.0
"""When it is played."""
ORDER = b'[{"orderId":"o","orderType":"PRODUCTION","type":"RED","state":"IN_PROGRESS"}]'


def anchor(at, recorded, pace, session="a", begins=None):
    return Anchor(
        at=NOW + at,
        begins=NOW + (at if begins is None else begins),
        recorded=DAY + recorded,
        pace=pace,
        session=session,
    )


def times(*anchors):
    known = RecordedTimes()
    known.take((f"{n}-0", one) for n, one in enumerate(anchors, 1))
    return known


def message(at, topic="ccu/order/active", payload=ORDER):
    return Message(topic, payload, f"{int((NOW + at) * 1000)}-0")


def test_what_was_there_before_anything_was_played_is_of_its_arrival():
    one = times(anchor(10, 0, 1)).dated(message(5))
    assert (one.received_at, one.session) == (NOW + 5, "")


@pytest.mark.parametrize(
    ("at", "recorded"),
    [(10, 0), (12, 20), (14, 40), (16, 60), (20, 60), (31, 61), (40, 70)],
)
def test_time_passes_at_the_pace_of_the_replay_and_stands_while_it_is_paused(at, recorded):
    known = times(anchor(10, 0, 10), anchor(16, 60, 0), anchor(30, 60, 1))
    assert known.dated(message(at)).received_at == pytest.approx(DAY + recorded)
    assert known.moment(NOW + at) == pytest.approx(DAY + recorded)


def test_a_message_that_comes_before_the_pace_was_told_is_of_the_beginning():
    one = times(anchor(10, 3, 1, begins=8)).dated(message(9))
    assert (one.received_at, one.session) == (DAY + 3, "a")


def test_a_recorded_moment_is_found_again_in_the_session_of_now():
    known = times(anchor(10, 0, 1), anchor(50, 0, 10, "b"), anchor(55, 50, 0, "b"))
    assert known.arrival(DAY + 20) == pytest.approx(NOW + 52)
    assert known.arrival(DAY - 5) == NOW + 50
    assert times().arrival(DAY) == DAY


def test_now_is_recorded_time_for_whoever_judges_ages():
    link = LinkHealth(connected=True, broker="b", since=0.0, at=NOW, ahead_s=1.0)
    assert link.message_now(NOW) == NOW + 1
    played = ReplayedLink(**link.model_dump(), replayed=anchor(0, 0, 10))
    assert played.message_now(NOW) == pytest.approx(DAY + 10)


def test_another_session_is_another_factory():
    state = FactoryState()
    known = times(anchor(0, 0, 1), anchor(60, 0, 1, "b"))
    first = known.dated(message(1))
    state.apply(first, first.received_at)
    assert list(state.orders) == ["o"]
    for at, topic in ((61, "x/1"), (62, "x/2")):
        one = known.dated(message(at, topic, b"{}"))
        state.apply(one, one.received_at)
    assert not state.orders
    assert (state.total, state.session, state.last_received) == (2, "b", DAY + 2)
    assert FactoryState.restore(state.snapshot()) == state


def test_a_factory_of_now_never_begins_anew():
    state = FactoryState()
    for at in (1, 100):
        one = message(at)
        state.apply(one, one.received_at)
    assert (state.total, list(state.orders)) == (2, ["o"])
    assert replace(state).session == ""
