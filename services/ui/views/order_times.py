"""An order in time: when each step began and ended, and when the open ones may."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from omf.analysis.steps import TOLERANCE
from omf.simulation.forecast import ExpectedEnd, Forecast, QueueAdvice
from omf.simulation.learned import ENOUGH_TIMES
from omf.state.orders import Order, OrderStep
from services.ui import formats
from services.ui.live import connection_health
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views import order_view, step_times
from services.ui.views.step_times import Usual

ENDED = frozenset({"FINISHED", "ERROR", "CANCELLED"})
PAUSE_S = 1.0
"""The CCU sends the next step within a second; a longer gap between two steps is waiting."""
FORETOLD = frozenset({"queued", "runs", "waits"})
OUTDATED_S = 60.0
"""What was foretold so long ago is not shown any more."""
OVERDUE_S = 5.0
"""Beyond the longest time known and so many seconds more nobody can say when a step will end."""


@dataclass(frozen=True, slots=True)
class StepBar:
    """One step in time, Unix s by our clock; None is unknown or not yet."""

    step: OrderStep
    began_at: float | None
    ended_at: float | None
    usual: Usual | None
    waited_since: float | None = None
    """Since when nothing of the order was under way before this step; None where nothing waited."""

    @property
    def running(self) -> bool:
        """True while the step is under way."""
        return self.step.state == "IN_PROGRESS" and self.ended_at is None

    @property
    def ahead(self) -> bool:
        """True while the step has still to be done, or to be ended."""
        return self.step.state not in ENDED and self.ended_at is None

    def overdue(self, now: float) -> bool:
        """True while it takes longer than it ever did: it may stand still, unknown for how long."""
        if not self.running or self.usual is None:
            return False
        most = self.usual.span.most * (1 + TOLERANCE) + OVERDUE_S
        return (self.seconds(now) or 0.0) > most

    def waited(self, now: float) -> float:
        """Seconds the order stood still before this step, or stands by now."""
        if self.waited_since is None:
            return 0.0
        return max(0.0, (now if self.began_at is None else self.began_at) - self.waited_since)

    @property
    def comparable(self) -> bool:
        """False where the usual time says nothing: docking again where it stands has no pace.

        1. a mock drives ten times as fast as life, 2. it docks again as slowly as it does,
        3. against the scaled time every order would have a slow step.
        """
        again = self.step.type == "NAVIGATION" and self.step.source == self.step.target
        return not (again and self.usual is not None and self.usual.scaled)

    def seconds(self, now: float) -> float | None:
        """How long it took, or takes by now."""
        if self.began_at is None:
            return None
        ended = now if self.running else self.ended_at
        return None if ended is None else max(0.0, ended - self.began_at)


@dataclass(frozen=True, slots=True)
class OrderForecast:
    """When an order ends, Unix s: by simulated futures of this factory (docs/simulation.md)."""

    soonest: float
    usual: float
    latest: float
    measured: bool
    """By times of orders that ended here; else by recorded ones."""
    waits: bool = False
    """It waits now, for something that comes by itself."""
    failing: float = 0.0
    """Share of the futures in which its piece fails the check and it ends sooner."""


def bars(order: Order, model: ViewModel) -> list[StepBar]:
    """The steps of an order with their times on our clock, and what it waited before each."""
    shift = _shift(order)
    found: list[StepBar] = []
    idle_since = began_at(order, shift)
    for step in order.steps:
        began, ended = _began(step, shift), _shifted(step.stopped_at, shift)
        if step.state == "IN_PROGRESS":
            # 1. a reset takes the order away, 2. nobody will ever tell that its step ended
            ended = order.left_at
        next_one = began is None and step.state == "ENQUEUED" and order.open
        until = began if began is not None else model.factory_now if next_one else None
        waited = None
        if idle_since is not None and until is not None and until - idle_since > PAUSE_S:
            waited = idle_since
        found.append(StepBar(step, began, ended, step_times.of_step(step, model), waited))
        idle_since = ended if step.state in ENDED and ended is not None else None
    return found


def began_at(order: Order, shift: float | None = None) -> float | None:
    """When the CCU began with the order, Unix s by our clock."""
    return _shifted(order.started_at, _shift(order) if shift is None else shift)


def ended_at(order: Order) -> float | None:
    """When the order ended or was lost, Unix s by our clock; None while it is open."""
    if order.open:
        return None
    return _shifted(order.stopped_at, _shift(order)) or order.left_at


def _began(step: OrderStep, shift: float) -> float | None:
    told = _shifted(step.started_at, shift)
    return step.since if told is None and step.state == "IN_PROGRESS" else told


def _shift(order: Order) -> float:
    """What the CCU's clock lags behind ours, by the list that told of a change soonest."""
    told = [(step.since, formats.stamp(_told(step))) for step in order.steps]
    lags = [since - at for since, at in told if since is not None and at is not None]
    return min(lags, default=0.0)


def _told(step: OrderStep) -> str | None:
    return step.started_at if step.state == "IN_PROGRESS" else step.stopped_at


def _shifted(text: str | None, shift: float) -> float | None:
    at = formats.stamp(text)
    return None if at is None else at + shift


def forecast_of(order: Order, model: ViewModel) -> OrderForecast | None:
    """The forecast of an open order; None where nobody can tell its end.

    None for one that stands still, takes longer than it ever did, is gone, or ends in too few of
    the futures, and while nothing is heard of the factory: its end would slide on for ever.
    """
    return model.shared(("forecast", order.id), lambda: _forecast_of(order, model))


def _forecast_of(order: Order, model: ViewModel) -> OrderForecast | None:
    told = model.forecast
    end = told.ends.get(order.id) if told and order.open else None
    if told is None or end is None or model.factory_now - told.at > OUTDATED_S:
        return None
    stands = order_view.phase(order, model)
    if connection_health.unheard(model) or stands_still(order, model):
        return None
    if any(bar.overdue(model.factory_now) for bar in bars(order, model)):
        return None
    if end.p90 < model.factory_now:
        # It has outlived nine of ten futures: what was foretold does not hold any more.
        return None
    times = tuple(max(at, model.factory_now) for at in (end.p10, end.p50, end.p90))
    return _foretold(times, end, told, waits=stands == "waits")


def stands_still(order: Order, model: ViewModel) -> bool:
    """Whether it waits for something that does not come by itself, or is gone."""
    wait = order_view.wait_of(order, model)
    hindered = wait is not None and not wait.ordinary
    return hindered or order_view.phase(order, model) not in FORETOLD


def _foretold(
    times: tuple[float, ...], end: ExpectedEnd, told: Forecast, *, waits: bool = False
) -> OrderForecast:
    soonest, usual, latest = times
    measured = told.orders >= ENOUGH_TIMES
    return OrderForecast(soonest, usual, latest, measured, waits=waits, failing=end.failing)


def about(found: OrderForecast, moment: Callable[[float | None], str], say: Translator) -> str:
    """The expected end and its spread in few words; marked where the order waits now."""
    key = "order.about_waits" if found.waits else "order.about"
    return say(key, usual=moment(found.usual), latest=moment(found.latest))


def ready(colour: str, model: ViewModel) -> OrderForecast | None:
    """When a piece would be ready if it were ordered now; None where nobody can tell."""
    told = model.forecast
    end = told.ready.get(colour) if told else None
    outdated = told is None or model.factory_now - told.at > OUTDATED_S
    if told is None or end is None or outdated or connection_health.unheard(model):
        return None
    # Foretold for an order given then; one given now is ready so much later.
    age_s = max(0.0, model.factory_now - told.at)
    return _foretold((end.p10 + age_s, end.p50 + age_s, end.p90 + age_s), end, told)


def advice(model: ViewModel) -> QueueAdvice | None:
    """In which sequence the orders that wait would be done sooner, while they wait as foretold."""
    told = model.forecast
    if told is None or told.advice is None or model.factory_now - told.at > OUTDATED_S:
        return None
    waiting = {o.id for o in model.factory.orders.values() if o.open and o.state == "ENQUEUED"}
    return told.advice if waiting == set(told.advice.sequence) else None


def expected(
    found: Sequence[StepBar], now: float, ends_at: float
) -> list[tuple[float, float] | None]:
    """For each step ahead when it may begin and end, the last at `ends_at`; None once it began.

    Where it has to wait is not shown: each step is as much longer as all of them.
    """
    total = sum(_left(bar, now) for bar in found if bar.ahead)
    stretch = max(0.0, ends_at - now) / total if total else 0.0
    at = now
    spans: list[tuple[float, float] | None] = []
    for bar in found:
        if not bar.ahead or bar.usual is None:
            spans.append(None)
            continue
        begins, at = at, at + _left(bar, now) * stretch
        spans.append((begins, at))
    return spans


def _left(bar: StepBar, now: float) -> float:
    """Seconds that are usually still to go."""
    if bar.usual is None:
        return 0.0
    return max(0.0, bar.usual.span.usual - (bar.seconds(now) or 0.0))


def finished_since(model: ViewModel, since: float) -> int:
    """How many orders finished after a moment (Unix s)."""
    known = model.factory.orders.values()
    ended = (ended_at(one) for one in known if one.state == "FINISHED" and not one.vanished)
    return sum(at is not None and at > since for at in ended)


def lead_s(order: Order) -> float | None:
    """Seconds from the start of an order to its end, by the CCU's clock."""
    began, ended = formats.stamp(order.started_at), formats.stamp(order.stopped_at)
    return None if began is None or ended is None else max(0.0, ended - began)


def usual_lead_s(model: ViewModel) -> float | None:
    """The median time of the production orders that finished last; None before there is one."""
    ended = [
        order
        for order in model.factory.orders.values()
        if order.type == "PRODUCTION" and order.state == "FINISHED"
    ]
    times = [lead_s(order) for order in ended[-step_times.RECENT_ORDERS :]]
    known = [seconds for seconds in times if seconds is not None]
    return median(known) if known else None
