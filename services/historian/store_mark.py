"""Notices a store that came back shorter than it was: a power cut, a damaged append-only file.

No store tells: one that finds the end of its file missing or torn says so in its own log and
serves what is left. So how far the journal had come is noted beside the archive, on a disk that a
fault of the store's file does not touch, and looked for again.
"""

import logging

from pydantic import BaseModel, ConfigDict, ValidationError

from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.entries import text
from services.common.store.environments import is_replay
from services.common.store.keys import JOURNAL, buffer_key
from services.historian import metrics
from services.historian.archive import Archive
from services.historian.collector import Work

MARK_NAME = "store.json"
MARK_EVERY_S = 10.0
"""What comes and is lost between two looks is not missed."""
COUNTED_AT_ONCE, COUNTED_MOST = 2_000, 200_000
"""Entries behind a mark are counted in such steps, and beyond so many no longer: at a hundred
messages a second that is the half hour for which a historian may have been away."""

_log = logging.getLogger(__name__)


class StoreMark(BaseModel):
    """How far the journal had come."""

    model_config = ConfigDict(frozen=True)

    newest: str
    """Id of its newest entry."""
    entries: int
    """Entries that were ever added to it."""


class StoreMarks:
    """Called by one task of the event loop, while the archive is open."""

    def __init__(self, bus: Bus, archive: Archive, work: Work) -> None:
        """`work` runs a blocking call in a thread."""
        self._bus, self._archive, self._work = bus, archive, work
        self._journal = buffer_key(bus.environment, JOURNAL)
        self._mark: StoreMark | None = None
        self._due = 0.0

    async def step(self) -> None:
        """Look, if it is time; a replay empties its buffers by itself and is left alone."""
        if clock.monotonic() < self._due or is_replay(self._bus.environment):
            return
        self._due = clock.monotonic() + MARK_EVERY_S
        if self._mark is None:
            await self._work(self._read)
        now = await self._now()
        if self._mark and (missing := await self._missing(self._mark, now)) > 0:
            metrics.STORE_MISSING.inc(missing)
            _log.error(
                "the store came back without %d messages that lay in it: its newest was %s, and it "
                "goes on behind %s; see StoreShorter in docs/runbook.md",
                missing,
                self._mark.newest,
                now.newest,
            )
        if now != self._mark:
            self._mark = now
            await self._work(self._write)

    async def _now(self) -> StoreMark:
        client = self._bus.client
        if not await self._bus.call(client.exists(self._journal)):
            return StoreMark(newest="0-0", entries=0)
        told = await self._bus.call(client.xinfo_stream(self._journal))
        return StoreMark(newest=text(told["last-generated-id"]), entries=int(told["entries-added"]))

    async def _missing(self, mark: StoreMark, now: StoreMark) -> int:
        """So many were there at the mark and are not now; those added since are taken off."""
        if now.entries - mark.entries > COUNTED_MOST:
            return 0
        since, after = 0, mark.newest
        while found := await self._bus.call(
            self._bus.client.xrange(self._journal, f"({after}", now.newest, COUNTED_AT_ONCE)
        ):
            since, after = since + len(found), text(found[-1][0])
        return mark.entries - (now.entries - since)

    def _read(self) -> None:
        try:
            self._mark = StoreMark.model_validate_json(self._archive.storage.read(MARK_NAME))
        except FileNotFoundError:
            self._mark = None
        except ValidationError:
            _log.warning(
                "%s/%s is damaged; it is written anew", self._archive.storage.place, MARK_NAME
            )

    def _write(self) -> None:
        if self._mark:
            self._archive.storage.replace(MARK_NAME, self._mark.model_dump_json().encode())
