"""Changes who stands at a shared screen: a PIN or a badge in place of name and password.

Only where somebody signed in, and no longer than that lasts; the page stays where it is. The one
before is signed out here.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from math import ceil

from nicegui import app
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.common.auth import pins
from services.common.auth.user_file import Account
from services.common.store.bus import StoreError
from services.ui.auth import current_user
from services.ui.auth.auth_middleware import person
from services.ui.auth.auth_services import AuthServices
from services.ui.auth.browser_sessions import COOKIE, SignedIn, Visitor
from services.ui.auth.request_rules import PERSON_CHANGE
from services.ui.auth.user_agent import device_of
from services.ui.translator import Translator

_log = logging.getLogger(__name__)


class PersonChange:
    """The address that a typed code goes to; answers in words of the page's language."""

    def __init__(
        self,
        auth: AuthServices,
        now: Callable[[], float],
        on_leave: Callable[[str], Awaitable[None]],
    ) -> None:
        """`on_leave` closes the open pages of the person before."""
        self._auth = auth
        self._now = now
        self._on_leave = on_leave

    def open(self) -> None:
        """Put it on its address."""
        app.post(PERSON_CHANGE)(self._change)

    async def _change(self, request: Request) -> Response:
        say = Translator(current_user.language_of(request))
        before, address = person(request.scope), current_user.address(request)
        if before is None:
            return _told(say("pin.sign_in_first"), 403)
        async with request.form(max_files=0, max_fields=2) as form:
            code = str(form.get("code", ""))[: pins.MAX_PIN_LENGTH]
        # By the screen, for whoever knows a PIN must not buy tries for others; and by the person
        # there, who may have many addresses to try from.
        throttle, refusals = self._auth.login_throttle, self._auth.sign_in_refusals
        screen, tried_by = f"pin {address}", f"pin of {before[0].name}"
        if wait_s := throttle.wait_s(screen, screen) or throttle.locked_s(tried_by):
            refusals.refused(before[0].name, "held_back", address, self._now(), proved=True)
            _log.warning("change of person held back", extra={"address": address})
            return _told(say("login.wait", minutes=ceil(wait_s / 60)), 429)
        account = await asyncio.to_thread(pins.holder, self._auth.accounts, code)
        if account is None:
            throttle.failed(screen)
            throttle.failed(tried_by)
            refusals.refused(before[0].name, "pin_wrong", address, self._now(), proved=True)
            extra = {"address": address, "before": before[0].name}
            _log.warning("change of person refused", extra=extra)
            return _told(say("pin.wrong"), 401)
        return await self._handed_over(request, before[0], account)

    async def _handed_over(self, request: Request, before: SignedIn, account: Account) -> Response:
        say, sessions = Translator(current_user.language_of(request)), self._auth.sessions
        device = device_of(request.headers.get("user-agent", ""))
        visitor = Visitor(current_user.address(request), device)
        try:
            cookie = await sessions.begin_after(before, account, visitor, self._now())
            await sessions.end(before, "handed_over", self._now())
        except StoreError:
            return _told(say("login.away"), 503)
        leave = BackgroundTask(self._on_leave, before.id)
        answer = PlainTextResponse(say("pin.welcome", name=account.name), 200, background=leave)
        answer.headers["cache-control"] = "no-store"
        secure, lasts_s = request.url.scheme == "https", max(1, int(before.until - self._now()))
        answer.set_cookie(
            COOKIE, cookie, max_age=lasts_s, httponly=True, samesite="strict", secure=secure
        )
        _log.info(
            "person changed by PIN",
            extra={"user": account.name, "address": visitor.address, "before": before.name},
        )
        return answer


def _told(words: str, status: int) -> Response:
    return PlainTextResponse(words, status, {"cache-control": "no-store"})
