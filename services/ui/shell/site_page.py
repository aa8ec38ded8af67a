"""All factories of the site on one page: how each is, and the way to it.

Plain HTML like the pages before the sign-in, so that two hundred factories and a crowd before them
cost little; the browser asks for it anew every two seconds.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import HTMLResponse

from omf.texts import LANGUAGES
from services.common.store.keys import Environment
from services.ui.auth import current_user
from services.ui.auth.plain_pages import TEMPLATES
from services.ui.live.model import ViewModel
from services.ui.translator import Language, Translator
from services.ui.views.factory_view import FactoryLine, factory_line

SITE = "/site"
PICTURE_S = 2.0
"""So long everybody is shown the same picture."""
JUDGED_AT_ONCE = 10
"""Factories that are judged before other pages have their turn: each takes a millisecond."""
_COLUMNS = ("factory", "kind", "link", "worst", "running", "queued", "heard")


class _Picture(NamedTuple):
    at: float
    lines: list[FactoryLine]


class SitePage:
    """Answers at `/site`."""

    def __init__(self, models: Mapping[Environment, ViewModel], now: Callable[[], float]) -> None:
        self._models = models
        self._now = now
        self._template = TEMPLATES.get_template("site.html")
        self._one_at_a_time = asyncio.Lock()
        self._kept: dict[Language, _Picture] = {}

    async def answer(self, request: Request) -> HTMLResponse:
        """Every factory in the order of the file, so that each is found where it was before."""
        say, theme = Translator(current_user.language_of(request)), current_user.theme_of(request)
        async with self._one_at_a_time:
            lines = await self._lines(say)
        page = self._template.render(
            say=say,
            title=say("site.title"),
            heads={name: say(f"site.{name}") for name in _COLUMNS},
            more=lambda line: say("site.more", more=str(line.more)),
            lines=lines,
            summary=_summary(lines, say),
            dark="" if theme == "light" else "body--dark",
            theme=theme,
            here=SITE,
            others=[one for one in LANGUAGES if one != say.language],
        )
        return HTMLResponse(page, headers={"cache-control": "no-store"})

    async def _lines(self, say: Translator) -> list[FactoryLine]:
        now, kept = self._now(), self._kept.get(say.language)
        if kept and 0 <= now - kept.at < PICTURE_S:
            return kept.lines
        lines = []
        for number, model in enumerate(self._models.values()):
            model.look(now)
            lines.append(factory_line(model, say))
            if number % JUDGED_AT_ONCE == 0:
                await asyncio.sleep(0)
        self._kept[say.language] = _Picture(now, lines)
        return lines


def _summary(lines: list[FactoryLine], say: Translator) -> str:
    """How many there are, how many are in trouble."""
    counts = Counter(line.severity for line in lines)
    lost = sum(line.lost for line in lines)
    return say(
        "site.summary",
        factories=str(len(lines)),
        critical=str(counts["critical"]),
        warning=str(counts["warning"]),
        lost=str(lost),
    )
