"""Keeps one view model true: snapshot, the journal behind it, command events and link health.

One reader per environment, however many browsers look. When the store goes away it says so in the
model, waits and goes on from the last id, so nothing is folded twice and nothing is missed.
"""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from typing import Any

from omf.messages.stream_id import StreamId
from omf.topics import catalogue
from omf.topics.catalogue import EVERYTHING
from services.common.process import clock
from services.common.process.main import end_all
from services.common.sessions import named_ranges, station
from services.common.sessions.named_ranges import Session
from services.common.store import brackets, lease
from services.common.store.bus import Bus, StoreError
from services.common.store.fold_reader import Beginning, nearest_fold, note_link
from services.common.store.keys import JOURNAL, CommandEvent
from services.ui.live.model import Links, ViewModel

PAGE = 500
HISTORY = 1_000
"""Messages from before the snapshot that the message centre starts with."""
RECORDS = 200
EVENTS = 2_000
"""Stages of commands, so that our own messages are known among those of before the start."""
LINK_EVERY_S = 1.0
BUFFERS_EVERY = 5
"""Rounds of the links between two looks at the buffers: sixty questions to the store each."""
RETRY_S = 1.0
GATHER_S = 0.02


CLEARED = "reset:cleared"


async def clear_reset(bus: Bus, at: float) -> None:
    """Remember for everybody that what the factory reset `at` (Unix s) left behind is put away."""
    await bus.call(bus.client.set(bus.key(CLEARED), repr(at)))


class StoreEmptiedError(Exception):
    """What was read is gone; all is to be read anew."""


class LiveReader:
    """The only writer of one view model."""

    def __init__(self, bus: Bus, model: ViewModel, beat: Callable[[], None]) -> None:
        """`beat` is called at every round: a reader that stands still must be noticed."""
        self._bus = bus
        self._beat = beat
        self._model = model
        model.times = bus.times
        self._journal_id: str | None = None
        self._event_id = "0-0"
        self._beginning = Beginning()

    async def run(self) -> None:
        """Read for ever; a store that is away is waited for."""
        while True:
            self._beat()
            try:
                await self._session()
            except StoreError as error:
                self._model.unreadable(clock.now(), str(error))
            except StoreEmptiedError:
                self._journal_id = None
                self._model.begin_anew()
                continue
            await asyncio.sleep(RETRY_S)

    async def _session(self) -> None:
        await self._bus.ping()
        await self._catch_up()
        self._model.readable(clock.now())
        await _first_failure(self._follow_journal(), self._follow_events(), self._watch_links())

    async def _catch_up(self) -> None:
        if self._journal_id is None:
            self._journal_id = await self._from_snapshot()
            newest = await self._bus.newest_models("events", CommandEvent, 1)
            self._event_id = newest[-1][0] if newest else "0-0"
            self._model.load(await self._bus.records(RECORDS))
            told = await self._bus.newest_models("events", CommandEvent, EVENTS)
            self._model.commands.publishes.load(event for _, event in told)
        while batch := await self._bus.messages(JOURNAL, after=self._journal_id, count=PAGE):
            self._model.receive(batch)
            self._journal_id = batch[-1].id
            self._beat()
            await asyncio.sleep(0)
        self._model.caught_up = True

    async def _from_snapshot(self) -> str:
        """Begin at the newest snapshot; the id behind which the journal has to be read."""
        journal_id, self._model.factory = await nearest_fold(self._bus)
        for message in await self._bus.newest(JOURNAL, HISTORY):
            if StreamId.parse(message.id) <= StreamId.parse(journal_id):
                self._model.journal.add(message)
        return journal_id

    async def _follow_journal(self) -> None:
        async for batch in self._bus.follow(JOURNAL, self._journal_id or "0-0"):
            self._beat()
            self._model.receive(batch)
            self._journal_id = batch[-1].id if batch else self._journal_id
            # A flood is taken in handfuls: asking for each message costs more than reading it.
            await asyncio.sleep(GATHER_S)

    async def _follow_events(self) -> None:
        async for batch in self._bus.follow_models("events", CommandEvent, self._event_id):
            # All are heard before anything is asked: what was sent is back within milliseconds, and
            # its message is told as ours only by an event that was heard before it.
            unknown = [event.command_id for _, event in batch if not self._model.hear(event)]
            for command_id in dict.fromkeys(unknown):
                await self._learn(command_id)
            self._event_id = batch[-1][0] if batch else self._event_id

    async def _learn(self, command_id: str) -> None:
        """A command asked elsewhere: its record holds what its events do not say."""
        if record := await self._bus.record(command_id):
            self._model.load([record])
            self._model.changed()

    async def _watch_links(self) -> None:
        for turn in itertools.count():
            ingest, gateway = await self._bus.link("ingest"), await self._bus.link("gateway")
            if self._beginning.changed(ingest):
                raise StoreEmptiedError
            self._model.links = Links(ingest, gateway)
            note_link(self._model.factory, ingest)
            self._model.lease = await lease.read(self._bus)
            await self._look_at_brackets()
            self._model.station = await station.status(self._bus)
            self._model.mirrored = await self._mirrored()
            self._model.reset_cleared = await self._cleared()
            if turn % BUFFERS_EVERY == 0:
                self._model.sessions = await self._sessions()
                self._model.buffers = await self._bus.buffers(catalogue.filters(EVERYTHING))
            await asyncio.sleep(LINK_EVERY_S)

    async def _mirrored(self) -> int | None:
        found = await self._bus.call(self._bus.client.get(self._bus.key("ingest:class")))
        return int(found) if found and found.isdigit() else None

    async def _cleared(self) -> float:
        found = await self._bus.call(self._bus.client.get(self._bus.key(CLEARED)))
        return float(found) if found else 0.0

    async def _sessions(self) -> list[tuple[Session, str]]:
        found = await named_ranges.every(self._bus)
        return [(one, await named_ranges.kept(self._bus, one)) for one in found]

    async def _look_at_brackets(self) -> None:
        if (found := await brackets.every(self._bus)) != self._model.brackets:
            self._model.brackets = found
            self._model.changed()


async def _first_failure(*loops: Coroutine[Any, Any, None]) -> None:
    """Run endless loops until one fails, and raise what it raised; none is left behind.

    No TaskGroup: it hands a cancellation down once, and a driver that is just connecting swallows
    the first one, so the group would wait for ever.
    """
    tasks = {asyncio.create_task(loop) for loop in loops}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await asyncio.shield(end_all(tasks))
