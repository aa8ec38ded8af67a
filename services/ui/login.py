"""The form people sign in with, and the way out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from math import ceil
from urllib.parse import quote

from nicegui import app
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.common.bus import StoreError
from services.ui import passwords, visitor
from services.ui.accounts import Account, Accounts
from services.ui.attempts import Attempts
from services.ui.plain import PlainPage, other
from services.ui.recognition import person
from services.ui.signed_in import COOKIE, LASTS_S, Register
from services.ui.words import Speech

MAX_FORM_BYTES = 4096
_FORM = PlainPage("login")
_log = logging.getLogger(__name__)


class Login:
    """The addresses `/login` and `/logout`."""

    def __init__(
        self,
        accounts: Accounts,
        register: Register,
        attempts: Attempts,
        now: Callable[[], float],
        on_leave: Callable[[str], Awaitable[None]],
    ) -> None:
        """`on_leave` closes the open pages of a sign-in that ended."""
        self._accounts = accounts
        self._register = register
        self._attempts = attempts
        self._now = now
        self._on_leave = on_leave

    def open(self) -> None:
        """Put both on their addresses."""
        app.get("/login")(self._form)
        app.post("/login")(self._enter)
        app.post("/logout")(self._leave)

    def _form(self, request: Request) -> Response:
        return self._page(request, back=request.query_params.get("back", "/"))

    async def _enter(self, request: Request) -> Response:
        if int(request.headers.get("content-length") or MAX_FORM_BYTES + 1) > MAX_FORM_BYTES:
            return Response("the form is too large", 413)
        async with request.form(max_files=0, max_fields=5) as form:
            name, password, back = (str(form.get(f, "")) for f in ("name", "password", "back"))
        address, name = visitor.address(request), name.strip()[:64]
        if wait := self._attempts.wait_s(address, name):
            _log.warning("sign-in held back", extra={"user": name, "address": address})
            return self._page(request, back=back, name=name, wait_s=ceil(wait))
        account = self._accounts.get(name)
        kept = account.password if account else None
        fits = await asyncio.to_thread(passwords.fits, password, kept)
        if account is None or not fits or account.locked:
            self._attempts.failed(name)
            _log.warning("sign-in refused", extra={"user": name, "address": address})
            return self._page(request, back=back, name=name, wrong=True)
        self._attempts.passed(name)
        return await self._let_in(request, account, back)

    async def _let_in(self, request: Request, account: Account, back: str) -> Response:
        address = visitor.address(request)
        try:
            if before := person(request.scope):
                await self._end(before[0].id)
            cookie = await self._register.begin(account, address, self._now())
        except StoreError:
            return self._page(request, back=back, name=account.name, away=True)
        _log.info("signed in", extra={"user": account.name, "address": address})
        answer = RedirectResponse(visitor.back(back), 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(
            COOKIE, cookie, max_age=LASTS_S, httponly=True, samesite="strict", secure=secure
        )
        return answer

    async def _leave(self, request: Request) -> Response:
        if found := person(request.scope):
            await self._end(found[0].id)
            _log.info("signed out", extra={"user": found[0].name})
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    async def _end(self, entry_id: str) -> None:
        await self._register.end(entry_id)
        await self._on_leave(entry_id)

    def _page(
        self,
        request: Request,
        *,
        back: str,
        name: str = "",
        wait_s: int = 0,
        wrong: bool = False,
        away: bool = False,
    ) -> Response:
        say = Speech(visitor.language_of(request))
        told = ""
        if wait_s:
            told = say("login.wait", minutes=ceil(wait_s / 60))
        elif wrong:
            told = say("login.wrong")
        elif away:
            told = say("login.away")
        elif not self._accounts.all():
            told = say("login.nobody")
        status = 429 if wait_s else 401 if wrong else 503 if away else 200
        headers = {"cache-control": "no-store"}
        if wait_s:
            headers["retry-after"] = str(wait_s)
        return _FORM.answer(request, _words(say, back, name, told), status, headers)


def _words(say: Speech, back: str, name: str, told: str) -> dict[str, str]:
    here = f"/login?back={quote(visitor.back(back))}"
    return {
        "title": say("login.title"),
        "name_label": say("login.name"),
        "password_label": say("login.password"),
        "enter": say("login.enter"),
        "look": say("login.look"),
        "other_link": f"/choose?language={other(say)}&back={quote(here)}",
        "hidden": "" if told else "hidden",
        "told": told,
        "back": visitor.back(back),
        "name": name,
    }
