"""The factory's state as the journal tells it: at a moment, or kept true for whoever follows it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from omf.messages.message import Message
from omf.state import FactoryState
from omf.state.links import LinkLoss
from services.common.process import clock, timer_slots
from services.common.process.main import STORE_RETRY_S, end_all
from services.common.store import alarm_lives
from services.common.store.alarm_lives import AlarmLives
from services.common.store.bus import READ_COUNT, Bus, StoreError
from services.common.store.journal import BEGINNING, last_id, stretch
from services.common.store.keys import JOURNAL, LinkHealth
from services.common.store.site_settings import KnownSite

LINK_LOOK_S = 1.0
"""Between two questions whether the store was emptied, and what the broker refuses."""

_log = logging.getLogger(__name__)


class StoreEmptiedError(Exception):
    """What was folded is gone; all is to be read anew."""


class FoldReader:
    """Keeps `state` true: the newest snapshot, the journal behind it, and what comes.

    Used in one event loop: `run` alone folds, in the order of the journal. When the store goes
    away it waits and goes on from the last id, so nothing is folded twice and nothing is missed;
    when the store was emptied it begins anew with what is there. `open` and `past` raise
    StoreError. Who has more to do than to fold overrides `fold`, the `on_...` and `loops`.
    """

    gather_s = 0.0
    """Waited after each batch: in a flood many messages are then taken at once."""

    def __init__(self, bus: Bus, beat: Callable[[], None]) -> None:
        """`beat` is called at every round: a reader that stands still must be noticed."""
        self.state = FactoryState()
        self.journal_id = BEGINNING
        self.current = False
        """The journal was read to its end, and the store is there."""
        self._bus = bus
        self._beat = beat
        self._alarm_lives = AlarmLives(bus)
        self._site = KnownSite(bus)
        self._opened = False
        self._born: float | None = None

    async def run(self) -> None:
        """Read for ever."""
        while True:
            self._beat()
            try:
                await self._read()
            except StoreError as error:
                self.current = False
                self.on_away(error)
            except StoreEmptiedError:
                self._opened = self.current = False
                continue
            await asyncio.sleep(STORE_RETRY_S)

    async def _read(self) -> None:
        await self.open()
        self.current = True
        self.on_current()
        await _first_failure(self._follow(), self._watch(), *self.loops())

    async def open(self) -> None:
        """Fold what the journal holds by now; the first time behind the newest snapshot."""
        if not self._opened:
            self.journal_id, self.state = await nearest_fold(self._bus)
            await self._alarm_lives.note_rules(self.state)
            await self._site.note(self.state)
            await self.on_opened()
            self._opened = True
        async for batch in self.past(self.journal_id):
            self.fold(batch)

    async def past(self, after: str) -> AsyncIterator[list[Message]]:
        """Batches of what the journal holds behind the id `after` by now."""
        while batch := await self._bus.messages(JOURNAL, after=after, count=READ_COUNT):
            after = batch[-1].id
            yield batch
            self._beat()

    async def _follow(self) -> None:
        async for batch in self._bus.follow(JOURNAL, self.journal_id):
            self._beat()
            self.fold(batch)
            if self.gather_s:
                await asyncio.sleep(self.gather_s)

    async def _watch(self) -> None:
        while True:
            began = clock.monotonic()
            link = await self._bus.link("ingest")
            if self._emptied(link):
                raise StoreEmptiedError
            note_link(self.state, link, await self._bus.time())
            await self._site.note(self.state)
            await self.on_link(link)
            await timer_slots.pause(LINK_LOOK_S, began)

    def _emptied(self, link: LinkHealth | None) -> bool:
        """True once after the store was emptied; told nothing of it, nothing has changed."""
        if link is None or link.born is None:
            return False
        before, self._born = self._born, link.born
        return before is not None and before != link.born

    def fold(self, batch: Sequence[Message]) -> None:
        """Take a batch into the state; an empty one says each second that none came."""
        for message in batch:
            self.state.apply(message, message.received_at)
        if batch:
            self.journal_id = batch[-1].id

    async def on_opened(self) -> None:
        """The state is that of the newest snapshot, or empty: all else begins anew too."""

    def on_current(self) -> None:
        """All that was in the journal is folded; from now on it is followed."""

    async def on_link(self, link: LinkHealth | None) -> None:
        """What ingest told of itself, once a second."""

    def on_away(self, error: StoreError) -> None:
        """The store does not answer; it is asked again every second."""
        _log.warning("the fold waits for the store: %s", error)

    def on_alarms(self, passed: Sequence[Message]) -> None:
        """What became of the alarms, as messages; some of before the start among the first."""

    def loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """What is to run beside the journal while the store is there, without an end."""
        return (self._follow_alarms(), self._follow_handovers())

    async def hear_alarms(self) -> None:
        """Know now how the alarms are; else it is known once a second, and with each passage."""
        await self._alarm_lives.note(self.state)

    async def _follow_alarms(self) -> None:
        async for passed in alarm_lives.passages(self._bus):
            await self.hear_alarms()
            self.on_alarms(passed)

    async def _follow_handovers(self) -> None:
        async for signed in alarm_lives.signatures(self._bus):
            if signed:
                await self.hear_alarms()
            self.on_alarms(signed)


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


async def nearest_fold(bus: Bus, until: str = "+") -> tuple[str, FactoryState]:
    """The newest snapshot up to the id `until`, after that id; else the beginning, nothing known.

    A snapshot of another version of the fold is of no use: then all is folded anew.
    """
    if found := await bus.snapshot(until):
        try:
            return found[0], FactoryState.restore(found[1])
        except ValueError as error:
            _log.info("the snapshot %s is of another version: %s", found[0], error)
    return BEGINNING, FactoryState()


def note_link(state: FactoryState, link: LinkHealth | None, now: float | None = None) -> None:
    """Tell the state by ingest's own word what the broker refuses, and whether it is heard at all.

    Messages do not say it. `now` is the store's time, without which nobody is silent; where ingest
    never was, nothing is known.
    """
    refused = link.refused_filters if link is not None and link.connected else ()
    state.note_refused(refused, link.since if link is not None else None)
    state.note_link(None if link is None else _loss(link, now))


def _loss(link: LinkHealth, now: float | None) -> LinkLoss | None:
    if now is not None and link.silent(now):
        return LinkLoss("ingest", link.message_now(link.at))
    return None if link.connected else LinkLoss("broker", link.message_now(link.since))


async def state_until(bus: Bus, until: str = "") -> FactoryState:
    """The fold of all messages up to the id `until`, or up to now."""
    last = until or await last_id(bus)
    after, state = await nearest_fold(bus, last)
    lives = AlarmLives(bus)
    await lives.note_rules(state)
    await KnownSite(bus).note(state)
    async for message in stretch(bus, after=after, until=last):
        state.apply(message, message.received_at)
    if not until:
        note_link(state, await bus.link("ingest"), await bus.time())
        await lives.note(state)
    return state
