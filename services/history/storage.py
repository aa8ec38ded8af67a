"""Where the archive of an environment lies: a local folder, or S3-compatible storage.

    <place>/<YYYY-MM-DD>/manifest.json
    <place>/<YYYY-MM-DD>/messages-<first id>_<last id>.parquet

Both keep the same files under the same names, so one can be copied to the other. A file appears
whole or not at all, and the manifest that names it is replaced in one step after it.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Hashable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from services.history.manifest import (
    MANIFEST_NAME,
    ArchiveError,
    ArchiveFile,
    DamagedManifestError,
    Manifest,
)

UNFINISHED = ".tmp"
ASIDE = ".damaged"
"""Ending of a day's folder that was set aside because its manifest could not be read."""
LOCK = "lock"
"""File that tells who writes."""
SESSIONS_NAME = "sessions.json"
"""File with the named sessions that the archive keeps."""


class ArchiveStorage(ABC):
    """The files of one environment's archive; names are `<day>/<file>`. Any thread may call.

    Raises OSError for what the disk or the server refuses, FileNotFoundError for what is not there.
    Only who holds it (`hold`) may write, and only one process at a time does.
    """

    def __init__(self, place: str) -> None:
        """`place` names it for people: the folder or the address, never with credentials."""
        self.place = place
        self._manifests: dict[str, tuple[Hashable, Manifest]] = {}
        self.life = self._before = ""

    def heir(self, life: str, before: str) -> None:
        """Of who leads: its name, and of a leader before it that fell silent and may be frozen."""
        self.life, self._before = life, before

    def inherits(self, lock: bytes) -> bool:
        """True if this lock is of the silent leader before us: it is not waited for."""
        return bool(self._before) and self._before.encode() in lock

    @abstractmethod
    def exists(self) -> bool:
        """Whether anything was ever written here."""

    @abstractmethod
    def folders(self) -> list[str]:
        """Names of all folders, sorted."""

    @abstractmethod
    def names(self, day: str) -> list[str]:
        """Names of the files of a folder."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """The bytes of a small file."""

    @abstractmethod
    def version(self, name: str) -> Hashable:
        """Another value once the file was replaced."""

    @abstractmethod
    def local(self, day: str, entry: ArchiveFile) -> Path:
        """A file on this machine with the bytes of an archived file, to read and not to change.

        ArchiveError if there is none.
        """

    @abstractmethod
    def digest(self, name: str) -> tuple[int, str]:
        """Size and SHA-256 of what lies there now."""

    @abstractmethod
    def unfinished(self, name: str) -> Path:
        """Where a new file is written on this machine before it is published."""

    @abstractmethod
    def publish(self, unfinished: Path, name: str, sha256: str) -> None:
        """Make a finished and synchronised file part of the storage, durably."""

    @abstractmethod
    def replace(self, name: str, content: bytes) -> None:
        """Write a small file, or put it in the place of another, in one durable step."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Delete a file; nothing happens if there is none."""

    @abstractmethod
    def move_folder(self, day: str, name: str) -> None:
        """Give a folder another name."""

    @abstractmethod
    def hold(self) -> None:
        """Become the one writer; ArchiveError while another is."""

    @abstractmethod
    def release(self) -> None:
        """Let others write."""

    def free_bytes(self) -> int | None:
        """What still fits on the disk; None where nobody can tell."""
        return None

    @property
    def query_bytes(self) -> int | None:
        """How much one question may read; None: everything lies on this machine anyway."""
        return None

    def days(self) -> tuple[list[str], list[str]]:
        """The days' folders, oldest first, and what is wrong with those set aside, in words."""
        names = self.folders()
        faults = [
            f"{self.place}/{name} is no part of the archive: its manifest was damaged; put the"
            " manifest back from a copy and rename the folder, or delete it"
            for name in names
            if ASIDE in name
        ]
        return [name for name in names if _is_day(name)], faults

    def manifest(self, day: str) -> Manifest | None:
        """The manifest of a day, read again only if it was replaced; None if there is none.

        DamagedManifestError if it cannot be understood, ArchiveError if it cannot be read.
        """
        name = f"{day}/{MANIFEST_NAME}"
        try:
            version = self.version(name)
            known = self._manifests.get(day)
            if known is None or known[0] != version:
                found = Manifest.model_validate_json(self.read(name))
                known = self._manifests[day] = (version, found)
        except FileNotFoundError:
            return None
        except ValidationError:
            raise DamagedManifestError(
                f"{self.place}/{name} is damaged; put it back from a copy, or move the folder of"
                " that day away"
            ) from None
        except OSError as error:
            raise ArchiveError(f"{self.place}/{name} cannot be read: {error}") from error
        return known[1]

    def unreadable(self, day: str) -> bool:
        """Whether there is a manifest that tells nothing; False for a day that has none yet."""
        try:
            self.manifest(day)
        except ArchiveError:
            return True
        return False

    def store(self, manifest: Manifest) -> None:
        """Replace the manifest of a day."""
        content = manifest.model_dump_json(indent=1).encode()
        self.replace(f"{manifest.day}/{MANIFEST_NAME}", content)

    def set_aside(self, day: str) -> None:
        """Keep the folder of a day with a damaged manifest under another name."""
        taken = set(self.folders())
        names = (f"{day}{ASIDE}{number or ''}" for number in range(len(taken) + 1))
        self.move_folder(day, next(name for name in names if name not in taken))

    def fault(self, day: str, entry: ArchiveFile) -> str | None:
        """What is wrong with a file, in words; None if it is as it was written."""
        name = f"{day}/{entry.name}"
        try:
            found = self.digest(name)
        except FileNotFoundError:
            return f"{self.place}/{name} is missing"
        except OSError as error:
            return f"{self.place}/{name} cannot be read: {error}"
        if found != (entry.size, entry.sha256):
            return (
                f"{self.place}/{name} is damaged: its checksum is another than when it was written"
            )
        return None


def sha256_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_day(name: str) -> bool:
    try:
        return datetime.strptime(name, "%Y-%m-%d").replace(tzinfo=UTC) is not None
    except ValueError:
        return False
