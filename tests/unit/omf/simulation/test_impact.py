"""What a command would change, before it is sent."""

import itertools
from typing import Any

from omf.commands import prepare
from omf.simulation.device import message
from omf.simulation.impact import Impact, impact
from omf.state import FactoryState
from tests.support.same_future import STAMP, RunningMock


def running(*orders: str, stock: int = 2, vehicles: int = 1, after: float = 0.0) -> RunningMock:
    mock = RunningMock(3, vehicles, dict.fromkeys(("RED", "WHITE", "BLUE"), stock))
    for colour in orders:
        body = {"type": colour, "timestamp": STAMP, "orderType": "PRODUCTION"}
        mock.router.publish(message("ccu_order_request", body))
    mock.router.run(after)
    return mock


def impact_of(mock: RunningMock, kind: str, **parameters: Any) -> Impact:
    numbers = itertools.count()
    now = mock.router.now.wall
    plan = prepare(kind, parameters, mock.state, now=now, new_id=lambda: f"id-{next(numbers)}")
    return impact(plan, mock.state, now)


def said(lines: tuple[Any, ...]) -> str:
    return "\n".join(line.en for line in lines)


def test_an_order_takes_a_piece_from_the_stock_and_is_done_after_some_time() -> None:
    found = impact_of(running(), "production-order", colour="RED")
    assert found.known
    assert "Red: 1 instead of 2" in said(found.stock)
    assert "new: Production Red" in said(found.orders)
    assert "done after about" in said(found.orders)
    assert found.losses == ()


def test_an_order_keeps_another_one_waiting() -> None:
    found = impact_of(running("BLUE", after=30), "production-order", colour="RED")
    assert "is not free for" in said(found.blocked)


def test_a_reset_loses_orders_and_places() -> None:
    mock = running("RED", after=40)
    found = impact_of(mock, "factory-reset", confirm="RESET")
    assert "is not carried out to its end" in said(found.losses)
    assert "does not know its place any more" in said(found.losses)
    assert mock.state.orders  # what is simulated changes nothing of what is known


def test_a_setting_says_what_was_before() -> None:
    found = impact_of(running(), "flows", red=["MILL"])
    assert "flow of Red: MILL instead of MILL → AIQS" in said(found.settings)


def test_a_kind_that_nothing_in_the_simulation_hears_says_so() -> None:
    found = impact_of(running(), "sensor-period", sensor="bme680", period=30)
    assert not found.known
    assert "does not know" in found.outcome.en


def test_a_factory_without_a_layout_cannot_be_simulated() -> None:
    mock = running()
    state, numbers = FactoryState(), itertools.count()
    plan = prepare(
        "production-order",
        {"colour": "RED"},
        mock.state,
        now=mock.router.now.wall,
        new_id=lambda: f"id-{next(numbers)}",
    )
    found = impact(plan, state, mock.router.now.wall)
    assert not found.known
    assert "layout" in found.outcome.en
