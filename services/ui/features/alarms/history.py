"""What became of the alarms, read from the stream on demand, for one open page."""

from collections.abc import Iterable

from omf.alarms.life import AlarmEntry
from services.common.store import entries
from services.common.store.alarm_lives import ALARMS
from services.common.store.bus import Bus

PASSAGE_PIECE = 500
MAX_LISTED = 10_000
MAX_LOOKED_THROUGH = 20_000
"""Entries looked through for those of one alarm."""


class AlarmHistory:
    """Entries newest first, in pieces."""

    def __init__(self, bus: Bus | None) -> None:
        self._bus = bus
        self.listed: list[tuple[str, AlarmEntry]] = []
        self.more = True
        """Older ones may be kept."""

    async def go_on(self) -> None:
        """Read the next piece of older ones; StoreError if the store is away."""
        before = f"({self.listed[-1][0]}" if self.listed else "+"
        found = await read_back(self._bus, before)
        self.listed += found
        self.more = len(found) == PASSAGE_PIECE and len(self.listed) < MAX_LISTED

    async def renew(self) -> None:
        """Put what came since above what was read; StoreError if the store is away."""
        newest = self.listed[0][0] if self.listed else ""
        found = await read_back(self._bus, "+")
        known = next((n for n, (name, _) in enumerate(found) if name == newest), None)
        if known is None:
            self.listed, self.more = found, len(found) == PASSAGE_PIECE
        else:
            self.listed = (found[:known] + self.listed)[:MAX_LISTED]


async def of_alarm(bus: Bus | None, alarm: str) -> list[tuple[str, AlarmEntry]]:
    """The entries of one alarm, newest first, as far as they are looked for."""
    found: list[tuple[str, AlarmEntry]] = []
    before = "+"
    for _ in range(MAX_LOOKED_THROUGH // PASSAGE_PIECE):
        piece = await read_back(bus, before)
        found += [one for one in piece if one[1].alarm == alarm]
        if len(piece) < PASSAGE_PIECE:
            break
        before = f"({piece[-1][0]}"
    return found


async def read_back(bus: Bus | None, before: str) -> list[tuple[str, AlarmEntry]]:
    """A piece of the stream from `before` on, newest first; a page of the past has none."""
    if bus is None:
        return []
    name = bus.key(ALARMS)
    found: Iterable[object] = await bus.call(
        bus.client.xrevrange(name, before, count=PASSAGE_PIECE)
    )
    return entries.decoded(AlarmEntry, found)
