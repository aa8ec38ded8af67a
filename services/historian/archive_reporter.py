"""Says in the store what the archive holds and how long its limits will do, for the pages."""

from collections.abc import Callable, Iterable

from services.common.process import clock
from services.common.store import archive_status
from services.common.store.archive_status import STATUS_EVERY_S, ArchivedKind, ArchiveStatus
from services.common.store.bus import Bus
from services.historian.archive import Archive
from services.history.retention import Retention
from services.history.totals import KindTotal, forecast_days, totals


class ArchiveReporter:
    """Called by one task of the event loop."""

    def __init__(
        self,
        bus: Bus,
        archive: Archive,
        retention: Retention,
        faults: Callable[[], Iterable[str]],
    ) -> None:
        """`faults` says what is wrong at the moment."""
        self._bus = bus
        self._archive = archive
        self._retention = retention
        self._faults = faults
        self._due = 0.0

    async def step(self) -> None:
        """Say it, if it is time."""
        if clock.monotonic() < self._due:
            return
        self._due = clock.monotonic() + STATUS_EVERY_S
        days = list(self._archive.days.values())
        missing = [gap.count for day in days for gap in day.gaps]
        status = ArchiveStatus(
            place=self._archive.storage.place,
            kinds=tuple(map(self._kind, totals(days))),
            free=self._archive.storage.free_bytes(),
            gaps=len(missing),
            lost=None if None in missing else sum(filter(None, missing)),
            faults=tuple(self._faults()),
            at=await self._bus.time(),
        )
        await archive_status.tell(self._bus, status)

    def _kind(self, total: KindTotal) -> ArchivedKind:
        limit = self._retention.limit(total.kind)
        return ArchivedKind(
            kind=total.kind,
            files=total.files,
            size=total.size,
            oldest_at=total.oldest_ms / 1000,
            newest_at=total.newest_ms / 1000,
            full_days=forecast_days(total, limit) if limit else None,
        )
