"""Who has left the company's directory, or a group in it, is signed out within minutes."""

import asyncio
import logging

from services.common.auth.directory_people import DirectoryAwayError, DirectoryPeople
from services.common.process import clock
from services.common.store.bus import StoreError
from services.ui.auth.access_token_keeper import AccessTokenKeeper
from services.ui.auth.auth_services import AuthServices
from services.ui.auth.browser_sessions import BrowserSessions, DirectoryPerson, SignedIn

_log = logging.getLogger(__name__)


class DirectoryWatch:
    """Asks the directory again about everybody it signed in."""

    def __init__(
        self,
        people: DirectoryPeople,
        sessions: BrowserSessions,
        tokens: AccessTokenKeeper,
        every_s: float,
    ) -> None:
        self._people = people
        self._tokens = tokens
        self._sessions = sessions
        self._every_s = every_s

    @classmethod
    def of(cls, auth: AuthServices) -> "DirectoryWatch | None":
        """That of one user interface; None where no directory is named."""
        section = auth.directory.ldap if auth.directory else None
        if section is None or auth.people is None:
            return None
        return cls(auth.people, auth.sessions, auth.tokens, section.recheck_minutes * 60)

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.sleep(self._every_s)
            await self.review(clock.now())

    async def review(self, now: float) -> None:
        """End the sign-ins of those who are no longer what they were.

        While the directory is away they stay: they end with the shift, as everybody's do.
        """
        try:
            listed = [one for one in await self._sessions.listed(now) if one.directory == "ldap"]
            for name in sorted({one.name for one in listed} | await self._tokens.ldap_names()):
                groups = await asyncio.to_thread(self._people.groups_now, name)
                await self._tokens.told(DirectoryPerson("ldap", name, groups, 0), now)
                for entry in (one for one in listed if one.name == name):
                    await self._compare(entry, groups, now)
        except DirectoryAwayError as error:
            _log.warning("the directory is away, nobody is signed out: %s", error)
        except StoreError as error:
            _log.warning("who is signed in cannot be read: %s", error)

    async def _compare(self, entry: SignedIn, groups: tuple[str, ...], now: float) -> None:
        if set(entry.groups) != set(groups):
            await self._sessions.end(entry, "directory", now)
            extra = {"user": entry.name, "groups": ", ".join(groups)}
            _log.warning("signed out: the directory says otherwise now", extra=extra)
