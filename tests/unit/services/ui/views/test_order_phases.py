"""How an order stands: what has begun, what waits, when it ends, and what nobody can tell."""

import pytest

from omf.simulation.forecast import ExpectedEnd, Forecast
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views import order_times, order_view
from tests.support.factory import DRILL, LISTED, Factory, paired
from tests.support.ui_story import made, step

EN = Translator("en")


def _drive(state: str = "ENQUEUED", target: str = "DRILL") -> dict[str, object]:
    drive = {"id": "drive", "type": "NAVIGATION", "state": state}
    return drive | {"source": "START", "target": target}


def _factory() -> Factory:
    told = Factory()
    modules = [paired(DRILL, "DRILL")]
    told.say("ccu_pairing_state", {"modules": modules, "transports": [LISTED]})
    told.online(DRILL)
    told.vehicle(DRILL)
    return told


def _model(told: Factory) -> ViewModel:
    return ViewModel("mock", factory=told.state, now=told.now)


def _phase(told: Factory, order_id: str = "one") -> str:
    return order_view.phase(told.state.orders[order_id], _model(told))


def _forecast(told: Factory) -> order_times.OrderForecast | None:
    model = _model(told)
    end = ExpectedEnd(told.now + 20, told.now + 30, told.now + 40, 1.0)
    model.forecast = Forecast({"one": end}, 50, at=told.now)
    return order_times.forecast_of(told.state.orders["one"], model)


def test_an_order_none_of_whose_steps_was_sent_does_not_run() -> None:
    told = _factory()
    told.orders(made("one", "IN_PROGRESS", _drive()))
    order = told.state.orders["one"]
    assert (_phase(told), order_view.list_of(order)) == ("queued", "queued")
    assert order_view.state_word(order, _model(told), EN) == "queued"
    told.orders(made("one", "IN_PROGRESS", _drive("IN_PROGRESS")))
    order = told.state.orders["one"]
    assert (_phase(told), order_view.list_of(order)) == ("runs", "running")


DRILLING = step(2, "IN_PROGRESS", "DRILL", "DRILL", began=1)
AHEAD = step(3, "ENQUEUED", "DRILL", "DROP")


def test_a_running_order_has_an_end_that_can_be_told() -> None:
    told = _factory()
    told.orders(made("one", "IN_PROGRESS", DRILLING, AHEAD))
    assert _phase(told) == "runs"
    found = _forecast(told)
    assert found is not None
    times = (found.soonest, found.usual, found.latest)
    assert [at - told.now for at in times] == [20, 30, 40]
    assert not found.waits
    assert order_times.forecast_of(told.state.orders["one"], _model(told)) is None, "not foretold"


def test_what_was_foretold_long_ago_is_not_told_and_no_end_lies_in_the_past() -> None:
    told = _factory()
    told.orders(made("one", "IN_PROGRESS", DRILLING, AHEAD))
    model, order = _model(told), told.state.orders["one"]
    end = ExpectedEnd(told.now - 9, told.now - 5, told.now + 5, 1.0)
    model.forecast = Forecast({"one": end}, 50, at=told.now - 50)
    found = order_times.forecast_of(order, model)
    assert found is not None
    assert (found.usual, found.latest) == (model.factory_now, end.p90)
    model = _model(told)
    over = ExpectedEnd(told.now - 9, told.now - 5, told.now - 1, 1.0)
    model.forecast = Forecast({"one": over}, 50, at=told.now - 50)
    assert order_times.forecast_of(order, model) is None, "it has outlived what was foretold"
    model = _model(told)
    model.forecast = Forecast({"one": end}, 50, at=told.now - order_times.OUTDATED_S - 1)
    assert order_times.forecast_of(order, model) is None


def test_a_queued_order_has_an_end_too() -> None:
    told = _factory()
    told.orders(made("one", "ENQUEUED", _drive()))
    assert _phase(told) == "queued"
    assert _forecast(told) is not None


def test_the_end_of_a_step_that_takes_longer_than_ever_is_not_told() -> None:
    told = _factory()
    told.orders(made("one", "IN_PROGRESS", DRILLING, AHEAD))
    told.wait(9.9 * 1.1 + order_times.OVERDUE_S)
    told.online(DRILL)
    assert _forecast(told) is None


@pytest.mark.parametrize(
    ("fault", "phase"),
    [
        ("failed", "stuck"),
        ("lost", "stuck"),
        ("silent", "stuck"),
    ],
)
def test_an_order_whose_module_does_not_go_on_stands_still_without_an_end(
    fault: str, phase: str
) -> None:
    told = _factory()
    told.orders(made("one", "IN_PROGRESS", DRILLING, AHEAD))
    if fault == "failed":
        failed = {"id": "step-2", "command": "DRILL", "state": "FAILED"}
        told.module(DRILL, "DRILL", actionState=failed)
    elif fault == "lost":
        told.online(DRILL, "CONNECTIONBROKEN")
    else:
        told.wait(41)
    assert (_phase(told), _forecast(told)) == (phase, None)


def test_the_end_of_an_order_that_waits_for_another_ones_vehicle_is_marked() -> None:
    told = _factory()
    begun = step(1, "FINISHED", "DRILL", "PICK", began=20, ended=10)
    orders = [
        made("one", "IN_PROGRESS", begun, {**_drive(), "source": "DRILL", "target": "DRILL"}),
        made("two", "IN_PROGRESS", _drive("IN_PROGRESS")),
    ]
    told.say("ccu_order_active", orders)
    told.vehicle("1", driving=True, orderId="two")
    assert _phase(told) == "waits"
    found = _forecast(told)
    assert found is not None
    assert found.waits
    assert order_times.about(found, lambda _: "10:00", EN) == "waits · ~ 10:00, by 10:00"
    assert order_view.state_word(told.state.orders["one"], _model(told), EN) == "waits"


def test_nothing_ends_as_far_as_anybody_knows_while_the_ccu_is_silent() -> None:
    told = _factory()
    told.orders(made("one", "IN_PROGRESS", _drive("IN_PROGRESS")))
    told.wait(61)
    assert _forecast(told) is None


def test_an_order_lost_in_a_reset_has_its_real_end_and_no_step_under_way() -> None:
    told = _factory()
    told.orders(made("one", "IN_PROGRESS", DRILLING, AHEAD))
    told.orders()
    lost_at = told.now
    told.wait(500)
    order, model = told.state.orders["one"], _model(told)
    assert (_phase(told), _forecast(told)) == ("lost", None)
    assert order_times.ended_at(order) == lost_at
    assert order_view.state_word(order, model, EN) == "lost in the reset"
    drilling, ahead = order_times.bars(order, model)
    assert not drilling.running
    assert (drilling.seconds(model.now) or 0) < 5
    assert not ahead.waited(model.now)


def test_open_orders_stand_as_they_will_be_done_and_ended_ones_newest_first() -> None:
    told = _factory()
    ended = [made(f"ended-{n}", "FINISHED") for n in (1, 2)]
    told.say("ccu_order_completed", ended[:1])
    told.say("ccu_order_completed", ended)
    running = made("runs", "IN_PROGRESS", DRILLING)
    waiting = [made(f"waits-{n}", "ENQUEUED", _drive()) for n in (1, 2)]
    told.orders(waiting[0], waiting[1], running)
    found = [order.id for order in order_view.in_working_order(_model(told))]
    assert found == ["runs", "waits-1", "waits-2", "ended-2", "ended-1"]


def test_the_waiting_before_a_step_is_known_also_before_the_first() -> None:
    told = _factory()
    steps = [
        {**_drive("FINISHED"), "startedAt": step(1, "", "", "", began=77)["startedAt"]},
        step(2, "FINISHED", "DRILL", "PICK", began=60, ended=50),
        step(3, "FINISHED", "DRILL", "DRILL", began=49.5, ended=40),
        step(4, "ENQUEUED", "DRILL", "DROP"),
    ]
    steps[0]["stoppedAt"] = step(1, "", "", "", ended=70)["stoppedAt"]
    told.orders(made("one", "IN_PROGRESS", *steps))
    order, model = told.state.orders["one"], _model(told)
    waited = [round(bar.waited(model.now)) for bar in order_times.bars(order, model)]
    # `made` began 110 s before the picture; the newest step was told of 40 s after it ended.
    assert waited[:3] == [33, 10, 0]


def test_a_step_far_over_its_usual_time_does_not_become_usual_by_itself() -> None:
    told = _factory()
    quick = [step(n, "FINISHED", "DRILL", "DRILL", began=90, ended=80) for n in range(3)]
    slow = step(9, "FINISHED", "DRILL", "DRILL", began=80, ended=32)
    told.orders(made("one", "IN_PROGRESS", *quick, slow))
    bar = order_times.bars(told.state.orders["one"], _model(told))[-1]
    assert bar.usual is not None
    assert (bar.usual.span.usual, bar.usual.span.most) == (10.0, 10.0)


def test_the_tile_counts_what_the_list_shows() -> None:
    told = _factory()
    told.say("ccu_order_completed", [made("done", "FINISHED"), made("bad", "ERROR")])
    told.say("ccu_order_completed", [])  # a reset empties the CCU's list, not what happened
    counts = order_view.counts(_model(told))
    assert (counts["finished"], counts["failed"]) == (1, 1)
