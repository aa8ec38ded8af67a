"""Learns from the archive how long it usually is between two messages on a topic."""

import logging
from collections.abc import Iterator

from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from omf.state.traffic import MAX_COUNTED_TOPICS
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.environments import is_replay
from services.common.store.usual_pauses import UsualPauses, tell_usual_pauses
from services.historian.collector import Work
from services.history.reader import History
from services.history.retention import DAY_MS
from services.history.storage import ArchiveStorage

LEARN_EVERY_S = 24 * 3600.0
LEARN_DAYS = 7
"""A weekend and a week's work are both usual."""

_log = logging.getLogger(__name__)


class PauseLearner:
    """Called by one task of the event loop; reads one archived state a day in a thread.

    A state has the rhythm of each topic as it was then. What is told is the longest of the usual
    pauses of these days; a topic that was irregular at one of them has none.
    """

    def __init__(self, bus: Bus, storage: ArchiveStorage, work: Work) -> None:
        self._bus = bus
        self._storage = storage
        self._work = work
        self._due = 0.0

    async def step(self) -> None:
        """Learn anew, at the start and once a day; a replay has no usual times."""
        if is_replay(self._bus.environment) or clock.monotonic() < self._due:
            return
        now, seconds = await self._bus.time(), dict[str, float]()
        history = History(self._storage)
        await self._work(lambda: seconds.update(usual_pauses(history, round(now * 1000))))
        await tell_usual_pauses(self._bus, UsualPauses(at=now, seconds=seconds))
        self._due = clock.monotonic() + LEARN_EVERY_S
        _log.info("usual pauses of %d topics are known", len(seconds))


def archived_days(history: History, now_ms: int, days: int) -> Iterator[FactoryState]:
    """One archived state of each of the last days, the newest first."""
    seen: set[str] = set()
    for back in range(days):
        through, state = history.nearest_state(str(StreamId(now_ms - back * DAY_MS, 0)))
        if through not in seen and StreamId.parse(through).ms >= now_ms - days * DAY_MS:
            seen.add(through)
            yield state


def usual_pauses(history: History, now_ms: int) -> dict[str, float]:
    """Return the longest usual pause of each topic whose rhythm the archived states know."""
    found: dict[str, float] = {}
    irregular: set[str] = set()
    for state in archived_days(history, now_ms, LEARN_DAYS):
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
