"""One look's search: what is at hand first, then the store, newest first, each message asked once.

The figures only rise while somebody looks: what leaves memory or the list stays counted. No message
is kept here, so a search through a day of traffic takes no more room than one through a minute.
"""

from collections.abc import AsyncIterator, Iterator
from itertools import takewhile
from typing import Literal

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import JOURNAL
from services.ui.live import message_history
from services.ui.live.message_filter import MessageFilter
from services.ui.live.message_history import Pause
from services.ui.live.model import ViewModel

AT_HAND_S = 0.05
"""The first rows are worth a moment: they are painted with the page."""
Stage = Literal["running", "stopped", "away", "done"]


class Search:
    """Looks further back with each step of `pieces`, until it is stopped or nothing is left."""

    def __init__(self, model: ViewModel, bus: Bus | None, selection: MessageFilter) -> None:
        """`model` has the newest messages at hand, and knows what this dashboard sent itself.

        Without a bus, in the past, nothing is searched beyond them.
        """
        kept = model.journal
        self.selection = selection
        self.found = 0
        """Messages of the look among all that was looked through."""
        self.stage: Stage = "running"
        self.missed = False
        """Messages came and left memory unseen, or those of another session came: only a search
        begun anew counts them."""
        self._model, self._session = model, model.factory.session
        self.back_to: float | None = None
        """Arrival of the oldest message looked through; None while there was none."""
        self._kept, self._bus, self._own = kept, bus, model.commands.publishes
        self._seen = kept.total
        self._turn = 0
        """Rises with each call of `pieces`: one that was stopped ends when the next has begun."""
        self._counted = (0, 0)
        """Up to here messages are counted already, by their place in time."""
        self._at_hand = iter(list(kept.newest()))
        oldest = kept.oldest
        self.before = message_history.beginning(bus, selection, oldest.id if oldest else None)
        """The id before which the store is still to be searched."""

    def takes(self, message: Message) -> bool:
        """True if the message is one of the look."""
        return self.selection.takes(message, self._own.of)

    def take(self) -> list[Message]:
        """What came since the last call and is of the look, newest first."""
        unseen = self._kept.first > self._seen or self._model.factory.session != self._session
        self.missed = self.missed or unseen
        fresh, self._seen = self._kept.total - self._seen, self._kept.total
        found = [m for m in self._kept.newest(fresh) if self.takes(m)]
        self.found += sum(StreamId.parse(m.id) > self._counted for m in found)
        return found

    def at_hand(self, wanted: int) -> list[Message]:
        """The newest messages of the look in memory, in a moment's work; `pieces` goes on there."""
        found: list[Message] = []
        pause = Pause(AT_HAND_S)
        for message in self._not_too_old(self._at_hand):
            self._look_at(message, found)
            if len(found) >= wanted or pause.due:
                break
        return found

    async def pieces(self) -> AsyncIterator[list[Message]]:
        """What each piece of the search finds, newest first; StoreError if the store is away.

        To be called again to go on after a stop or after the store was away.
        """
        self.stage = "running"
        self._turn += 1
        pause = Pause()
        found: list[Message] = []
        for message in self._not_too_old(self._at_hand):
            self._look_at(message, found)
            if pause.due:
                yield found
                found = []
                await pause()
        yield found
        if self._bus is None:
            self.stage = "done"
            return
        if self.selection.widest and self._bus.times is None:
            await self._count(self._bus)
            return
        async for piece in self._stored(self._bus, pause, self._turn):
            yield piece

    async def _stored(self, bus: Bus, pause: Pause, turn: int) -> AsyncIterator[list[Message]]:
        found: list[Message] = []
        try:
            async for message in message_history.backwards(bus, self.selection, self.before):
                if self.stage != "running" or turn != self._turn:
                    yield found
                    return
                self._look_at(message, found)
                self.before = message.id
                if pause.due:
                    yield found
                    found = []
                    await pause()
        except StoreError:
            # What was found so far is counted, so it is listed as well.
            yield found
            raise
        self.stage = "done"
        if self.selection.since is not None:
            self.back_to = self.selection.since
        yield found

    async def _count(self, bus: Bus) -> None:
        """Every message is wanted: the store knows how many there are without being read."""
        [all_of_it] = await bus.buffers([JOURNAL])
        last = all_of_it.last_id
        if last is not None and all_of_it.first_id is not None:
            self._counted = StreamId.parse(last)
            newer = takewhile(lambda m: StreamId.parse(m.id) > self._counted, self._kept.newest())
            self.found = all_of_it.length + sum(1 for _ in newer)
            self.back_to = StreamId.parse(all_of_it.first_id).seconds
        self.stage = "done"

    def stop(self) -> None:
        """Look no further back for the time being."""
        self.stage = "stopped"

    def _look_at(self, message: Message, found: list[Message]) -> None:
        self.back_to = message.received_at
        if self.takes(message):
            self.found += 1
            found.append(message)

    def _not_too_old(self, messages: Iterator[Message]) -> Iterator[Message]:
        """What is at hand, up to the beginning of the look; the store is not asked behind it."""
        since = self.selection.since
        if since is None:
            return messages
        return takewhile(lambda m: m.received_at >= since, messages)
