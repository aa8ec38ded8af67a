"""States of days that are over, folded anew once an upgrade changed what the fold means.

Without it every moment before the upgrade would be folded from a week back. The oldest day comes
first: the next one goes on from its last state.
"""

import logging
import threading
from collections.abc import Collection, Iterator

from omf.messages.stream_id import StreamId
from omf.state.factory_state import SNAPSHOT_VERSION
from services.common.process import clock
from services.historian.archive import Archive
from services.historian.chunks import state_entry
from services.history import parquet, tables
from services.history.manifest import Manifest
from services.history.reader import History
from services.history.rows import DERIVED_KINDS

MESSAGES_AT_ONCE = 500
REST_FACTOR = 3.0
"""So much longer than it works it rests: a quarter of a core at most, two minutes for a day."""
STATES_AT_ONCE = 16
"""Written together; so many lie in memory."""

_log = logging.getLogger(__name__)


class Refolding:
    """Works in a thread of its own; reads closed files and changes one manifest at the end."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._halt = threading.Event()
        self._busy = threading.Lock()
        self._tried: set[str] = set()

    def halt(self) -> None:
        """Return once nothing is written any more; what was begun is begun anew next time."""
        self._halt.set()
        with self._busy:
            pass

    def step(self, settled: Collection[str]) -> bool:
        """Fold the states of the next of these days; False if all are of this version."""
        with self._busy:
            return self._step(settled)

    def _step(self, settled: Collection[str]) -> bool:
        day = next((one for one in self._outdated() if one.day in settled), None)
        if day is None or self._halt.is_set():
            return False
        self._tried.add(day.day)
        sources = day.of("states")
        try:
            done = self._archive.replace(day.day, sources, self._tables(day))
        except InterruptedError:
            return False
        if done:
            _log.info("states of %s are of this version now", day.day)
        return True

    def _outdated(self) -> Iterator[Manifest]:
        for name in sorted(self._archive.days):
            day = self._archive.days[name]
            old = any(one.fold_version != SNAPSHOT_VERSION for one in day.of("states"))
            messages = any(one.kind not in DERIVED_KINDS for one in day.files)
            if old and messages and name not in self._tried:
                yield day

    def _tables(self, day: Manifest) -> Iterator[tables.Table]:
        """The states at the same messages as before."""
        history = History(self._archive.storage)
        wanted = self._kept(day)
        through, state = history.state_until(str(wanted[0]))
        held = [state_entry(through, state)]
        began = clock.monotonic()
        due = iter(wanted[1:])
        following = next(due, None)
        rows = history.messages(after=str(wanted[0]), until=str(wanted[-1]))
        for count, row in enumerate(rows, 1):
            state.apply(row.message, row.message.received_at)
            if following is not None and StreamId.parse(row.message.id) >= following:
                held.append(state_entry(row.message.id, state))
                following = next(due, None)
            if len(held) == STATES_AT_ONCE:
                yield tables.stored_table(held)
                held = []
            if count % MESSAGES_AT_ONCE == 0:
                self._rest(began)
                began = clock.monotonic()
        if held:
            yield tables.stored_table(held)

    def _kept(self, day: Manifest) -> list[StreamId]:
        """After which messages a state was kept; ArchiveError for a damaged file."""
        found: set[StreamId] = set()
        for file in day.of("states"):
            path = self._archive.storage.local(day.day, file)
            found |= {
                one for one, _ in tables.ids_and_times(parquet.read(path, tables.TIMED_COLUMNS))
            }
        return sorted(found)

    def _rest(self, began: float) -> None:
        if self._halt.wait((clock.monotonic() - began) * REST_FACTOR):
            raise InterruptedError("the historian ends")
