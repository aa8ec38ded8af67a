"""The first to see a request: bounds its body, checks its host, dresses and counts the answer."""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api import reasons
from services.api.metrics import ANSWERS, SECONDS
from services.api.problems import RefusalError
from services.common.process import clock
from services.common.process.language import spoken
from services.common.process.loopback import names_this_machine

MAX_BODY_BYTES = 64 * 1024
BODY_S = 10.0
"""A client that needs longer for 64 KiB keeps a connection for nothing."""
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class ApiSecurityMiddleware:
    """ASGI middleware. `local`: who asks is trusted for sitting at this machine."""

    def __init__(self, app: ASGIApp, *, local: bool) -> None:
        self.app = app
        self.local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its whole body, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, dressed = Headers(scope=scope), _dressed(scope, send)
        try:
            self._check(headers)
            body = await _body(headers, receive)
        except RefusalError as refusal:
            answer = refusal.answer(spoken(headers.get("accept-language", "")))
            await answer(scope, receive, dressed)
            return
        if body is not None:
            await self.app(scope, _again(body, receive), dressed)

    def _check(self, headers: Headers) -> None:
        if self.local and not names_this_machine(headers.get("host", "")):
            raise RefusalError(reasons.FOREIGN_HOST)


async def _body(headers: Headers, receive: Receive) -> bytes | None:
    """The whole body, None if the caller went away; RefusalError if it is too large or too slow.

    Half a command must not be taken for a whole one: what was cut off can be valid JSON.
    """
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > MAX_BODY_BYTES:
        raise RefusalError(reasons.TOO_LARGE, headers={"connection": "close"})
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                if len(body) > MAX_BODY_BYTES:
                    raise RefusalError(reasons.TOO_LARGE, headers={"connection": "close"})
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        raise RefusalError(reasons.TOO_SLOW, headers={"connection": "close"}) from None


def _again(body: bytes, receive: Receive) -> Receive:
    """The body as one message, then what really comes: the end of the connection."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again


def _dressed(scope: Scope, send: Send) -> Send:
    began = clock.monotonic()

    async def send_dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
            # Only addresses of ours become labels: anybody can invent others.
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if route != "other" else "other"
            ANSWERS.labels(route, method, str(message["status"])).inc()
            SECONDS.labels(route).observe(clock.monotonic() - began)
        await send(message)

    return send_dressed
