"""Who is thrown out by another client of its name gives way; a broker that restarts is no rival."""

from itertools import pairwise

from services.common.mqtt.session_takeover import (
    FIRST_WAIT_S,
    LONGEST_WAIT_S,
    TAKEOVERS,
    SessionTakeover,
)


def test_thrown_out_right_after_connecting_again_and_again_one_gives_way() -> None:
    rival = SessionTakeover()
    assert [rival.wait_s(0.7) for _ in range(TAKEOVERS)] == [0.0] * (TAKEOVERS - 1) + [FIRST_WAIT_S]


def test_who_comes_back_to_the_same_rival_gives_way_at_once_and_for_longer() -> None:
    rival = SessionTakeover()
    waits = [wait for _ in range(20) if (wait := rival.wait_s(0.7))]
    assert all(b == 2 * a or b == LONGEST_WAIT_S for a, b in pairwise(waits))
    assert waits[-1] == LONGEST_WAIT_S


def test_a_connection_that_lasts_ends_the_suspicion() -> None:
    rival = SessionTakeover()
    for _ in range(10):
        assert rival.wait_s(0.7) == rival.wait_s(0.7) == 0.0
        assert rival.wait_s(60.0) == 0.0


def test_a_broker_that_is_away_in_between_is_no_rival() -> None:
    rival = SessionTakeover()
    for _ in range(10):
        assert rival.wait_s(0.7) == rival.wait_s(0.7) == 0.0
        assert rival.wait_s(None) == 0.0
