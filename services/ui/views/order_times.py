"""An order in time: when each step began and ended, and when the open ones may."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from omf.analysis.steps import TOLERANCE
from omf.state.orders import Order, OrderStep
from services.ui import formats
from services.ui.live import connection_health
from services.ui.live.model import ViewModel
from services.ui.views import order_view, step_times
from services.ui.views.step_times import Usual

ENDED = frozenset({"FINISHED", "ERROR", "CANCELLED"})
PAUSE_S = 1.0
"""The CCU sends the next step within a second; a longer gap between two steps is waiting."""
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
    """When an order ends if none of its steps has to wait, Unix s; `measured` here in full."""

    soonest: float
    usual: float
    latest: float
    measured: bool


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


def forecast(order: Order, found: Sequence[StepBar], now: float) -> OrderForecast | None:
    """When the order may end; None unless it runs and each step ahead has a known usual time."""
    ahead = [bar for bar in found if bar.ahead]
    if order.state != "IN_PROGRESS" or not ahead or any(bar.usual is None for bar in ahead):
        return None
    soonest, usual, latest = (
        now + sum(_left(bar, number, now) for bar in ahead) for number in range(3)
    )
    measured = all(bar.usual is not None and bar.usual.measured for bar in ahead)
    return OrderForecast(soonest, usual, latest, measured)


def forecast_of(order: Order, model: ViewModel) -> OrderForecast | None:
    """The forecast of an order, made once per picture for all who look.

    None for one that stands still, waits, takes longer than it ever did or is gone, and while
    nothing is heard of the factory: its end would slide on with every second.
    """
    if order.state != "IN_PROGRESS" or not order.open:
        return None
    return model.shared(("forecast", order.id), lambda: _forecast_of(order, model))


def _forecast_of(order: Order, model: ViewModel) -> OrderForecast | None:
    if connection_health.unheard(model) or order_view.phase(order, model) != "runs":
        return None
    found = bars(order, model)
    if any(bar.overdue(model.factory_now) for bar in found):
        return None
    return forecast(order, found, model.factory_now)


def expected(found: Sequence[StepBar], now: float) -> list[tuple[float, float] | None]:
    """For each step ahead when it may begin and end, one after the other; None once it began."""
    at = now
    spans: list[tuple[float, float] | None] = []
    for bar in found:
        if not bar.ahead or bar.usual is None:
            spans.append(None)
            continue
        begins, at = at, at + _left(bar, 1, now)
        spans.append((begins, at))
    return spans


def _left(bar: StepBar, number: int, now: float) -> float:
    """Seconds still to go, at least (0), usually (1) or at most (2)."""
    if bar.usual is None:
        return 0.0
    return max(0.0, bar.usual.span[number] - (bar.seconds(now) or 0.0))


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
