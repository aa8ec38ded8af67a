"""Work in lanes: within one the order stands, side by side they do not wait for each other."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class UnderWay:
    """Counts what is under way, for whoever must wait until nothing is."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Around something that is under way."""
        self._count += 1
        self._none.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._none.set()

    async def empty(self) -> None:
        """Return once nothing is."""
        await self._none.wait()


class KeyedWorkers(Generic[T]):
    """Runs `work` for each item put in; one task per lane that has something to do.

    `work` must not raise: a failure is the caller's to record. Within it `release` lets the next of
    the lane begin, where all that must not be overtaken is done.
    """

    def __init__(self, work: Callable[[T], Awaitable[None]], limit: int) -> None:
        """`limit` items may be in hand before `room` makes the caller wait."""
        self.limit = limit
        self._work = work
        self._in_hand: set[str] = set()
        self._released: set[str] = set()
        self._lanes: dict[str, deque[tuple[str, T]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._in_hand)

    def __contains__(self, key: str) -> bool:
        return key in self._in_hand

    @property
    def full(self) -> bool:
        """True while no more should be put in."""
        return len(self._in_hand) >= self.limit

    def put(
        self, lane: str, key: str, item: T, overtakes: Callable[[T, T], bool] | None = None
    ) -> None:
        """Take an item unless its key is in hand already.

        It goes before those at the end of its lane that it `overtakes`; never before the one that
        is at work.
        """
        if key in self._in_hand:
            return
        self._in_hand.add(key)
        if lane in self._lanes:
            _insert(self._lanes[lane], key, item, overtakes)
            return
        self._lanes[lane] = deque([(key, item)])
        self._start(lane)

    def release(self, lane: str, key: str) -> None:
        """The item at work in a lane lets the next one begin; nothing for any other."""
        queue = self._lanes.get(lane)
        if not queue or queue[0][0] != key:
            return
        queue.popleft()
        self._released.add(key)
        if queue:
            self._start(lane)
        else:
            del self._lanes[lane]

    async def room(self) -> None:
        """Return once an item may be put in."""
        while self.full:
            self._changed.clear()
            await self._changed.wait()

    async def close(self, within_s: float) -> None:
        """Wait for the work at hand, then cancel what is left."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within_s)
        for task in tuple(self._tasks):
            task.cancel()

    def _start(self, lane: str) -> None:
        task = asyncio.create_task(self._run(lane), name=f"lane:{lane}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, lane: str) -> None:
        queue = self._lanes[lane]
        while queue:
            key, item = queue[0]
            await self._work(item)
            self._in_hand.discard(key)
            self._changed.set()
            if key in self._released:
                self._released.discard(key)
                return  # another task goes on with the lane
            queue.popleft()
        del self._lanes[lane]


def _insert(
    queue: deque[tuple[str, T]], key: str, item: T, overtakes: Callable[[T, T], bool] | None
) -> None:
    place = len(queue)
    while overtakes and place > 1 and overtakes(item, queue[place - 1][1]):
        place -= 1
    queue.insert(place, (key, item))
