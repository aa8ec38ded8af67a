"""All factories of the site on one page: how each is, and the way to it.

`?find=` keeps those whose title or name has the words, `?first=problems` puts those in trouble on
top, `?page=` turns over: fifty stand on a page. The summary counts all of them whatever is shown.

Plain HTML like the pages before the sign-in, so that two hundred factories and a crowd before them
cost little; the browser asks for it anew every two seconds.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from math import ceil
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse

from omf.alarms.rule_data import SEVERITIES
from omf.texts import LANGUAGES
from services.common.store.keys import Environment
from services.ui.auth import current_user
from services.ui.auth.plain_pages import TEMPLATES
from services.ui.live.model import ViewModel
from services.ui.translator import Language, Translator
from services.ui.views.factory_view import FactoryLine, factory_line

SITE = "/site"
AT_A_GLANCE = 10
"""So many are seen at a glance: nothing to find, to sort or to turn."""
ON_A_PAGE = 50
MAX_FIND = 60
PICTURE_S = 2.0
"""So long everybody is shown the same picture."""
PROBLEMS = "problems"
MAX_DIGITS = 6
JUDGED_AT_ONCE = 10
"""Factories that are judged before other pages have their turn: each takes a millisecond."""
_COLUMNS = ("factory", "kind", "link", "worst", "running", "queued", "heard")


class _Picture(NamedTuple):
    at: float
    lines: list[FactoryLine]


class _Wanted(NamedTuple):
    """What the reader of the page asked for."""

    find: str
    problems_first: bool
    page: int

    @classmethod
    def of(cls, request: Request) -> "_Wanted":
        asked = request.query_params
        page = asked.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < MAX_DIGITS else 1
        find = asked.get("find", "")[:MAX_FIND].strip()
        return cls(find, asked.get("first") == PROBLEMS, max(1, number))

    def address(self, page: int | None = None) -> str:
        """Of this view, or of another page of it."""
        asked = {
            "find": self.find,
            "first": PROBLEMS if self.problems_first else "",
            "page": "" if (page or self.page) == 1 else str(page or self.page),
        }
        given = urlencode({name: value for name, value in asked.items() if value})
        return f"{SITE}?{given}" if given else SITE

    def among(self, lines: list[FactoryLine]) -> list[FactoryLine]:
        """Those that are meant, in the order that is meant."""
        word = self.find.casefold()
        found = [one for one in lines if word in one.title.casefold() or word in one.name]
        return sorted(found, key=_trouble) if self.problems_first else found


def _trouble(line: FactoryLine) -> tuple[bool, int]:
    """The worst alarm first, then who is not heard, then the others; each in the file's order."""
    rank = SEVERITIES.index(line.severity) if line.severity else len(SEVERITIES)
    return rank > 0 and not line.lost, rank


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
        wanted = _Wanted.of(request)
        found = wanted.among(lines)
        pages = max(1, ceil(len(found) / ON_A_PAGE))
        wanted = wanted._replace(page=min(wanted.page, pages))
        began = (wanted.page - 1) * ON_A_PAGE
        shown = found[began : began + ON_A_PAGE]
        page = self._template.render(
            say=say,
            title=say("site.title"),
            heads={name: say(f"site.{name}") for name in _COLUMNS},
            more=lambda line: say("site.more", more=str(line.more)),
            lines=shown,
            wanted=wanted,
            many=len(lines) > AT_A_GLANCE,
            part=_part(began, len(shown), len(found), say),
            before=wanted.address(wanted.page - 1) if wanted.page > 1 else "",
            after=wanted.address(wanted.page + 1) if wanted.page < pages else "",
            summary=_summary(lines, say),
            dark="" if theme == "light" else "body--dark",
            theme=theme,
            here=wanted.address(),
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


def _part(began: int, shown: int, found: int, say: Translator) -> str:
    """Which of those that are meant stand here."""
    if not found:
        return say("site.none")
    return say("site.part", first=str(began + 1), last=str(began + shown), all=str(found))


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
