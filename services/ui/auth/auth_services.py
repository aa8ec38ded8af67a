"""Everybody who can sign in, and what keeps others out."""

from collections.abc import Callable

from services.common.auth.rate_limiter import LoginThrottle
from services.common.auth.user_file import Accounts
from services.common.process import clock
from services.ui.auth.browser_sessions import BrowserSessions, SessionStore
from services.ui.settings import UiSettings


class AuthServices:
    """Accounts, sign-ins and tries of one user interface."""

    def __init__(
        self,
        settings: UiSettings,
        session_store: SessionStore,
        *,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> None:
        """AccountsError if the users file cannot be used."""
        self.settings = settings
        self.accounts = Accounts(settings.ui_users_file)
        self.sessions = BrowserSessions(session_store, self.accounts, settings.secret())
        self.login_throttle = LoginThrottle(monotonic)

    @property
    def trusting(self) -> bool:
        """True while whoever sits at this machine needs no account: see `current_user.of`."""
        return self.settings.local and not self.accounts.all()
