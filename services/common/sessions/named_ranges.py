"""Named time ranges of the journal: the only code that reads or writes the key `sessions`."""

from pydantic import Field, ValidationError

from omf.messages.stream_id import StreamId
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL, StreamModel

SESSIONS_KEY = "sessions"
MAX_SESSIONS = 1000


class Session(StreamModel):
    """A named time range of the journal; naming records nothing, for all is recorded already."""

    name: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    from_at: float
    """Unix seconds, as the message ids."""
    to_at: float
    operator: str = ""
    note: str = ""
    created_at: float = 0.0
    """Store clock."""


class SessionNameError(ValueError):
    """The name is taken, or there is no such session; the text says which."""


async def name(bus: Bus, session: Session) -> None:
    """Keep a session; SessionNameError when the name is taken, for a name is never moved."""
    taken = await bus.call(bus.client.hlen(bus.key(SESSIONS_KEY)))
    if taken >= MAX_SESSIONS:
        raise SessionNameError(f"{taken} sessions are named; remove some")
    written = bus.client.hsetnx(bus.key(SESSIONS_KEY), session.name, session.model_dump_json())
    if not await bus.call(written):
        raise SessionNameError(f"a session {session.name!r} is there already")


async def remove(bus: Bus, wanted: str) -> None:
    """Forget a name; the journal keeps what it has. SessionNameError when there is none."""
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
    sessions = [one for one in map(_read, found) if one]
    return sorted(sessions, key=lambda one: (one.from_at, one.name))


def _read(text: bytes) -> Session | None:
    try:
        return Session.model_validate_json(text)
    except ValidationError:
        return None


async def kept(bus: Bus, session: Session) -> str:
    """How much of it the journal still has: `whole`, `partly` or `gone`."""
    (info,) = await bus.buffers([JOURNAL])
    if info.first_id is None or info.last_id is None:
        return "gone"
    # Ids compare as pairs of numbers, and only the milliseconds matter here.
    first_ms, last_ms = (StreamId.parse(one).ms for one in (info.first_id, info.last_id))
    begin, end = (StreamId.first_at(at).ms for at in (session.from_at, session.to_at))
    if not info.trimmed or first_ms <= begin:
        return "whole" if begin <= last_ms else "gone"
    return "partly" if first_ms <= end else "gone"
