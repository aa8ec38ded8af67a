"""Notes for the audit which systems of the tokens file come and go, however it is edited."""

import asyncio
import logging

from services.common.auth.api_tokens import ApiClient, Tokens
from services.common.auth.token_notes import known_clients, note_client
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Role

LOOKED_EVERY_S = 2.0
_log = logging.getLogger(__name__)


class ClientWatch:
    """The tokens file as the store noted it last, and as it is now."""

    def __init__(self, bus: Bus, tokens: Tokens | None) -> None:
        """Without a tokens file there is nothing to note."""
        self._bus, self._tokens = bus, tokens

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                _log.warning("what changed in the tokens file is noted later: %s", error)
            await asyncio.sleep(LOOKED_EVERY_S)

    async def look(self) -> None:
        """Note each that is new, gone, or has another token. StoreError."""
        if self._tokens is None:
            return
        now = self._tokens.all()
        before = await known_clients(self._bus)
        gone = [name for name, sha256 in before.items() if _sha256(now.get(name)) != sha256]
        for name in gone:
            old = ApiClient(name=name, role=Role.VIEWER, sha256=before[name])
            await note_client(self._bus, old, ended=True)
        for name, client in now.items():
            if name in gone or name not in before:
                await note_client(self._bus, client)


def _sha256(client: ApiClient | None) -> str:
    return client.sha256 if client else ""
