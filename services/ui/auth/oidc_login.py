"""The way in by the provider of the company: `/login/oidc` leads there, `/login/oidc/done` back."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import app
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.common.auth.group_roles import GroupsError
from services.ui.auth import current_user
from services.ui.auth.auth_services import AuthServices, LoginFlaw
from services.ui.auth.browser_sessions import DirectoryPerson
from services.ui.auth.oidc_people import OidcPeople
from services.ui.auth.oidc_provider import OidcAttempt
from services.ui.auth.provider_answers import OidcAwayError, OidcRefusedError
from services.ui.auth.request_rules import OIDC_DONE, OIDC_START
from services.ui.auth.sealed_cookie import CookieSeal

ATTEMPT_COOKIE = "omf_oidc"
ATTEMPT_S = 600
"""Time for a password and a second factor at the provider."""
MAX_PARAMETER = 4096
_log = logging.getLogger(__name__)

Enter = Callable[[Request, DirectoryPerson, str], Awaitable[Response]]
Refuse = Callable[[Request, str, LoginFlaw], Response]


class OidcLogin:
    """Both addresses, over the people of one provider."""

    def __init__(
        self,
        auth: AuthServices,
        people: OidcPeople,
        now: Callable[[], float],
        enter: Enter,
        refuse: Refuse,
    ) -> None:
        """`enter` begins the sign-in of a person known now; `refuse` shows the form and why."""
        self._people = people
        self._auth, self._now, self._enter, self._refuse = auth, now, enter, refuse
        self._seal = CookieSeal(auth.secret, "sign-in at the provider")

    def open(self) -> None:
        """Put them on their addresses."""
        app.get(OIDC_START)(self._start)
        app.get(OIDC_DONE)(self._done)

    async def _start(self, request: Request) -> Response:
        back = current_user.back(request.query_params.get("back", "/"))
        attempt = OidcAttempt.begin(back, self._now() + ATTEMPT_S)
        try:
            answer = RedirectResponse(await self._people.provider.address(attempt), 303)
        except OidcAwayError as error:
            return self._away(request, back, error)
        secure = self._people.section.pages.startswith("https:")
        # The provider leads back from its own site: a strict cookie would not come along.
        answer.set_cookie(
            ATTEMPT_COOKIE,
            self._seal.sealed(attempt),
            max_age=ATTEMPT_S,
            path=OIDC_START,
            httponly=True,
            samesite="lax",
            secure=secure,
        )
        answer.headers["cache-control"] = "no-store"
        return answer

    async def _done(self, request: Request) -> Response:
        answer = await self._finished(request)
        answer.delete_cookie(ATTEMPT_COOKIE, path=OIDC_START, httponly=True, samesite="lax")
        return answer

    async def _finished(self, request: Request) -> Response:
        address = current_user.address(request)
        attempt = self._attempt(request.cookies.get(ATTEMPT_COOKIE, ""))
        if attempt is None:
            _log.warning("sign-in refused: it was not begun here", extra={"address": address})
            return self._refuse(request, "/", "oidc_again")
        refused = partial(self._auth.sign_in_refusals.refused, address=address, now=self._now())
        if self._auth.login_throttle.wait_s(address, ""):
            refused("", "held_back")
            return self._refuse(request, attempt.back, "oidc_again")
        told = {name: text[:MAX_PARAMETER] for name, text in request.query_params.items()}
        try:
            found = await self._people.provider.person(attempt, told)
            person = self._people.known(found)
        except OidcAwayError as error:
            return self._away(request, attempt.back, error)
        except OidcRefusedError as error:
            refused("", "oidc_wrong")
            _log.warning("sign-in refused: %s", error, extra={"address": address})
            return self._refuse(request, attempt.back, "oidc_refused")
        except GroupsError as error:
            refused(found.name, "no_right", proved=True)
            extra = {"user": found.name, "address": address}
            _log.warning("sign-in refused: %s", error, extra=extra)
            await self._people.rightless(found.name)
            return self._refuse(request, attempt.back, "no_right")
        return await self._enter(request, person, attempt.back)

    def _away(self, request: Request, back: str, error: OidcAwayError) -> Response:
        _log.error("the provider of sign-ins is away: %s", error)
        return self._refuse(request, back, "oidc_away")

    def _attempt(self, cookie: str) -> OidcAttempt | None:
        """What was begun here not long ago; None for anything else."""
        found = self._seal.opened(cookie, OidcAttempt)
        return found if found and self._now() < found.until else None
