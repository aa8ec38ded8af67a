"""The answer to an address that leads nowhere."""

from collections.abc import Awaitable, Callable, Collection

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.ui.auth import current_user
from services.ui.auth.plain_pages import PlainPage
from services.ui.translator import Translator

MAX_ADDRESS = 120
_PAGE = PlainPage("missing")


def handler(environments: Collection[str]) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Answers people with the page, and what asks for a file of the front end with a bare word."""

    async def answer(request: Request, error: Exception) -> Response:
        if "endpoint" in request.scope and isinstance(error, HTTPException):
            return PlainTextResponse("not found", 404)
        return page(request, environments)

    return answer


def page(request: Request, environments: Collection[str]) -> Response:
    """What was asked for, and the way back: into the same environment if it names one."""
    say = Translator(current_user.language_of(request))
    address = request.scope["path"]
    inside = address.lstrip("/").partition("/")[0]
    words = {
        "title": say("missing.title"),
        "address": address[:MAX_ADDRESS],
        "advice": say("missing.advice"),
        "back": f"/{inside}/overview" if inside in environments else "/",
        "way": say("missing.way"),
        "here": address,
    }
    return _PAGE.answer(request, words, 404)
