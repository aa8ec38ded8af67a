"""A browser that leaves before its page is there writes no traceback into the log."""

import logging
from typing import Any

import pytest
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.ui.shell.aborted_loads import NO_ANSWER, AbortedLoads, leave_out


class Passing(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        return await call_next(request)


async def cut_off(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """An answer that is given up, for the browser is gone."""


async def load() -> None:
    """One load as the server runs it."""

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        """Nobody is there."""

    await Passing(cut_off)({"type": "http", "method": "GET", "path": "/"}, receive, send)


async def test_an_aborted_load_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    leave_out()
    with pytest.raises(RuntimeError, match=NO_ANSWER) as raised:
        await load()
    logging.getLogger("uvicorn.error").error("Exception in ASGI", exc_info=raised.value)
    assert not caplog.records


def test_every_other_failure_is_logged() -> None:
    one = AbortedLoads()
    for error in (None, RuntimeError("other"), ValueError(NO_ANSWER)):
        info = (type(error), error, None) if error else None
        assert one.filter(logging.LogRecord("x", logging.ERROR, "", 0, "no", None, info))  # type: ignore[arg-type]
