"""Reading an archive: its days, messages, fields, states and entries. For pages and commands.

    history = History(Path("data/history/mock"))
    for row in history.messages(topic_filter="ccu/#", since_ms=..., until_ms=...): row.message

Reads closed files only, so it needs no store and disturbs nobody. Blocking: call it in a thread.
A damaged or missing file is named in `faults`, and the rest answers.
"""

import heapq
import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from omf.state.factory_state import SNAPSHOT_VERSION
from omf.topics.filters import matches_any
from services.common.store.journal import BEGINNING
from services.history import parquet, tables
from services.history.local import LocalStorage
from services.history.manifest import (
    ArchiveError,
    ArchiveFile,
    ArchiveGap,
    Manifest,
    day_of,
    midnight_ms,
)
from services.history.retention import DAY_MS
from services.history.rows import DERIVED_KINDS, ArchivedMessage, FieldValue, StoredEntry
from services.history.storage import ArchiveStorage

END = f"{2**63 - 1}-{2**63 - 1}"
"""An id behind every other."""
FOLD_BACK_MS = 7 * DAY_MS
"""So far back a state is folded anew where no archived one fits."""


class History:
    """The archive of one environment, as it is at each call. For one thread at a time."""

    def __init__(self, place: Path | ArchiveStorage) -> None:
        """`place` is where it lies (`storage_of`), or its folder; it need not exist yet."""
        self.storage = LocalStorage(place) if isinstance(place, Path) else place
        self.faults: list[str] = []
        """What could not be read so far, in words."""

    def days(self) -> list[Manifest]:
        """The manifest of each day, oldest first."""
        return [day for day in map(self._manifest, self._day_names()) if day]

    def unreadable_days(self) -> list[str]:
        """Days that are there and of which nothing can be told, oldest first."""
        return [name for name in self._day_names() if self.storage.unreadable(name)]

    def _day_names(self) -> list[str]:
        try:
            names, faults = self.storage.days()
        except OSError as error:
            self.note_fault(ArchiveError(f"{self.storage.place} cannot be read: {error}"))
            return []
        for fault in faults:
            self.note_fault(ArchiveError(fault))
        return names

    def _manifest(self, name: str) -> Manifest | None:
        """The manifest of a day; None if none is readable."""
        try:
            return self.storage.manifest(name)
        except ArchiveError as error:
            self.note_fault(error)
            return None

    def through(self) -> str:
        """The last archived message; the beginning if there is none."""
        for name in reversed(self._day_names()):
            day = self._manifest(name)
            if day and "journal" in day.through:
                return day.through["journal"]
        return BEGINNING

    def gaps(self) -> list[ArchiveGap]:
        """Where messages are missing that the journal let go before they were archived."""
        return [gap for day in self.days() for gap in day.gaps]

    def messages(
        self,
        *,
        after: str = BEGINNING,
        until: str = END,
        since_ms: int | None = None,
        until_ms: int | None = None,
        topic_filter: str | Collection[str] = "#",
        kinds: Iterable[str] | None = None,
    ) -> Iterator[ArchivedMessage]:
        """Messages in the order of their ids.

        Behind `after` up to `until`; received in [since_ms, until_ms); of a topic filter and kinds.
        """
        low, high = StreamId.parse(after), StreamId.parse(until)
        for row in self._rows(low, high, (since_ms, until_ms), topic_filter, kinds):
            if low < StreamId.parse(row.message.id) <= high:
                yield row

    def message(self, message_id: str) -> ArchivedMessage | None:
        """The message of an id; None if the archive has none."""
        just_before = StreamId.parse(message_id)
        wanted = (row for row in self._rows(just_before, just_before, (None, None), "#", None))
        return next((row for row in wanted if row.message.id == message_id), None)

    def _rows(
        self,
        low: tuple[int, int],
        high: tuple[int, int],
        times: tuple[int | None, int | None],
        topic_filter: str | Collection[str],
        kinds: Iterable[str] | None,
    ) -> Iterator[ArchivedMessage]:
        for day in self.days_between(low[0], high[0]):
            found = [
                file
                for file in day.files
                if (file.kind in kinds if kinds is not None else file.kind not in DERIVED_KINDS)
                and _overlaps(file, low, high, times)
            ]
            by_kind: dict[str, list[ArchiveFile]] = {}
            for file in sorted(found, key=lambda file: StreamId.parse(file.first)):
                by_kind.setdefault(file.kind, []).append(file)
            streams = [
                self._of_files(day, files, (low[0], high[0]), times, topic_filter)
                for files in by_kind.values()
            ]
            yield from heapq.merge(*streams, key=lambda row: StreamId.parse(row.message.id))

    def days_between(
        self, low_ms: int, high_ms: int, *, newest_first: bool = False
    ) -> Iterator[Manifest]:
        """The manifests of the days in which ids of [low_ms, high_ms] lie."""
        first = day_of(low_ms) if low_ms else ""
        names = self._day_names()
        for name in reversed(names) if newest_first else names:
            if name < first or midnight_ms(name) > high_ms:
                continue
            if day := self._manifest(name):
                yield day

    def _of_files(
        self,
        day: Manifest,
        files: Iterable[ArchiveFile],
        ids_ms: tuple[int, int],
        times: tuple[int | None, int | None],
        topic_filter: str | Collection[str],
    ) -> Iterator[ArchivedMessage]:
        for file in files:
            try:
                path = self.storage.local(day.day, file)
                topics = None
                if topic_filter != "#":
                    topics = [t for t in parquet.topics_of(path) if matches_any(topic_filter, t)]
                    if not topics:
                        continue
                where = parquet.between(*times, topics)
                if _reaches_over(file, *ids_ms):
                    part = parquet.in_ids(*ids_ms)
                    where = part if where is None else where & part
                found = parquet.read(path, where=where)
            except ArchiveError as error:
                self.note_fault(error)
                continue
            yield from tables.archived_messages(found)

    def values(
        self, topic: str, path: str, since_ms: int | None = None, until_ms: int | None = None
    ) -> list[FieldValue]:
        """One field of a topic, where it changed and at least once an hour, in order of time."""
        found: list[FieldValue] = []
        for day, file in self._derived("values", since_ms, until_ms):
            where = parquet.between(since_ms, until_ms, [topic])
            table = self._read(day, file, where & parquet.has_path(path))
            found += tables.field_values(table) if table is not None else []
        return found

    def entries(
        self,
        kind: str,
        since_ms: int | None = None,
        until_ms: int | None = None,
        *,
        days: Iterable[Manifest] | None = None,
    ) -> list[StoredEntry]:
        """Entries of `events` (stages of commands), `audit` or `states`, in order of time.

        With `days` only what lies in their folders.
        """
        found: list[StoredEntry] = []
        for day, file in self._derived(kind, since_ms, until_ms, days):
            table = self._read(day, file, parquet.between(since_ms, until_ms))
            found += tables.stored_entries(table) if table is not None else []
        return sorted(found, key=lambda entry: StreamId.parse(entry.id))

    def _derived(
        self,
        kind: str,
        since_ms: int | None,
        until_ms: int | None,
        days: Iterable[Manifest] | None = None,
    ) -> Iterator[tuple[Manifest, ArchiveFile]]:
        for day in self.days() if days is None else days:
            for file in sorted(day.of(kind), key=lambda file: StreamId.parse(file.first)):
                if _in_time(file, since_ms, until_ms):
                    yield day, file

    def _read(self, day: Manifest, file: ArchiveFile, where: object) -> "tables.Table | None":
        try:
            return parquet.read(self.storage.local(day.day, file), where=where)
        except ArchiveError as error:
            self.note_fault(error)
            return None

    def state_until(self, message_id: str) -> tuple[str, FactoryState]:
        """The fold of everything up to an id, and the id of the last message in it.

        From the nearest archived state on; where none fits, from a week before on.
        """
        through, state = self.nearest_state(message_id)
        if through == BEGINNING:
            begin_ms = max(0, StreamId.parse(message_id).ms - FOLD_BACK_MS)
            through = f"{begin_ms}-0"
        for row in self.messages(after=through, until=message_id):
            state.apply(row.message, row.message.received_at)
            through = row.message.id
        return through, state

    def nearest_state(self, message_id: str) -> tuple[str, FactoryState]:
        """The last archived state up to an id, with its own id; else the beginning.

        Behind states of another version of the fold it is looked for a week back and not further:
        more could not be folded while somebody waits.
        """
        limit, outdated = StreamId.parse(message_id), False
        usable = {0, SNAPSHOT_VERSION}
        for day in self.days_between(0, limit[0], newest_first=True):
            if outdated and midnight_ms(day.day) < limit[0] - FOLD_BACK_MS:
                break
            files = sorted(day.of("states"), key=lambda one: StreamId.parse(one.first))
            for file in reversed(files):
                if file.fold_version not in usable:
                    outdated = True
                    continue
                # A file of a day unpacks to tens of megabytes: only the one state is read whole.
                wanted = self._last_moment(day, file, limit)
                table = self._read(day, file, parquet.at(wanted)) if wanted is not None else None
                found = tables.stored_entries(table) if table is not None else []
                for entry in (one for one in reversed(found) if StreamId.parse(one.id) <= limit):
                    try:
                        return entry.id, FactoryState.restore(json.loads(entry.data))
                    except ValueError:
                        # Older ones that do not say their version are not of this one either.
                        usable, outdated = {SNAPSHOT_VERSION}, True
                        break
        return BEGINNING, FactoryState()

    def _last_moment(self, day: Manifest, file: ArchiveFile, limit: StreamId) -> int | None:
        """The time, in ms, of the last row of a file whose id is not behind a limit."""
        try:
            table = parquet.read(self.storage.local(day.day, file), tables.TIMED_COLUMNS)
        except ArchiveError as error:
            self.note_fault(error)
            return None
        found = [pair for pair in tables.ids_and_times(table) if pair[0] <= limit]
        return max(found)[1] if found else None

    def note_fault(self, error: ArchiveError) -> None:
        """Name in `faults` what could not be read."""
        if str(error) not in self.faults:
            self.faults.append(str(error))


def _overlaps(
    file: ArchiveFile,
    low: tuple[int, int],
    high: tuple[int, int],
    times: tuple[int | None, int | None],
) -> bool:
    return (
        StreamId.parse(file.last) >= low
        and StreamId.parse(file.first) <= high
        and _in_time(file, *times)
    )


def _in_time(file: ArchiveFile, since_ms: int | None, until_ms: int | None) -> bool:
    early = since_ms is not None and file.last_ms < since_ms
    return not early and (until_ms is None or file.first_ms < until_ms)


def _reaches_over(file: ArchiveFile, first_ms: int, last_ms: int) -> bool:
    return StreamId.parse(file.first).ms < first_ms or StreamId.parse(file.last).ms > last_ms
