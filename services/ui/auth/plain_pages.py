"""Pages in plain HTML, for who is not inside or has gone astray: a crowd at them costs little."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse

from omf.texts import LANGUAGES
from services.ui.auth import current_user
from services.ui.translator import Translator

_FOLDER = Path(__file__).parents[1] / "texts"


class PlainPage:
    """One of them: what is particular to it stands in a file of its own."""

    def __init__(self, name: str) -> None:
        self._frame, self._content = (
            Template((_FOLDER / f"{file}.html").read_text(encoding="utf-8"))
            for file in ("plain", name)
        )

    def answer(
        self,
        request: Request,
        words: Mapping[str, str],
        status: int,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """The page with these words, which are shown as text whatever they hold.

        `title` heads it; `here` is its address, for the links to it in the other languages.
        """
        say, theme = Translator(current_user.language_of(request)), current_user.theme_of(request)
        common = {
            "language": say.language,
            "dark": "" if theme == "light" else "body--dark",
            "theme": theme,
        }
        safe = {key: escape(word) for key, word in {**common, **words}.items()}
        safe["others"] = _others(say, words["here"])
        content = self._content.substitute(safe)
        return HTMLResponse(self._frame.substitute(safe, content=content), status, headers)


def _others(say: Translator, here: str) -> str:
    """Links to the page in each language but this one."""
    return " ".join(
        f'<a href="/choose?language={one}&amp;back={quote(here)}" lang="{one}">'
        f"{escape(say(f'login.other.{one}'))}</a>"
        for one in LANGUAGES
        if one != say.language
    )
