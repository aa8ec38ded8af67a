"""Reads the journal in order and hands it to the archive in files of a minute or ten thousand."""

from collections.abc import Awaitable, Callable

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.entries import text
from services.common.store.journal import BEGINNING
from services.common.store.keys import JOURNAL, CommandEvent
from services.common.store.own_publishes import ARRIVES_S, OwnPublishes
from services.historian.archive import Archive, ArchiveChunk
from services.historian.chunks import ChunkBuilder, archived
from services.history.manifest import ArchiveGap
from services.history.reader import History
from services.history.retention import Retention

READ_MESSAGES = 500
FLUSH_MESSAGES = 10_000
FLUSH_BYTES = 8 * 1024 * 1024

TELL_EVERY_S = 5.0

Work = Callable[[Callable[[], None]], Awaitable[None]]

ARCHIVED = "archived"
"""Key: the id up to which the archive has everything; the journal keeps what is behind it."""
LOST = "unarchived"
"""Counter of ingest: what it had to let go before it was archived."""


async def store_born(bus: Bus) -> float | None:
    """Unix seconds at which the store was new, as ingest tells it: another once it was emptied."""
    link = await bus.link("ingest")
    return link.born if link else None


class JournalCollector:
    """Called by one task of the event loop. Entries leave `_held` only when they are on disk.

    `open` begins anew from what the archive has: at the start, and after every failed write.
    Raises StoreError, ArchiveError and OSError; nothing is lost, for the journal has it.
    """

    def __init__(
        self, bus: Bus, archive: Archive, retention: Retention, flush_s: float, work: Work
    ) -> None:
        """`work` runs a blocking call in a thread."""
        self._bus = bus
        self._work = work
        self._archive = archive
        self._retention = retention
        self._flush_s = flush_s
        self._builder: ChunkBuilder | None = None
        self._own = OwnPublishes()
        self._heard = BEGINNING
        self._held: list[Message] = []
        self._bytes = 0
        self._since = 0.0
        self._after = BEGINNING
        self._told_at = float("-inf")
        self._writing = False
        self._written = False
        self.behind: float | None = None
        """Seconds between the newest message and the last archived one; None: not known yet."""

    def open(self) -> None:
        """Go on from the archive's own end; blocking."""
        self._held, self._bytes = [], 0
        self._after = self._archive.through("journal")
        history = History(self._archive.storage)
        _, kept = history.nearest_state(self._after)
        _, state = history.state_until(self._after)
        self._builder = ChunkBuilder(self._retention, self._after, state, kept.total)
        # What was published shortly before came back behind the archive's end.
        self._own, self._heard = OwnPublishes(), _earlier(self._after)
        self._writing = self._written = False

    async def step(self) -> bool:
        """Read what came, write if it is time; True while more may wait."""
        batch = await self._bus.messages(JOURNAL, after=self._after, count=READ_MESSAGES)
        if batch and not self._held:
            self._since = clock.monotonic()
        self._held += batch
        self._bytes += sum(len(message.payload) for message in batch)
        self._after = batch[-1].id if batch else self._after
        if self._due():
            await self.flush()
        await self._tell()
        return len(batch) == READ_MESSAGES

    def _due(self) -> bool:
        late = clock.monotonic() - self._since >= self._flush_s
        full = len(self._held) >= FLUSH_MESSAGES or self._bytes >= FLUSH_BYTES
        return bool(self._held) and (late or full)

    async def flush(self) -> None:
        """Write what is held."""
        # Cancelled while a thread writes: that thread finishes, and nothing is written twice.
        if not self._held or self._writing:
            return
        gap, lost, born = await self._gap()
        await self._hear()
        self._writing = True
        await self._work(lambda: self._write(gap, lost, born))
        self._writing, self._written = False, True
        self._held, self._bytes = [], 0
        self._told_at = float("-inf")

    def _write(self, gap: ArchiveGap | None, lost: int, born: float | None) -> None:
        if self._builder is None:
            raise RuntimeError("open comes first")
        for chunk in self._builder.messages(archived(self._held, self._own.of), gap):
            told = ArchiveChunk(
                chunk.stream, chunk.first, chunk.last, chunk.columns, chunk.gap, lost, born
            )
            self._archive.append(told)

    async def _hear(self) -> None:
        """What commands of ours published meanwhile: a message is known by its topic and bytes."""
        while found := await self._bus.models("events", CommandEvent, after=self._heard):
            self._heard = found[-1][0]
            self._own.load(event for _, event in found)

    async def _gap(self) -> tuple[ArchiveGap | None, int, float | None]:
        """What is missing between the archive and what is held, and how it is known."""
        lost = (await self._bus.counters()).get(LOST, 0)
        born = await store_born(self._bus)
        newest = self._archive.newest
        if newest is None:
            return None, lost, born
        ends = {"after": newest.through["journal"], "until": self._held[0].id}
        if born is not None and newest.born is not None and born != newest.born:
            return ArchiveGap(**ends, count=None, cause="emptied"), lost, born
        if await self._taken_away(ends["after"]):
            return ArchiveGap(**ends, count=None, cause="trimmed"), lost, born
        missing = lost - newest.lost
        if missing > 0:
            return ArchiveGap(**ends, count=missing, cause="trimmed"), lost, born
        return None, lost, born

    async def _taken_away(self, through: str) -> bool:
        """A day was moved out of the archive, and the journal has not all of it any more."""
        if await self._told() <= StreamId.parse(through):
            return False
        [journal] = await self._bus.buffers([JOURNAL])
        first = journal.first_id
        return first is None or StreamId.parse(first) > StreamId.parse(through)

    async def _told(self) -> StreamId:
        told = await self._bus.call(self._bus.client.get(self._bus.key(ARCHIVED)))
        return StreamId.parse(text(told) if told else BEGINNING)

    async def _tell(self) -> None:
        """Say up to where everything is safe; again and again, for a store may be emptied."""
        if clock.monotonic() - self._told_at < TELL_EVERY_S:
            return
        self._told_at = clock.monotonic()
        through = self._archive.through("journal")
        waiting = StreamId.parse(self._after) > StreamId.parse(through)
        now = await self._bus.time()
        self.behind = max(0.0, now - StreamId.parse(through).seconds) if waiting else 0.0
        # It is taken back only once the archive says what was lost with a day moved out of it.
        taken_back = await self._told() > StreamId.parse(through)
        if through != BEGINNING and (self._written or not taken_back):
            await self._bus.call(self._bus.client.set(self._bus.key(ARCHIVED), through))


def _earlier(message_id: str) -> str:
    return f"{max(0, StreamId.parse(message_id).ms - int(ARRIVES_S * 1000))}-0"
