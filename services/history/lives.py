"""Lives of workpieces in the past: from the archived states, each of which has the last ones ended.

Only where more pieces ended between two of them than a state keeps are the messages folded anew.
"""

import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from omf.messages.message import Message
from omf.state import FactoryState
from omf.state.factory_state import SNAPSHOT_VERSION
from omf.workpieces.collect import LifeCollector
from omf.workpieces.life import MAX_ENDED_LIVES, WorkpieceLife, Workpieces
from omf.workpieces.record import record, timeline
from omf.workpieces.surroundings import ReadingWindow, is_reading, surroundings, windows
from services.common.store.bus import Bus
from services.common.store.journal import BEGINNING
from services.history.moments import messages_between, reach_of
from services.history.reader import History
from services.history.rows import StoredEntry


class PastLives(NamedTuple):
    """The lives of a range, oldest first, and the factory at its end."""

    lives: list[WorkpieceLife]
    state: FactoryState


def lives_between(history: History, since_ms: int | None, until_ms: int | None) -> PastLives:
    """Every piece that was in the house in [since, until), ms since 1970; None is open.

    A life that had not ended is told as it was at the end of the range. Blocking.
    """
    return _Range(history, since_ms, until_ms).read()


class _Range:
    def __init__(self, history: History, since_ms: int | None, until_ms: int | None) -> None:
        self._history = history
        self._span = (since_ms, until_ms)
        self._found: dict[str, WorkpieceLife] = {}
        self._through, self._state = BEGINNING, FactoryState()
        if since_ms is not None:
            self._through, self._state = history.nearest_state(f"{since_ms}-0")

    def read(self) -> PastLives:
        pieces, session = self._state.workpieces, self._state.session
        self._keep(pieces)
        last: StoredEntry | None = None
        for entry in self._history.entries("states", *self._span):
            told = json.loads(entry.data)
            if told.get("version") != SNAPSHOT_VERSION:
                continue
            later = _adapter().validate_python(told["workpieces"])
            if session != told["session"] or not _follows(pieces, later):
                self._fold(last, entry.id)
            self._keep(later)
            pieces, session, last = later, told["session"], entry
        self._fold(last, None)
        return PastLives(self._inside(), self._state)

    def _keep(self, pieces: Workpieces) -> None:
        self._found |= {life.id: life for life in (*pieces.ended, *pieces.open.values())}

    def _fold(self, last: StoredEntry | None, until: str | None) -> None:
        """Fold the messages behind the last state that was looked at."""
        if last is not None:
            self._through, self._state = last.id, FactoryState.restore(json.loads(last.data))
        collector = LifeCollector(self._state)
        since_ms = self._span[0] if self._through == BEGINNING else None
        bounds: dict[str, Any] = {"until": until} if until else {"until_ms": self._span[1]}
        rows = self._history.messages(after=self._through, since_ms=since_ms, **bounds)
        for row in rows:
            collector.take(row.message)
            self._through = row.message.id
        self._found |= {life.id: life for life in collector.lives}
        self._state = collector.state

    def _inside(self) -> list[WorkpieceLife]:
        since, until = self._span
        lives = [
            life
            for life in self._found.values()
            if (since is None or life.ended_at is None or life.ended_at * 1000 >= since)
            and (until is None or life.begun_at * 1000 < until)
        ]
        return sorted(lives, key=lambda life: life.begun_at)


@cache
def _adapter() -> TypeAdapter[Workpieces]:
    return TypeAdapter(Workpieces)


def _follows(pieces: Workpieces, later: Workpieces) -> bool:
    """Whether the later state still has every life that ended since the other one."""
    ended = later.ended_total - pieces.ended_total
    return 0 <= ended <= min(MAX_ENDED_LIVES, len(later.ended))


def archived_readings(history: History) -> Callable[[ReadingWindow], Iterable[Message]]:
    """The messages of a window as the archive has them."""

    def read(window: ReadingWindow) -> Iterable[Message]:
        rows = history.messages(after=str(window.after), until=str(window.until))
        return (row.message for row in rows)

    return read


def whole_record(
    life: WorkpieceLife,
    state: FactoryState,
    read: Callable[[ReadingWindow], Iterable[Message]],
) -> dict[str, Any]:
    """The life record with the surroundings of each event; `read` gives a window's messages."""
    readings: list[dict[str, Any]] = []
    for window in windows(timeline(life)):
        readings += surroundings(window.times, read(window))
    return record(life, state, readings)


async def journal_readings(
    bus: Bus, history: History, lives: Iterable[WorkpieceLife]
) -> Callable[[ReadingWindow], Iterable[Message]]:
    """The messages of all windows of these lives, from the archive and the journal behind it."""
    reach = await reach_of(bus, history)
    found: dict[ReadingWindow, list[Message]] = {}
    for life in lives:
        for window in windows(timeline(life)):
            said = messages_between(bus, history, reach, window.after, window.until)
            found[window] = [message async for message in said if is_reading(message)]
    return found.__getitem__
