"""The answer to an address that leads nowhere. Plain HTML, as the sign-in form: it costs little."""

from collections.abc import Awaitable, Callable, Collection
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from services.ui import visitor
from services.ui.words import Speech

MAX_ADDRESS = 120
_PAGE = Template((Path(__file__).parent / "texts" / "missing.html").read_text(encoding="utf-8"))


def handler(environments: Collection[str]) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Answers people with the page, and what asks for a file of the front end with a bare word."""

    async def answer(request: Request, error: Exception) -> Response:
        if "endpoint" in request.scope and isinstance(error, HTTPException):
            return PlainTextResponse("not found", 404)
        return page(request, environments)

    return answer


def page(request: Request, environments: Collection[str]) -> Response:
    """What was asked for, and the way back: into the same environment if it names one."""
    say = Speech(visitor.language_of(request))
    theme = visitor.theme_of(request)
    address = request.scope["path"]
    inside = address.lstrip("/").partition("/")[0]
    other = "en" if say.language == "de" else "de"
    words = {
        "language": say.language,
        "dark": "" if theme == "light" else "body--dark",
        "theme": theme,
        "title": say("missing.title"),
        "address": address[:MAX_ADDRESS],
        "advice": say("missing.advice"),
        "back": f"/{inside}/overview" if inside in environments else "/",
        "way": say("missing.way"),
        "other": say(f"login.other.{other}"),
        "other_link": f"/choose?language={other}&back={quote(address)}",
    }
    return HTMLResponse(_PAGE.substitute({key: escape(word) for key, word in words.items()}), 404)
