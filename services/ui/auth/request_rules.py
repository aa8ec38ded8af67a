"""What the pages ask of every request: their own origin, no crowd, a small form."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

from services.common.auth.device_sign_in import DEVICE_ANSWER, DEVICE_START
from services.common.auth.security_middleware import Refused, SecurityRules
from services.ui.auth import busy_page

# NiceGUI compiles its templates in the browser and carries the page in inline scripts, so
# `unsafe-*` cannot go; what is left keeps every byte on this host and the page out of any frame.
POLICY = (
    "default-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; "
    "font-src 'self' data:; "
    "connect-src 'self'; "
    "object-src 'none'; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}
MAX_FORM_BYTES = 4096
PERSON_CHANGE = "/login/pin"
PASSKEY = "/login/passkey"
PASSKEY_ASK, PASSKEY_NEW, PASSKEY_KEEP = (f"{PASSKEY}/{end}" for end in ("ask", "new", "keep"))
OIDC_START, OIDC_DONE = "/login/oidc", "/login/oidc/done"
SESSION_IMPORT = "/replay/sessions/import"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FRAMEWORK = "/_nicegui"
CHEAP = (FRAMEWORK, "/static/")
MANIFEST = "/manifest.webmanifest"
PLAIN = frozenset(
    {
        *("/login", "/login/first", "/logout", "/logout/everywhere"),
        *(OIDC_START, OIDC_DONE, DEVICE_START, DEVICE_ANSWER, PERSON_CHANGE),
        *(PASSKEY, PASSKEY_ASK, PASSKEY_NEW, PASSKEY_KEEP),
        *("/choose", "/site", "/waiting.js", MANIFEST),
    }
)
_STATUS = {Refused.BUSY: 503, Refused.TOO_LARGE: 413, Refused.TOO_SLOW: 408}


def page_rules(*, local: bool, crowded: Callable[[Scope], bool] = lambda _: False) -> SecurityRules:
    """The rules of the pages.

    `crowded` says when no further page may be built: each costs a megabyte until its browser
    connects or a minute has passed. `local` is for pages that let people in without a form.
    """

    def check(scope: Scope, headers: Headers) -> Refused | None:
        if not _own_origin(scope, headers):
            return Refused.FOREIGN_ORIGIN
        if _wants_page(scope) and crowded(scope):
            return Refused.BUSY
        return None

    return SecurityRules(local, PAGE_HEADERS, _refusal, _max_body_bytes, check)


def _own_origin(scope: Scope, headers: Headers) -> bool:
    origin = headers.get("origin")
    if origin is None:
        # Browsers name the origin of everything that changes something.
        return scope.get("method", "GET") in SAFE_METHODS
    host = headers.get("host", "")
    return bool(host) and origin.partition("://")[2] == host


def _wants_page(scope: Scope) -> bool:
    """True for what would be built: a flood of these costs memory, files and sockets do not."""
    path = scope["path"]
    return scope["type"] == "http" and not path.startswith(CHEAP) and path not in PLAIN


def _max_body_bytes(scope: Scope) -> int | None:
    """Forms are small; what the front end posts to NiceGUI, NiceGUI bounds.

    A session file is bounded by its door, which asks for the right of its sender first.
    """
    path = scope["path"]
    return None if path.startswith(FRAMEWORK) or path == SESSION_IMPORT else MAX_FORM_BYTES


def _refusal(why: Refused, headers: Headers) -> Response:
    if why is Refused.BUSY:
        return busy_page.answer(headers)
    if why in _STATUS:
        return PlainTextResponse(why.value, _STATUS[why], {"connection": "close"})
    return PlainTextResponse("foreign origin", 403)
