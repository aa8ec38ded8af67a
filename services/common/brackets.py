"""Open brackets as orders keeps them: the only code that reads the key `brackets` for people."""

from pydantic import ValidationError

from services.common.bus import Bus
from services.common.streams import OpenBracket

KEY = "brackets"


async def every(bus: Bus) -> list[OpenBracket]:
    """Every command of several steps under way, the one that waits longest first."""
    found = await bus.call(bus.client.hvals(bus.key(KEY)))
    return sorted((one for one in map(_read, found) if one), key=lambda bracket: bracket.since)


def _read(text: bytes) -> OpenBracket | None:
    """A forged entry blinds nobody."""
    try:
        return OpenBracket.model_validate_json(text)
    except ValidationError:
        return None
