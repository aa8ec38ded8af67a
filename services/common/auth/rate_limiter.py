"""How much one person, address or client may take: commands, sign-ins, open streams.

Every count is by a key others can invent, so each remembers a bounded number of them.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from omf.constants import MINUTE_S

COMMANDS_PER_S = 10.0
BURST = 10.0
MAX_LIMITED_NAMES = 1000
"""People remembered at a time by a RateLimiter."""

TRIES_PER_MINUTE = 5
MAX_FAILURES = 5
LOCK_S = 300.0
MAX_KNOWN_SIGN_INS = 10_000
"""Addresses and names remembered at a time by a LoginThrottle."""

MAX_STREAMS = 48
"""Each holds a connection to the store, which gives one process a hundred."""
MAX_STREAMS_PER_CLIENT = 12


class RateLimiter:
    """A bucket of permissions a person, refilled evenly."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_s(self, who: str, at: float) -> float:
        """Take one permission at `at`, in seconds: 0, or how long until there is one again.

        A clock that steps back refills nothing.
        """
        left, since = self._buckets.get(who, (BURST, at))
        left = min(BURST, left + max(0.0, at - since) * COMMANDS_PER_S)
        self._buckets[who] = (left - 1 if left >= 1 else left, at)
        _keep_latest(self._buckets, who, MAX_LIMITED_NAMES)
        return 0.0 if left >= 1 else (1 - left) / COMMANDS_PER_S


class LoginThrottle:
    """Five tries a minute and address; five failures lock a name for five minutes.

    A name is the same in whatever case: a company's directory takes it so.

    `now` is a clock that never steps back, in seconds. What is counted lives with the process.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, address: str, name: str) -> float:
        """Count one try: 0, or seconds until the next one will be heard."""
        tries = _recent(self._tries, address, self._now() - MINUTE_S)
        if len(tries) >= TRIES_PER_MINUTE:
            return tries[0] + MINUTE_S - self._now()
        tries.append(self._now())
        return self.locked_s(name)

    def locked_s(self, name: str) -> float:
        """Seconds that the name stays locked; 0 when it is not."""
        failures = _recent(self._failures, name.casefold(), self._now() - LOCK_S)
        return failures[-1] + LOCK_S - self._now() if len(failures) >= MAX_FAILURES else 0.0

    def failed(self, name: str) -> None:
        """The password was wrong."""
        _recent(self._failures, name.casefold(), self._now() - LOCK_S).append(self._now())

    def passed(self, name: str) -> None:
        """The password was right: earlier slips are forgotten."""
        self._failures.pop(name.casefold(), None)


class StreamLimiter:
    """The open streams, counted by client."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """Open streams of all clients."""
        return self._taken.total()

    def free(self, client: str) -> bool:
        """True if this client may open one more."""
        return self.taken < MAX_STREAMS and self._taken[client] < MAX_STREAMS_PER_CLIENT

    @contextmanager
    def hold(self, client: str) -> Iterator[None]:
        """Counted while a stream is open."""
        self._taken[client] += 1
        try:
            yield
        finally:
            self._taken[client] -= 1


def _recent(known: OrderedDict[str, deque[float]], key: str, since: float) -> deque[float]:
    """The times of `key` after `since`, a list to add to."""
    times = known.setdefault(key, deque(maxlen=max(TRIES_PER_MINUTE, MAX_FAILURES)))
    _keep_latest(known, key, MAX_KNOWN_SIGN_INS)
    while times and times[0] <= since:
        times.popleft()
    return times


def _keep_latest(known: OrderedDict[str, Any], key: str, limit: int) -> None:
    """`key` is the newest now; the longest silent ones beyond the limit are forgotten."""
    known.move_to_end(key)
    while len(known) > limit:
        known.popitem(last=False)
