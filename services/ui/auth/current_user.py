"""Who looks and how they want to see it; read from the request, never stored."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from starlette.requests import Request

from services.common.process import language
from services.common.store.environments import is_live
from services.common.store.keys import Environment, KnownBy, Role
from services.ui.auth.auth_middleware import choices_kept, person
from services.ui.formats import Clock
from services.ui.translator import EMOJI, LANGUAGES, Language, Translator

Theme = Literal["light", "dark", "contrast"]
Switch = Literal["off", "on"]
CHOICES: dict[str, tuple[str, ...]] = {
    "language": LANGUAGES,
    "theme": ("light", "dark", "contrast"),
    "scale": ("100", "125", "150"),
    "clock": ("local", "utc"),
    "banner": ("off", "on"),
    "sound": ("off", "on"),
    "emoji": ("off", "on"),
}
HANDED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "via", "x-real-ip")
"""A request with one of these came through a proxy: its sender need not sit at this machine."""


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """One person in front of one page."""

    name: str
    role: Role
    source: str
    language: Language = "en"
    theme: Theme = "light"
    clock: Clock = "local"
    scale: str = "100"
    """Percent of their usual size at which pages are drawn."""
    banner: Switch = "off"
    """Whether an alarm that waits stands on every page."""
    sound: Switch = "off"
    """Whether a new alarm is heard."""
    emoji: Switch = "off"
    """Whether the names of pages and the words of errors bear one."""
    sign_in: str | None = None
    """The id of the sign-in; None without account."""
    everywhere: Role | None = None
    """What this person may whichever factory is looked at; None: the same as `role`."""

    @property
    def say(self) -> Translator:
        """Says every text as this person wants it."""
        return Translator(self.language, EMOJI if self.emoji == "on" else None)

    @property
    def judged_by(self) -> Hashable:
        """What decides what stands against a command of this person, and in which words."""
        return self.role, self.known_by, self.language, self.emoji

    @property
    def known_by(self) -> KnownBy:
        """How the pages know who this is, as it stands with each command."""
        return "account" if self.sign_in is not None else ""

    @property
    def at_hand(self) -> bool:
        """True for who has rights for no other reason than sitting at this machine."""
        return self.sign_in is None and self.role is not Role.VIEWER

    def may(self, role: str) -> bool:
        """True if this person's role in this factory is `role` or stands above it."""
        return self.role.includes(Role(role))

    def may_everywhere(self, role: str) -> bool:
        """The same of what is not one factory's affair, as the accounts of all."""
        return (self.everywhere or self.role).includes(Role(role))


def of(request: Request, environment: Environment, *, trusting: bool) -> CurrentUser:
    """The person behind a request.

    Who is signed in has the role of the account. Where the system is `trusting` - only this machine
    can reach it and nobody has an account - whoever sits here is the administrator of a factory
    that is not a real one. Everybody else may only look.
    """
    found = person(request.scope)
    at_hand = not is_live(environment) and at_this_machine(request, trusting=trusting)
    name, role = ("local", Role.ADMIN) if at_hand else ("guest", Role.VIEWER)
    return CurrentUser(
        name=found[1].name if found else name,
        role=found[1].role_at(environment) if found else role,
        source=f"ui {address(request)}",
        language=language_of(request),
        theme=theme_of(request),
        clock=clock_of(request),
        scale=_chosen(request, "scale") or "100",
        banner=cast("Switch", _chosen(request, "banner") or "off"),
        sound=cast("Switch", _chosen(request, "sound") or "off"),
        emoji=emoji_of(request),
        sign_in=found[0].id if found else None,
        everywhere=found[1].role if found else role,
    )


def at_this_machine(request: Request, *, trusting: bool) -> bool:
    """True for who sits at this machine while only it can reach the pages and has no account."""
    return trusting and not any(header in request.headers for header in HANDED_ON)


def address(request: Request) -> str:
    """Where a request came from."""
    return request.client.host if request.client else "?"


def language_of(request: Request) -> Language:
    """The language that was chosen, else the first of ours the browser asks for, else English."""
    return cast("Language", _chosen(request, "language") or spoken(request))


def theme_of(request: Request) -> Theme:
    """The look that was chosen, else the light one."""
    return cast("Theme", _chosen(request, "theme") or "light")


def emoji_of(request: Request) -> Switch:
    """What was chosen; else without them where contrast is what counts."""
    usual = "off" if theme_of(request) == "contrast" else "on"
    return cast("Switch", _chosen(request, "emoji") or usual)


def clock_of(request: Request) -> Clock:
    """The clock that was chosen, else that of this server."""
    return cast("Clock", _chosen(request, "clock") or "local")


def spoken(request: Request) -> Language:
    """The first of our languages that the browser asks for, else English."""
    return language.spoken(request.headers.get("accept-language", ""))


def back(target: str) -> str:
    """`target` if it is a path of ours, else `/`: a link must not lead people elsewhere."""
    ours = target.startswith("/") and not target.startswith("//") and "\\" not in target
    if not ours or not target.isprintable():
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target


def cookie(choice: str) -> str:
    """Name of the cookie that keeps a choice."""
    return f"omf_{choice}"


def _chosen(request: Request, choice: str) -> str | None:
    """What the person keeps, else what this browser does."""
    value = choices_kept(request.scope).get(choice) or request.cookies.get(cookie(choice))
    return value if value in CHOICES[choice] else None
