"""What plans would order within a shift, and when that would be done."""

from datetime import UTC, datetime, time

from omf.plans.future import DueOrders, due_orders, foreseen_orders
from omf.plans.plan import OrderPlan
from tests.support.same_future import RunningMock


def plan(name: str, **more: object) -> OrderPlan:
    given = {
        "name": name,
        "id": name,
        "colours": ("RED",),
        "operator": "anna",
        "role": "operator",
        "looked_until": 0.0,
        "times": (time(6), time(14)),
        "days": ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    }
    return OrderPlan.model_validate(given | more)


def test_what_is_due_in_a_shift_comes_in_order_without_what_is_paused() -> None:
    now = datetime(2026, 11, 30, 5, 0, tzinfo=UTC).timestamp()
    plans = [
        plan("late", times=(time(12, 30),), amount=2),
        plan("early"),
        plan("paused", paused_by="bert"),
        plan("stock", times=(), days=(), keep=3),
    ]
    assert due_orders(plans, now, UTC) == [
        DueOrders("early", now + 3600, ("RED",)),
        DueOrders("late", now + 7.5 * 3600, ("RED", "RED")),
    ]


def test_orders_are_done_some_minutes_after_they_are_due_however_long_it_was_quiet() -> None:
    mock = RunningMock(3, 1, {"RED": 1, "WHITE": 1})
    now = mock.router.now.wall
    due = [
        DueOrders("white", now + 60, ("WHITE",)),
        DueOrders("red", now + 20_000, ("RED",)),
        DueOrders("red", now + 24_000, ("RED",)),
    ]
    white, red, none_left = foreseen_orders(due, mock.state, now)
    assert (white.why, red.why) == (None, None)
    for one in (white, red):
        (end,) = one.ends
        assert end is not None
        assert 100 < end - one.at < 400
    assert none_left.ends == []
    assert none_left.why is not None
    assert "free piece" in none_left.why.en


def test_a_time_at_which_the_one_before_still_runs_is_skipped() -> None:
    mock = RunningMock(3, 1, {"RED": 2})
    now = mock.router.now.wall
    due = [DueOrders("often", now + wait, ("RED",)) for wait in (10, 70)]
    first, second = foreseen_orders(due, mock.state, now)
    assert first.why is None
    assert second.why is not None
    assert second.why.en == "The order before still runs."
