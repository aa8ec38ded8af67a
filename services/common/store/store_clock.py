"""The store's clock without asking it each time: its last answer, carried on by our own ticks."""

from services.common.process import clock
from services.common.store.bus import Bus

STEP_S = 1.0
"""A clock that is off by more was set, not merely read late."""


class StoreClock:
    """Store time in Unix seconds, a few milliseconds off at most while `sync` runs every second.

    For stage times and ages. What must not be wrong (may this still be published?) asks the store
    itself inside its script.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._ahead_s: float | None = None
        """Store clock minus our monotonic one; None before the first answer."""
        self._stepped_s = 0.0
        self.set_by_s = 0.0
        """By how much the clock was set since the first answer, all steps together."""

    async def sync(self) -> float:
        """Ask the store and return its time now; StoreError if it is away."""
        asked = clock.monotonic()
        told = await self._bus.time()
        # It looked somewhen between question and answer. A slow answer says little and corrects
        # little; the quickest one so far stays the best guess.
        lowest, highest = told - clock.monotonic(), told - asked
        guess = (lowest + highest) / 2 if self._ahead_s is None else self._ahead_s
        self._ahead_s = min(max(guess, lowest), highest)
        if abs(self._ahead_s - guess) > STEP_S:
            self._stepped_s += self._ahead_s - guess
            self.set_by_s += self._ahead_s - guess
        return self.now()

    def step(self) -> float:
        """Seconds by which the store's clock was set forward (or back) since the last asking."""
        stepped, self._stepped_s = self._stepped_s, 0.0
        return stepped

    def now(self) -> float:
        """The store's time now; `sync` must have been called once."""
        return clock.monotonic() + (self._ahead_s or 0.0)
