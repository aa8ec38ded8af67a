"""Plays the past: takes the model of one page forward, message by message, at a chosen pace."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from omf.messages.message import Message
from services.common.process import clock
from services.common.store.keys import CommandRecord
from services.history.moments import NothingKnownError
from services.ui.live.message_history import Pause
from services.ui.live.model import ViewModel
from services.ui.live.past_reader import PastSource, PastUnreadableError

PACES = (0.1, 0.5, 1.0, 2.0, 10.0, 100.0, 1000.0)
TICK_S = 0.1
READ_AHEAD_S = 6.0
"""So many seconds of playing are read beforehand."""
MIN_AHEAD_S = 30.0
PIECE = 3_000
"""Messages read at once."""


class PastPlayer:
    """Owns its model: nobody else shows it. All is called in the loop of the pages."""

    def __init__(
        self, source: PastSource, model: ViewModel, present: Callable[[], float], pace: float
    ) -> None:
        """`present` is now as the factory has it: there is nothing to play behind it."""
        self.pace = pace
        self.playing = False
        self._wanted = True
        """What the person wants, also while the browser is away."""
        self.fault = ""
        """Why it stands, if it could not go on."""
        self._source = source
        self._model = model
        self._present = present
        self._waiting: deque[Message] = deque()
        self._commands: Sequence[CommandRecord] = ()
        self._known = model.past or 0.0
        """Everything up to here is in `_waiting`."""
        self._read_id = model.through
        self._reading: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None

    def play(self) -> None:
        """Go on from where the model stands."""
        self.playing, self._wanted, self.fault = True, True, ""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="play the past")
        self._model.changed()

    def pause(self) -> None:
        """Stand still at the moment reached."""
        self.playing = self._wanted = False
        self._model.changed()

    def connected(self) -> None:
        """The browser is there, for the first time or again."""
        if self._wanted:
            self.play()

    def disconnected(self) -> None:
        """The browser is away: nobody looks, and it goes on from here."""
        self.playing = False

    def close(self) -> None:
        """The page is gone."""
        self.playing = False
        for task in (self._task, self._reading):
            if task is not None:
                task.cancel()

    async def _run(self) -> None:
        last = clock.monotonic()
        while self.playing:
            await asyncio.sleep(TICK_S)
            if not self.playing:
                return
            now = clock.monotonic()
            passed, last = now - last, now
            at = self._model.past or 0.0
            wanted = min(at + passed * self.pace, self._present())
            self._read_ahead(wanted)
            await self._go_to(min(wanted, self._known))
            if self.fault or wanted >= self._present():
                self.pause()

    def _read_ahead(self, wanted: float) -> None:
        """Keep some seconds of playing at hand; one question at a time."""
        ahead = max(MIN_AHEAD_S, self.pace * READ_AHEAD_S)
        if self._known - wanted > ahead / 2 or self._known >= self._present():
            return
        if self._reading is None or self._reading.done():
            until = min(max(self._known, wanted) + ahead, self._present())
            self._reading = asyncio.create_task(self._read(until), name="read the past")

    async def _read(self, until: float) -> None:
        try:
            found, commands = await self._source.following(
                self._model.environment, self._read_id, until, PIECE
            )
        except (NothingKnownError, PastUnreadableError) as error:
            self.fault = str(error)
            return
        self._waiting.extend(found)
        self._commands = commands
        if found:
            self._read_id = found[-1].id
        # A full piece ends somewhere before; what was asked for reaches to its end otherwise.
        self._known = found[-1].received_at if len(found) == PIECE else until

    async def _go_to(self, at: float) -> None:
        """Fold what came until then, in slices: the pages of others go first."""
        model, pause, before = self._model, Pause(), self._model.past or 0.0
        if at <= before:
            return
        reached = before
        while self._waiting and self._waiting[0].received_at <= at:
            message = self._waiting.popleft()
            model.receive((message,))
            reached = max(reached, message.received_at)
            model.through, model.past = message.id, reached
            await pause()
            if not self.playing:
                at = reached
        self._tell_commands(before, at)
        model.past = at
        model.changed()

    def _tell_commands(self, before: float, at: float) -> None:
        """Commands asked for, and stages reached, since the last picture."""
        dated = self._model.dated
        for record in self._commands:
            stamps = [record.command.created_at, *(event.at for event in record.events)]
            if not any(before < dated(stamp) <= at for stamp in stamps):
                continue
            reached = tuple(event for event in record.events if dated(event.at) <= at)
            self._model.load([CommandRecord(command=record.command, events=reached)])
