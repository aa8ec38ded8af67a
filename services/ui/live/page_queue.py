"""Who gets a page next: pages are built one at a time, and everybody's news go in between.

A page takes up to a tenth of a second of the one loop that all sockets live on. After a restart
everybody asks in the same second: built in one go, the answers of all sockets are read so late that
they are taken for dead, their browsers ask for pages anew, and it never ends.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nicegui import Client

from services.common.process import clock
from services.ui.live.screen import Screens

MAX_UNCONNECTED = 40
"""Pages built for browsers that have not connected yet: nobody may look at any of them."""
MAX_PAGES = 220
"""200 guests, as many as a process was seen to serve (docs/measured.md, "Pages"), and KEPT_FREE."""
MAX_KEPT = 500
"""With those whose browser left seconds ago and may come back."""
KEPT_FREE = 20
"""Of each, for people who are signed in: a crowd of guests must not shut them out."""
MAX_QUEUED = 300
"""Requests that wait to be let in; one costs some ten kilobytes."""
QUEUED_S = 15.0
"""Who waited so long is turned away, and asks again by itself."""
ABANDONED_S = 20.0
"""A page whose browser has not connected by then gives way to who waits."""
ROUNDS = 20
"""Of the loop, for everybody else between two pages; a loop that is idle takes no time for them."""
ROOM_LOOK_S = 0.05

Turn = asyncio.Future[None]


class PageQueue:
    """First come, first served; people who are signed in before guests.

    All is called in the loop of the pages.
    """

    def __init__(self, screens: Screens) -> None:
        """`screens` are those that are served already."""
        self._screens = screens
        self._people: deque[Turn] = deque()
        self._guests: deque[Turn] = deque()
        self._queued: set[str] = set()
        """Clients of pages that are not built yet."""
        self._building = False
        self._timer: asyncio.TimerHandle | None = None

    def full(self, *, known: bool) -> bool:
        """True where waiting is of no use: so many look, or wait, already."""
        free = 0 if known else KEPT_FREE
        looking, kept = len(self._screens), len(Client.instances) - len(self._queued)
        queued = len(self._queued) >= MAX_QUEUED - free
        return queued or looking >= MAX_PAGES - free or kept >= MAX_KEPT - free

    @asynccontextmanager
    async def turn(self, client: Client, *, known: bool) -> AsyncIterator[bool]:
        """True: the page may be built inside, alone; False where the turn did not come in time."""
        self._queued.add(client.id)
        try:
            let_in = await self._wait(self._people if known else self._guests)
        finally:
            self._queued.discard(client.id)
        try:
            yield let_in
        finally:
            if let_in:
                self._pass_round(ROUNDS)

    async def _wait(self, queue: deque[Turn]) -> bool:
        turn: Turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        self._next()
        try:
            await asyncio.wait((turn,), timeout=QUEUED_S)
        except asyncio.CancelledError:
            if turn.done():
                self._pass_round(ROUNDS)
            else:
                queue.remove(turn)
            raise
        if not turn.done():
            queue.remove(turn)
        return turn.done()

    def _pass_round(self, left: int) -> None:
        if left:
            asyncio.get_running_loop().call_soon(self._pass_round, left - 1)
            return
        self._building = False
        self._next()

    def _next(self) -> None:
        if self._building or not (self._people or self._guests):
            return
        free = MAX_UNCONNECTED - self._unconnected()
        for queue, needed in ((self._people, 1), (self._guests, 1 + KEPT_FREE)):
            if queue and free >= needed:
                self._building = True
                queue.popleft().set_result(None)
                return
        self._screens.give_up(clock.monotonic() - ABANDONED_S)
        if self._timer is None:
            # Room comes when a browser connects or leaves, or a page is given up.
            self._timer = asyncio.get_running_loop().call_later(ROOM_LOOK_S, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        self._next()

    def _unconnected(self) -> int:
        built = [one for one in Client.instances if one not in self._queued]
        return sum(not self._screens.ever_connected(one) for one in built)
