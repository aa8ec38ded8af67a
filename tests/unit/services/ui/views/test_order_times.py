"""Orders in time: whose clock, which usual time, what forecast, what axis."""

import pytest

from omf.simulation.forecast import ExpectedEnd, Forecast, QueueAdvice
from services.ui.features.orders import gantt
from services.ui.live.model import ViewModel
from services.ui.views import order_times, step_times
from tests.support.factory import Factory
from tests.support.ui_story import made, step

DRILL = "SVR4H76449"


def _model(told: Factory) -> ViewModel:
    return ViewModel("mock", factory=told.state, now=told.now)


def _ordered(
    *steps: dict[str, object], name: str = "ccu_order_active"
) -> tuple[Factory, ViewModel]:
    told = Factory().say(name, [made("one", "IN_PROGRESS", *steps)])
    return told, _model(told)


def test_the_times_of_the_ccu_are_put_onto_our_clock() -> None:
    told, model = _ordered(step(1, "IN_PROGRESS", "DRILL", "PICK", began=50))
    (bar,) = order_times.bars(told.state.orders["one"], model)
    assert bar.began_at == pytest.approx(told.now)


def test_without_enough_measurements_the_recorded_time_is_the_usual_one() -> None:
    told, model = _ordered(step(1, "FINISHED", "DRILL", "PICK", began=50, ended=45))
    usual = step_times.of_step(told.state.orders["one"].steps[0], model)
    assert usual is not None
    assert (usual.measured, usual.span.usual) == (0, 10.6)


def test_three_measurements_are_enough() -> None:
    steps = [step(n, "FINISHED", "DRILL", "PICK", began=50, ended=50 - n) for n in (4, 5, 9)]
    told, model = _ordered(*steps)
    usual = step_times.of_step(told.state.orders["one"].steps[0], model)
    assert usual is not None
    assert (usual.measured, tuple(usual.span)) == (3, (4.0, 5.0, 9.0))


def test_recorded_times_are_brought_to_the_speed_of_a_simulated_factory() -> None:
    steps = [
        step(1, "FINISHED", "DRILL", "PICK", began=50, ended=48.94),
        step(2, "FINISHED", "DRILL", "DRILL", began=50, ended=49.01),
        step(3, "FINISHED", "DRILL", "DROP", began=50, ended=49.02),
        step(4, "ENQUEUED", "AIQS", "PICK"),
    ]
    told, model = _ordered(*steps)
    usual = step_times.of_step(told.state.orders["one"].steps[3], model)
    assert usual is not None
    assert usual.source == "scaled"
    assert usual.span.usual == pytest.approx(0.76, abs=0.01)


def test_a_factory_a_little_slower_than_the_recorded_ones_has_no_speed_of_its_own() -> None:
    steps = [step(n, "FINISHED", "DRILL", "DRILL", began=50, ended=36) for n in range(5)]
    _, model = _ordered(*steps)
    assert step_times.speed(model) == 1.0


def test_a_step_ticked_off_at_once_is_no_measurement() -> None:
    steps = [step(n, "FINISHED", "DRILL", "PICK", began=50, ended=50) for n in range(5)]
    told, model = _ordered(*steps)
    usual = step_times.of_step(told.state.orders["one"].steps[0], model)
    assert usual is not None
    assert usual.measured == 0


def test_an_action_has_the_usual_time_of_its_own_module() -> None:
    told = Factory()
    for number in range(3):
        for state in ("RUNNING", "FINISHED"):
            action = {"id": str(number), "command": "DRILL", "state": state}
            told.module(DRILL, "DRILL", actionState=action)
    usual = step_times.of_action(told.state.modules[DRILL], "DRILL", _model(told))
    assert usual is not None
    assert (usual.measured, usual.span.usual) == (3, 1.0)
    assert step_times.of_action(told.state.modules[DRILL], "PICK", _model(told)) is None


def test_the_steps_ahead_fill_the_time_to_the_end_that_is_foretold() -> None:
    told, model = _ordered(
        step(1, "FINISHED", "DRILL", "PICK", began=30, ended=20),
        step(2, "ENQUEUED", "DRILL", "DRILL"),
        step(3, "ENQUEUED", "DRILL", "DROP"),
    )
    found = order_times.bars(told.state.orders["one"], model)
    spans = order_times.expected(found, told.now, told.now + 2 * (9.9 + 9.8))
    assert spans[0] is None
    assert spans[1:] == [
        (told.now, pytest.approx(told.now + 2 * 9.9)),
        (pytest.approx(told.now + 2 * 9.9), pytest.approx(told.now + 2 * (9.9 + 9.8))),
    ]


def test_what_would_be_ready_when_and_in_which_sequence_is_told_as_long_as_it_holds() -> None:
    told, model = _ordered(step(1, "IN_PROGRESS", "DRILL", "PICK", began=0))
    assert order_times.ready("RED", model) is None
    end = ExpectedEnd(model.now + 50, model.now + 60, model.now + 70, 1.0)
    waiting = [made("two", "ENQUEUED"), made("three", "ENQUEUED")]
    told.orders(made("one", "IN_PROGRESS", step(1, "IN_PROGRESS", "DRILL", "PICK")), *waiting)
    advice = QueueAdvice(("three", "two"), 20.0)
    model.forecast = Forecast(at=model.factory_now, ready={"RED": end}, advice=advice)
    ready = order_times.ready("RED", model)
    assert ready is not None
    assert (ready.usual, ready.latest, ready.measured) == (end.p50, end.p90, False)
    model.forecast.at -= 7
    later = order_times.ready("RED", model)
    assert later is not None
    assert later.usual == end.p50 + 7, "ordered seven seconds later, ready so much later"
    assert order_times.ready("BLUE", model) is None, "the control unit would not take it"
    assert order_times.advice(model) == advice
    told.orders(*waiting[:1])
    assert order_times.advice(model) is None, "others wait by now"
    model.forecast.at -= order_times.OUTDATED_S + 1
    assert order_times.ready("RED", model) is None


@pytest.mark.parametrize(
    ("length", "span"), [(0, 10), (10, 10), (11, 12), (63, 70), (200, 210), (14_401, 18_000)]
)
def test_the_axis_holds_the_time_and_grows_by_whole_marks(length: float, span: float) -> None:
    axis = gantt.axis(100.0, 100.0 + length)
    assert axis.span_s == span
    assert (axis.part(0), axis.part(100.0 + span), axis.part(1e9)) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize("length", [5, 100, 180, 7_000, 20_000, 1e6])
def test_marks_are_whole_and_few_and_end_with_the_axis(length: float) -> None:
    axis = gantt.axis(0.0, length)
    assert 4 <= len(axis.marks) <= gantt.MOST_MARKS
    assert axis.marks[-1] == pytest.approx(axis.span_s)


def test_the_first_usual_times_of_a_simulated_factory_are_at_its_speed() -> None:
    told, model = _ordered(
        step(1, "IN_PROGRESS", "DRILL", "PICK", began=0), step(2, "ENQUEUED", "DPS", "PICK")
    )
    model.speed = 10.0
    order = told.state.orders["one"]
    usual = step_times.of_step(order.steps[1], model)
    assert usual is not None
    assert usual.source == "scaled"


def test_what_was_measured_counts_more_than_what_the_speed_lets_expect() -> None:
    steps = [step(n, "FINISHED", "DRILL", "DRILL", began=50, ended=40.1) for n in range(3)]
    told, model = _ordered(*steps, step(4, "ENQUEUED", "AIQS", "PICK"))
    model.speed = 10.0
    usual = step_times.of_step(told.state.orders["one"].steps[3], model)
    assert usual is not None
    assert usual.span.usual == 7.6
