"""The first to see a request to the pages or to the HTTP API.

Both check the host, bound the body and put security headers on every answer; what only one of them
refuses, and how a refusal is worded, it brings along.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.common.process.loopback import names_this_machine

BODY_S = 10.0
"""A client that needs longer for a body within the bound keeps a connection for nothing."""
POLICY_VIOLATION = 4403
"""Close code of a refused websocket."""


class Refused(Enum):
    """Why a request got no further."""

    FOREIGN_HOST = "foreign host"
    FOREIGN_ORIGIN = "foreign origin"
    TOO_LARGE = "too large"
    TOO_SLOW = "too slow"
    BUSY = "busy"


class _RefusedError(Exception):
    def __init__(self, why: Refused) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class SecurityRules:
    """What one server asks of a request."""

    local: bool
    """True: who asks is trusted for sitting at this machine, so the host must name it."""
    headers: Mapping[str, str]
    """Put on every answer; a content security policy of the answer's own stays."""
    refusal: Callable[[Refused, Headers], Response]
    """The answer to a refused request with those headers."""
    max_body_bytes: Callable[[Scope], int | None]
    """The bound for this request; None where the framework itself bounds and reads the body."""
    check: Callable[[Scope, Headers], Refused | None] = lambda _scope, _headers: None
    """What this server refuses besides."""


class SecurityMiddleware:
    """ASGI middleware: passes a request on with its whole body, or refuses it."""

    def __init__(self, app: ASGIApp, rules: SecurityRules) -> None:
        self.app = app
        self.rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers, guarded = Headers(scope=scope), with_security_headers(send, self.rules.headers)
        try:
            self._check(scope, headers)
            bounded = await self._bounded(scope, headers, receive)
        except _RefusedError as refused:
            if scope["type"] == "websocket":
                reason = refused.why.value
                await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})
                return
            await self.rules.refusal(refused.why, headers)(scope, receive, guarded)
            return
        if bounded is not None:
            await self.app(scope, bounded, guarded)

    def _check(self, scope: Scope, headers: Headers) -> None:
        if self.rules.local and not names_this_machine(headers.get("host", "")):
            raise _RefusedError(Refused.FOREIGN_HOST)
        if why := self.rules.check(scope, headers):
            raise _RefusedError(why)

    async def _bounded(self, scope: Scope, headers: Headers, receive: Receive) -> Receive | None:
        """Gives the body as one message; None if the caller went away before its end."""
        limit = self.rules.max_body_bytes(scope) if scope["type"] == "http" else None
        if limit is None:
            return receive
        body = await _body(headers, receive, limit)
        return None if body is None else _again(body, receive)


def with_security_headers(send: Send, security_headers: Mapping[str, str]) -> Send:
    """Sends the same with these headers."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            # A file that is markup of its own brings a stricter policy.
            own = headers.get("content-security-policy")
            headers.update(security_headers)
            if own is not None:
                headers["content-security-policy"] = own
        await send(message)

    return send_with_headers


async def _body(headers: Headers, receive: Receive, limit: int) -> bytes | None:
    """The whole body, None if the caller went away; refused if it is too large or too slow.

    Half a command must not be taken for a whole one: what was cut off can be valid JSON.
    """
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > limit:
        raise _RefusedError(Refused.TOO_LARGE)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                if len(body) > limit:
                    raise _RefusedError(Refused.TOO_LARGE)
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        raise _RefusedError(Refused.TOO_SLOW) from None


def _again(body: bytes, receive: Receive) -> Receive:
    """The body as one message, then what really comes: the end of the connection."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
