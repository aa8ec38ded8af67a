"""Lives of workpieces in the past: those that ended are rows, the others are in the state then.

Days whose lives are no rows of this release yet are folded from their messages.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from omf.messages.message import Message
from omf.state import FactoryState
from omf.state.factory_state import SNAPSHOT_VERSION
from omf.workpieces.collect import LifeCollector, matching
from omf.workpieces.life import WorkpieceLife
from omf.workpieces.record import record, timeline
from omf.workpieces.surroundings import ReadingWindow, is_reading, surroundings, windows
from services.common.store.bus import Bus
from services.common.store.journal import BEGINNING
from services.history import parquet, tables
from services.history.manifest import ArchiveError, ArchiveFile, Manifest
from services.history.moments import messages_between, reach_of
from services.history.reader import History
from services.history.rows import DERIVED_KINDS, LIFE_TABLE

MAX_FOUND_LIVES = 50
"""Of one tag, the newest ones: nine tags that come in again every hour make more in a week."""


class PastLives(NamedTuple):
    """The lives of a range, oldest first, and the factory at its end."""

    lives: list[WorkpieceLife]
    state: FactoryState


class FoundLives(NamedTuple):
    """The ended lives of a tag or an order, oldest first."""

    lives: list[WorkpieceLife]
    older: int
    """More of them, begun before these."""
    unread_days: tuple[str, ...]
    """Days whose lives are not rows yet; `lives_between` folds them."""


def lives_between(
    history: History, since_ms: int | None, until_ms: int | None, wanted: str = ""
) -> PastLives:
    """Every piece that was in the house in [since, until), ms since 1970; None is open.

    `wanted` narrows it to a tag, an order or the id of a life. A life that had not ended is told as
    it was at the end of the range. Blocking.
    """
    days = [day for day in history.days() if _said_in(day, since_ms, until_ms)]
    if all(map(has_lives, days)):
        state = _state_before(history, since_ms, until_ms)
        found = [*_ended(history, days, (since_ms, until_ms), wanted), *_held(state)]
        lives = list({life.id: life for life in found}.values())
    else:
        state, lives = _folded(history, since_ms, until_ms)
    inside = _inside(lives, since_ms, until_ms)
    return PastLives(matching(inside, wanted) if wanted else inside, state)


def _held(state: FactoryState) -> list[WorkpieceLife]:
    return [*state.workpieces.ended, *state.workpieces.open.values()]


def _ended(
    history: History, days: Iterable[Manifest], span: tuple[int | None, int | None], wanted: str
) -> Iterator[WorkpieceLife]:
    where = parquet.between(*span)
    where = parquet.of_life(wanted, where) if wanted else where
    for day in days:
        for file in day.of(LIFE_TABLE):
            yield from _lives_in(history, day, file, where)


def has_lives(day: Manifest) -> bool:
    """Whether every life that ended that day is a row, as this release folds it."""
    told = all(one.fold_version == SNAPSHOT_VERSION for one in day.of(LIFE_TABLE))
    return day.lives == SNAPSHOT_VERSION and told


def _said_in(day: Manifest, since_ms: int | None, until_ms: int | None) -> bool:
    """Whether a day has messages of a range, or lives that ended in it."""
    return any(
        (since_ms is None or file.last_ms >= since_ms)
        and (until_ms is None or file.first_ms < until_ms)
        for file in day.files
        if file.kind == LIFE_TABLE or file.kind not in DERIVED_KINDS
    )


def _inside(
    lives: Iterable[WorkpieceLife], since_ms: int | None, until_ms: int | None
) -> list[WorkpieceLife]:
    within = [
        life
        for life in lives
        if (since_ms is None or life.ended_at is None or life.ended_at * 1000 >= since_ms)
        and (until_ms is None or life.begun_at * 1000 < until_ms)
    ]
    return sorted(within, key=lambda life: life.begun_at)


def _folded(
    history: History, since_ms: int | None, until_ms: int | None
) -> tuple[FactoryState, list[WorkpieceLife]]:
    """The same from the messages themselves."""
    through, state = BEGINNING, FactoryState()
    if since_ms is not None:
        through, state = history.nearest_state(f"{since_ms}-0")
    collector = LifeCollector(state)
    begin_ms = since_ms if through == BEGINNING else None
    for row in history.messages(after=through, since_ms=begin_ms, until_ms=until_ms):
        collector.take(row.message)
    return collector.state, collector.lives


def _state_before(history: History, since_ms: int | None, until_ms: int | None) -> FactoryState:
    """The fold of everything received before `until_ms`.

    In a replay that is recorded time, which the ids of the messages do not tell.
    """
    through, state = _kept_state(history, until_ms)
    begin_ms = since_ms if through == BEGINNING else None
    for row in history.messages(after=through, since_ms=begin_ms, until_ms=until_ms):
        state.apply(row.message, row.message.received_at)
    return state


def _kept_state(history: History, until_ms: int | None) -> tuple[str, FactoryState]:
    for day in reversed(history.days()):
        for file in reversed(day.of("states")):
            early = until_ms is None or file.first_ms < until_ms
            if file.fold_version != SNAPSHOT_VERSION or not early:
                continue
            table = _columns(history, day, file, tables.TIMED_COLUMNS, None)
            times = tables.ids_and_times(table) if table is not None else []
            before = [one for one in times if until_ms is None or one[1] < until_ms]
            # A file of a day unpacks to tens of megabytes: only the one state is read whole.
            wanted = max(before)[1] if before else None
            found = history.entries("states", wanted, wanted + 1, days=[day]) if wanted else []
            for entry in reversed(found):
                return entry.id, FactoryState.restore(json.loads(entry.data))
    return BEGINNING, FactoryState()


def find_lives(
    history: History, wanted: str, since_ms: int | None = None, until_ms: int | None = None
) -> FoundLives:
    """The ended lives of a tag, of an order, or of an id of a life, however long ago.

    Ended in [since, until), ms since 1970; None is open. Reads closed files only; blocking.
    """
    days = [day for day in history.days() if _said_in(day, since_ms, until_ms)]
    places: dict[str, tuple[int, Manifest, ArchiveFile]] = {}
    for day in days:
        for file in day.of(LIFE_TABLE) if has_lives(day) else ():
            where = parquet.of_life(wanted, parquet.between(since_ms, until_ms))
            table = _columns(history, day, file, ("life", "begun"), where)
            for life, begun in tables.beginnings(table) if table is not None else ():
                places[life] = begun, day, file
    newest = sorted(places.items(), key=lambda one: one[1][0])[-MAX_FOUND_LIVES:]
    found: dict[str, WorkpieceLife] = {}
    for life_id, (_, day, file) in newest:
        found |= {one.id: one for one in _lives_in(history, day, file, parquet.of_life(life_id))}
    unread = tuple(day.day for day in days if not has_lives(day))
    known = matching(found.values(), wanted)
    return FoundLives(known, max(0, len(places) - len(newest)), unread)


def _lives_in(
    history: History, day: Manifest, file: ArchiveFile, where: Any
) -> Iterator[WorkpieceLife]:
    table = _columns(history, day, file, ("data",), where)
    for data in table["data"].to_pylist() if table is not None else ():
        yield _adapter().validate_json(data)


def _columns(
    history: History, day: Manifest, file: ArchiveFile, columns: tuple[str, ...], where: Any
) -> "tables.Table | None":
    try:
        return parquet.read(history.storage.local(day.day, file), columns, where)
    except ArchiveError as error:
        history.note_fault(error)
        return None


@cache
def _adapter() -> TypeAdapter[WorkpieceLife]:
    return TypeAdapter(WorkpieceLife)


def life_json(life: WorkpieceLife) -> str:
    """A life as it is archived."""
    return _adapter().dump_json(life).decode()


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


def with_archived(lives: Iterable[WorkpieceLife], found: FoundLives) -> list[WorkpieceLife]:
    """Lives of a state and those found in the archive, oldest first, each once: as told last."""
    known = {life.id: life for life in (*found.lives, *lives)}
    return sorted(known.values(), key=lambda life: life.begun_at)


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
