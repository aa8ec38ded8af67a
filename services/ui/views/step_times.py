"""How long actions and steps usually take: measured here if often enough, else on recordings."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from omf import durations
from omf.durations import Span
from omf.layout.layout import Layout, NoRoute
from omf.simulation.learned import ENOUGH_TIMES, FASTEST, OUTLIER, SKIPPED_S, SLOWEST
from omf.state.modules import Module
from omf.state.orders import Order, OrderStep
from services.ui import formats
from services.ui.live.model import ViewModel

RECENT_ORDERS = 40
"""Times of long ago say little of the factory of today."""
ENOUGH = 3


class Usual(NamedTuple):
    """A usual time; `measured` is how often it was here, 0 if it is one of recordings."""

    span: Span
    measured: int
    scaled: bool = False
    """True for one of recordings that was brought to the speed of this factory."""

    @property
    def source(self) -> str:
        """By what it is known: `measured`, `scaled` or `recorded`."""
        return "measured" if self.measured else "scaled" if self.scaled else "recorded"


def of_action(module: Module, command: str | None, model: ViewModel) -> Usual | None:
    """The usual seconds of a command on one module, from order to end; None if unknown.

    By the archive where it holds enough, else by what the state remembers, else by recordings.
    """
    if (learned := _learned(module, command, model)) is not None:
        return learned
    took = [
        past.ended_at - past.began_at
        for past in module.history
        if past.command == command and past.state == "FINISHED" and past.began_at is not None
    ]
    return _usual(took, durations.USUAL_DURATIONS.get(f"{module.type}.{command}"), speed(model))


def _learned(module: Module, command: str | None, model: ViewModel) -> Usual | None:
    """Of this very module, else of its type, at the speed of this factory."""
    known = model.learned
    if known is None:
        return None
    for name in (f"{module.serial}.{command}", f"{module.type}.{command}"):
        times = known.samples.get(name, ())
        if len(times) >= ENOUGH_TIMES:
            here = [seconds / known.speed for seconds in times]
            return Usual(Span(here[0], median(here), here[-1]), len(here))
    return None


def speed(model: ViewModel) -> float:
    """How much longer than on the recordings steps take here; 1 unless it is clearly otherwise.

    Before enough steps were measured it is what the speed of a simulated factory lets expect.
    """
    return model.shared("speed", lambda: _speed(model))


def _speed(model: ViewModel) -> float:
    measured = model.shared("step-times", lambda: _measured(model))
    known = ((durations.USUAL_DURATIONS.get(name), times) for name, times in measured.items())
    shares = [seconds / span.usual for span, times in known if span for seconds in times]
    share = median(shares) if len(shares) >= ENOUGH else 1.0 / model.speed
    return share if share > SLOWEST or share < FASTEST else 1.0


def of_step(step: OrderStep, model: ViewModel) -> Usual | None:
    """The usual seconds of a step of an order, waiting left out; None if unknown."""
    return model.shared(("usual", name_of(step)), lambda: _of_step(step, model))


def _of_step(step: OrderStep, model: ViewModel) -> Usual | None:
    took = model.shared("step-times", lambda: _measured(model)).get(name_of(step), ())
    if step.type == "NAVIGATION":
        return _usual(took, _way(step, model.layout), speed(model))
    return _usual(took, durations.USUAL_DURATIONS.get(name_of(step)), speed(model))


def name_of(step: OrderStep) -> str:
    """What makes steps comparable: `DRILL.PICK`, `HBW → DRILL`."""
    if step.type == "NAVIGATION":
        return f"{step.source} → {step.target}"
    return f"{step.module_type}.{step.command}"


def took(step: OrderStep) -> float | None:
    """Seconds from beginning to end by the CCU's clock; None while there is no end."""
    began, ended = formats.stamp(step.started_at), formats.stamp(step.stopped_at)
    return None if began is None or ended is None else max(0.0, ended - began)


def _measured(model: ViewModel) -> Mapping[str, list[float]]:
    orders = sorted(model.factory.orders.values(), key=lambda order: order.last_seen)
    found: dict[str, list[float]] = defaultdict(list)
    for step in _steps(orders[-RECENT_ORDERS:]):
        seconds = took(step)
        if step.state == "FINISHED" and seconds is not None and seconds > SKIPPED_S:
            found[name_of(step)].append(seconds)
    return found


def _steps(orders: Sequence[Order]) -> list[OrderStep]:
    return [step for order in orders for step in order.steps]


def _usual(measured: Sequence[float], recorded: Span | None, share: float) -> Usual | None:
    if len(measured) >= ENOUGH:
        usual = median(measured)
        # 1. a step takes five times as long, 2. it is measured too, 3. it is not usual by that
        most = max(one for one in measured if one <= OUTLIER * usual)
        return Usual(Span(min(measured), usual, most), len(measured))
    if recorded is None:
        return None
    return Usual(Span(*(share * seconds for seconds in recorded)), 0, scaled=share != 1.0)


def _way(step: OrderStep, layout: Layout | None) -> Span | None:
    """The shortest way between two types of module; None where the layout knows none."""
    serials = {kind: serial for serial, kind in layout.modules.items()} if layout else {}
    start, target = serials.get(step.source or ""), serials.get(step.target or "")
    if layout is None or start is None or target is None:
        return None
    try:
        return durations.way(layout.route(start, target))
    except NoRoute:
        return None
