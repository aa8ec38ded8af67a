"""The people of the provider of OpenID Connect as far as they may do something here."""

import logging
from collections.abc import Callable

from services.common.auth.directory_file import OidcSection
from services.common.store.bus import StoreError
from services.ui.auth.auth_services import AuthServices
from services.ui.auth.browser_sessions import DirectoryPerson
from services.ui.auth.oidc_provider import OidcPerson, OidcProvider
from services.ui.auth.provider_answers import OidcRefusedError

_log = logging.getLogger(__name__)


class OidcPeople:
    """Whoever the provider names comes in by this, at a browser as at the command line."""

    def __init__(self, auth: AuthServices, section: OidcSection, now: Callable[[], float]) -> None:
        """DirectoryFileError if a file that is named cannot be used."""
        self.section = section
        self.provider = OidcProvider(section, now)
        self._auth, self._now = auth, now

    def known(self, found: OidcPerson) -> DirectoryPerson:
        """GroupsError if nothing is theirs here, OidcRefusedError if another has the name."""
        if self._auth.accounts.like(found.name):
            raise OidcRefusedError(f"a local account has the name {found.name} already")
        groups = self._auth.roles.known(found.groups)
        return DirectoryPerson("oidc", found.name, groups, self.section.lasts_minutes * 60)

    async def rightless(self, name: str) -> None:
        """The provider has just said that somebody may nothing here: their tokens end."""
        who = DirectoryPerson("oidc", name, (), 0)
        try:
            await self._auth.tokens.told(who, self._now())
        except StoreError as error:
            _log.error("tokens of %s stand on until their next answer: %s", name, error)
