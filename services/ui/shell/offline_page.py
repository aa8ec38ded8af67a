"""What the browser shows while the server is away: a page that comes back by itself."""

import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from services.ui.auth import current_user
from services.ui.auth.plain_pages import TEMPLATES
from services.ui.translator import Translator

ADDRESS = "/waiting.js"
"""At the root, for a service worker answers for nothing above its own address."""
_PAGE = TEMPLATES.get_template("waiting.html")
_STATIC = Path(__file__).parents[1] / "static"
_WORKER = "\n".join(
    (_STATIC / name).read_text(encoding="utf-8") for name in ("waiting.js", "notifications.js")
)
"""A browser has one for all pages: it waits for the server and shows what is pushed."""


def worker(request: Request) -> Response:
    """The service worker with the page to wait on, in the reader's language, and notifications.

    A browser installs it over HTTPS and on this machine itself; elsewhere it does without.
    """
    say = Translator(current_user.language_of(request))
    page = _PAGE.render(
        title=say("waiting.title"), advice=say("waiting.advice"), language=say.language
    )
    body = f"const WAITING = {json.dumps(page)};\n{_WORKER}"
    return Response(body, media_type="text/javascript", headers={"cache-control": "no-cache"})
