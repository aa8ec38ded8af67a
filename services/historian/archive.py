"""The one writer of an environment's archive: whatever is killed, each entry is in it once."""

import fcntl
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any

from omf.messages.stream_id import StreamId
from services.common.process import clock
from services.common.process.failpoint import failpoint
from services.common.store.journal import BEGINNING
from services.history import manifest, parquet
from services.history.manifest import ArchiveError, ArchiveFile, ArchiveGap, Manifest
from services.history.retention import KeepLimit, overdue

LEFT_OVER_S = 600.0
"""A file that no manifest names may still be open in a reader that took the manifest before."""


@dataclass(frozen=True)
class ArchiveChunk:
    """What goes into the archive in one step: entries of one stream and one day."""

    stream: str
    """Name of the stream of the store: `journal`, `events`, `audit`."""
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


@dataclass
class Archive:
    """An environment's folder; `open` first. Any thread may call; one change is made at a time.

    Every method may raise ArchiveError or OSError, and then nothing was changed: what is named by
    the manifests is what was there before. A crash at any point leaves it so, too.
    """

    root: Path
    environment: str
    days: dict[str, Manifest] = field(default_factory=dict)
    _lock: IO[str] | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> None:
        """Take the folder.

        ArchiveError while another historian has it, or a day is damaged or of another environment.
        """
        with self._turn:
            self._open()

    def _open(self) -> None:
        self._hold()
        self.days = {}
        for folder in manifest.day_folders(self.root):
            if found := manifest.load(folder):
                self._check_environment(folder, found)
                self.days[folder.name] = found
            self._sweep(folder, 0.0)

    def _check_environment(self, folder: Path, found: Manifest) -> None:
        if found.environment != self.environment:
            raise ArchiveError(
                f"{folder} is of {found.environment} and not of {self.environment};"
                f" move it into the folder of {found.environment}"
            )

    def close(self) -> None:
        """Let the folder go."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def _hold(self) -> None:
        if self._lock:
            return
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = (self.root / "lock").open("a")
        except OSError as error:
            raise ArchiveError(f"the archive {self.root} cannot be written: {error}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise ArchiveError(f"another historian writes into {self.root}; end one") from None
        self._lock = lock

    def through(self, stream: str) -> str:
        """The last archived id of a stream of the store."""
        found = (day.through.get(stream, BEGINNING) for day in self.days.values())
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
        folder = self.root / chunk.day
        if not folder.is_dir():
            folder.mkdir()
            manifest.sync_folder(self.root)
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
        folder, known = self.root / day, self.days[day]
        merged = parquet.merge(folder, sources)
        failpoint("archive-merge")
        left = [file for file in known.files if file not in sources]
        files = sorted([*left, merged], key=lambda file: StreamId.parse(file.first))
        self._store(known.model_copy(update={"files": tuple(files)}))
        for file in sources:  # from now on it is left over, however long ago it was written
            os.utime(folder / file.name)

    def forget(self, limits: Mapping[str, KeepLimit]) -> list[ArchiveFile]:
        """Delete what is over its limits; what was deleted."""
        with self._turn:
            return self._forget(limits)

    def _forget(self, limits: Mapping[str, KeepLimit]) -> list[ArchiveFile]:
        newest_ms = StreamId.parse(self.through("journal")).ms
        ordered = chain.from_iterable(self.days[day].files for day in sorted(self.days))
        gone = set(overdue(ordered, limits, newest_ms))
        for day, known in list(self.days.items()):
            left = tuple(file for file in known.files if file not in gone)
            if len(left) < len(known.files):
                self._store(known.model_copy(update={"files": left}))
                self._sweep(self.root / day, 0.0)
        return list(gone)

    def sweep(self) -> None:
        """Delete files that were merged away and that nobody can be reading any more."""
        with self._turn:
            for day in self.days:
                self._sweep(self.root / day, LEFT_OVER_S)

    def _sweep(self, folder: Path, older_s: float) -> None:
        known = self.days.get(folder.name)
        named = {file.name for file in known.files} if known else set()
        for path in folder.iterdir():
            archive_file = path.name.endswith((".parquet", manifest.UNFINISHED))
            if archive_file and path.name not in named and _age_s(path) >= older_s:
                path.unlink(missing_ok=True)

    def _day(self, day: str) -> Manifest:
        return self.days.get(day) or Manifest(environment=self.environment, day=day)

    def _store(self, changed: Manifest) -> None:
        manifest.store(self.root / changed.day, changed)
        self.days[changed.day] = changed


def _age_s(path: Path) -> float:
    try:
        return abs(clock.now() - path.stat().st_mtime)
    except FileNotFoundError:
        return 0.0
