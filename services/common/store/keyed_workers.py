"""Work in lanes: within one the order stands, side by side they do not wait for each other."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class KeyedWorkers(Generic[T]):
    """Runs `work` for each item put in; one task per lane that has something to do.

    `work` must not raise: a failure is the caller's to record.
    """

    def __init__(self, work: Callable[[T], Awaitable[None]], limit: int) -> None:
        """`limit` items may be in hand before `room` makes the caller wait."""
        self.limit = limit
        self._work = work
        self._in_hand: set[str] = set()
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

    def put(self, lane: str, key: str, item: T) -> None:
        """Take an item unless its key is in hand already."""
        if key in self._in_hand:
            return
        self._in_hand.add(key)
        if lane in self._lanes:
            self._lanes[lane].append((key, item))
            return
        self._lanes[lane] = deque([(key, item)])
        task = asyncio.create_task(self._run(lane), name=f"lane:{lane}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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

    async def _run(self, lane: str) -> None:
        queue = self._lanes[lane]
        while queue:
            key, item = queue[0]
            await self._work(item)
            queue.popleft()
            self._in_hand.discard(key)
            self._changed.set()
        del self._lanes[lane]
