"""When orders end: many simulated futures of one factory, and how far they lie apart."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import quantiles

from omf.simulation.learned import LearnedDurations, learn
from omf.simulation.simulation import Simulation, seeded
from omf.state import FactoryState
from omf.texts import Text

FUTURES = 50
LOOK_AHEAD_S = 1_800.0
"""Seconds of the factory: four orders at once take half of it."""
TENTHS = 10


@dataclass(frozen=True, slots=True)
class ExpectedEnd:
    """When one order ends, Unix s: half, and nine of ten, of the futures are done by then."""

    p10: float
    p50: float
    p90: float
    share: float
    """Of the futures in which it ended at all within the time that was looked at."""


@dataclass(slots=True)
class Forecast:
    """The ends of all open orders, by id."""

    ends: dict[str, ExpectedEnd] = field(default_factory=dict)
    futures: int = 0
    gaps: tuple[Text, ...] = ()


def forecast(
    state: FactoryState,
    now: float,
    *,
    futures: int = FUTURES,
    learned: LearnedDurations | None = None,
    ahead_s: float = LOOK_AHEAD_S,
) -> Forecast:
    """Live through so many futures of the factory of `state`; NotSimulableError as `seeded`."""
    known = learned or learn(state.orders.values(), state.layout)
    open_ones = frozenset(state.active_orders)
    found: dict[str, list[float]] = defaultdict(list)
    made = Forecast(futures=futures)
    for number in range(futures):
        simulation = seeded(state, now, seed=number, learned=known)
        made.gaps = tuple(simulation.gaps)
        for identity, at in _ends(simulation, ahead_s).items():
            if identity in open_ones:
                found[identity].append(at)
    made.ends = {identity: _expected(times, futures) for identity, times in found.items()}
    return made


def _ends(simulation: Simulation, ahead_s: float) -> dict[str, float]:
    book = simulation.ccu.book
    simulation.router.run(ahead_s, lambda: not book.active)
    return {
        order.id: datetime.fromisoformat(order.stopped_at).timestamp()
        for order in book.completed
        if order.stopped_at
    }


def _expected(times: Sequence[float], futures: int) -> ExpectedEnd:
    parts = quantiles(times, n=TENTHS, method="inclusive") if len(times) > 1 else [times[0]] * 9
    return ExpectedEnd(parts[0], parts[4], parts[8], len(times) / futures)
