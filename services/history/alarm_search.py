"""What became of alarms: the archive as far as it reaches, and what only the store has, as one.

    page = await find_passages(bus, history, PassageQuestion(rule="collision", limit=50))

Newest first, read piece by piece only as far as it is asked for. An entry that lies in both is told
once. What of the archive cannot be read is named in `history.faults`, and the store tells of it as
far as it still has it.
"""

import asyncio
import heapq
import json
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any, NamedTuple

from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmState
from omf.messages.stream_id import StreamId
from services.common.store.alarm_lives import ALARMS
from services.common.store.bus import Bus
from services.common.store.entries import DATA, readable, text
from services.common.store.journal import BEGINNING
from services.history import parquet, tables
from services.history.manifest import ArchiveError, ArchiveFile
from services.history.reader import END, History

PASSAGES_AT_ONCE = 500
"""Entries read from the store, or the archive, before others have their turn."""
_END = StreamId.parse(END)
_Raw = tuple[StreamId, str]
"""An entry as it was written: its id and its JSON."""


class PassageQuestion(NamedTuple):
    """Which entries are wanted; what is left empty narrows nothing."""

    since_ms: int | None = None
    until_ms: int | None = None
    """Written in [since_ms, until_ms), ms since 1970 by the clock of the store."""
    alarm: str = ""
    device: str = ""
    """Serial of what the alarm is about, parts of it among them; or an order, a bay, a topic."""
    rule: str = ""
    priority: int | None = None
    state: AlarmState | None = None
    """The state the passage led to."""
    text: str = ""
    """Somewhere in what is said of it in any language, whatever the capitals."""
    after: str = BEGINNING
    before: str = END
    """Behind one id, and in front of another one."""
    limit: int = 100

    @property
    def bounds(self) -> tuple[StreamId, StreamId]:
        """The ids between which everything lies that is wanted, neither of them wanted."""
        low, high = StreamId.parse(self.after), min(StreamId.parse(self.before), _END)
        if self.since_ms:
            low = max(low, StreamId(self.since_ms).previous)
        return low, high if self.until_ms is None else min(high, StreamId(max(0, self.until_ms)))

    def fits(self, entry: AlarmEntry) -> bool:
        """True if an entry is wanted, whenever it was written."""
        about = entry.subject == self.device or entry.subject.startswith(f"{self.device}/")
        return (
            self.alarm in ("", entry.alarm)
            and (about or not self.device)
            and self.rule in ("", entry.rule)
            and self.priority in (None, entry.priority)
            and self.state in (None, entry.after)
            and (not self.text or self.text.casefold() in _said(entry))
        )

    @property
    def needles(self) -> list[str]:
        """What the JSON of every entry that fits has in it, as it stands."""
        wanted = (self.alarm, self.device, self.rule, self.state or "")
        return [one for one in wanted if one and _plain(one)]


class PassagePage(NamedTuple):
    """Entries with their ids, newest first."""

    entries: list[tuple[str, AlarmEntry]]
    more: bool
    """There are older ones: go on with `before` the last id."""


async def find_passages(bus: Bus | None, history: History, asked: PassageQuestion) -> PassagePage:
    """The newest entries that are wanted, `limit` of them; StoreError. Without `bus` archived."""
    found: list[tuple[str, AlarmEntry]] = []
    async for entry_id, data in _joined(_stored(bus, asked), _archived(history, asked)):
        if not all(needle in data for needle in asked.needles):
            continue
        entry = readable(AlarmEntry, data)
        if entry is None or not asked.fits(entry):
            continue
        if len(found) == asked.limit:
            return PassagePage(found, more=True)
        found.append((str(entry_id), entry))
    return PassagePage(found, more=False)


async def _joined(one: AsyncIterator[_Raw], other: AsyncIterator[_Raw]) -> AsyncIterator[_Raw]:
    """Both, newest first; what both have comes once."""
    left, right = await anext(one, None), await anext(other, None)
    while left or right:
        if left == right:
            right = await anext(other, None)
        elif right is None or (left and left > right):
            if left:
                yield left
            left = await anext(one, None)
        else:
            yield right
            right = await anext(other, None)


async def _stored(bus: Bus | None, asked: PassageQuestion) -> AsyncIterator[_Raw]:
    low, high = asked.bounds
    key, first = bus.key(ALARMS) if bus else "", f"({low}"
    while bus is not None and low < high:
        before = f"({high}"
        answer = bus.client.xrevrange(key, before, first, count=PASSAGES_AT_ONCE)
        found = await bus.call(answer)
        for entry_id, fields in found:
            high = StreamId.parse(text(entry_id))
            yield high, fields.get(DATA, b"").decode(errors="replace")
        if len(found) < PASSAGES_AT_ONCE:
            return
        await asyncio.sleep(0)


async def _archived(history: History, asked: PassageQuestion) -> AsyncIterator[_Raw]:
    entries = _in_archive(history, asked)
    while piece := await asyncio.to_thread(lambda: list(islice(entries, PASSAGES_AT_ONCE))):
        for entry in piece:
            yield entry


def _in_archive(history: History, asked: PassageQuestion) -> Iterator[_Raw]:
    """What the archive has, newest first, one day after the other. Blocking."""
    low, high = asked.bounds
    for day in history.days_between(low.ms, high.ms, newest_first=True):
        files = [
            _in_file(history, day.day, file, asked)
            for file in day.of(ALARMS)
            if StreamId.parse(file.first) < high and StreamId.parse(file.last) > low
        ]
        yield from heapq.merge(*files, reverse=True)


def _in_file(
    history: History, day: str, file: ArchiveFile, asked: PassageQuestion
) -> Iterator[_Raw]:
    low, high = asked.bounds
    try:
        path = history.storage.local(day, file)
        table = parquet.read(path, (*tables.TIMED_COLUMNS, "data"), _where(asked))
    except ArchiveError as error:
        history.note_fault(error)
        return
    ids = [entry_id for entry_id, _ in tables.ids_and_times(table.select(tables.TIMED_COLUMNS))]
    wanted = [place for place, entry_id in enumerate(ids) if low < entry_id < high]
    for place in sorted(wanted, key=lambda one: ids[one], reverse=True):
        yield ids[place], table["data"][place].as_py()


def _where(asked: PassageQuestion) -> Any:
    """The filter expression of the rows that may fit: what no entry can have is not unpacked."""
    low, high = asked.bounds
    last_ms = high.ms + 1 if high < _END else None
    where = parquet.between(low.ms, last_ms)
    for needle in asked.needles:
        where &= parquet.contains("data", needle)
    if asked.text.isascii() and _plain(asked.text):
        where &= parquet.contains("data", asked.text, ignore_case=True)
    return where


def _plain(word: str) -> bool:
    """True if a word stands in JSON as it is, whoever wrote that."""
    return json.dumps(word) == f'"{word}"'


def _said(entry: AlarmEntry) -> str:
    why = entry.why.each if entry.why else ()
    words = (entry.alarm, entry.who, entry.reason, *entry.text.each, *why)
    return "\n".join(words).casefold()
