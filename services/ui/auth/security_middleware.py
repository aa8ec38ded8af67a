"""Every answer forbids what the pages never need, and no foreign page gets a word in."""

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.common.process.loopback import names_this_machine
from services.ui.metrics import TURNED_AWAY

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
HEADERS = {
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}


SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CHEAP = ("/_nicegui", "/static/")
PLAIN = frozenset({"/login", "/login/first", "/logout", "/choose", "/waiting.js"})


class SecurityMiddleware:
    """ASGI middleware: security headers on all answers, foreign Origin and Host refused.

    `crowded` says when no further page may be built: each costs a megabyte until its browser
    connects or a minute has passed. `local` is for pages that let people in without a form.
    """

    def __init__(
        self, app: ASGIApp, *, local: bool, crowded: Callable[[Scope], bool] = lambda _: False
    ) -> None:
        self.app = app
        self.local = local
        self.crowded = crowded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        if not self._welcome(scope):
            await _refuse(scope, receive, send)
            return
        if _wants_page(scope) and self.crowded(scope):
            TURNED_AWAY.inc()
            busy = PlainTextResponse("busy, try again", 503, {**HEADERS, "retry-after": "5"})
            await busy(scope, receive, send)
            return
        await self.app(scope, receive, _dressed(send))

    def _welcome(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self.local and not names_this_machine(host):
            return False
        origin = headers.get("origin")
        if origin is None:
            # Browsers name the origin of everything that changes something.
            return scope.get("method", "GET") in SAFE
        return urlsplit(origin).netloc == host


def _wants_page(scope: Scope) -> bool:
    """True for what would be built: a flood of these costs memory, files and sockets do not."""
    path = scope["path"]
    return scope["type"] == "http" and not path.startswith(CHEAP) and path not in PLAIN


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4403, "reason": "foreign origin"})
        return
    await PlainTextResponse("foreign origin", 403, HEADERS)(scope, receive, send)


def _dressed(send: Send) -> Send:
    async def send_dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            # A file that is markup of its own brings a stricter policy.
            own = headers.get("content-security-policy")
            headers.update(HEADERS if own is None else {**HEADERS, "content-security-policy": own})
        await send(message)

    return send_dressed
