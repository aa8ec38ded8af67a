"""Time in which a process could not go on through no fault of its own.

Whoever judges by the clock whether a process is stuck takes this off: a machine with more work than
processors, a process that was stopped, and a store that does not answer make it slow, not stuck.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.common.process import clock

SLOW_S = 2.0
"""A store that is well answers in milliseconds; a reader waits a second for news on purpose."""
LOOP_LATE_S = 0.5
"""A thread that wakes up later than this was kept from it."""
_RUN_DELAY = Path("/proc/self/schedstat")
"""Linux: nanoseconds on a processor, and nanoseconds ready to run while all were taken."""


class StoreCalls:
    """The questions to the store that are under way in this process; any thread may ask."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._begun: dict[int, float] = {}
        self._slow_at = float("-inf")

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Around what waits for the store."""
        number, began = next(self._numbers), clock.monotonic()
        self._begun[number] = began
        try:
            yield
        finally:
            del self._begun[number]
            if (at := clock.monotonic()) > began + SLOW_S:
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


def run_delay_s() -> float:
    """Seconds the main thread was ready and got no processor; 0 where nobody tells."""
    with suppress(OSError, ValueError, IndexError):
        return int(_RUN_DELAY.read_text("ascii").split()[1]) / 1e9
    return 0.0
