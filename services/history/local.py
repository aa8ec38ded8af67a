"""An archive in a folder of this machine: synchronised files, given their names in one step."""

import fcntl
import os
from collections.abc import Hashable
from pathlib import Path
from typing import IO

from services.history.manifest import ArchiveError, ArchiveFile
from services.history.storage import LOCK, UNFINISHED, ArchiveStorage, sha256_of


class LocalStorage(ArchiveStorage):
    """A folder of this machine."""

    def __init__(self, root: Path) -> None:
        """`root` is `<data>/history/<environment>`; it need not exist yet."""
        super().__init__(str(root))
        self._root = root
        self._lock: IO[str] | None = None

    def exists(self) -> bool:
        """Whether the folder is there."""
        return self._root.is_dir()

    def folders(self) -> list[str]:
        """Of the folder as it is now."""
        if not self._root.is_dir():
            return []
        return sorted(path.name for path in self._root.iterdir() if path.is_dir())

    def names(self, day: str) -> list[str]:
        """Of the folder as it is now."""
        return sorted(path.name for path in (self._root / day).iterdir())

    def read(self, name: str) -> bytes:
        """The whole of it."""
        return (self._root / name).read_bytes()

    def version(self, name: str) -> Hashable:
        """Time, number and size of the file."""
        stat = (self._root / name).stat()
        return stat.st_mtime_ns, stat.st_ino, stat.st_size

    def local(self, day: str, entry: ArchiveFile) -> Path:
        """The file itself."""
        path = self._root / day / entry.name
        if not path.is_file():
            raise ArchiveError(f"{path} is missing")
        return path

    def digest(self, name: str) -> tuple[int, str]:
        """Read from the disk again."""
        path = self._root / name
        return path.stat().st_size, sha256_of(path)

    def unfinished(self, name: str) -> Path:
        """Beside its later place, in a folder that is made if need be."""
        path = self._root / name
        if not path.parent.is_dir():
            path.parent.mkdir()
            _sync_folder(self._root)
        return path.with_name(f"{path.name}{UNFINISHED}")

    def publish(self, unfinished: Path, name: str, sha256: str) -> None:  # noqa: ARG002
        """Give it its name."""
        path = self._root / name
        unfinished.replace(path)
        _sync_folder(path.parent)

    def replace(self, name: str, content: bytes) -> None:
        """Written beside it, then given its name; ArchiveError once the folder is another one."""
        if self._lock and not self._still_there(self._lock):
            raise ArchiveError(f"{self._root} is another folder than before; it is read anew")
        unfinished = self.unfinished(name)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self.publish(unfinished, name, "")

    def delete(self, name: str) -> None:
        """Unlink it."""
        (self._root / name).unlink(missing_ok=True)

    def move_folder(self, day: str, name: str) -> None:
        """Rename it."""
        (self._root / day).rename(self._root / name)
        _sync_folder(self._root)

    def hold(self) -> None:
        """By a lock of the system, which ends with the process.

        A leader that is frozen keeps its lock: whoever took the lead from it puts another file in
        its place, and what the frozen one still wants to write finds its own file gone.
        """
        if self._lock and self._still_there(self._lock):
            return
        self.release()
        lock = self._locked()
        if lock is None and self.inherits((self._root / LOCK).read_bytes()):
            (self._root / LOCK).unlink()
            lock = self._locked()
        if lock is None:
            raise ArchiveError(f"another historian writes into {self._root}; end one")
        lock.truncate(0)
        lock.write(self.life)
        lock.flush()
        self._lock = lock

    def _locked(self) -> IO[str] | None:
        """The file of the lock; None while another process has it."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            lock = (self._root / LOCK).open("a")
        except OSError as error:
            raise ArchiveError(f"the archive {self._root} cannot be written: {error}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return None
        return lock

    def _still_there(self, lock: IO[str]) -> bool:
        """False once the folder is another one; ArchiveError while there is none.

        None is made in its place: the disk may come back, and meanwhile the journal waits.
        """
        try:
            return os.path.samestat(os.fstat(lock.fileno()), (self._root / LOCK).stat())
        except FileNotFoundError:
            if self._root.is_dir():
                return False
        raise ArchiveError(
            f"the archive {self._root} is gone; put the folder back, or make an empty one to begin"
            " anew from what the journal still has"
        )

    def release(self) -> None:
        """Give the lock back."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def free_bytes(self) -> int | None:
        """Of the disk the folder is on."""
        try:
            stat = os.statvfs(self._root)
        except OSError:
            return None
        return stat.f_bavail * stat.f_frsize


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
