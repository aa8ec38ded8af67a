"""The one writer of an environment's archive: whatever is killed, each entry is in it once."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from omf.messages.stream_id import StreamId
from omf.state.factory_state import SNAPSHOT_VERSION
from services.common.process import clock
from services.common.process.failpoint import failpoint
from services.common.store.journal import BEGINNING
from services.history import manifest, parquet
from services.history.local import LocalStorage
from services.history.manifest import (
    ArchiveError,
    ArchiveFile,
    ArchiveGap,
    DamagedManifestError,
    Manifest,
)
from services.history.parquet import DayFolder
from services.history.retention import KeepLimit, overdue
from services.history.rows import HOUR_TABLE, LIFE_TABLE
from services.history.storage import UNFINISHED, ArchiveStorage

LEFT_OVER_S = 600.0
"""A file that no manifest names may still be open in a reader that took the manifest before."""


@dataclass(frozen=True)
class ArchiveChunk:
    """What goes into the archive in one step: entries of one stream and one day."""

    stream: str
    """Whose position moves to `last`: `journal`, or `events@<life of the store>`."""
    first: str
    last: str
    columns: Mapping[str, Any]
    """Table by kind of file; an empty one makes no file."""
    gap: ArchiveGap | None = None
    lost: int | None = None
    born: float | None = None

    @property
    def day(self) -> str:
        """The day whose folder it goes to."""
        return manifest.day_of(StreamId.parse(self.first).ms)


class Archive:
    """An environment's archive; `open` first. Any thread may call; one change is made at a time.

    Every method may raise ArchiveError or OSError, and then nothing was changed: what is named by
    the manifests is what was there before. A crash at any point leaves it so, too.
    """

    def __init__(self, place: Path | ArchiveStorage, environment: str) -> None:
        """`place` is where it lies, or its folder."""
        self.storage = LocalStorage(place) if isinstance(place, Path) else place
        self.environment = environment
        self.days: dict[str, Manifest] = {}
        self.damaged: dict[str, str] = {}
        """Days whose manifest cannot be understood, and what is wrong; their files stay."""
        self._aside: list[str] = []
        self._turn = threading.Lock()
        self._left_over: dict[str, float] = {}

    def open(self) -> None:
        """Become its one writer.

        ArchiveError while another historian is, or if a day is of another environment.
        """
        with self._turn:
            self._open()

    def _open(self) -> None:
        self.storage.hold()
        self.days, self.damaged, self._left_over = {}, {}, {}
        days, self._aside = self.storage.days()
        for day in days:
            try:
                found = self.storage.manifest(day)
            except DamagedManifestError as error:
                self.damaged[day] = str(error)
                continue
            if found:
                self._check_environment(found)
                self.days[day] = found
            self._sweep(day)

    def _check_environment(self, found: Manifest) -> None:
        if found.environment != self.environment:
            raise ArchiveError(
                f"{self.storage.place}/{found.day} is of {found.environment} and not of"
                f" {self.environment}; move it to where {found.environment} lies"
            )

    @property
    def faults(self) -> list[str]:
        """Days that are not told, in words; everything else is written beside them."""
        return [*self.damaged.values(), *self._aside]

    def mended(self) -> bool:
        """Whether a damaged manifest was put back; then `open` again, to go on from it."""
        return any(map(self._mended, list(self.damaged)))

    def _mended(self, day: str) -> bool:
        try:
            self.storage.manifest(day)
        except DamagedManifestError:
            return False
        return True

    def close(self) -> None:
        """Let others write."""
        self.storage.release()

    def through(self, stream: str, *, any_life: bool = False) -> str:
        """The last archived id of a stream; with `any_life` of every life of the store."""
        found = (
            through
            for day in self.days.values()
            for name, through in day.through.items()
            if name == stream or (any_life and name.startswith(f"{stream}@"))
        )
        return max(found, key=StreamId.parse, default=BEGINNING)

    @property
    def newest(self) -> Manifest | None:
        """The manifest that reaches furthest into the journal."""
        reach = [day for day in self.days.values() if "journal" in day.through]
        return max(reach, key=lambda day: StreamId.parse(day.through["journal"]), default=None)

    def append(self, chunk: ArchiveChunk) -> None:
        """Write the files of a chunk and name them in its day's manifest, all of it or nothing."""
        with self._turn:
            self._append(chunk)

    def _append(self, chunk: ArchiveChunk) -> None:
        if chunk.day in self.damaged:
            if self._mended(chunk.day):
                raise ArchiveError(f"{self.storage.place}/{chunk.day} was mended; it is read anew")
            self.storage.set_aside(chunk.day)
            del self.damaged[chunk.day]
            _, self._aside = self.storage.days()
        folder = DayFolder(self.storage, chunk.day)
        span = (chunk.first, chunk.last)
        files = tuple(
            parquet.write(folder, kind, span, table)
            for kind, table in chunk.columns.items()
            if table.num_rows
        )
        failpoint("archive-files")
        day = self._day(chunk.day)
        changes: dict[str, Any] = {
            "files": (*day.files, *files),
            "through": {**day.through, chunk.stream: chunk.last},
        }
        if chunk.stream == "journal" and "journal" not in day.through:
            changes["lives"] = SNAPSHOT_VERSION
        if chunk.gap:
            changes["gaps"] = (*day.gaps, chunk.gap)
        if chunk.lost is not None:
            changes["lost"] = chunk.lost
        if chunk.born is not None:
            changes["born"] = chunk.born
        self._store(day.model_copy(update=changes))
        failpoint("archive-manifest")

    def merge(self, day: str, sources: Sequence[ArchiveFile]) -> None:
        """Put one file in the place of several of a kind that follow each other."""
        with self._turn:
            self._merge(day, sources)

    def _merge(self, day: str, sources: Sequence[ArchiveFile]) -> None:
        known = self.days[day]
        merged = parquet.merge(DayFolder(self.storage, day), sources)
        failpoint("archive-merge")
        self._put(known, sources, merged)

    def put_lives(self, day: str, table: Any) -> None:
        """Put these rows in the place of all lives of a day; they are all that ended in it."""
        self._put_rows(day, LIFE_TABLE, table, lives=SNAPSHOT_VERSION)

    def put_hours(self, day: str, table: Any) -> None:
        """Put these rows in the place of all hours of a day."""
        self._put_rows(day, HOUR_TABLE, table)

    def _put_rows(self, day: str, kind: str, table: Any, **changes: int) -> None:
        with self._turn:
            known = self.days[day]
            sources = known.of(kind)
            span = (f"{manifest.midnight_ms(day)}-0", known.through["journal"])
            folder = DayFolder(self.storage, day)
            made = [parquet.write(folder, kind, span, table)] if table.num_rows else []
            files = [*(file for file in known.files if file not in sources), *made]
            files.sort(key=lambda file: StreamId.parse(file.first))
            self._store(known.model_copy(update={"files": tuple(files), **changes}))
            self._leave(day, [one for one in sources if one.name not in {two.name for two in made}])

    def _put(self, known: Manifest, sources: Sequence[ArchiveFile], made: ArchiveFile) -> None:
        left = [file for file in known.files if file not in sources]
        files = sorted([*left, made], key=lambda file: StreamId.parse(file.first))
        self._store(known.model_copy(update={"files": tuple(files)}))
        self._leave(known.day, sources)

    def replace(self, day: str, sources: Sequence[ArchiveFile], tables: Iterable[Any]) -> bool:
        """Put a file of these tables in the place of several of a kind; False if those are gone.

        The tables may be long in the making: nobody waits for them.
        """
        made = parquet.write_anew(DayFolder(self.storage, day), sources, tables)
        with self._turn:
            known = self.days.get(day)
            if known is None or not set(sources) <= set(known.files):
                self._leave(day, [made])
                return False
            self._put(known, sources, made)
        return True

    def forget(
        self, limits: Mapping[str, KeepLimit], spared_ms: Sequence[tuple[int, int]] = ()
    ) -> list[ArchiveFile]:
        """Delete what is over its limits and not of a spared range; what was deleted."""
        with self._turn:
            return self._forget(limits, spared_ms)

    def _forget(
        self, limits: Mapping[str, KeepLimit], spared_ms: Sequence[tuple[int, int]]
    ) -> list[ArchiveFile]:
        newest_ms = StreamId.parse(self.through("journal")).ms
        ordered = chain.from_iterable(self.days[day].files for day in sorted(self.days))
        gone = set(overdue(ordered, limits, newest_ms, spared_ms))
        for day, known in list(self.days.items()):
            left = tuple(file for file in known.files if file not in gone)
            if len(left) < len(known.files):
                lost = {file.kind: file.last for file in known.files if file in gone}
                forgotten = {**known.forgotten, **lost}
                self._store(known.model_copy(update={"files": left, "forgotten": forgotten}))
                self._leave(day, (file for file in known.files if file in gone))
        return list(gone)

    def _leave(self, day: str, files: Iterable[ArchiveFile]) -> None:
        """They are no part of the archive any more, but may be open in a reader."""
        now = clock.monotonic()
        self._left_over |= {f"{day}/{file.name}": now for file in files}

    def sweep(self) -> None:
        """Delete files that were merged away and that nobody can be reading any more."""
        with self._turn:
            for name, since in list(self._left_over.items()):
                if clock.monotonic() - since >= LEFT_OVER_S:
                    self.storage.delete(name)
                    del self._left_over[name]

    def _sweep(self, day: str) -> None:
        """Delete what an earlier process left unfinished, or merged away."""
        known = self.days.get(day)
        named = {file.name for file in known.files} if known else set()
        for name in self.storage.names(day):
            if name.endswith((".parquet", UNFINISHED)) and name not in named:
                self.storage.delete(f"{day}/{name}")

    def _day(self, day: str) -> Manifest:
        return self.days.get(day) or Manifest(environment=self.environment, day=day)

    def _store(self, changed: Manifest) -> None:
        self.storage.store(changed)
        self.days[changed.day] = changed
