"""The folder of session files: what was imported, by name."""

from pathlib import Path

from services.common.sessions.files import (
    SESSION_NAME,
    Damaged,
    SessionError,
    SessionWriter,
    read,
)

SESSION_SUFFIX = ".jsonl.gz"
FORMS = (
    *(SESSION_SUFFIX, ".jsonl.bz2", ".jsonl.xz", ".jsonl", ".ndjson", ".json", ".log"),
    *(".csv.gz", ".txt.gz", ".csv", ".tsv", ".txt", ".sqlite3", ".sqlite", ".db"),
)
MAX_UNPACKED_BYTES = 4 << 30


class DamagedSessionError(SessionError):
    """Lines that are no messages, and nobody asked to skip them; `damaged` names them."""

    def __init__(self, damaged: list[Damaged]) -> None:
        super().__init__(f"{len(damaged)} damaged lines; nothing was imported")
        self.damaged = damaged


class SessionFolder:
    """Sessions as gzip'd JSON Lines in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where the session of that name lies; SessionError for a name that is no plain one."""
        if not SESSION_NAME.fullmatch(name):
            raise SessionError(f"{name!r} is no name: use letters, digits and _ . -")
        return self._folder / f"{name}{SESSION_SUFFIX}"

    @property
    def quarantine(self) -> Path:
        """Where a file lies that came over the network, until it is known to be a session."""
        return self._folder / "quarantine"

    def names(self) -> list[str]:
        """Every session there is."""
        return sorted(
            path.name.removesuffix(SESSION_SUFFIX)
            for path in self._folder.glob(f"*{SESSION_SUFFIX}")
        )

    def add(self, file: Path, name: str, *, skip_damaged: bool = False) -> list[Damaged]:
        """Take a session file over; the lines that were skipped.

        DamagedSessionError when there are some and skipping was not asked for; SessionError when
        the name is taken, or the file cannot be read to its end.
        """
        target = self.path(name)
        if target.exists():
            raise SessionError(f"a session {name!r} is there already")
        self._folder.mkdir(parents=True, exist_ok=True)
        damaged: list[Damaged] = []
        size = 0
        with SessionWriter(target) as out:
            for item in read(file):
                if isinstance(item, Damaged):
                    damaged.append(item)
                    continue
                size += len(item.payload) + len(item.topic)
                # A small packed file may unpack to more than a disk holds.
                if size > MAX_UNPACKED_BYTES:
                    raise SessionError(f"more than {MAX_UNPACKED_BYTES >> 30} GiB unpacked")
                out.write(item)
            if damaged and not skip_damaged:
                raise DamagedSessionError(damaged)
        return damaged


def plain_name(file: Path) -> str:
    """The name a file would have in the library."""
    ending = next((form for form in FORMS if file.name.endswith(form)), "")
    return file.name.removesuffix(ending)
