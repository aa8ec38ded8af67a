"""Keeps the state of one environment true: snapshot, the journal behind it, and what comes."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from omf.messages.message import Message
from omf.state import FactoryState
from services.common.process import clock
from services.common.store.bus import Bus, StoreError
from services.common.store.fold_reader import Beginning, nearest_fold, note_link
from services.common.store.journal import BEGINNING
from services.common.store.keys import JOURNAL

PAGE = 500
RETRY_S = 1.0
LOOK_S = 1.0

_log = logging.getLogger(__name__)


class StateReader:
    """The fold behind `GET /api/v1/state`; a store that is away is waited for."""

    def __init__(self, bus: Bus, beat: Callable[[], None]) -> None:
        """`beat` is called at every round: a reader that stands still must be noticed."""
        self.state = FactoryState()
        self.current = False
        """The journal was read to its end, and the store is there."""
        self._bus = bus
        self._beat = beat
        self._journal_id: str | None = None
        self._beginning = Beginning()
        self._looked = 0.0

    async def run(self) -> None:
        """Read for ever."""
        while True:
            self._beat()
            try:
                await self._session()
            except StoreError as error:
                self.current = False
                _log.warning("the fold waits for the store: %s", error)
            await asyncio.sleep(RETRY_S)

    async def _session(self) -> None:
        if self._journal_id is None:
            self._journal_id, self.state = await nearest_fold(self._bus)
        while batch := await self._bus.messages(JOURNAL, after=self._journal_id, count=PAGE):
            self._fold(batch)
            await asyncio.sleep(0)
        self.current = True
        async for batch in self._bus.follow(JOURNAL, self._journal_id or BEGINNING):
            self._fold(batch)
            if await self._emptied():
                self._journal_id, self.current = None, False
                return

    async def _emptied(self) -> bool:
        """Asked once a second: the store was emptied, and all is to be read anew.

        What ingest says of its link is taken over with it.
        """
        if clock.monotonic() < self._looked + LOOK_S:
            return False
        self._looked = clock.monotonic()
        link = await self._bus.link("ingest")
        note_link(self.state, link)
        return self._beginning.changed(link)

    def _fold(self, batch: Sequence[Message]) -> None:
        self._beat()
        for message in batch:
            self.state.apply(message, message.received_at)
        if batch:
            self._journal_id = batch[-1].id
