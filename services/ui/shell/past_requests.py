"""A request for a page of the past: the moment `?at=` means, its model, or why there is none."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.common.process import time_parsing
from services.common.store.keys import Environment
from services.history.moments import CLOCK_TOLERANCE_S, NothingKnownError
from services.ui.auth import current_user
from services.ui.auth.plain_pages import PlainPage
from services.ui.live.model import ViewModel
from services.ui.live.past import PastModels
from services.ui.live.past_player import PACES
from services.ui.live.past_reader import PastUnreadableError
from services.ui.live.screen import past_address
from services.ui.translator import Translator

AT, PLAY = "at", "play"
MAX_MOMENT_CHARS = 60
MAX_MOMENTS = 30
"""Looked at at once: each is a factory with its newest messages in memory."""
_ABSOLUTE = re.compile(r"\d{4}-\d\d-\d\d.*|\d{9,11}(\.\d+)?")
_PAGE = PlainPage("moment")


class PastRequests:
    """Called for every page before it is built; one without a moment is of the present."""

    def __init__(
        self,
        models: Mapping[Environment, ViewModel],
        past: PastModels | None,
        now: Callable[[], float],
        moments: Callable[[], int],
    ) -> None:
        """`models` of the present know what time it is there; `moments` counts those looked at."""
        self._models = models
        self._past = past
        self._now = now
        self._moments = moments

    async def of(self, request: Request) -> ViewModel | Response | None:
        """The model to show; an answer in its place; None for a page of the present."""
        given = request.query_params.get(AT)
        name = next((n for n in self._models if n == request.path_params["environment"]), None)
        if given is None or name is None:
            return None
        say = Translator(current_user.language_of(request))
        present = self._models[name]
        present.look(self._now())
        zone = UTC if current_user.clock_of(request) == "utc" else None
        try:
            at = round(time_parsing.moment(given.strip(), zone, present.now), 3)
        except (ValueError, OverflowError):
            return _none(request, say("past.no_moment", given=given[:MAX_MOMENT_CHARS]), 400)
        if at > present.now + CLOCK_TOLERANCE_S:
            return _none(request, say("past.not_yet"), 404)
        if not _ABSOLUTE.fullmatch(given.strip()):
            # "10m" would mean another moment at each reload.
            return RedirectResponse(past_address(without_moment(request), at))
        return await self._model(request, name, at)

    async def _model(self, request: Request, name: Environment, at: float) -> ViewModel | Response:
        say = Translator(current_user.language_of(request))
        if self._past is None:
            return _none(request, say("past.no_archive"), 404)
        costs_nothing = pace_of(request) is None and self._past.has(name, at)
        if not costs_nothing and self._moments() >= MAX_MOMENTS:
            return _none(request, say("past.crowded"), 503)
        try:
            if pace_of(request) is not None:
                return await self._past.own(name, at)
            return await self._past.at(name, at)
        except NothingKnownError as error:
            return _none(request, say.either(error.told), 404)
        except PastUnreadableError as error:
            return _none(request, say("past.unreadable", why=str(error)), 503)


def pace_of(request: Request) -> float | None:
    """How fast a page of the past plays; None for one that stands."""
    try:
        pace = float(request.query_params.get(PLAY, ""))
    except ValueError:
        return None
    return pace if PACES[0] <= pace <= PACES[-1] else None


def without_moment(request: Request) -> str:
    """The address of a request with its object and filters, but of no moment."""
    left = [pair for pair in request.query_params.multi_items() if pair[0] not in (AT, PLAY)]
    path = request.url.path
    return f"{path}?{urlencode(left)}" if left else path


def _none(request: Request, why: str, status: int) -> Response:
    """What is wrong with the moment, how one is written, and the way back to the present."""
    say = Translator(current_user.language_of(request))
    here = without_moment(request)
    words = {
        "title": say("past.title"),
        "why": why,
        "how": say("past.how", example=past_address(here.partition("?")[0], EXAMPLE)),
        "back": here,
        "way": say("past.to_now"),
        "here": here,
    }
    return _PAGE.answer(request, words, status)


EXAMPLE = 1_786_111_530.0
"""2026-08-07T14:05:30Z."""
