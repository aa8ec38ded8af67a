"""The form people sign in with, and the way out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from math import ceil

from nicegui import app
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.common.auth import passwords
from services.common.auth.account_changes import AccountActor
from services.common.auth.directory_people import (
    DirectoryAwayError,
    DirectoryPeople,
    DirectoryRefusedError,
)
from services.common.auth.group_roles import GroupsError
from services.common.auth.kept_sign_in import LASTS_S
from services.common.auth.user_file import Account, AccountsError
from services.common.store.access_notes import SignInDoor, SignInEnd, SignInFlaw
from services.common.store.bus import StoreError
from services.common.store.keys import Role
from services.ui.auth import current_user
from services.ui.auth.auth_middleware import person
from services.ui.auth.auth_services import AuthServices, LoginFlaw
from services.ui.auth.browser_sessions import COOKIE, DirectoryPerson, SignedIn, Visitor
from services.ui.auth.login_forms import FIRST, LoginForms
from services.ui.auth.passkey_login import PasskeyLogin
from services.ui.auth.plain_pages import PlainPage
from services.ui.auth.user_agent import device_of
from services.ui.translator import Translator

EVERYWHERE = "/logout/everywhere"
_KNOWN = PlainPage("signed_in")
_log = logging.getLogger(__name__)


class Login:
    """The addresses `/login`, `/login/first`, `/logout` and `/logout/everywhere`."""

    def __init__(
        self,
        auth: AuthServices,
        now: Callable[[], float],
        on_leave: Callable[[str], Awaitable[None]],
    ) -> None:
        """`on_leave` closes the open pages of a sign-in that ended."""
        self._auth = auth
        self._accounts = auth.accounts
        self._sessions = auth.sessions
        self._login_throttle = auth.login_throttle
        self._forms = LoginForms(auth)
        self._now = now
        self._on_leave = on_leave

    def open(self) -> None:
        """Put them on their addresses."""
        app.get("/login")(self._form)
        app.post("/login")(self._enter)
        app.post(FIRST)(self._make_first)
        app.post("/logout")(self._leave)
        app.post(EVERYWHERE)(self._leave_everywhere)
        by_passkey = partial(self._let_in, door="passkey")
        PasskeyLogin(self._auth, self._now, by_passkey, self._refused).open()
        if self._auth.directory and self._auth.directory.oidc:
            section = self._auth.directory.oidc
            # Most sites have no provider, and what it takes is large.
            from services.ui.auth.device_login import DeviceLogin  # noqa: PLC0415
            from services.ui.auth.oidc_login import OidcLogin  # noqa: PLC0415
            from services.ui.auth.oidc_people import OidcPeople  # noqa: PLC0415

            people = OidcPeople(self._auth, section, self._now)
            OidcLogin(self._auth, people, self._now, self._let_in_known, self._refused).open()
            DeviceLogin(self._auth, people, self._now).open()

    def _form(self, request: Request) -> Response:
        back = request.query_params.get("back", "/")
        if current_user.at_this_machine(request, trusting=self._auth.trusting):
            return self._forms.first_page(request, back)
        return self._forms.page(request, back=back)

    async def _enter(self, request: Request) -> Response:
        name, password, back = await _fields(request, "name", "password", "back")
        address, name = current_user.address(request), name.strip()[:64]
        if wait := self._login_throttle.wait_s(address, name):
            self._note_refused(request, name, "held_back")
            _log.warning("sign-in held back", extra={"user": name, "address": address})
            return self._forms.page(request, back=back, name=name, wait_s=ceil(wait))
        account = self._accounts.get(name)
        if account is None and self._auth.people and not self._accounts.like(name):
            return await self._enter_by_directory(request, self._auth.people, name, password, back)
        kept = account.password if account else None
        fits = await asyncio.to_thread(passwords.fits, password, kept)
        if account is None or not fits or account.locked:
            self._login_throttle.failed(name)
            locked = account is not None and fits
            self._note_refused(request, name, "locked" if locked else "wrong")
            _log.warning("sign-in refused", extra={"user": name, "address": address})
            return self._forms.page(request, back=back, name=name, flaw="wrong")
        self._login_throttle.passed(name)
        return await self._let_in(request, account, back)

    async def _enter_by_directory(
        self, request: Request, people: DirectoryPeople, name: str, password: str, back: str
    ) -> Response:
        """A person of the company's directory, with the password they have there."""
        extra = {"user": name, "address": current_user.address(request)}
        flaw: LoginFlaw = "wrong"
        try:
            found = await asyncio.to_thread(people.person, name, password)
        except DirectoryAwayError as error:
            _log.warning("the directory is away: %s", error, extra=extra)
            flaw = "ldap_away"
        except GroupsError as error:
            self._note_refused(request, name, "no_right", proved=True)
            _log.warning("sign-in refused: %s", error, extra=extra)
            flaw = "no_right"
        except DirectoryRefusedError as error:
            self._login_throttle.failed(name)
            self._note_refused(request, name, "wrong")
            _log.warning("sign-in refused: %s", error, extra=extra)
        else:
            self._login_throttle.passed(name)
            known = DirectoryPerson("ldap", *found, LASTS_S)
            return await self._let_in_known(request, known, back)
        return self._forms.page(request, back=back, name=name, flaw=flaw)

    async def _make_first(self, request: Request) -> Response:
        """The first account is made by whoever sits at this machine, and administers."""
        name, password, again, back = await _fields(request, "name", "password", "again", "back")
        name = name.strip()
        if not current_user.at_this_machine(request, trusting=self._auth.trusting):
            return self._forms.page(request, back=back, name=name[:64])
        try:
            by = f"ui {current_user.address(request)}"
            account = await asyncio.to_thread(self._first_account, name, password, again, by)
        except AccountsError as error:
            _log.warning("the first account was not made: %s", error)
            return self._forms.first_page(request, back, name, error.reason)
        _log.info("the first account was made", extra={"user": name})
        return await self._let_in(request, account, back)

    def _first_account(self, name: str, password: str, again: str, source: str) -> Account:
        if password != again:
            raise AccountsError("the two passwords differ", "differ")
        try:
            kept = passwords.hashed(password)
            account = Account(name=name, role=Role.ADMIN, password=kept)
        except passwords.PasswordError as error:
            raise AccountsError(str(error), "password") from None
        except ValidationError:
            raise AccountsError(f"{name!r} is no name", "name") from None
        self._accounts.acting(AccountActor(name=name, source=source)).add_first(account)
        return account

    async def _let_in(
        self, request: Request, account: Account, back: str, door: SignInDoor = "password"
    ) -> Response:
        address = current_user.address(request)
        try:
            if before := person(request.scope):
                await self._end(before[0], "anew")
            device = device_of(request.headers.get("user-agent", ""))
            cookie = await self._sessions.begin(account, address, self._now(), device, door)
        except StoreError:
            return self._forms.page(request, back=back, name=account.name, flaw="away")
        _log.info("signed in", extra={"user": account.name, "address": address})
        answer = RedirectResponse(current_user.back(back), 303)
        self._give(answer, request, cookie, LASTS_S)
        return answer

    async def _let_in_known(self, request: Request, who: DirectoryPerson, back: str) -> Response:
        """A person of the directory; the page leads on, for no strict cookie follows a redirect."""
        visitor = Visitor(
            current_user.address(request), device_of(request.headers.get("user-agent", ""))
        )
        try:
            if before := person(request.scope):
                await self._end(before[0], "anew")
            await self._auth.tokens.told(who, self._now())
            cookie = await self._sessions.begin_known(who, visitor, self._now())
        except StoreError:
            return self._forms.page(request, back=back, flaw="away")
        extra = {"user": who.name, "address": visitor.address, "groups": ", ".join(who.groups)}
        _log.info("signed in", extra=extra)
        leads_on = _known if who.directory == "oidc" else _redirected
        answer = leads_on(request, current_user.back(back))
        self._give(answer, request, cookie, who.lasts_s)
        return answer

    def _refused(self, request: Request, back: str, flaw: LoginFlaw) -> Response:
        return self._forms.page(request, back=back, flaw=flaw)

    @staticmethod
    def _give(answer: Response, request: Request, cookie: str, lasts_s: int) -> None:
        secure = request.url.scheme == "https"
        answer.set_cookie(
            COOKIE, cookie, max_age=lasts_s, httponly=True, samesite="strict", secure=secure
        )

    async def _leave(self, request: Request) -> Response:
        if found := person(request.scope):
            try:
                await self._end(found[0], "by_person")
            except StoreError as error:
                return self._still_in(request, found[0].name, "stays", error)
            _log.info("signed out", extra={"user": found[0].name})
        return _left()

    async def _leave_everywhere(self, request: Request) -> Response:
        if found := person(request.scope):
            name = found[0].name
            try:
                source = f"ui {current_user.address(request)}"
                await self._auth.end_everywhere(name, self._now(), source)
            except AccountsError as error:
                return self._still_in(request, name, "file", error)
            except StoreError as error:
                return self._still_in(request, name, "stays", error)
            await self._on_leave(found[0].id)
            _log.info("signed out everywhere", extra={"user": name})
        return _left()

    def _still_in(self, request: Request, name: str, flaw: LoginFlaw, error: Exception) -> Response:
        _log.warning("nobody was signed out: %s", error, extra={"user": name})
        return self._forms.page(request, back="/", name=name, flaw=flaw)

    async def _end(self, entry: SignedIn, why: SignInEnd) -> None:
        await self._sessions.end(entry, why, self._now())
        await self._on_leave(entry.id)

    def _note_refused(
        self, request: Request, name: str, why: SignInFlaw, *, proved: bool = False
    ) -> None:
        address = current_user.address(request)
        self._auth.sign_in_refusals.refused(name, why, address, self._now(), proved=proved)


def _left() -> Response:
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _known(request: Request, target: str) -> Response:
    say = Translator(current_user.language_of(request))
    words = {"title": say("login.known"), "go_on": say("login.go_on"), "target": target}
    return _KNOWN.answer(request, words, 200, {"cache-control": "no-store"})


def _redirected(_: Request, target: str) -> Response:
    return RedirectResponse(target, 303)


async def _fields(request: Request, *names: str) -> list[str]:
    async with request.form(max_files=0, max_fields=5) as form:
        found = [str(form.get(name, "")) for name in names]
    return [
        text if "password" in name or name == "again" else text.strip()
        for name, text in zip(names, found, strict=True)
    ]
