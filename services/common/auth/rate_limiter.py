"""How many commands one person may give in a second."""

COMMANDS_PER_S = 10.0
BURST = 10.0
MAX_KNOWN = 1000
"""People remembered at a time: names can be invented, memory cannot."""


class RateLimiter:
    """A bucket of permissions a person, refilled evenly."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_s(self, who: str, at: float) -> float:
        """Take one permission at `at`, in seconds: 0, or how long until there is one again.

        A clock that steps back refills nothing.
        """
        left, since = self._buckets.pop(who, (BURST, at))
        left = min(BURST, left + max(0.0, at - since) * COMMANDS_PER_S)
        self._buckets[who] = (left - 1 if left >= 1 else left, at)
        if len(self._buckets) > MAX_KNOWN:
            self._buckets.pop(next(iter(self._buckets)))
        return 0.0 if left >= 1 else (1 - left) / COMMANDS_PER_S
