"""Pages in plain HTML, for who is not inside or has gone astray: a crowd at them costs little."""

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from omf.texts import LANGUAGES
from services.ui.auth import current_user
from services.ui.translator import Translator

TEMPLATES = Environment(
    loader=PackageLoader("services.ui"), autoescape=True, undefined=StrictUndefined
)


class PlainPage:
    """One of them: `templates/<name>.html` in the frame of `plain.html`."""

    def __init__(self, name: str) -> None:
        self._template = TEMPLATES.get_template(f"{name}.html")

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
        page = self._template.render(
            language=say.language,
            dark="" if theme == "light" else "body--dark",
            theme=theme,
            others=[
                {"language": one, "name": say(f"login.other.{one}")}
                for one in LANGUAGES
                if one != say.language
            ],
            **words,
        )
        return HTMLResponse(page, status, headers)
