"""The historian's life: follow the journal, write what came, keep the files in order."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from omf.messages.stream_id import StreamId
from services.common.process import clock
from services.common.process.health import Health
from services.common.process.leadership import Leadership
from services.common.process.main import Stop, every
from services.common.store.bus import Bus, StoreError
from services.historian import metrics, upkeep
from services.historian.archive import Archive
from services.historian.archive_reporter import ArchiveReporter
from services.historian.collector import JournalCollector
from services.historian.day_hours import DayHours
from services.historian.learners import duration_learner, pause_learner
from services.historian.named_sessions import NamedSessions
from services.historian.refolding import Refolding
from services.historian.settings import HistorianSettings
from services.historian.store_mark import StoreMarks
from services.historian.stored import StoredStreams
from services.history import retention
from services.history.manifest import ArchiveError, ArchiveFile, Manifest, midnight_ms
from services.history.retention import DAY_MS

POLL_S = 1.0
UPKEEP_EVERY_S = 5.0
FORGET_EVERY_S = 600.0
REFOLD_EVERY_S = 10.0
LEARN_LOOK_S = 10.0
TROUBLE_PAUSE_S = 5.0
"""After a disk that refused; what was read meanwhile is read again from the journal."""

_log = logging.getLogger(__name__)


class Historian:
    """Everything of one historian process.

    One loop reads and appends, one keeps files in order; both touch the archive in threads and one
    at a time. A failure of the disk ends as a restart would: what is not in a manifest is read
    again from the journal, which keeps it until then.
    """

    def __init__(self, settings: HistorianSettings) -> None:
        self.health = Health(self._missing)
        self._settings = settings
        self._bus = Bus(settings.store_address, settings.environment)
        self._leadership = Leadership(self._bus, "historian", settings.node, self.health)
        self._archive = Archive(settings.archive, settings.environment)
        self._retention = retention.read(settings.history_retention)
        self._collector = JournalCollector(
            self._bus, self._archive, self._retention, settings.history_flush_s, self._work
        )
        self._stored = StoredStreams(self._bus, self._archive, self._work)
        self._sessions = NamedSessions(self._bus, self._archive, self._work)
        self._marks = StoreMarks(self._bus, self._archive, self._work)
        self._reporter = ArchiveReporter(
            self._bus, self._archive, self._retention, lambda: self._faults
        )
        self._learners = [
            made(self._bus, self._archive.storage, partial(self._work, loop="learning"))
            for made in (pause_learner, duration_learner)
        ]
        self._refolding, self._hours = Refolding(self._archive), DayHours(self._archive)
        self._disk = asyncio.Lock()
        self._settled: dict[str, Manifest] = {}
        """Days that are over and merged: an archive of years is not looked through again."""
        self._damaged: dict[str, str] = {}
        """Files that cannot be merged, by name, and what is wrong with each."""
        self._refused = ""
        """Why nothing is archived at the moment."""
        self._pause_until = 0.0
        self._forget_at = 0.0
        self._open = False

    async def run(self, stop: Stop) -> int:
        """Live until asked to stop (0), or until something broke that only a restart mends (1)."""
        metrics.follow(self._archive, self._retention, lambda: self._collector.behind)
        async with self._bus:
            await stop.store(self._bus, self.health)
            await self._leadership.begin(stop.asked)
            self._archive.storage.heir(self._leadership.lease.life, self._leadership.lease.before)
            code = await stop.during(
                every(POLL_S, "journal", self._follow, self.health),
                every(UPKEEP_EVERY_S, "upkeep", self._keep, self.health),
                every(REFOLD_EVERY_S, "refold", self._refold, self.health),
                every(LEARN_LOOK_S, "learning", self._learn, self.health),
            )
            await asyncio.to_thread(self._refolding.halt)
            await asyncio.to_thread(self._hours.halt)
            await self._last_words()
            await asyncio.to_thread(self._archive.close)
            await self._leadership.release()
        return code

    async def _work(self, call: Callable[[], None], loop: str = "journal") -> None:
        """Run a blocking call in a thread, and beat meanwhile: a slow disk is not a dead loop."""
        thread = asyncio.create_task(asyncio.to_thread(call))
        while not thread.done():
            await asyncio.wait([thread], timeout=POLL_S)
            self.health.beat(loop)
        await thread

    async def _follow(self) -> None:
        """Read and append until nothing more waits; the next turn goes on."""
        if clock.monotonic() < self._pause_until or not self._leadership.certain:
            return
        async with self._disk:
            try:
                if not self._open:
                    await self._work(self._archive.open)
                    await self._work(self._collector.open)
                    self._stored.open()
                    self._open = True
                await self._marks.step()
                await self._stored.step()
                await self._sessions.step()
                while await self._collector.step():
                    self.health.beat("journal")
            except (ArchiveError, OSError) as error:
                self._trouble(error)
            else:
                self._refused = ""
                self.health.hindered("archive", "")
        await self._reporter.step()

    @property
    def _faults(self) -> list[str]:
        refused = [self._refused] if self._refused else []
        return [*refused, *self._archive.faults, *self._damaged.values()]

    def _trouble(self, error: Exception) -> None:
        _log.warning("nothing is archived: %s", error)
        self.health.hindered("archive", f"nothing is archived: {error}")
        metrics.TROUBLES.inc()
        self._open, self._refused = False, str(error)
        self._pause_until = clock.monotonic() + TROUBLE_PAUSE_S

    async def _keep(self) -> None:
        if not self._open or self._disk.locked() or not self._leadership.certain:
            return
        async with self._disk:
            try:
                await self._work(self._merge, "upkeep")
            except (ArchiveError, OSError) as error:
                _log.warning("files are left as they are: %s", error)
                self.health.hindered("files", str(error))
            else:
                self.health.hindered("files", "; ".join(self._faults))

    async def _refold(self) -> None:
        """Beside everything else: it reads closed files only."""
        if not self._open or not self._leadership.certain:
            return
        try:
            await self._work(self._refold_next, "refold")
        except (ArchiveError, OSError) as error:
            _log.warning("a day that is over is left as it is: %s", error)

    async def _learn(self) -> None:
        """Beside everything else, as the refolding."""
        if self._open:
            for learner in self._learners:
                await learner.step()

    def _refold_next(self) -> None:
        if not self._refolding.step(self._settled):
            self._hours.step(self._settled)

    def _merge(self) -> None:
        if clock.monotonic() >= self._forget_at:
            self._damaged.clear()  # one may have been put back from a copy
            if self._archive.mended():
                self._open = False
                return
        if not self._merge_next() and clock.monotonic() >= self._forget_at:
            self._forget_at = clock.monotonic() + FORGET_EVERY_S
            self._forget()

    def _merge_next(self) -> bool:
        """Merge the next files that are due; False if there were none."""
        through_ms = StreamId.parse(self._archive.through("journal")).ms
        for name, day in list(self._archive.days.items()):
            if self._settled.get(name) is day:
                continue
            for sources in upkeep.due(day, through_ms, self._damaged):
                if self._whole(name, sources):
                    self._archive.merge(name, sources)
                    return True
            whole = not any(file.name in self._damaged for file in day.files)
            if whole and through_ms >= midnight_ms(name) + DAY_MS:
                self._settled[name] = day
        return False

    def _forget(self) -> None:
        spared_ms = self._sessions.spared_ms
        if spared_ms is None:
            return
        limits = {
            kind: limit for kind in self._retention.kinds if (limit := self._retention.limit(kind))
        }
        metrics.forgotten(self._archive.forget(limits, spared_ms))
        self._archive.sweep()

    def _whole(self, day: str, sources: list[ArchiveFile]) -> bool:
        """Whether all are as they were written: a merged file would hide what was damaged."""
        fault = self._archive.storage.fault
        found = {file.name: said for file in sources if (said := fault(day, file))}
        for said in found.values():
            _log.warning("not merged: %s", said)
        self._damaged |= found
        return not found

    async def _last_words(self) -> None:
        """What was read and not yet written goes into the archive before the end."""
        if not self._open:
            return
        try:
            await self._collector.flush()
        except (ArchiveError, OSError, StoreError) as error:
            _log.warning("left to the journal: %s", error)

    def _missing(self) -> str | None:
        return None if self._open else "the archive is not open yet"
