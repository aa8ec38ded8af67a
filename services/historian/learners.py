"""Learns from the archive what is usual here: pauses between two messages, times of the steps."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from omf.layout.layout import Layout
from omf.messages.stream_id import StreamId
from omf.simulation.learned import LearnedDurations, learn
from omf.state import FactoryState
from omf.state.orders import Order
from omf.state.traffic import MAX_COUNTED_TOPICS
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.environments import is_replay
from services.common.store.learned_durations import tell_learned_durations
from services.common.store.usual_pauses import UsualPauses, tell_usual_pauses
from services.historian.collector import Work
from services.history.reader import History
from services.history.retention import DAY_MS
from services.history.storage import ArchiveStorage

PAUSES_EVERY_S = 24 * 3600.0
PAUSES_DAYS = 7
"""A weekend and a week's work are both usual."""
DURATIONS_EVERY_S = 3600.0
"""An order takes minutes: after an hour there may be twenty more."""
DURATIONS_DAYS = 30
MOST_ORDERS = 2_000
"""The newest ones: a factory that was rebuilt has other times."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


class ArchiveLearner(Generic[T]):
    """Learns anew at the start and every `every_s`; a replay has nothing usual of its own.

    Called by one task of the event loop; `find` reads one archived state a day in a thread, given
    the moment in ms, `tell` writes what it found, given the moment in seconds.
    """

    def __init__(
        self,
        place: tuple[Bus, ArchiveStorage, Work],
        every_s: float,
        find: Callable[[History, int], T],
        tell: Callable[[Bus, T, float], Awaitable[None]],
    ) -> None:
        self._bus, self._storage, self._work = place
        self._every_s = every_s
        self._find = find
        self._tell = tell
        self._due = 0.0

    async def step(self) -> None:
        """Learn, if it is time again."""
        if is_replay(self._bus.environment) or clock.monotonic() < self._due:
            return
        now, found = await self._bus.time(), list[T]()
        history = History(self._storage)
        await self._work(lambda: found.append(self._find(history, round(now * 1000))))
        self._due = clock.monotonic() + self._every_s
        for one in found:
            await self._tell(self._bus, one, now)


def pause_learner(
    bus: Bus, storage: ArchiveStorage, work: Work
) -> ArchiveLearner[dict[str, float]]:
    """What is told is the longest of the usual pauses of the last days."""
    return ArchiveLearner((bus, storage, work), PAUSES_EVERY_S, usual_pauses, _tell_pauses)


def duration_learner(
    bus: Bus, storage: ArchiveStorage, work: Work
) -> ArchiveLearner[LearnedDurations]:
    """What is told is how long steps took."""
    return ArchiveLearner(
        (bus, storage, work), DURATIONS_EVERY_S, learned_durations, _tell_durations
    )


async def _tell_pauses(bus: Bus, seconds: dict[str, float], now: float) -> None:
    await tell_usual_pauses(bus, UsualPauses(at=now, seconds=seconds))
    _log.info("usual pauses of %d topics are known", len(seconds))


async def _tell_durations(bus: Bus, learned: LearnedDurations, now: float) -> None:
    await tell_learned_durations(bus, learned, now)
    _log.info("durations are learned from %d orders", learned.orders)


def archived_days(history: History, now_ms: int, days: int) -> Iterator[FactoryState]:
    """One archived state of each of the last days, the newest first."""
    seen: set[str] = set()
    for back in range(days):
        through, state = history.nearest_state(str(StreamId(now_ms - back * DAY_MS, 0)))
        if through not in seen and StreamId.parse(through).ms >= now_ms - days * DAY_MS:
            seen.add(through)
            yield state


def usual_pauses(history: History, now_ms: int) -> dict[str, float]:
    """The longest usual pause of each topic whose rhythm the archived states know.

    A state has the rhythm of each topic as it was then; a topic that was irregular at one of them
    has none.
    """
    found: dict[str, float] = {}
    irregular: set[str] = set()
    for state in archived_days(history, now_ms, PAUSES_DAYS):
        for topic, count in state.traffic.topics.items():
            if count.rhythm is None or not count.rhythm.known:
                continue
            usual_s = count.rhythm.longest_usual_s
            if usual_s is None:
                irregular.add(topic)
            else:
                found[topic] = max(usual_s, found.get(topic, 0.0))
    regular = [(topic, seconds) for topic, seconds in found.items() if topic not in irregular]
    return dict(regular[:MAX_COUNTED_TOPICS])


def learned_durations(history: History, now_ms: int) -> LearnedDurations:
    """What the ended orders of the archived states tell; each order once."""
    orders: dict[str, Order] = {}
    layout: Layout | None = None
    for state in archived_days(history, now_ms, DURATIONS_DAYS):
        layout = layout or state.layout
        for one in state.orders.values():
            orders.setdefault(one.id, one)
    newest = sorted(orders.values(), key=lambda one: one.last_seen, reverse=True)
    return learn(newest[:MOST_ORDERS], layout)
