"""A person with a token of their own, as the pages keep both, for the doors that are shown it."""

from pathlib import Path

from omf.constants import DAY_S
from services.common.auth.group_roles import GroupRoles
from services.common.auth.user_file import Account, Accounts
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.keys import Environment, Role
from services.ui.auth.access_token_keeper import AccessTokenKeeper
from services.ui.auth.browser_sessions import SignedIn

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaA"


class TokenPerson:
    """Anna with an account in a users file; closes no bus, each call has its own."""

    def __init__(self, store_url: str, first: Environment, users: Path, role: Role) -> None:
        self._store_url, self._first = store_url, first
        self.accounts = Accounts(users)
        self.accounts.add(Account(name="anna", role=role, password=HASH))

    async def token(self, most: Role = Role.ADMIN) -> str:
        """One more."""
        now = clock.now()
        async with Bus(self._store_url, self._first) as bus:
            entry = SignedIn(id="x", name="anna", proof="", began=now)
            return (await self._keeper(bus).make(entry, "my script", most, 7 * DAY_S, now))[0]

    async def reviewed(self, ago: float = 0.0) -> None:
        """As the pages do each two seconds, at a moment so long ago."""
        async with Bus(self._store_url, self._first) as bus:
            await self._keeper(bus).review(clock.now() - ago)

    async def end(self) -> None:
        """All of hers are over."""
        async with Bus(self._store_url, self._first) as bus:
            await self._keeper(bus).end_all("anna")

    def _keeper(self, bus: Bus) -> AccessTokenKeeper:
        return AccessTokenKeeper(bus, self.accounts, GroupRoles({}), None)
