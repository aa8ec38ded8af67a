"""When a copy of the store was made last: the only code for the key `backup`."""

from services.common.store.bus import Bus
from services.common.store.entries import readable
from services.common.store.keys import StreamModel

BACKUP_KEY = "backup"


class BackupNote(StreamModel):
    """The last copy that was whole."""

    at: float
    """When it was begun, store clock: what came later is not in it."""
    file: str
    """Name of the file, without its folder."""
    size: int
    """Bytes of the file."""
    keys: int
    entries: int


async def note_backup(bus: Bus, note: BackupNote) -> None:
    """Write it; `omf backup` alone does. StoreError."""
    await bus.call(bus.client.set(bus.key(BACKUP_KEY), note.model_dump_json()))


async def read_backup_note(bus: Bus) -> BackupNote | None:
    """The last copy; None where none was made, or none since the store was emptied."""
    return readable(BackupNote, await bus.call(bus.client.get(bus.key(BACKUP_KEY))))
