"""What is shown instead of a page while too many are open or asked for: it asks again by itself."""

import random

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from services.ui.auth import current_user
from services.ui.auth.plain_pages import PlainPage
from services.ui.metrics import TURNED_AWAY
from services.ui.translator import Translator

AGAIN_AFTER_S = 3, 9
"""By chance in between: who was turned away in the same second does not come back in the same."""
_PAGE = PlainPage("busy")


def answer(headers: Headers) -> Response:
    """The page, for a request with these headers; counted."""
    TURNED_AWAY.inc()
    asked = Request({"type": "http", "headers": headers.raw, "query_string": b""})
    say = Translator(current_user.language_of(asked))
    again_s = str(random.randint(*AGAIN_AFTER_S))  # noqa: S311 - a pause, no secret
    words = {"title": say("busy.title"), "advice": say("busy.advice")}
    return _PAGE.answer(asked, words, 503, {"retry-after": again_s, "refresh": again_s})
