"""The links that choose a language, a theme or a clock, and where the choice is kept."""

from contextlib import suppress
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse

from services.common.store.bus import StoreError
from services.ui.auth import current_user
from services.ui.auth.auth_middleware import person
from services.ui.auth.current_user import CHOICES
from services.ui.auth.person_choices import ChoiceStore

YEAR_S = 31_536_000


class Choosing:
    """`/choose?<choice>=<value>`: kept with who is signed in, else with the browser."""

    def __init__(self, kept: ChoiceStore | None) -> None:
        self._kept = kept

    async def answer(self, request: Request) -> RedirectResponse:
        """Keep what is a choice of ours and go back to the page."""
        answer = RedirectResponse(current_user.back(_left(request)), 303)
        asked = request.query_params
        chosen = {
            choice: value
            for choice, values in CHOICES.items()
            if (value := asked.get(choice)) in values and value is not None
        }
        found = person(request.scope)
        if chosen and found is not None and self._kept is not None:
            # A store that is away keeps nothing: then the browser does.
            with suppress(StoreError):
                await self._kept.keep(found[1].name, chosen)
                return answer
        for choice, value in chosen.items():
            answer.set_cookie(
                current_user.cookie(choice), value, max_age=YEAR_S, httponly=True, samesite="strict"
            )
        return answer


def _left(request: Request) -> str:
    """The page left for the choice, with its object and filters; else the one the link names."""
    try:
        page = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # no browser sends such a one
        page = urlsplit("")
    if page.netloc != request.headers.get("host") or not page.path.strip("/"):
        return request.query_params.get("back", "/")
    return f"{page.path}?{page.query}" if page.query else page.path
