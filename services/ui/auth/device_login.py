"""The way in by the provider where no browser is: `omf login --device` asks at these addresses."""

import logging
import re
from collections.abc import Callable

from nicegui import app
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.common.auth.access_tokens import MAX_LABEL
from services.common.auth.device_sign_in import (
    DEVICE_ANSWER,
    DEVICE_START,
    DeviceAnswer,
    DeviceState,
)
from services.common.auth.group_roles import GroupsError
from services.common.auth.kept_sign_in import LASTS_S
from services.common.auth.rate_limiter import RateLimiter
from services.common.process import clock
from services.common.store.access_notes import SignInFlaw
from services.common.store.bus import StoreError
from services.common.store.keys import Role, StreamModel
from services.ui.auth import current_user
from services.ui.auth.access_token_keeper import TooManyTokensError
from services.ui.auth.auth_services import AuthServices
from services.ui.auth.browser_sessions import DirectoryPerson, SignedIn
from services.ui.auth.oidc_people import OidcPeople
from services.ui.auth.oidc_provider import NoDeviceFlowError
from services.ui.auth.provider_answers import OidcAwayError, OidcRefusedError
from services.ui.auth.sealed_cookie import CookieSeal

_STATES: dict[str, DeviceState] = {
    "authorization_pending": "pending",
    "slow_down": "slow_down",
    "expired_token": "expired",
    "access_denied": "denied",
}
"""The words of RFC 8628, section 3.5."""
_UNFIT = re.compile(r"[^\w .:()/+-]")
_log = logging.getLogger(__name__)


class DeviceAttempt(StreamModel):
    """One sign-in on its way: kept at the command line, sealed, until the person has confirmed."""

    device_code: str
    machine: str
    until: float
    """Unix seconds."""


class DeviceLogin:
    """Both addresses, over the people of one provider."""

    def __init__(self, auth: AuthServices, people: OidcPeople, now: Callable[[], float]) -> None:
        self._auth, self._people, self._now = auth, people, now
        self._seal = CookieSeal(auth.secret, "sign-in at another machine")
        self._limiter = RateLimiter()

    def open(self) -> None:
        """Put them on their addresses."""
        app.post(DEVICE_START)(self._start)
        app.post(DEVICE_ANSWER)(self._answer)

    async def _start(self, request: Request) -> Response:
        return _said(await self._begun(request))

    async def _begun(self, request: Request) -> DeviceAnswer:
        address = current_user.address(request)
        if self._auth.login_throttle.wait_s(address, ""):
            self._refused("", "held_back", address)
            return DeviceAnswer(state="too_often")
        if not self._people.section.token_days:
            return DeviceAnswer(state="no_tokens")
        try:
            code = await self._people.provider.device_code()
        except NoDeviceFlowError:
            return DeviceAnswer(state="not_offered")
        except OidcAwayError as error:
            return _away(error)
        except OidcRefusedError as error:
            _log.warning("no code for a device: %s %s", error, error.code)
            return DeviceAnswer(state="not_allowed")
        attempt = DeviceAttempt(
            device_code=code.device_code,
            machine=await _field(request, "machine") or address,
            until=self._now() + code.expires_in,
        )
        return DeviceAnswer(
            state="begun",
            attempt=self._seal.sealed(attempt),
            user_code=code.user_code,
            address=code.verification_uri,
            address_with_code=code.verification_uri_complete or "",
            lasts_s=code.expires_in,
            every_s=max(1, code.interval),
        )

    async def _answer(self, request: Request) -> Response:
        attempt = self._seal.opened(await _field(request, "attempt"), DeviceAttempt)
        if attempt is None:
            return _said(DeviceAnswer(state="not_begun_here"))
        if self._now() >= attempt.until:
            return _said(DeviceAnswer(state="expired"))
        if self._limiter.wait_s(current_user.address(request), clock.monotonic()):
            return _said(DeviceAnswer(state="slow_down"))
        return _said(await self._asked(attempt, current_user.address(request)))

    async def _asked(self, attempt: DeviceAttempt, address: str) -> DeviceAnswer:
        extra = {"address": address, "machine": attempt.machine}
        try:
            found = await self._people.provider.device_person(attempt.device_code)
            person = self._people.known(found)
        except OidcAwayError as error:
            return _away(error)
        except OidcRefusedError as error:
            state = _STATES.get(error.code, "refused")
            if state not in {"pending", "slow_down"}:
                self._refused("", "oidc_wrong", address)
                _log.warning("sign-in refused: %s %s", error, error.code, extra=extra)
            return DeviceAnswer(state=state)
        except GroupsError as error:
            _log.warning("sign-in refused: %s", error, extra={**extra, "user": found.name})
            self._refused(found.name, "no_right", address)
            await self._people.rightless(found.name)
            return DeviceAnswer(state="no_right")
        _log.info("signed in at the command line", extra={**extra, "user": person.name})
        return await self._token(person, attempt.machine, address)

    def _refused(self, name: str, why: SignInFlaw, address: str) -> None:
        refusals = self._auth.sign_in_refusals
        refusals.refused(name, why, address, self._now(), proved=bool(name))

    async def _token(self, who: DirectoryPerson, machine: str, address: str) -> DeviceAnswer:
        """A token for a shift, in the place of an earlier one of that machine."""
        tokens, now = self._auth.tokens, self._now()
        label = _UNFIT.sub("-", f"omf login at {machine}")[:MAX_LABEL].strip()
        entry = SignedIn(
            id="",
            name=who.name,
            proof="",
            address=address,
            began=now,
            directory=who.directory,
            groups=who.groups,
        )
        try:
            await tokens.told(who, now)
            for old in await tokens.of(entry):
                if old.label == label and old.until - old.made <= LASTS_S:
                    await tokens.end(old, "anew", source=f"ui {address}")
            shown, token = await tokens.make(entry, label, Role.ADMIN, LASTS_S, now, door="device")
        except TooManyTokensError:
            return DeviceAnswer(state="too_many")
        except StoreError as error:
            _log.warning("no token for %s: %s", who.name, error)
            return DeviceAnswer(state="store_away")
        account = self._auth.roles.account(who.name, who.groups)
        role = account.role if account else Role.VIEWER
        return DeviceAnswer(
            state="signed_in", name=who.name, role=role, token=shown, until=token.until
        )


def _away(error: OidcAwayError) -> DeviceAnswer:
    _log.error("the provider of sign-ins is away: %s", error)
    return DeviceAnswer(state="away")


def _said(answer: DeviceAnswer) -> Response:
    content = answer.model_dump(mode="json", exclude_defaults=True)
    return JSONResponse(content, headers={"cache-control": "no-store"})


async def _field(request: Request, name: str) -> str:
    async with request.form(max_files=0, max_fields=2) as form:
        return str(form.get(name, ""))
