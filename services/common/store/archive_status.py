"""What the archive holds, as the historian says it: the only code for the key `archive`."""

from services.common.store.bus import Bus
from services.common.store.entries import readable
from services.common.store.keys import StreamModel

ARCHIVE_KEY = "archive"
STATUS_EVERY_S = 30.0


class ArchivedKind(StreamModel):
    """One kind of its files: a class of topics, or a table made of the messages."""

    kind: str
    files: int
    size: int
    """Bytes on disk."""
    oldest_at: float
    """Of the ids, Unix seconds; so `newest_at`."""
    newest_at: float
    full_days: float | None = None
    """Until the oldest file is deleted, as it grows now; None while nobody can tell."""


class ArchiveStatus(StreamModel):
    """Of an environment."""

    place: str
    """Folder or address."""
    kinds: tuple[ArchivedKind, ...] = ()
    free: int | None = None
    """Bytes that are left on its disk; None where it has none."""
    gaps: int = 0
    """How often messages were lost before they were archived."""
    lost: int | None = 0
    """How many; None if nobody can tell."""
    faults: tuple[str, ...] = ()
    """What is wrong, in words."""
    at: float = 0.0
    """Store clock."""

    def silent(self, now: float) -> bool:
        """True if the historian would have said something since."""
        return abs(now - self.at) > 4 * STATUS_EVERY_S


async def tell(bus: Bus, status: ArchiveStatus) -> None:
    """Write it; the historian alone does."""
    await bus.call(bus.client.set(bus.key(ARCHIVE_KEY), status.model_dump_json()))


async def read(bus: Bus) -> ArchiveStatus | None:
    """What was said last; None where no historian ever ran."""
    return readable(ArchiveStatus, await bus.call(bus.client.get(bus.key(ARCHIVE_KEY))))
