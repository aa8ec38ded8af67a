"""Notes for the audit what becomes of accounts, whoever changes them, however the file is edited.

The act never waits for the store: it is in the file, with who did it, and comes into the audit
within seconds, or once pages and store are there.
"""

import asyncio
import logging

from services.common.auth.account_changes import BY_HAND, AccountChange
from services.common.auth.account_notes import AccountNotes, noted_accounts
from services.common.auth.user_file import Account, Accounts, AccountsError
from services.common.store.bus import Bus, StoreError

ACCOUNTS_LOOKED_EVERY_S = 2.0
_log = logging.getLogger(__name__)


class AccountWatch:
    """The accounts as the audit knows them, and as they are."""

    def __init__(self, bus: Bus, accounts: Accounts) -> None:
        self._bus, self._accounts = bus, accounts
        self._looked: object = self
        """The file as it was when all of it was noted."""

    async def run(self) -> None:
        """Go on until cancelled."""
        told = ""
        while True:
            try:
                await self.look()
                told = ""
            except (StoreError, AccountsError) as error:
                if told != str(error):
                    _log.warning("what became of accounts is noted later: %s", error)
                told = str(error)
            await asyncio.sleep(ACCOUNTS_LOOKED_EVERY_S)

    async def look(self) -> None:
        """Note each that is new, changed or gone. StoreError, AccountsError."""
        version = self._accounts.version()
        if version == self._looked:
            return
        found, changes = await asyncio.to_thread(self._accounts.with_changes)
        if await self._note(await noted_accounts(self._bus), found, changes):
            self._looked = version

    async def _note(
        self, notes: AccountNotes, found: dict[str, Account], changes: list[AccountChange]
    ) -> bool:
        """False where another process notes the same: then it is looked at again."""
        for one in changes:
            if one.number <= notes.number:
                continue
            # Whatever lies between two changes that are kept was done with an editor.
            if not await notes.take(one.name, one.before, BY_HAND):
                return False
            if not await notes.take(one.name, one.after, one.by, one.number):
                return False
        for name in sorted(notes.names() | found.keys()):
            state = found[name].state if name in found else None
            if not await notes.take(name, state, BY_HAND):
                return False
        return True
