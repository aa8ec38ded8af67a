"""Every request that could lead to a page or an action says who asks."""

from collections.abc import Callable, Mapping
from typing import cast

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from services.common.auth.user_file import Account
from services.ui.auth.browser_sessions import COOKIE, BrowserSessions, SignedIn
from services.ui.auth.person_choices import ChoiceStore, choices_of

Person = tuple[SignedIn, Account]
_PERSON, _CHOICES = "omf.person", "omf.choices"


class AuthMiddleware:
    """ASGI middleware: looks up the cookie of whoever wants a page, an action or a socket."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        sessions: BrowserSessions,
        now: Callable[[], float],
        choices: ChoiceStore | None = None,
    ) -> None:
        self.app = app
        self.choices = choices
        self.sessions = sessions
        self.now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the person in the scope and pass the request on."""
        if _matters(scope):
            cookie = HTTPConnection(scope).cookies.get(COOKIE)
            found = await self.sessions.of(cookie, self.now()) if cookie else None
            state = scope.setdefault("state", {})
            state[_PERSON] = found
            if found:
                state[_CHOICES] = await choices_of(self.choices, found[1].name)
        await self.app(scope, receive, send)


def person(scope: Scope) -> Person | None:
    """Who was recognised in this request; None for a guest."""
    return cast("Person | None", scope.get("state", {}).get(_PERSON))


def choices_kept(scope: Scope) -> Mapping[str, str]:
    """What whoever was recognised in this request chose, at this browser or another one."""
    return cast("Mapping[str, str]", scope.get("state", {}).get(_CHOICES, {}))


def sign_in_of(scope: Scope) -> str | None:
    """The id of the sign-in a request belongs to; None for a guest."""
    found = person(scope)
    return found[0].id if found else None


def _matters(scope: Scope) -> bool:
    """Files need nobody, and of a socket only its first request."""
    if scope["type"] not in {"http", "websocket"}:
        return False
    path = scope["path"]
    if path.startswith("/_nicegui_ws"):
        return b"sid=" not in scope["query_string"]
    return not path.startswith(("/_nicegui", "/static/"))
