"""The manifest of one day: which files of its folder are the archive, and how far it reaches.

A file counts only once it is named here, and the manifest is replaced in one step. So whatever
is killed, a reader finds either the archive before a change or the one after it, and the position
to go on from can never disagree with the files.

Days are UTC, by the ids of the messages.
"""

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

MANIFEST_NAME = "manifest.json"
FOLD_MARK = "_v"
"""Before the version of what made them, at the end of the names of states, lives and hours."""
HOUR_MS = 3_600_000


class ArchiveError(Exception):
    """A file of the archive cannot be read or written; the text names it and the cause."""


class DamagedManifestError(ArchiveError):
    """The manifest of a day is not what was written; its files are left as they are."""


class ArchiveFile(BaseModel):
    """One closed Parquet file; it is never changed."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: str
    """Its table (`values`, `lives`, `states` ...) or its class of topics (`messages`)."""
    first: str
    """Id of the oldest entry the file was written for."""
    last: str
    first_ms: int
    """When the oldest was received, ms since 1970 UTC; in a replay the recorded time."""
    last_ms: int
    rows: int
    raw_bytes: int
    """Topics and payloads before compression."""
    size: int
    sha256: str

    @property
    def fold_version(self) -> int:
        """Of states, lives and hours: the version of what made them; 0: that was not said."""
        mark = self.name.removesuffix(".parquet").rpartition(FOLD_MARK)
        return int(mark[2]) if mark[1] and mark[2].isdigit() else 0


class ArchiveGap(BaseModel):
    """Messages that the journal let go before they were archived."""

    model_config = ConfigDict(frozen=True)

    after: str
    """Id of the last archived message before it."""
    until: str
    """Id of the first archived message behind it."""
    count: int | None
    """How many are missing; None where nobody can tell."""
    cause: Literal["trimmed", "emptied"]


class Manifest(BaseModel):
    """What a day holds. `through` is how far each stream of the store was archived.

    Of others than the journal in each life of the store, `events@<born>`.
    """

    model_config = ConfigDict(frozen=True)

    version: Literal[1] = 1
    environment: str
    day: str
    files: tuple[ArchiveFile, ...] = ()
    through: dict[str, str] = {}
    gaps: tuple[ArchiveGap, ...] = ()
    lost: int = 0
    """What ingest had counted as trimmed before it was archived, when this was written."""
    forgotten: dict[str, str] = {}
    """Up to which id files of each kind were deleted for their age or size."""
    born: float | None = None
    """Since when the store kept messages, as ingest told it."""
    lives: int = 0
    """The version of the fold of which every life that ended this day is a row; 0: not all are."""

    def of(self, *kinds: str) -> tuple[ArchiveFile, ...]:
        """Its files of these kinds, oldest first."""
        return tuple(file for file in self.files if file.kind in kinds)


def day_of(id_ms: int) -> str:
    """The day of an id, `2026-05-13`."""
    return datetime.fromtimestamp(id_ms / 1000, UTC).date().isoformat()


def midnight_ms(day: str) -> int:
    """The first millisecond of a day."""
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)
