"""Notes which tokens the door refuses, for the audit; a flood of them makes no flood of notes."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from services.common.auth.api_tokens import digest
from services.common.auth.token_notes import ended_before, note_resting, note_unknown
from services.common.process import clock
from services.common.store.bus import Bus, StoreError

NOTED_EVERY_S = 60.0
"""Of one known token, and of all that nobody knows together."""
MAX_NOTED_TOKENS = 1_000
LOOKED_UP_EVERY_S = 0.1
"""Whether an unknown token has ended is asked no more often."""
_UNKNOWN = ""
_log = logging.getLogger(__name__)


class TokenRefusals:
    """Those of one process."""

    def __init__(self, bus: Bus, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._bus, self._monotonic = bus, monotonic
        self._noted: OrderedDict[str, float] = OrderedDict()
        self._unknown = 0
        self._looked_up = -LOOKED_UP_EVERY_S

    async def rests(self, token: str, name: str, address: str) -> None:
        """The token is good, but nobody vouches for its person."""
        if self._due(digest(token)):
            await self._tried(note_resting(self._bus, token, name, _source(address)))

    async def unknown(self, token: str, address: str) -> None:
        """The token opens nothing: it has ended, or was none."""
        self._unknown += 1
        now = self._monotonic()
        if now - self._looked_up < LOOKED_UP_EVERY_S:
            return
        self._looked_up = now
        await self._tried(self._look_up(token, address))

    async def _look_up(self, token: str, address: str) -> None:
        ended = await ended_before(self._bus, token)
        if ended is not None:
            self._unknown -= 1
            if self._due(digest(token)):
                await note_unknown(self._bus, ended, _source(address))
        elif self._due(_UNKNOWN):
            times, self._unknown = self._unknown, 0
            await note_unknown(self._bus, None, _source(address), times)

    def _due(self, key: str) -> bool:
        now = self._monotonic()
        if key in self._noted and now - self._noted[key] < NOTED_EVERY_S:
            return False
        self._noted[key] = now
        self._noted.move_to_end(key)
        while len(self._noted) > MAX_NOTED_TOKENS:
            self._noted.popitem(last=False)
        return True

    async def _tried(self, noting: Awaitable[None]) -> None:
        try:
            await noting
        except StoreError as error:
            _log.warning("the use of a token was refused and not noted: %s", error)


def _source(address: str) -> str:
    return f"api {address}"
