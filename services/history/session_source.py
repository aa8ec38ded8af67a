"""What journal and archive have together, for the export of a session."""

from collections.abc import AsyncIterator, Iterator

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from services.common.sessions.export import JournalSource, is_retained
from services.common.store.bus import Bus
from services.history import parquet, tables
from services.history.manifest import ArchiveError, ArchiveFile, Manifest
from services.history.reader import History
from services.history.retention import DAY_MS, overlaps
from services.history.rows import DERIVED_KINDS

RETAINED_BACK_MS = DAY_MS
"""So far before its begin the archive is searched for what the broker held then."""


class ArchiveSource(JournalSource):
    """The archive besides the journal: each message once, whichever of them has it.

    Reads files without giving others a turn, so it belongs into a thread with a loop of its own.
    """

    def __init__(self, bus: Bus, history: History) -> None:
        super().__init__(bus)
        self._history = history

    async def messages(self, after: str, until: str) -> AsyncIterator[Message]:
        """Everything behind the id `after` up to `until`, in order."""
        archived = (row.message for row in self._history.messages(after=after, until=until))
        waiting = next(archived, None)
        async for message in super().messages(after, until):
            here = StreamId.parse(message.id)
            while waiting and StreamId.parse(waiting.id) < here:
                yield waiting
                waiting = next(archived, None)
            if waiting and waiting.id == message.id:
                waiting = next(archived, None)
            yield message
        while waiting:
            yield waiting
            waiting = next(archived, None)

    async def retained(self, until: str) -> dict[str, Message]:
        """The last message of every retained topic up to an id; an empty payload deleted it."""
        found = await super().retained(until)
        for message in self._archived(StreamId.parse(until)):
            known = found.get(message.topic)
            if known is None or StreamId.parse(known.id) < StreamId.parse(message.id):
                found[message.topic] = message
        return found

    def _archived(self, until: StreamId) -> Iterator[Message]:
        """The last message of each retained topic in the archive, from the newest file back."""
        told: set[str] = set()
        for day, file in self._files(until):
            try:
                path = self._history.storage.local(day.day, file)
                topics = {one for one in parquet.topics_of(path) if is_retained(one)} - told
                table = parquet.read(path, where=parquet.between(None, None, topics))
            except ArchiveError as error:
                self._history.note_fault(error)
                continue
            rows = (row.message for row in tables.archived_messages(table))
            last = {one.topic: one for one in rows if StreamId.parse(one.id) <= until}
            told |= set(last)
            yield from last.values()

    def _files(self, until: StreamId) -> list[tuple[Manifest, ArchiveFile]]:
        begin_ms = until.ms - RETAINED_BACK_MS
        found = [
            (day, file)
            for day in self._history.days()
            for file in day.files
            if file.kind not in DERIVED_KINDS and overlaps(file, begin_ms, until.ms)
        ]
        return sorted(found, key=lambda one: StreamId.parse(one[1].last), reverse=True)
