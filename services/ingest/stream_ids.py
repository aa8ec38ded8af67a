"""When messages came and their ids: strictly increasing, whatever the clock of the host does."""

import threading
from collections.abc import Callable
from typing import NamedTuple

from omf.messages.stream_id import StreamId
from services.common.process import clock
from services.common.store.store_clock import STEP_S

CATCH_UP = 0.02
"""A clock that was set back is approached by this part of the time that passes: ages measured
between two messages are wrong by no more, and an hour is made up for in two days."""


class ClockStep(NamedTuple):
    """The host's clock was set forward, or back (negative); `at` is when, by that clock."""

    seconds: float
    at: float


class ArrivalClock:
    """Host time in Unix seconds that never steps back; any thread may ask.

    When the host's clock is set back, time goes on from where it was by the monotonic clock. So
    the age of a message stays what it is; `Link.ahead_s` tells by how much ids are ahead.
    """

    def __init__(
        self,
        host: Callable[[], float] = lambda: clock.now(),  # noqa: PLW0108 - patched by tests
        monotonic: Callable[[], float] = lambda: clock.monotonic(),  # noqa: PLW0108
    ) -> None:
        self._host = host
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._asked, self._told = monotonic(), host()
        self._last = 0.0
        self.step: ClockStep | None = None
        """The last step seen; None: none in the life of this process."""

    def now(self) -> float:
        """When a message that comes at this moment came."""
        with self._lock:
            asked, told = self._monotonic(), self._host()
            passed = asked - self._asked
            self._note(told - self._told - passed, told)
            self._asked, self._told = asked, told
            self._last = max(told, self._last + passed * (1 - CATCH_UP))
            return self._last

    def after(self, last: str) -> None:
        """Go on from the id `last`, which an earlier process gave, if the host is behind it."""
        given = StreamId.parse(last).seconds
        now = self.now()
        with self._lock:
            self._note(now - given if given > now else 0.0, self._told)
            self._last = max(self._last, given)

    def _note(self, seconds: float, at: float) -> None:
        if abs(seconds) > STEP_S:
            self.step = ClockStep(seconds, at)


class StreamIdGenerator:
    """Gives each message the next id; two at the same millisecond differ by their sequence."""

    def __init__(self, last: str = "0-0") -> None:
        self._ms, self._seq = StreamId.parse(last)

    def after(self, last: str) -> None:
        """Never give an id at or before `last`."""
        self._ms, self._seq = max((self._ms, self._seq), StreamId.parse(last))

    def take(self, at: float, count: int) -> tuple[int, int]:
        """Ids for `count` messages that came at `at`: Unix ms, and the first of their numbers."""
        ms, first = int(at * 1000), 0
        if ms > self._ms:
            self._ms = ms
        else:
            first = self._seq + 1
        self._seq = first + count - 1
        return self._ms, first
