"""The manifest of one day: which files of its folder are the archive, and how far it reaches.

A file counts only once it is named here, and the manifest is replaced in one step. So whatever
is killed, a reader finds either the archive before a change or the one after it, and the position
to go on from can never disagree with the files.

    <folder>/<environment>/<YYYY-MM-DD>/manifest.json
    <folder>/<environment>/<YYYY-MM-DD>/messages-<first id>_<last id>.parquet

Days are UTC, by the ids of the messages.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

MANIFEST_NAME = "manifest.json"
HOUR_MS = 3_600_000
UNFINISHED = ".tmp"


class ArchiveError(Exception):
    """A file of the archive cannot be read or written; the text names it and the cause."""


class ArchiveFile(BaseModel):
    """One closed Parquet file; it is never changed."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: str
    """Its table (`values`, `states`, `events`, `audit`) or its class of topics (`messages`)."""
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
    """What a day holds. `through` is how far each stream of the store was archived."""

    model_config = ConfigDict(frozen=True)

    version: Literal[1] = 1
    environment: str
    day: str
    files: tuple[ArchiveFile, ...] = ()
    through: dict[str, str] = {}
    gaps: tuple[ArchiveGap, ...] = ()
    lost: int = 0
    """What ingest had counted as trimmed before it was archived, when this was written."""
    born: float | None = None
    """Since when the store kept messages, as ingest told it."""

    def of(self, *kinds: str) -> tuple[ArchiveFile, ...]:
        """Its files of these kinds, oldest first."""
        return tuple(file for file in self.files if file.kind in kinds)


def day_of(id_ms: int) -> str:
    """The day of an id, `2026-05-13`."""
    return datetime.fromtimestamp(id_ms / 1000, UTC).date().isoformat()


def midnight_ms(day: str) -> int:
    """The first millisecond of a day."""
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


def day_folders(root: Path) -> list[Path]:
    """The folders of an environment's days, oldest first."""
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if path.is_dir() and _is_day(path.name))


def _is_day(name: str) -> bool:
    try:
        return datetime.strptime(name, "%Y-%m-%d").replace(tzinfo=UTC) is not None
    except ValueError:
        return False


def load(folder: Path) -> Manifest | None:
    """The manifest of a day's folder; None without one. ArchiveError if it is damaged."""
    path = folder / MANIFEST_NAME
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise ArchiveError(
            f"{path} is damaged; put it back from a copy, or move the folder of that day away"
        ) from None
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error}") from error


def store(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest of a day in one step that survives a power cut."""
    unfinished = folder / f"{MANIFEST_NAME}{UNFINISHED}"
    with unfinished.open("wb") as file:
        file.write(manifest.model_dump_json(indent=1).encode())
        file.flush()
        os.fsync(file.fileno())
    publish(unfinished, folder / MANIFEST_NAME)


def publish(unfinished: Path, path: Path) -> None:
    """Give a finished and synchronised file its name, durably."""
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fault(folder: Path, entry: ArchiveFile) -> str | None:
    """What is wrong with a file, in words; None if it is as it was written."""
    path = folder / entry.name
    if not path.is_file():
        return f"{path} is missing"
    if path.stat().st_size != entry.size or digest(path) != entry.sha256:
        return f"{path} is damaged: its checksum is another than when it was written"
    return None


def faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What is wrong with the files of a day, in words; nothing if all are as they were written."""
    for entry in manifest.files:
        if said := fault(folder, entry):
            yield said
