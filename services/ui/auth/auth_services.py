"""Everybody who can sign in, and what keeps others out."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Literal

from services.common.auth.directory_people import DirectoryPeople
from services.common.auth.group_roles import GroupRoles
from services.common.auth.rate_limiter import LoginThrottle
from services.common.auth.user_file import Accounts
from services.common.process import clock
from services.common.store.bus import Bus, StoreError
from services.ui.auth.access_token_keeper import AccessTokenKeeper
from services.ui.auth.browser_sessions import BrowserSessions
from services.ui.auth.person_choices import ChoiceStore
from services.ui.auth.session_store import SessionStore
from services.ui.auth.sign_in_refusals import SignInRefusals
from services.ui.settings import UiSettings

LoginFlaw = Literal[
    "wrong",
    "away",
    "ldap_away",
    "oidc_away",
    "oidc_again",
    "oidc_refused",
    "no_right",
    "passkey",
    "stays",
    "file",
]
"""Why nobody was let in, or out; `login.<flaw>` are the words for it."""


class AuthServices:
    """Accounts, sign-ins and tries of one user interface."""

    def __init__(
        self,
        settings: UiSettings,
        session_store: SessionStore,
        bus: Bus,
        choices: ChoiceStore | None = None,
        *,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> None:
        """`bus` is that of the first environment. AccountsError if the users file is of no use."""
        self.settings = settings
        self.choices = choices
        self.accounts = Accounts(settings.ui_users_file)
        self.secret = settings.secret()
        self.directory = settings.directory()
        self.roles = GroupRoles(self.directory.groups if self.directory else {})
        self.sessions = BrowserSessions(session_store, self.accounts, self.secret, self.roles)
        self.tokens = AccessTokenKeeper(bus, self.accounts, self.roles, self.directory)
        self.people = self._people()
        self.login_throttle = LoginThrottle(monotonic)
        self.sign_in_refusals = SignInRefusals(bus, self.accounts, monotonic)

    def _people(self) -> DirectoryPeople | None:
        section = self.directory.ldap if self.directory else None
        if section is None:
            return None
        # Most sites have no directory, and its driver is large.
        from services.common.auth.ldap_directory import people_of  # noqa: PLC0415

        return people_of(section, self.accounts, self.roles)

    async def end_everywhere(self, name: str, now: float, source: str = "") -> None:
        """Every sign-in and token of that person is over.

        AccountsError, StoreError where something may stand on; the account is stamped first.
        """
        stamped = self.accounts.get(name) is not None
        await self.sessions.end_all(name, now, source)
        # What began before the stamp counts no more, whether or not it can be taken out now.
        with suppress(StoreError) if stamped else nullcontext():
            await self.tokens.end_all(name)

    @property
    def trusting(self) -> bool:
        """True while whoever sits at this machine needs no account: see `current_user.of`."""
        return self.settings.local and self.directory is None and not self.accounts.all()
