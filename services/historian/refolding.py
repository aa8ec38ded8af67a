"""States and lives of days that are over, folded anew once an upgrade changed what the fold means.

Without it every moment before the upgrade would be folded from a week back, and no life that ended
before it would be found. The oldest day comes first: the next one goes on from its last state.
"""

import logging
import threading
from collections.abc import Collection, Iterator

from omf.messages.stream_id import StreamId
from omf.state.factory_state import SNAPSHOT_VERSION
from omf.workpieces.collect import FoldedLives
from services.common.process import clock
from services.historian.archive import Archive
from services.historian.chunks import state_entry
from services.historian.ended_lives import EndedLives
from services.history import parquet, tables
from services.history.manifest import ArchiveError, Manifest, midnight_ms
from services.history.reader import History
from services.history.retention import DAY_MS
from services.history.rows import DERIVED_KINDS, FOLDED_KINDS, EndedLife, StoredEntry

MESSAGES_AT_ONCE = 500
TRY_AGAIN_S = 3600.0
"""After a file that could not be read: it may have been put back from a copy."""
REST_FACTOR = 3.0
"""So much longer than it works it rests: a quarter of a core at most, two minutes for a day."""
STATES_AT_ONCE = 16
"""Written together; so many lie in memory."""

_log = logging.getLogger(__name__)


class DayWork:
    """Work on days that are over, one at a time, in a thread of its own.

    Reads closed files and changes one manifest at the end.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._halt = threading.Event()
        self._busy = threading.Lock()
        self._tried: dict[str, float] = {}

    def halt(self) -> None:
        """Return once nothing is written any more; what was begun is begun anew next time."""
        self._halt.set()
        with self._busy:
            pass

    def _was_tried(self, what: str) -> bool:
        tried = self._tried.get(what)
        return tried is not None and clock.monotonic() - tried < TRY_AGAIN_S


class Refolding(DayWork):
    """Folds states and lives of an earlier release anew."""

    def step(self, settled: Collection[str]) -> bool:
        """Fold the next of these days; False if there is nothing to do now.

        ArchiveError if a message of it cannot be read: its states stay as they are, to be tried
        again, for nobody could tell from those folded without it that it is missing in them.
        """
        with self._busy:
            return self._step(settled)

    def _step(self, settled: Collection[str]) -> bool:
        day = next((one for one in self._outdated() if one.day in settled), None)
        if day is None or self._halt.is_set():
            return False
        self._tried[day.day] = clock.monotonic()
        sources, made = day.of("states"), DayFold(self._archive, day, self._halt)
        try:
            if sources and not self._archive.replace(day.day, sources, made.state_tables()):
                return True
            if not sources:
                made.fold_all()
        except InterruptedError:
            return False
        self._archive.put_lives(day.day, tables.life_table(made.lives))
        _log.info("states and lives of %s are of this version now", day.day)
        return True

    def _outdated(self) -> Iterator[Manifest]:
        for name, day in sorted(self._archive.days.items()):
            if self._was_tried(name):
                continue
            folded = day.of(*FOLDED_KINDS)
            old = any(one.fold_version != SNAPSHOT_VERSION for one in folded)
            messages = any(one.kind not in DERIVED_KINDS for one in day.files)
            if (old or day.lives != SNAPSHOT_VERSION) and messages:
                yield day


class Rests:
    """Between pieces of work: a quarter of a core at most."""

    def __init__(self, halt: threading.Event) -> None:
        self._halt = halt
        self._began = clock.monotonic()

    def rest(self) -> None:
        """Rest for what was worked since; InterruptedError when the historian ends."""
        if self._halt.wait((clock.monotonic() - self._began) * REST_FACTOR):
            raise InterruptedError("the historian ends")
        self._began = clock.monotonic()


def check_read(history: History) -> None:
    """ArchiveError if something could not be read; days that were set aside are none of it."""
    _, aside = history.storage.days()
    if faults := [fault for fault in history.faults if fault not in aside]:
        raise ArchiveError(faults[0])


class DayFold:
    """One day folded from its messages: its states where one was kept, and the lives it ended."""

    def __init__(self, archive: Archive, day: Manifest, halt: threading.Event) -> None:
        self._archive = archive
        self._day = day
        self._halt = halt
        self.lives: list[EndedLife] = []
        """Once the last table was taken."""

    def fold_all(self) -> None:
        """Only the lives: no state was kept that day."""
        for _ in self.state_tables():
            pass

    def state_tables(self) -> Iterator[tables.Table]:
        """The states at the same messages as before."""
        held: list[StoredEntry] = []
        for entry in self._entries():
            held.append(entry)
            if len(held) == STATES_AT_ONCE:
                yield tables.stored_table(held)
                held = []
        if held:
            yield tables.stored_table(held)

    def _entries(self) -> Iterator[StoredEntry]:
        history = History(self._archive.storage)
        midnight, due = StreamId(midnight_ms(self._day.day)), self._kept()
        # The last state of the day before is kept with the first messages of this one.
        for one in (one for one in due if one < midnight):
            yield state_entry(*history.state_until(str(one)))
        through, state = history.state_until(str(StreamId(midnight.ms - 1, 2**63 - 1)))
        folded, told, left = FoldedLives(state), EndedLives(state.workpieces), []
        waiting = iter([one for one in due if one >= midnight])
        following = next(waiting, None)
        rests = Rests(self._halt)
        until = str(StreamId(midnight.ms + DAY_MS - 1, 2**63 - 1))
        for count, row in enumerate(history.messages(after=through, until=until), 1):
            left += folded.take(row.message)
            through = row.message.id
            if following is not None and StreamId.parse(through) >= following:
                yield state_entry(through, folded.state)
                following = next(waiting, None)
            if count % MESSAGES_AT_ONCE == 0:
                rests.rest()
        check_read(history)
        self.lives = told.rows(left, folded.state.workpieces, through)

    def _kept(self) -> list[StreamId]:
        """After which messages a state was kept; ArchiveError for a damaged file."""
        found: set[StreamId] = set()
        for file in self._day.of("states"):
            path = self._archive.storage.local(self._day.day, file)
            found |= {
                one for one, _ in tables.ids_and_times(parquet.read(path, tables.TIMED_COLUMNS))
            }
        return sorted(found)
