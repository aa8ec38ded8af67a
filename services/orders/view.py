"""The factory as the journal tells it, folded once, as it comes, from the last snapshot on."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence

from omf.messages.message import Message
from omf.state import FactoryState
from services.common.process import clock
from services.common.process.health import Health
from services.common.store.bus import READ_COUNT, Bus, StoreError
from services.common.store.fold_reader import note_link
from services.common.store.journal import BEGINNING
from services.common.store.keys import JOURNAL, LinkHealth
from services.common.store.store_clock import StoreClock
from services.orders.decision import View

SNAPSHOT_EVERY_S = 30.0
SNAPSHOT_EVERY_MESSAGES = 5000
RETRY_S = 1.0

_log = logging.getLogger(__name__)


class JournalView:
    """The fold, how far it has come, and since when it knows that this is the end.

    Used in the event loop of orders: `follow` alone folds, in the order of the journal, and hands
    each batch on before it reads the next; `now` and `past` by whoever decides. `follow` waits for
    a store that is away; all else raises StoreError. After a crash `open` goes on from the newest
    snapshot.
    """

    def __init__(self, bus: Bus, health: Health, store_clock: StoreClock) -> None:
        self.state = FactoryState()
        self.journal_id = BEGINNING
        self._bus = bus
        self._clock = store_clock
        self._health = health
        self._at_end = clock.monotonic()
        self._saved = (clock.monotonic(), 0)
        self._anew = False

    def begin_anew(self) -> None:
        """The store was emptied: forget, and fold what it holds by now."""
        self._anew = True

    async def open(self) -> None:
        """Take the newest snapshot and fold what came after it."""
        if found := await self._bus.snapshot():
            self._restore(*found)
        async for batch in self.past(self.journal_id):
            self._fold(batch)

    async def past(self, after: str) -> AsyncIterator[list[Message]]:
        """Batches of what the journal holds behind `after` by now."""
        while batch := await self._bus.messages(JOURNAL, after=after):
            after = batch[-1].id
            yield batch
            self._health.beat("fold")

    async def follow(self, seen: Callable[[Sequence[Message]], None]) -> None:
        """Fold for ever; `seen` gets each batch right after it was folded."""
        while True:
            try:
                if self._anew:
                    self.state, self.journal_id, self._anew = FactoryState(), BEGINNING, False
                    self._saved = (clock.monotonic(), 0)
                    await self.open()
                async for batch in self._bus.follow(JOURNAL, self.journal_id):
                    if self._anew:
                        break
                    self._fold(batch)
                    seen(batch)
                    self._health.beat("fold")
            except StoreError as error:
                _log.warning("the fold waits for the store: %s", error)
                self._health.beat("fold")
                await asyncio.sleep(RETRY_S)

    def now(self, link: LinkHealth | None) -> View:
        """What is known at this moment, given the reading side's own word."""
        now = self._clock.now()
        note_link(self.state, link)
        return View(
            environment=self._bus.environment,
            state=self.state,
            now=now,
            journal_id=self.journal_id,
            link=link,
            folded_at=now - (clock.monotonic() - self._at_end),
        )

    async def save(self) -> None:
        """Keep the fold when enough has happened since the last time."""
        at, total = self._saved
        new = self.state.total - total
        due = new >= SNAPSHOT_EVERY_MESSAGES or clock.monotonic() - at >= SNAPSHOT_EVERY_S
        if new and due:
            self._saved = (clock.monotonic(), self.state.total)
            await self._bus.save_snapshot(self.journal_id, self.state.snapshot())

    def _fold(self, batch: Sequence[Message]) -> None:
        for message in batch:
            self.state.apply(message, message.received_at)
        if batch:
            self.journal_id = batch[-1].id
        if len(batch) < READ_COUNT:
            self._at_end = clock.monotonic()

    def _restore(self, journal_id: str, data: dict[str, object]) -> None:
        try:
            self.state = FactoryState.restore(data)
        except ValueError as error:
            _log.warning("the snapshot %s is of another version: %s", journal_id, error)
            return
        self.journal_id = journal_id
        self._saved = (clock.monotonic(), self.state.total)
