"""Time in which a process could not go on through no fault of its own.

Whoever judges by the clock whether a process is stuck takes this off: a machine with more work than
processors, a process that was stopped, and a store that does not answer make it slow, not stuck.
"""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.common.process import clock

SLOW_S = 2.0
"""A store that is well answers in milliseconds; a reader waits a second for news on purpose."""
LOOP_LATE_S = 0.5
"""A thread that wakes up later than this was kept from it."""
RUN_DELAY_EVERY_S = 0.5
"""A process of 200 factories asks for each of them, and one answer is good for all."""
_THREADS = Path("/proc/self/task")
"""Linux: of each thread nanoseconds on a processor, and ready to run while all were taken."""


class StoreCalls:
    """The questions to the store that are under way in this process; any thread may ask."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._begun: dict[int, float] = {}
        self._slow_at = float("-inf")

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Around what waits for the store."""
        number = self.begin()
        try:
            yield
        finally:
            self.end(number)

    def begin(self) -> int:
        """Something waits for the store until `end` is called with this number."""
        number = next(self._numbers)
        self._begun[number] = clock.monotonic()
        return number

    def end(self, number: int) -> None:
        """It waits no more."""
        began, at = self._begun.pop(number), clock.monotonic()
        if at > began + SLOW_S:
            self._slow_at = at

    def slow_since(self, at: float) -> bool:
        """True if one took too long at `at` or later; the usual end of a wait for news does not."""
        oldest = min(list(self._begun.values()), default=float("inf"))
        return self._slow_at >= at or clock.monotonic() > oldest + SLOW_S


STORE_CALLS = StoreCalls()


class LostTime:
    """Adds it up; `turn` is called by a thread of its own after each pause."""

    def __init__(self, calls: StoreCalls = STORE_CALLS) -> None:
        self._calls = calls
        self._at, self._delay_s = clock.monotonic(), run_delay_s()
        self.total_s = 0.0

    def turn(self, pause_s: float) -> None:
        """A pause of so many seconds is over."""
        at, delay_s = clock.monotonic(), run_delay_s()
        passed_s = at - self._at
        late_s = passed_s - pause_s
        lost_s = max(delay_s - self._delay_s, late_s if late_s > LOOP_LATE_S else 0.0)
        if self._calls.slow_since(self._at):
            lost_s = passed_s
        self._at, self._delay_s = at, delay_s
        self.total_s += min(lost_s, passed_s)


class RunDelay:
    """Adds up how long a thread of this process was kept from a processor; any thread may ask.

    Of each span the thread counts that waited longest: the archive is written by one of its own,
    and while that waits the main thread has nothing to do.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at, self._total_s = clock.monotonic(), 0.0
        self._of_threads = dict(_delays())

    def total_s(self) -> float:
        """Seconds until now, or until half a second ago; 0 where nobody tells."""
        with self._lock:
            at = clock.monotonic()
            if at - self._at >= RUN_DELAY_EVERY_S:
                before, self._of_threads = self._of_threads, dict(_delays())
                waited = (now - before.get(one, 0.0) for one, now in self._of_threads.items())
                self._at, self._total_s = at, self._total_s + max(waited, default=0.0)
            return self._total_s


def _delays() -> Iterator[tuple[str, float]]:
    """Of each thread; one may end meanwhile."""
    with suppress(OSError):
        for thread in _THREADS.iterdir():
            with suppress(OSError, ValueError, IndexError):
                told = (thread / "schedstat").read_text("ascii")
                yield thread.name, int(told.split()[1]) / 1e9


RUN_DELAY = RunDelay()


def run_delay_s() -> float:
    """Seconds in which some thread of the process was ready and got no processor."""
    return RUN_DELAY.total_s()
