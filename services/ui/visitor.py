"""Who looks and how they want to see it; read from the request, never stored."""

from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from starlette.requests import Request

from services.common import language
from services.common.streams import Environment, Role
from services.ui.formats import Clock
from services.ui.settings import UiSettings
from services.ui.words import LANGUAGES, Language

Theme = Literal["light", "dark"]
CHOICES: dict[str, tuple[str, ...]] = {
    "language": LANGUAGES,
    "theme": ("light", "dark"),
    "clock": ("local", "utc"),
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """One person in front of one page."""

    name: str
    role: Role
    source: str
    language: Language = "en"
    theme: Theme = "light"
    clock: Clock = "local"

    def may(self, role: str) -> bool:
        """True if this person's role is `role` or stands above it."""
        return self.role.includes(Role(role))


def of(request: Request, environment: Environment, settings: UiSettings) -> Visitor:
    """The visitor behind a request.

    Until there is a login: whoever sits at this machine is its supervisor, as long as nobody else
    can reach the pages and the factory is not a real one. Everybody else may only look.
    """
    trusted = settings.local and environment != "live"
    return Visitor(
        name="local" if trusted else "guest",
        role=Role.SUPERVISOR if trusted else Role.VIEWER,
        source=f"ui {request.client.host if request.client else '?'}",
        language=cast("Language", _chosen(request, "language") or spoken(request)),
        theme=cast("Theme", _chosen(request, "theme") or "light"),
        clock=cast("Clock", _chosen(request, "clock") or "local"),
    )


def spoken(request: Request) -> Language:
    """The first of our languages that the browser asks for, else English."""
    return language.spoken(request.headers.get("accept-language", ""))


def back(target: str) -> str:
    """`target` if it is a path of ours, else `/`: a link must not lead people elsewhere."""
    parts = urlsplit(target)
    ours = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if ours and not parts.scheme and not parts.netloc else "/"


def cookie(choice: str) -> str:
    """Name of the cookie that keeps a choice."""
    return f"omf_{choice}"


def _chosen(request: Request, choice: str) -> str | None:
    value = request.cookies.get(cookie(choice))
    return value if value in CHOICES[choice] else None
