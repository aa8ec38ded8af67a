"""Named time ranges: the only code for the keys `sessions` and `sessions:archived`.

The historian takes a named range into the archive: what lies in it is not deleted by age or size
as long as it has its name, and the names outlive a store that is emptied.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from omf.messages.stream_id import StreamId
from services.common.store.bus import Bus
from services.common.store.entries import all_readable
from services.common.store.keys import JOURNAL, Role, StreamModel

RANGE_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
SESSIONS_KEY, ARCHIVED_KEY = "sessions", "sessions:archived"
OPEN_KEY = "sessions:open"
"""Planning runs under way (runs.py)."""
MAX_SESSIONS = 1000
NAMING, REMOVING = Role.OPERATOR, Role.SUPERVISOR
"""Who may give a name, and who may take it away."""


class NamedByPerson(StreamModel):
    """What somebody gave a name, from a moment on."""

    name: str = Field(min_length=1, max_length=64, pattern=RANGE_NAME)
    from_at: float
    """Unix seconds, as the message ids."""
    operator: str = ""
    note: str = ""
    created_at: float = 0.0
    """Store clock."""


class Session(NamedByPerson):
    """A named time range; naming records nothing, for all is recorded already."""

    to_at: float
    ended_by: str = ""
    """Who ended the planning run it was; "" for a range that was named afterwards."""


Kept = Literal["gone", "partly", "whole"]
KEPT_LEVELS: tuple[Kept, ...] = ("gone", "partly", "whole")
"""How much of a session there is, from nothing to all."""


class ArchivedSession(StreamModel):
    """What the archive has of a session, as the historian says."""

    name: str
    from_at: float
    to_at: float
    kept: Kept
    size: int
    """Bytes of the archive that are spared for it."""


class ListedSession(NamedTuple):
    """A named session and how much of it there is, in journal and archive together."""

    session: Session
    kept: Kept
    size: int = 0
    """As of `ArchivedSession`; 0 while nothing of it is archived."""


_ARCHIVED = TypeAdapter(tuple[ArchivedSession, ...])


class SessionNameError(ValueError):
    """The name is taken, or there is no such session; the text says which."""


async def name(bus: Bus, session: Session) -> None:
    """Keep a session; SessionNameError when the name is taken, for a name is never moved."""
    taken = await bus.call(bus.client.hlen(bus.key(SESSIONS_KEY)))
    if taken >= MAX_SESSIONS:
        raise SessionNameError(f"{taken} sessions are named; remove some")
    if await bus.call(bus.client.hexists(bus.key(OPEN_KEY), session.name)):
        raise SessionNameError(f"a planning run {session.name!r} is under way; end it first")
    written = bus.client.hsetnx(bus.key(SESSIONS_KEY), session.name, session.model_dump_json())
    if not await bus.call(written):
        raise SessionNameError(f"a session {session.name!r} is there already")


async def remove(bus: Bus, wanted: str) -> None:
    """Forget a name; its messages stay as long as others. SessionNameError when there is none."""
    if not await bus.call(bus.client.hdel(bus.key(SESSIONS_KEY), wanted)):
        raise SessionNameError(f"there is no session {wanted!r}")


async def find(bus: Bus, wanted: str) -> Session:
    """The session of that name; SessionNameError when there is none."""
    found = await bus.call(bus.client.hget(bus.key(SESSIONS_KEY), wanted))
    if found is None:
        raise SessionNameError(f"there is no session {wanted!r}; see `omf session list`")
    return Session.model_validate_json(found)


async def every(bus: Bus) -> list[Session]:
    """All named sessions, the oldest range first; a forged entry blinds nobody."""
    found = await bus.call(bus.client.hvals(bus.key(SESSIONS_KEY)))
    return sorted(all_readable(Session, found), key=lambda one: (one.from_at, one.name))


async def listed(bus: Bus) -> list[ListedSession]:
    """All named sessions and what there is of each, the oldest range first."""
    archived = {(one.name, one.from_at, one.to_at): one for one in await _archived(bus)}
    found = []
    for one in await every(bus):
        kept = await kept_in_journal(bus, one)
        known = archived.get((one.name, one.from_at, one.to_at))
        if known is None:
            found.append(ListedSession(one, kept))
        else:
            found.append(ListedSession(one, most(kept, known.kept), known.size))
    return found


def most(*kept: Kept) -> Kept:
    """The most of what several have of the same session."""
    return max(kept, key=KEPT_LEVELS.index)


async def _archived(bus: Bus) -> tuple[ArchivedSession, ...]:
    found = await bus.call(bus.client.get(bus.key(ARCHIVED_KEY)))
    try:
        return _ARCHIVED.validate_json(found) if found else ()
    except ValidationError:
        return ()


async def tell_archived(bus: Bus, archived: Iterable[ArchivedSession]) -> None:
    """Say what the archive has of the sessions; the historian alone does."""
    told = _ARCHIVED.dump_json(tuple(archived))
    await bus.call(bus.client.set(bus.key(ARCHIVED_KEY), told))


async def kept_in_journal(bus: Bus, session: Session) -> Kept:
    """How much of it the journal still has."""
    (info,) = await bus.buffers([JOURNAL])
    if info.first_id is None or info.last_id is None:
        return "gone"
    # Ids compare as pairs of numbers, and only the milliseconds matter here.
    first_ms, last_ms = (StreamId.parse(one).ms for one in (info.first_id, info.last_id))
    begin, end = (StreamId.first_at(at).ms for at in (session.from_at, session.to_at))
    if not info.trimmed or first_ms <= begin:
        return "whole" if begin <= last_ms else "gone"
    return "partly" if first_ms <= end else "gone"
