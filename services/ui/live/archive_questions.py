"""Questions of pages to the archive: a few at a time, never in the way of the pages."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar
from weakref import WeakKeyDictionary

from services.common.process import clock
from services.history.message_search import MessageSearch
from services.history.questions import ReadSoFar
from services.history.reader import History
from services.history.rows import ArchivedMessage
from services.ui.live.screen import Screen

QUESTIONS_OF_PAGES = 2
"""At once; each takes a process with its own memory beside the one of the pages."""
_asking: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
PIECE_S = 0.15
PIECE_ROWS = 100
T = TypeVar("T")
Found = list[ArchivedMessage | ReadSoFar]


def history_of(screen: Screen) -> History:
    """The archive of the factory of a page; it need not exist."""
    return History(screen.settings.archive_of(screen.environment))


def _seat() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    return _asking.setdefault(loop, asyncio.Semaphore(QUESTIONS_OF_PAGES))


async def answer(work: Callable[[], T]) -> T:
    """The result of work that asks the archive; as it raises."""
    async with _seat():
        return await asyncio.to_thread(work)


async def found_by(search: MessageSearch) -> AsyncIterator[Found]:
    """What a search finds, piece by piece; the first one is empty and says that it has begun."""
    async with _seat():
        yield []
        lines = search.lines()
        try:
            while piece := await asyncio.to_thread(_piece, lines):
                yield piece
        finally:
            search.stop()


def _piece(lines: Iterator[ArchivedMessage | ReadSoFar]) -> Found:
    found: Found = []
    until = clock.monotonic() + PIECE_S
    for line in lines:
        found.append(line)
        if clock.monotonic() > until or len(found) >= PIECE_ROWS:
            break
    return found
