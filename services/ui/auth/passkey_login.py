"""Signing in with a passkey, and making one: four addresses that static/passkeys.js asks."""

import asyncio
import base64
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from nicegui import app
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.common.auth.account_changes import AccountActor
from services.common.auth.passkey import MAX_PASSKEYS, Passkey
from services.common.auth.user_file import Account, AccountsError
from services.common.store.keys import StreamModel
from services.ui.auth import current_user
from services.ui.auth.auth_middleware import person
from services.ui.auth.auth_services import AuthServices, LoginFlaw
from services.ui.auth.request_rules import PASSKEY, PASSKEY_ASK, PASSKEY_KEEP, PASSKEY_NEW
from services.ui.auth.sealed_cookie import CookieSeal
from services.ui.auth.user_agent import device_of

CHALLENGE_COOKIE = "omf_passkey"
CHALLENGE_S = 120
MAX_USED = 1000
_log = logging.getLogger(__name__)

LetIn = Callable[[Request, Account, str], Awaitable[Response]]
Refuse = Callable[[Request, str, LoginFlaw], Response]


class _Challenge(StreamModel):
    """What a device has to sign, once and soon."""

    value: str
    name: str
    """Whose new passkey it is for; "": for signing in."""
    until: float

    @property
    def raw(self) -> bytes:
        return base64.urlsafe_b64decode(self.value)


@dataclass(frozen=True)
class _Answer:
    """A device's answer to a challenge that was still open."""

    text: str
    challenge: _Challenge
    origin: str


class PasskeyLogin:
    """The addresses; passkeys belong to local accounts."""

    def __init__(
        self, auth: AuthServices, now: Callable[[], float], let_in: LetIn, refuse: Refuse
    ) -> None:
        """`let_in` begins the sign-in of a person known now; `refuse` shows the form and why."""
        self._auth, self._now, self._let_in, self._refuse = auth, now, let_in, refuse
        self._seal = CookieSeal(auth.secret, "passkey")
        self._used: dict[str, float] = {}
        """Challenges that were answered, and until when each would count."""

    def open(self) -> None:
        """Put them on their addresses."""
        app.post(PASSKEY_ASK)(self._ask)
        app.post(PASSKEY)(self._enter)
        app.post(PASSKEY_NEW)(self._new)
        app.post(PASSKEY_KEEP)(self._keep)

    async def _ask(self, request: Request) -> Response:
        from services.ui.auth import passkey_ceremony  # noqa: PLC0415 - large, and rarely used

        challenge = self._challenge("")
        host = request.url.hostname or ""
        return self._asked(request, challenge, passkey_ceremony.question(host, challenge.raw))

    async def _new(self, request: Request) -> Response:
        from services.ui.auth import passkey_ceremony  # noqa: PLC0415

        account = self._own(request)
        if account is None or len(account.passkeys) >= MAX_PASSKEYS:
            return Response(status_code=403)
        challenge, host = self._challenge(account.name), request.url.hostname or ""
        asked = passkey_ceremony.creation(account.name, host, challenge.raw, account.passkeys)
        return self._asked(request, challenge, asked)

    async def _enter(self, request: Request) -> Response:
        address = current_user.address(request)
        refused = partial(self._auth.sign_in_refusals.refused, address=address, now=self._now())
        if self._auth.login_throttle.wait_s(address, ""):
            refused("", "held_back")
            return self._refuse(request, "/", "passkey")
        answer, back = await self._answer(request, "")
        if answer is None:
            return self._refuse(request, back, "passkey")
        found = self._holder(answer.text)
        if found is None or not await asyncio.to_thread(self._proves, answer, *found):
            refused(found[0].name if found else "", "passkey_wrong")
            _log.warning("sign-in by passkey refused", extra={"address": address})
            return self._refuse(request, back, "passkey")
        return await self._let_in(request, found[0], back)

    async def _keep(self, request: Request) -> Response:
        account = self._own(request)
        answer, back = await self._answer(request, account.name if account else "-")
        if account and answer and (made := await asyncio.to_thread(self._made, request, answer)):
            try:
                kept = (*account.passkeys, made)[:MAX_PASSKEYS]
                source = f"ui {current_user.address(request)}"
                actor = AccountActor(name=account.name, role=account.role, source=source)
                self._auth.accounts.acting(actor).change(account.name, passkeys=kept)
                _log.warning("a passkey was added", extra={"user": account.name})
            except AccountsError as error:
                _log.warning("a passkey was not kept: %s", error, extra={"user": account.name})
                return self._refuse(request, back, "file")
        return RedirectResponse(current_user.back(back), 303)

    def _own(self, request: Request) -> Account | None:
        """The local account of who asks, if they may change its passkeys."""
        found = person(request.scope)
        return self._auth.accounts.get(found[1].name) if found and found[0].own_keys else None

    def _holder(self, answer: str) -> tuple[Account, Passkey] | None:
        """Whose passkey an answer is of; None for one nobody has, or of a locked account."""
        try:
            wanted = str(json.loads(answer)["id"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        held = (
            (account, one)
            for account in self._auth.accounts.all().values()
            for one in account.passkeys
            if one.id == wanted and not account.locked
        )
        return next(held, None)

    def _proves(self, answer: _Answer, account: Account, passkey: Passkey) -> bool:
        from services.ui.auth import passkey_ceremony  # noqa: PLC0415

        try:
            count = passkey_ceremony.proven(
                answer.text, passkey, answer.origin, answer.challenge.raw
            )
        except passkey_ceremony.PasskeyRefusedError as error:
            _log.warning("a passkey proves nothing: %s", error, extra={"user": account.name})
            return False
        if count != passkey.count:
            return self._counted(account.name, passkey.id, count)
        return True

    def _counted(self, name: str, key: str, count: int) -> bool:
        """Whether it is kept: a count that is not would open to a copy of the device."""
        try:
            self._auth.accounts.count_passkey(name, key, count)
        except AccountsError as error:
            _log.error("a passkey cannot be counted: %s", error, extra={"user": name})
            return False
        return True

    def _made(self, request: Request, answer: _Answer) -> Passkey | None:
        from services.ui.auth import passkey_ceremony  # noqa: PLC0415

        host = request.url.hostname or ""
        try:
            made = passkey_ceremony.created(answer.text, host, answer.origin, answer.challenge.raw)
        except (passkey_ceremony.PasskeyRefusedError, ValidationError) as error:
            _log.warning("no passkey was made: %s", error)
            return None
        device = device_of(request.headers.get("user-agent", ""))
        return made.model_copy(update={"device": device, "added": self._now()})

    def _challenge(self, name: str) -> _Challenge:
        return _Challenge(
            value=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            name=name,
            until=self._now() + CHALLENGE_S,
        )

    def _asked(self, request: Request, challenge: _Challenge, question: str) -> Response:
        answer = Response(
            question, media_type="application/json", headers={"cache-control": "no-store"}
        )
        answer.set_cookie(
            CHALLENGE_COOKIE,
            self._seal.sealed(challenge),
            max_age=CHALLENGE_S,
            path=PASSKEY,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    def _first_use(self, challenge: _Challenge) -> bool:
        """False for one that was answered, and for any while too many were: none is forgotten."""
        now = self._now()
        self._used = {value: until for value, until in self._used.items() if now < until}
        if challenge.value in self._used or len(self._used) >= MAX_USED:
            return False
        self._used[challenge.value] = challenge.until
        return True

    async def _answer(self, request: Request, name: str) -> tuple[_Answer | None, str]:
        """A device's answer, and the page to go back to; None where nothing was asked of it."""
        async with request.form(max_files=0, max_fields=2) as form:
            text, back = str(form.get("answer", "")), str(form.get("back", "/"))
        found = self._seal.opened(request.cookies.get(CHALLENGE_COOKIE, ""), _Challenge)
        if found is None or found.name != name or self._now() >= found.until:
            return None, back
        if not self._first_use(found):
            return None, back
        return _Answer(text, found, request.headers.get("origin", "")), back
