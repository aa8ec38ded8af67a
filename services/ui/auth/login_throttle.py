"""How often somebody may try a password: by address, and by name."""

from collections import OrderedDict, deque
from collections.abc import Callable

PER_MINUTE = 5
MINUTE_S = 60.0
MAX_FAILURES = 5
LOCK_S = 300.0
MAX_KNOWN = 10_000
"""Addresses and names remembered at most; the oldest are forgotten first."""


class LoginThrottle:
    """Five tries a minute and address; five failures lock a name for five minutes.

    `now` is a clock that never steps back, in seconds. What is counted lives with the process.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, address: str, name: str) -> float:
        """Count one try: 0, or seconds until the next one will be heard."""
        tries = _recent(self._tries, address, self._now() - MINUTE_S)
        if len(tries) >= PER_MINUTE:
            return tries[0] + MINUTE_S - self._now()
        tries.append(self._now())
        return self.locked_s(name)

    def locked_s(self, name: str) -> float:
        """Seconds that the name stays locked; 0 when it is not."""
        failures = _recent(self._failures, name, self._now() - LOCK_S)
        return failures[-1] + LOCK_S - self._now() if len(failures) >= MAX_FAILURES else 0.0

    def failed(self, name: str) -> None:
        """The password was wrong."""
        _recent(self._failures, name, self._now() - LOCK_S).append(self._now())

    def passed(self, name: str) -> None:
        """The password was right: earlier slips are forgotten."""
        self._failures.pop(name, None)


def _recent(known: OrderedDict[str, deque[float]], key: str, since: float) -> deque[float]:
    """The times of `key` after `since`, a list to add to."""
    times = known.setdefault(key, deque(maxlen=max(PER_MINUTE, MAX_FAILURES)))
    known.move_to_end(key)
    while times and times[0] <= since:
        times.popleft()
    while len(known) > MAX_KNOWN:
        known.popitem(last=False)
    return times
