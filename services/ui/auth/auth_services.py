"""Everybody who can sign in, and what keeps others out."""

from collections.abc import Callable
from typing import Literal

from services.common.auth.directory_people import DirectoryPeople
from services.common.auth.group_roles import GroupRoles
from services.common.auth.rate_limiter import LoginThrottle
from services.common.auth.user_file import Accounts
from services.common.process import clock
from services.ui.auth.browser_sessions import BrowserSessions, SessionStore
from services.ui.auth.person_choices import ChoiceStore
from services.ui.settings import UiSettings

LoginFlaw = Literal[
    "wrong", "away", "ldap_away", "oidc_away", "oidc_again", "oidc_refused", "no_right", "passkey"
]
"""Why nobody was let in; `login.<flaw>` are the words for it."""


class AuthServices:
    """Accounts, sign-ins and tries of one user interface."""

    def __init__(
        self,
        settings: UiSettings,
        session_store: SessionStore,
        choices: ChoiceStore | None = None,
        *,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> None:
        """AccountsError if the users file cannot be used."""
        self.settings = settings
        self.choices = choices
        self.accounts = Accounts(settings.ui_users_file)
        self.secret = settings.secret()
        self.directory = settings.directory()
        self.roles = GroupRoles(self.directory.groups if self.directory else {})
        self.sessions = BrowserSessions(session_store, self.accounts, self.secret, self.roles)
        self.people = self._people()
        self.login_throttle = LoginThrottle(monotonic)

    def _people(self) -> DirectoryPeople | None:
        section = self.directory.ldap if self.directory else None
        if section is None:
            return None
        # Most sites have no directory, and its driver is large.
        from services.common.auth.ldap_directory import people_of  # noqa: PLC0415

        return people_of(section, self.accounts, self.roles)

    @property
    def trusting(self) -> bool:
        """True while whoever sits at this machine needs no account: see `current_user.of`."""
        return self.settings.local and self.directory is None and not self.accounts.all()
