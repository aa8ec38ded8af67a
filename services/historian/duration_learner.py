"""Learns from the archive how long the steps of this factory take."""

import logging

from omf.layout.layout import Layout
from omf.simulation.learned import LearnedDurations, learn
from omf.state.orders import Order
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.environments import is_replay
from services.common.store.learned_durations import tell_learned_durations
from services.historian.collector import Work
from services.historian.pause_learner import archived_days
from services.history.reader import History
from services.history.storage import ArchiveStorage

DURATIONS_EVERY_S = 3600.0
"""An order takes minutes: after an hour there may be twenty more."""
DURATIONS_DAYS = 30
MOST_ORDERS = 2_000
"""The newest ones: a factory that was rebuilt has other times."""

_log = logging.getLogger(__name__)


class DurationLearner:
    """Called by one task of the event loop; reads one archived state a day in a thread."""

    def __init__(self, bus: Bus, storage: ArchiveStorage, work: Work) -> None:
        self._bus = bus
        self._storage = storage
        self._work = work
        self._due = 0.0

    async def step(self) -> None:
        """Learn anew, at the start and once an hour; a replay has no times of its own."""
        if is_replay(self._bus.environment) or clock.monotonic() < self._due:
            return
        now, found = await self._bus.time(), list[LearnedDurations]()
        history = History(self._storage)
        await self._work(lambda: found.append(learned_durations(history, round(now * 1000))))
        self._due = clock.monotonic() + DURATIONS_EVERY_S
        for learned in found:
            await tell_learned_durations(self._bus, learned, now)
            _log.info("durations are learned from %d orders", learned.orders)


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
