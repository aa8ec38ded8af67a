"""When orders end: many simulated futures of one factory, and how far they lie apart."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import permutations
from statistics import median, quantiles

from omf.constants import COLOURS
from omf.simulation.device import HALF, NORMAL, message
from omf.simulation.learned import LearnedDurations, learn
from omf.simulation.simulation import Chance, Simulation, seeded
from omf.state import FactoryState
from omf.texts import Text

FUTURES, FEW_FUTURES = 50, 10
LOOK_AHEAD_S = 1_800.0
"""Seconds of the factory: four orders at once take half of it."""
TENTHS = 10
LIKELY = 0.5
"""An end that fewer of the futures come to is not foretold."""
REQUEST_TAKEN_S = 0.1
"""In this time the control unit has answered a request."""
WORTH_S = 10.0
"""A sequence that is done so little sooner is so by chance."""
MOST_REORDERED = 3
"""Of the orders that wait: the next ones. More have too many sequences."""


@dataclass(frozen=True, slots=True)
class ExpectedEnd:
    """When one order ends, Unix s: half, and nine of ten, of the futures are done by then.

    `p50` and `p90` are those of the futures in which the piece passes its check; one that fails
    ends before, and `p10` counts it.
    """

    p10: float
    p50: float
    p90: float
    share: float
    """Of the futures in which it ended at all within the time that was looked at."""
    failing: float = 0.0
    """Of those that ended, the share whose piece failed its check."""


@dataclass(slots=True)
class Forecast:
    """What was foretold at `at` (Unix s) of all open orders, by id."""

    ends: dict[str, ExpectedEnd] = field(default_factory=dict)
    futures: int = 0
    gaps: tuple[Text, ...] = ()
    at: float = 0.0
    orders: int = 0
    """From how many orders the durations were learned."""
    ready: dict[str, ExpectedEnd] = field(default_factory=dict)
    """When a piece of each colour would be ready if it were ordered now."""
    advice: "QueueAdvice | None" = None
    """None where the sequence in which the orders wait is as good as any."""


@dataclass(frozen=True, slots=True)
class QueueAdvice:
    """In which sequence the orders that wait would be done first."""

    sequence: tuple[str, ...]
    """Their ids."""
    sooner_s: float
    """By how much the last of all orders ends sooner than in the sequence they wait in."""


def outlook(state: FactoryState, now: float, learned: LearnedDurations) -> Forecast:
    """All that can be foretold: ends, what would be ready when, and in which sequence."""
    made = forecast(state, now, learned=learned)
    made.ready = ready_times(state, now, futures=FEW_FUTURES, learned=learned)
    made.advice = queue_advice(state, now, futures=FEW_FUTURES, learned=learned)
    return made


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
    made = Forecast(futures=futures, at=now, orders=known.orders)
    found: dict[str, list[_End]] = defaultdict(list)
    for simulation in _futures(state, now, futures, known):
        made.gaps = tuple(simulation.gaps)
        for one in _ends(simulation, ahead_s):
            found[one.order].append(one)
    for identity in state.active_orders:
        expected = _expected(found.get(identity, ()), futures)
        if expected is not None:
            made.ends[identity] = expected
    return made


def _futures(
    state: FactoryState, now: float, futures: int, learned: LearnedDurations
) -> Iterator[Simulation]:
    """Each at another tempo: together they are as different as days here are."""
    for number in range(futures):
        tempo = NORMAL.inv_cdf((number + HALF) / futures)
        chance = Chance(number, tempo, learned.failing)
        yield seeded(state, now, chance=chance, learned=learned)


@dataclass(frozen=True, slots=True)
class _End:
    order: str
    colour: str
    at: float
    passed: bool


def _ends(simulation: Simulation, ahead_s: float) -> list[_End]:
    book = simulation.ccu.book
    simulation.router.run(ahead_s, lambda: not book.active)
    return [
        _End(
            order.id,
            order.colour,
            datetime.fromisoformat(order.stopped_at).timestamp(),
            order.state == "FINISHED",
        )
        for order in book.completed
        if order.stopped_at
    ]


def _expected(ends: Sequence[_End], futures: int) -> ExpectedEnd | None:
    """None where the order ends in too few futures, or never well."""
    good = [one.at for one in ends if one.passed]
    share = len(ends) / futures
    if not good or share < LIKELY:
        return None
    parts = _tenths(good)
    early = min(_tenths([one.at for one in ends])[0], parts[0])
    return ExpectedEnd(early, parts[4], parts[8], share, 1.0 - len(good) / len(ends))


def _tenths(times: Sequence[float]) -> list[float]:
    if len(times) == 1:
        return [times[0]] * (TENTHS - 1)
    return quantiles(times, n=TENTHS, method="inclusive")


# --- what is not ordered yet ----------------------------------------------------------------


def ready_times(
    state: FactoryState,
    now: float,
    *,
    futures: int = FUTURES,
    learned: LearnedDurations | None = None,
    ahead_s: float = LOOK_AHEAD_S,
) -> dict[str, ExpectedEnd]:
    """When a piece of each colour would be ready if it were ordered now, by colour.

    A colour is missing where the control unit would not take the order, or no end is in sight.
    """
    known = learned or learn(state.orders.values(), state.layout)
    found: dict[str, ExpectedEnd] = {}
    for colour in COLOURS:
        ends = []
        for simulation in _futures(state, now, futures, known):
            if (order := _ordered(simulation, colour)) is None:
                break
            ends += [one for one in _ends(simulation, ahead_s) if one.order == order]
        if (expected := _expected(ends, futures)) is not None:
            found[colour] = expected
    return found


def _ordered(simulation: Simulation, colour: str) -> str | None:
    """The id of the order the control unit makes of a request; None where it lets it lie."""
    before = {order.id for order in simulation.ccu.book.active}
    body = {"type": colour, "timestamp": simulation.ccu.stamp, "orderType": "PRODUCTION"}
    simulation.router.publish(message("ccu_order_request", body))
    simulation.router.run(REQUEST_TAKEN_S)
    return next((o.id for o in simulation.ccu.book.active if o.id not in before), None)


# --- in which sequence ----------------------------------------------------------------------


def queue_advice(
    state: FactoryState,
    now: float,
    *,
    futures: int = FUTURES,
    learned: LearnedDurations | None = None,
) -> QueueAdvice | None:
    """The best sequence of the production orders that wait; None where theirs is as good."""
    waiting = [one for one in state.active_orders if state.orders[one].state == "ENQUEUED"]
    colours = {one: state.orders[one].colour or "" for one in waiting}
    sequences = _sequences(waiting, colours)
    if len(sequences) <= 1:
        return None
    known = learned or learn(state.orders.values(), state.layout)
    takes = {one: _lasts(state, now, one, futures, known) for one in sequences}
    best = min(sequences, key=lambda one: takes[one])
    sooner = takes[sequences[0]] - takes[best]
    return QueueAdvice(best, sooner) if sooner >= WORTH_S else None


def _sequences(waiting: Sequence[str], colours: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The one they wait in first; of those that differ in nothing but ids one each."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    rest = waiting[MOST_REORDERED:]
    for each in permutations(waiting[:MOST_REORDERED]):
        found.setdefault(tuple(colours[one] for one in each), (*each, *rest))
    return list(found.values())


def _lasts(
    state: FactoryState,
    now: float,
    sequence: Sequence[str],
    futures: int,
    learned: LearnedDurations,
) -> float:
    """Seconds until the last order has ended, in half of the futures."""
    place = {identity: number for number, identity in enumerate(sequence)}
    found = []
    for simulation in _futures(state, now, futures, learned):
        # Those under way keep their place before all that wait.
        simulation.ccu.book.active.sort(key=lambda order: place.get(order.id, -1))
        _ends(simulation, LOOK_AHEAD_S)
        found.append(simulation.router.now.wall - now)
    return median(found)
