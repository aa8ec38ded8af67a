"""The forms people sign in with, and the words that say why one is shown again."""

from math import ceil
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from services.ui.auth import current_user
from services.ui.auth.auth_services import AuthServices, LoginFlaw
from services.ui.auth.plain_pages import PlainPage
from services.ui.auth.request_rules import OIDC_START
from services.ui.translator import Translator

FIRST = "/login/first"
_FORM, _FIRST_FORM = PlainPage("login"), PlainPage("first_account")
_STATUS: dict[LoginFlaw, int] = {
    "wrong": 401,
    "away": 503,
    "ldap_away": 503,
    "oidc_away": 503,
    "oidc_again": 400,
    "oidc_refused": 403,
    "no_right": 403,
    "passkey": 401,
    "stays": 503,
    "file": 503,
}


class LoginForms:
    """The form of every day, and the one that makes the first account."""

    def __init__(self, auth: AuthServices) -> None:
        self._auth = auth

    def page(
        self,
        request: Request,
        *,
        back: str,
        name: str = "",
        wait_s: int = 0,
        flaw: LoginFlaw | None = None,
    ) -> Response:
        """The form, with what went wrong: how long to wait, or a flaw."""
        say = Translator(current_user.language_of(request))
        told, oidc = "", self._auth.directory.oidc if self._auth.directory else None
        if wait_s:
            told = say("login.wait", minutes=ceil(wait_s / 60))
        elif flaw:
            told = say(f"login.{flaw}")
        elif not self._auth.accounts.all() and self._auth.directory is None:
            told = say("login.nobody")
        status = 429 if wait_s else _STATUS[flaw] if flaw else 200
        headers = {"cache-control": "no-store"}
        if wait_s:
            headers["retry-after"] = str(wait_s)
        provider = f"{OIDC_START}?back={quote(current_user.back(back))}" if oidc else ""
        label = say("login.by_provider", provider=oidc.shown_title) if oidc else ""
        words = _words(say, back, name, told)
        words |= {"provider": provider, "provider_label": label}
        has_keys = any(account.passkeys for account in self._auth.accounts.all().values())
        words |= {
            "passkey_label": say("login.by_passkey") if has_keys else "",
            "passkey_failed": say("passkeys.failed"),
        }
        return _FORM.answer(request, words, status, headers)

    def first_page(self, request: Request, back: str, name: str = "", wrong: str = "") -> Response:
        """The form of the first account; `wrong` is a reason of AccountsError."""
        say = Translator(current_user.language_of(request))
        told = say(f"login.first.{wrong}") if wrong else say("login.first")
        words = _words(say, back, name[:64], told) | {
            "action": FIRST,
            "title": say("login.first.title"),
            "again_label": say("login.again"),
            "make": say("login.first.make"),
            "rule": say("login.first.rule"),
        }
        headers = {"cache-control": "no-store"}
        return _FIRST_FORM.answer(request, words, 400 if wrong else 200, headers)


def _words(say: Translator, back: str, name: str, told: str) -> dict[str, str]:
    here = f"/login?back={quote(current_user.back(back))}"
    return {
        "title": say("login.title"),
        "name_label": say("login.name"),
        "password_label": say("login.password"),
        "enter": say("login.enter"),
        "look": say("login.look"),
        "here": here,
        "hidden": "" if told else "hidden",
        "told": told,
        "back": current_user.back(back),
        "name": name,
    }
