"""An event loop whose time passes only while nobody has anything to do, and code that waits in it.

Everything that happens in a run happens in this loop, in an order that follows from the seed alone.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest import mock

from greenlet import getcurrent, greenlet

from services.common.process import clock

T = TypeVar("T")
RUN_BEGINS = 1_750_001_000.0
"""Unix seconds at which every run begins."""
UPTIME_S = 1000.0
"""The monotonic clock at that moment: not 0, which some take for never."""


class NothingLeftError(Exception):
    """Everybody waits, and for nothing that time would bring."""


class VirtualLoop(asyncio.BaseEventLoop):
    """The loop of asyncio without sockets: instead of waiting it sets its clock forward."""

    def __init__(self) -> None:
        super().__init__()
        self._at = 0.0
        # Where asyncio's own loop asks the kernel, time passes.
        self._selector = SimpleNamespace(select=self._pass)

    def time(self) -> float:
        """Seconds since the run began."""
        return self._at

    def _pass(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise NothingLeftError
        self._at += timeout
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        """Nothing comes from outside."""

    def _write_to_self(self) -> None:
        """The loop never sleeps, so nobody has to wake it."""


class HostClock:
    """The clock of the one host all of it runs on; somebody may set it."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.set_by_s = 0.0

    def now(self) -> float:
        """Unix seconds as the host and the store tell them."""
        return RUN_BEGINS + self._loop.time() + self.set_by_s

    def monotonic(self) -> float:
        """Seconds that only rise."""
        return UPTIME_S + self._loop.time()

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Everybody who asks for the time in here is told this one."""
        with (
            mock.patch.object(clock, "now", self.now),
            mock.patch.object(clock, "monotonic", self.monotonic),
            mock.patch.object(time, "time", self.now),
        ):
            yield


def waited(awaitable: Awaitable[T]) -> T:
    """Wait inside code that knows no `await`; only within `blocking`."""
    answer: T = getcurrent().parent.switch(awaitable)
    return answer


async def blocking(call: Callable[[], None]) -> None:
    """Run code that blocks, as a thread would; what it waits for (`waited`) passes in this loop."""
    worker = greenlet(call)
    worker.gr_context = copy_context()
    asked = worker.switch()
    while not worker.dead:
        try:
            answer = await asked
        except BaseException as error:  # noqa: BLE001 - whoever waits is told, as in a thread
            asked = worker.throw(error)
        else:
            asked = worker.switch(answer)


class VirtualEvent:
    """`threading.Event` for code that runs in `blocking`."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def is_set(self) -> bool:
        """As that of threading."""
        return self._event.is_set()

    def set(self) -> None:
        """As that of threading."""
        self._event.set()

    def clear(self) -> None:
        """As that of threading."""
        self._event.clear()

    def wait(self, timeout: float | None = None) -> bool:
        """As that of threading, in virtual time."""
        return waited(self._waited(timeout))

    async def _waited(self, timeout_s: float | None) -> bool:
        try:
            await asyncio.wait_for(self._event.wait(), timeout_s)
        except TimeoutError:
            return False
        return True
