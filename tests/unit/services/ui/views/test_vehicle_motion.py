"""A vehicle on the map moves only as it says, and is at no node before it says so."""

import pytest

from services.ui.live.model import ViewModel
from services.ui.views.vehicle_motion import BEFORE_NODE, HALFWAY, move_s, road_part
from tests.support.factory import AIQS, FTS, HBW, Factory

FAULT = [{"errorType": "COLLISION", "errorLevel": "WARNING"}]


def _driving(node: str = HBW, order: str = "one", **more: object) -> Factory:
    """At 1000 s it stands, at 1001 it is told the way, at 1002 it says that it drives."""
    told = Factory()
    told.now, told.step_s = 999.0, 1.0
    told.vehicle(node)
    nodes = [{"id": name} for name in (HBW, "1", "2", AIQS)]
    told.say("fts_order", {"orderId": "one", "orderUpdateId": 0, "nodes": nodes}, serial=FTS)
    return told.vehicle(node, driving=True, orderId=order, **more)


def _part(told: Factory, at: float) -> float:
    return road_part(told.state.vehicles[FTS], ViewModel("live", factory=told.state, now=at))


def test_it_drives_by_the_usual_time_of_a_road_since_it_was_told() -> None:
    told = _driving()
    assert told.state.vehicles[FTS].ahead == ("1", "2", AIQS)
    assert told.state.vehicles[FTS].driving_since == 1001.0
    assert _part(told, 1002.2) == pytest.approx(0.5)


def test_it_waits_before_the_next_node_until_it_says_that_it_is_there() -> None:
    told = _driving()
    assert _part(told, 1060.0) == BEFORE_NODE
    told.now = 1060.0
    told.vehicle("1", driving=True, orderId="one")
    assert told.state.vehicles[FTS].ahead == ("2", AIQS)
    assert _part(told, 1061.0) == 0.0


def test_the_last_road_takes_as_long_as_docking() -> None:
    told = _driving("2")
    assert told.state.vehicles[FTS].ahead == (AIQS,)
    assert _part(told, 1001.0 + 3.1) == pytest.approx(0.5)


def test_an_obstacle_stops_it() -> None:
    told = _driving()
    told.now = 1002.2 - 1
    told.vehicle(HBW, driving=True, orderId="one", errors=FAULT)
    assert _part(told, 1050.0) == pytest.approx(0.5)


def test_nobody_heard_since_when_it_drives() -> None:
    told = Factory()
    nodes = [{"id": name} for name in (HBW, "1")]
    told.say("fts_order", {"orderId": "one", "orderUpdateId": 0, "nodes": nodes}, serial=FTS)
    told.vehicle(HBW, driving=True, orderId="one", retain=True)
    assert _part(told, 2000.0) == HALFWAY


@pytest.mark.parametrize(
    "word",
    [
        {"driving": False, "orderId": "one"},
        {"driving": True, "orderId": "before"},
        {"driving": True, "orderId": "one", "orderUpdateId": 7},
    ],
)
def test_it_moves_for_no_order_it_does_not_name(word: dict[str, object]) -> None:
    told = Factory()
    nodes = [{"id": name} for name in (HBW, "1")]
    told.say("fts_order", {"orderId": "one", "orderUpdateId": 0, "nodes": nodes}, serial=FTS)
    told.vehicle(HBW, **word)
    assert told.state.vehicles[FTS].ahead == ()


def test_at_the_end_of_its_way_it_stands() -> None:
    assert _driving(AIQS).state.vehicles[FTS].ahead == ()


def test_in_a_factory_that_runs_ten_times_as_fast_a_mark_is_moved_at_once() -> None:
    told = _driving()
    assert move_s(ViewModel("live", factory=told.state)) == 1.0
    assert move_s(ViewModel("mock", factory=told.state, speed=10.0)) == pytest.approx(0.12)
