"""An order in time: when each step began and ended, and when the open ones may."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from omf.factory.orders import Order, Step
from services.ui import formats, step_times
from services.ui.model import ViewModel
from services.ui.step_times import Usual

ENDED = frozenset({"FINISHED", "ERROR", "CANCELLED"})


@dataclass(frozen=True, slots=True)
class Bar:
    """One step in time, Unix s by our clock; None is unknown or not yet."""

    step: Step
    began_at: float | None
    ended_at: float | None
    usual: Usual | None

    @property
    def running(self) -> bool:
        """True while the step is under way."""
        return self.step.state == "IN_PROGRESS"

    @property
    def ahead(self) -> bool:
        """True while the step has still to be done, or to be ended."""
        return self.step.state not in ENDED

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
class Forecast:
    """When an order ends if none of its steps has to wait, Unix s; `measured` here in full."""

    soonest: float
    usual: float
    latest: float
    measured: bool


def bars(order: Order, model: ViewModel) -> list[Bar]:
    """The steps of an order with their times on our clock."""
    shift = _shift(order)
    return [
        Bar(
            step,
            _began(step, shift),
            _shifted(step.stopped_at, shift),
            step_times.of_step(step, model),
        )
        for step in order.steps
    ]


def _began(step: Step, shift: float) -> float | None:
    told = _shifted(step.started_at, shift)
    return step.since if told is None and step.state == "IN_PROGRESS" else told


def _shift(order: Order) -> float:
    """What the CCU's clock lags behind ours, by the list that told of a change soonest."""
    told = [(step.since, formats.stamp(_told(step))) for step in order.steps]
    lags = [since - at for since, at in told if since is not None and at is not None]
    return min(lags, default=0.0)


def _told(step: Step) -> str | None:
    return step.started_at if step.state == "IN_PROGRESS" else step.stopped_at


def _shifted(text: str | None, shift: float) -> float | None:
    at = formats.stamp(text)
    return None if at is None else at + shift


def forecast(order: Order, found: Sequence[Bar], now: float) -> Forecast | None:
    """When the order may end; None unless it runs and each step ahead has a known usual time."""
    ahead = [bar for bar in found if bar.ahead]
    if order.state != "IN_PROGRESS" or not ahead or any(bar.usual is None for bar in ahead):
        return None
    soonest, usual, latest = (
        now + sum(_left(bar, number, now) for bar in ahead) for number in range(3)
    )
    measured = all(bar.usual is not None and bar.usual.measured for bar in ahead)
    return Forecast(soonest, usual, latest, measured)


def forecast_of(order: Order, model: ViewModel) -> Forecast | None:
    """The forecast of an order, made once per picture for all who look."""
    if order.state != "IN_PROGRESS":
        return None
    key = ("forecast", order.id)
    return model.shared(key, lambda: forecast(order, bars(order, model), model.now))


def expected(found: Sequence[Bar], now: float) -> list[tuple[float, float] | None]:
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


def _left(bar: Bar, number: int, now: float) -> float:
    """Seconds still to go, at least (0), usually (1) or at most (2)."""
    if bar.usual is None:
        return 0.0
    return max(0.0, bar.usual.span[number] - (bar.seconds(now) or 0.0))


def lead_s(order: Order) -> float | None:
    """Seconds from the start of an order to its end, by the CCU's clock."""
    began, ended = formats.stamp(order.started_at), formats.stamp(order.stopped_at)
    return None if began is None or ended is None else max(0.0, ended - began)


def waits_since(order: Order, model: ViewModel) -> float | None:
    """Since when no step is under way although some are ahead, Unix s by our clock."""
    found = bars(order, model)
    if not order.open or not found or any(bar.running for bar in found):
        return None
    return max((bar.ended_at for bar in found if bar.ended_at), default=order.first_seen)


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
