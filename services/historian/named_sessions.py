"""Takes named sessions into the archive: spared from deletion, and their names kept with it."""

from functools import partial

from pydantic import BaseModel, ConfigDict, ValidationError

from services.common.process import clock
from services.common.sessions import named_ranges
from services.common.sessions.named_ranges import (
    ArchivedSession,
    Kept,
    Session,
    SessionNameError,
    kept_in_journal,
    most,
)
from services.common.store.bus import Bus
from services.historian.archive import Archive
from services.historian.collector import Work, store_born
from services.history.coverage import coverage, has_gap
from services.history.storage import SESSIONS_NAME

LOOK_EVERY_S = 5.0
DAMAGED_NAME = "sessions.damaged.json"


class TakenSession(BaseModel):
    """A session as it was when it was named, or when the historian first saw its name."""

    model_config = ConfigDict(frozen=True)

    session: Session
    kept: Kept

    @property
    def span_ms(self) -> tuple[int, int]:
        """Its ids, in milliseconds."""
        return round(self.session.from_at * 1000), round(self.session.to_at * 1000)


class TakenSessions(BaseModel):
    """The file beside the days of an archive."""

    model_config = ConfigDict(frozen=True)

    born: float | None = None
    """The life of the store in which these were its names."""
    sessions: tuple[TakenSession, ...] = ()


class NamedSessions:
    """Called by one task of the event loop, while the archive is open.

    A name that a person removed is gone; names that went with an emptied store are put back.
    """

    def __init__(self, bus: Bus, archive: Archive, work: Work) -> None:
        """`work` runs a blocking call in a thread."""
        self._bus = bus
        self._archive = archive
        self._work = work
        self._taken: TakenSessions | None = None
        self._due = 0.0

    @property
    def spared_ms(self) -> list[tuple[int, int]] | None:
        """What must not be deleted; None as long as nobody has looked."""
        return None if self._taken is None else [one.span_ms for one in self._taken.sessions]

    async def step(self) -> None:
        """Look for names, every few seconds."""
        if clock.monotonic() < self._due:
            return
        self._due = clock.monotonic() + LOOK_EVERY_S
        if self._taken is None:
            await self._work(self._load)
        before = self._taken or TakenSessions()
        born = await store_born(self._bus)
        names = await named_ranges.every(self._bus)
        if born is None or born != await store_born(self._bus):
            return  # the store was emptied a moment ago: an absent name tells nothing yet
        if before.born not in {None, born}:
            names += await self._put_back(before, {one.name for one in names})
        known = {one.session: one for one in before.sessions}
        sessions = [known.get(one) or await self._take(one) for one in names]
        found = TakenSessions(born=born, sessions=tuple(sessions))
        if found != before:
            content = found.model_dump_json(indent=1).encode()
            await self._work(partial(self._archive.storage.replace, SESSIONS_NAME, content))
            self._taken = found
        await self._tell(found)

    def _load(self) -> None:
        storage = self._archive.storage
        try:
            content = storage.read(SESSIONS_NAME)
        except FileNotFoundError:
            self._taken = TakenSessions()
            return
        try:
            self._taken = TakenSessions.model_validate_json(content)
        except ValidationError:
            storage.replace(DAMAGED_NAME, content)
            self._taken = TakenSessions()

    async def _put_back(self, before: TakenSessions, there: set[str]) -> list[Session]:
        lost = [one.session for one in before.sessions if one.session.name not in there]
        for session in lost:
            try:
                await named_ranges.name(self._bus, session)
            except SessionNameError:
                return []  # somebody was quicker, or there is no room; the next look decides
        return lost

    async def _take(self, session: Session) -> TakenSession:
        found = TakenSession(session=session, kept="gone")
        archived = coverage(self._archive.days.values(), *found.span_ms).kept
        kept = most(await kept_in_journal(self._bus, session), archived)
        return found.model_copy(update={"kept": kept})

    async def _tell(self, found: TakenSessions) -> None:
        days = list(self._archive.days.values())
        told = [
            ArchivedSession(
                name=one.session.name,
                from_at=one.session.from_at,
                to_at=one.session.to_at,
                kept="partly" if one.kept == "whole" and has_gap(days, *one.span_ms) else one.kept,
                size=coverage(days, *one.span_ms).size,
            )
            for one in found.sessions
        ]
        await named_ranges.tell_archived(self._bus, told)
