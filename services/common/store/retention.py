"""Streams of our own are bounded by age, never by count: what is young is never cut off."""

from collections.abc import Mapping

from omf.constants import DAY_S
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.store_clock import StoreClock

TRIM_EVERY_S = 600.0
FIRST_S = 60.0
"""By then the reader of a stream has caught up, so what is old has been handled."""


class Keeping:
    """Cuts old entries off the streams one service answers for."""

    def __init__(self, bus: Bus, store_clock: StoreClock, days: Mapping[str, int]) -> None:
        """`days` says for each stream how long an entry is kept."""
        self._bus = bus
        self._clock = store_clock
        self._days = days
        self._due = clock.monotonic() + FIRST_S

    async def step(self) -> None:
        """Call often; works every ten minutes."""
        if clock.monotonic() < self._due:
            return
        self._due = clock.monotonic() + TRIM_EVERY_S
        await self.trim()

    async def trim(self) -> None:
        """Cut now."""
        for name, days in self._days.items():
            oldest_ms = int((self._clock.now() - days * DAY_S) * 1000)
            cut = self._bus.client.xtrim(self._bus.key(name), minid=oldest_ms, approximate=False)
            await self._bus.call(cut)
