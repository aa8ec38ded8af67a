"""When orders end, over many simulated futures."""

import pytest

from omf.simulation.device import message
from omf.simulation.forecast import WORTH_S, forecast, queue_advice, ready_times
from omf.simulation.learned import LearnedDurations
from tests.support.same_future import STAMP, RunningMock

FEW = 6


def factory(*colours: str, parallel: int = 4) -> RunningMock:
    mock = RunningMock(5, 1, {"RED": 2, "WHITE": 2, "BLUE": 2})
    body = {
        "productionDurations": {"WHITE": 580, "BLUE": 550, "RED": 560},
        "productionSettings": {"maxParallelOrders": parallel},
        "ftsSettings": {"chargeThresholdPercent": 10},
    }
    mock.router.publish(message("ccu_set_config", body))
    for colour in colours:
        request = {"type": colour, "timestamp": STAMP, "orderType": "PRODUCTION"}
        mock.router.publish(message("ccu_order_request", request))
        mock.router.run(3)
    return mock


def test_running_and_queued_orders_end_where_the_mock_ends_them() -> None:
    mock = factory("RED", "WHITE", parallel=1)
    now = mock.router.now.wall
    running, queued = mock.state.active_orders
    ends = forecast(mock.state, now, futures=FEW).ends
    mock.router.run(1200, lambda: not mock.state.active_orders)
    for identity in (running, queued):
        at = mock.state.orders[identity].changed_at
        assert at is not None
        assert ends[identity].p50 - now == pytest.approx(at - now, rel=0.1)
        assert ends[identity].p10 <= ends[identity].p50 <= ends[identity].p90
        assert (ends[identity].share, ends[identity].failing) == (1.0, 0.0)


def test_no_end_is_foretold_of_an_order_that_would_never_end() -> None:
    mock = factory("RED")
    for vehicle in mock.state.vehicles.values():
        vehicle.connection = "CONNECTIONBROKEN"
    assert forecast(mock.state, mock.router.now.wall, futures=2).ends == {}


def test_a_piece_that_fails_its_check_ends_before_and_only_the_spread_counts_it() -> None:
    mock = factory("RED")
    now = mock.router.now.wall
    (order,) = mock.state.active_orders
    good = forecast(mock.state, now, futures=FEW).ends[order]
    mixed = LearnedDurations(failing=0.5)
    found = forecast(mock.state, now, futures=20, learned=mixed).ends[order]
    assert 0.2 < found.failing < 0.8
    assert found.p50 == pytest.approx(good.p50, abs=10)
    assert found.p10 < good.p10 - 20
    assert forecast(mock.state, now, futures=2, learned=LearnedDurations(failing=1.0)).ends == {}


def test_each_colour_that_would_be_taken_has_a_time_at_which_it_would_be_ready() -> None:
    mock = RunningMock(5, 1, {"RED": 1, "BLUE": 1})
    now = mock.router.now.wall
    found = ready_times(mock.state, now, futures=FEW)
    assert found.keys() == {"RED", "BLUE"}
    assert found["BLUE"].p50 > found["RED"].p50 > now + 100, "blue has one station more"


def test_a_sequence_is_advised_where_it_is_done_sooner_and_none_where_colours_are_the_same() -> (
    None
):
    same = factory("RED", "RED", "RED", parallel=1)
    assert queue_advice(same.state, same.router.now.wall, futures=2) is None
    alone = factory("RED", "BLUE", parallel=1)
    assert queue_advice(alone.state, alone.router.now.wall, futures=2) is None
    mixed = factory("WHITE", "WHITE", "BLUE", "RED", "RED", parallel=2)
    waiting = mock_waiting(mixed)
    advice = queue_advice(mixed.state, mixed.router.now.wall, futures=2)
    if advice is not None:
        assert sorted(advice.sequence) == sorted(waiting)
        assert advice.sequence != tuple(waiting)
        assert advice.sooner_s >= WORTH_S


def mock_waiting(mock: RunningMock) -> list[str]:
    state = mock.state
    return [one for one in state.active_orders if state.orders[one].state == "ENQUEUED"]
