"""What was read becomes what is written: rows by kind and hour, and the state at each full hour."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from omf.topics import catalogue
from omf.workpieces.collect import FoldedLives
from omf.workpieces.life import WorkpieceLife
from services.common.store.journal import BEGINNING
from services.historian.archive import ArchiveChunk
from services.historian.ended_lives import EndedLives
from services.historian.fields import ChangedFields
from services.history import tables
from services.history.manifest import HOUR_MS, ArchiveGap
from services.history.retention import DAY_MS, Retention
from services.history.rows import LIFE_TABLE, VALUES, ArchivedMessage, FieldValue, StoredEntry

STATE_EVERY_MESSAGES = 6_000
"""A restart and a look at any second fold at most so many anew: a quarter of a second."""


class ChunkBuilder:
    """Folds the messages it is given, so a state can be kept at each full hour; for one thread."""

    def __init__(
        self, retention: Retention, through: str, state: FactoryState, kept_total: int = 0
    ) -> None:
        """`state` is the fold of everything up to `through`; the last one kept had `kept_total`."""
        self._kept_total = kept_total
        self._retention = retention
        self._through = through
        self._folded = FoldedLives(state)
        self._lives = EndedLives(state.workpieces)
        self._fields = ChangedFields()

    def messages(
        self, rows: Sequence[ArchivedMessage], gap: ArchiveGap | None = None
    ) -> Iterator[ArchiveChunk]:
        """Chunks of an hour each; the first one tells the gap in front of it."""
        for _, hour in groupby(rows, key=lambda row: _hour(row.message.id)):
            yield self._hour_chunk(list(hour), gap)
            gap = None

    def _hour_chunk(self, rows: Sequence[ArchivedMessage], gap: ArchiveGap | None) -> ArchiveChunk:
        first, last = rows[0].message.id, rows[-1].message.id
        states: list[StoredEntry] = []
        new_hour = self._through != BEGINNING and _hour(first) != _hour(self._through)
        if new_hour:
            self._fields.forget()
        if new_hour or self._unkept() >= STATE_EVERY_MESSAGES:
            states = [state_entry(self._through, self._folded.state)]
            self._kept_total = self._folded.state.total
        by_class: dict[str, list[ArchivedMessage]] = {}
        fields: list[FieldValue] = []
        left: list[WorkpieceLife] = []
        for row in rows:
            message = row.message
            by_class.setdefault(self._retention.class_of(message.topic), []).append(row)
            if message.topic not in catalogue.PICTURES:
                fields += self._fields.of(message)
            left += self._folded.take(message)
        self._through = last
        lives = self._lives.rows(left, self._folded.state.workpieces, last)
        columns = {kind: tables.message_table(found) for kind, found in by_class.items()}
        columns |= {
            VALUES: tables.value_table(fields),
            LIFE_TABLE: tables.life_table(lives),
            "states": tables.stored_table(states),
        }
        return ArchiveChunk("journal", first, last, columns, gap)

    def _unkept(self) -> int:
        """Messages in the state since one was kept; another replayed session begins at none."""
        total = self._folded.state.total
        if total < self._kept_total:
            self._kept_total = 0
        return total - self._kept_total


def state_entry(through: str, state: FactoryState) -> StoredEntry:
    """A state as it is archived, folded up to the message `through`."""
    received = state.last_received
    time_ms = StreamId.parse(through).ms if received is None else round(received * 1000)
    return StoredEntry(through, time_ms, json.dumps(state.snapshot()))


def stored_chunks(
    stream: str, entries: Sequence[StoredEntry], position: str
) -> Iterator[ArchiveChunk]:
    """Chunks of a day each, of a stream that is archived entry by entry; `position` is its key."""
    for _, found in groupby(entries, key=lambda entry: StreamId.parse(entry.id).ms // DAY_MS):
        day = list(found)
        columns = {stream: tables.stored_table(day)}
        yield ArchiveChunk(position, day[0].id, day[-1].id, columns)


def archived(
    messages: Iterable[Message], command_of: Callable[[Message], str] = lambda _: ""
) -> list[ArchivedMessage]:
    """The messages with their direction, and the command that `command_of` knows for each."""
    return [
        ArchivedMessage(message, _direction(message.topic), command_of(message))
        for message in messages
    ]


def _direction(topic: str) -> str:
    known = catalogue.of(topic)
    return known.direction if known else ""


def _hour(message_id: str) -> int:
    return StreamId.parse(message_id).ms // HOUR_MS
