"""An event loop whose time passes only while nobody has anything to do, and code that waits in it.

Everything that happens in a run happens in this loop, in an order that follows from the seed alone.
"""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import Context, copy_context
from heapq import heappop, heappush
from typing import Any, TypeVar
from unittest import mock

from greenlet import getcurrent, greenlet

from services.common.process import clock

T = TypeVar("T")
RUN_BEGINS = 1_750_001_000.0
"""Unix seconds at which every run begins."""
UPTIME_S = 1000.0
"""The monotonic clock at that moment: not 0, which some take for never."""


_NOBODYS = Context()
"""Of no process: what runs in it happens also while one is frozen."""


class NothingLeftError(Exception):
    """Everybody waits, and for nothing that time would bring."""


class Step:
    """What the loop does next, or once its time is come: a handle of asyncio, and no more."""

    __slots__ = ("args", "callback", "context", "over")

    def __init__(
        self, callback: Callable[..., object], args: tuple[Any, ...], context: Context | None
    ) -> None:
        self.callback, self.args = callback, args
        self.context = copy_context() if context is None else context
        self.over = False

    def cancel(self) -> None:
        """It is not done."""
        self.over = True

    def cancelled(self) -> bool:
        """As of asyncio."""
        return self.over


class VirtualLoop(asyncio.BaseEventLoop):
    """The loop of asyncio without sockets: instead of waiting it sets its clock forward.

    Its steps are its own: that of asyncio asks the kernel at each, and compares timers in Python.
    """

    def __init__(self) -> None:
        super().__init__()
        self._at = 0.0
        self._timers: list[tuple[float, int, Step]] = []
        self._numbers = itertools.count()
        """Of two timers of one moment the one set first comes first."""
        self._ready: deque[Any]
        self.holds: Callable[[Step], bool] | None = None
        """Keeps a step of a frozen process for later; None while none is frozen."""

    def time(self) -> float:
        """Seconds since the run began."""
        return self._at

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Step:
        """Call it behind all that is to be done now."""
        step = Step(callback, args, context)
        self._ready.append(step)
        return step

    call_soon_threadsafe = call_soon  # type: ignore[assignment]

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> Step:
        """Call it once the time is come."""
        timer = Step(callback, args, context)
        heappush(self._timers, (when, next(self._numbers), timer))
        return timer

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> Step:
        """Call it after so many seconds."""
        return self.call_at(self._at + delay, callback, *args, context=context)

    async def pause(self, for_s: float) -> None:
        """As `asyncio.sleep`, for what is asked at every step."""
        woken: asyncio.Future[None] = asyncio.Future(loop=self)
        timer = self.call_at(self._at + for_s, _wake, woken, context=_NOBODYS)
        try:
            await woken
        finally:
            timer.over = True

    def _run_once(self) -> None:
        """Whatever is due; if nothing is, the clock goes on to what comes next."""
        ready, timers = self._ready, self._timers
        while timers and timers[0][2].over:
            heappop(timers)
        if not ready and not timers:
            raise NothingLeftError
        if not ready:
            self._at = max(self._at, timers[0][0])
        while timers and timers[0][0] <= self._at:
            ready.append(heappop(timers)[2])
        for _ in range(len(ready)):
            step = ready.popleft()
            if not (step.over or (self.holds and self.holds(step))):
                try:
                    step.context.run(step.callback, *step.args)
                except Exception as error:  # noqa: BLE001 - as of asyncio
                    self.call_exception_handler({"message": "a step failed", "exception": error})

    def again(self, steps: Iterable[Step]) -> None:
        """What was held goes on, in its order."""
        self._ready.extend(steps)

    def _process_events(self, event_list: list[Any]) -> None:
        """Nothing comes from outside."""

    def _write_to_self(self) -> None:
        """The loop never sleeps, so nobody has to wake it."""


def _wake(woken: "asyncio.Future[None]") -> None:
    if not woken.done():
        woken.set_result(None)


def running_loop() -> VirtualLoop:
    """That of this run."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop):
        raise TypeError("only within a run")
    return loop


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
