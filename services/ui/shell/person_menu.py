"""Who is in front of this page and who else looks; how they want to see it; in and out."""

from urllib.parse import quote

from services.ui.auth.current_user import CHOICES
from services.ui.live.screen import Screen
from services.ui.shell.change_person import change_person
from services.ui.shell.push_button import push_button
from services.ui.widgets.elements import attribute, div, link, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

WALL = "overview?wall=overview,floor,alarms,orders&every=20"
"""Pages for a screen on the wall, and the seconds each is shown (static/ui.js)."""
UNNAMED = frozenset({"guest", "local"})


def person_menu(screen: Screen) -> None:
    """The name in the top bar; a press opens what belongs to it."""
    user, say = screen.user, screen.say
    with div("drop", "details"):
        with div("who", "summary") as head:
            text(say.known("user", user.name), "who-name")
            others = text("", "who-role")
        attribute(head, "title", say("person.open"))
        with div("drop-body person"):
            text(say("person.here"), "panel-title")
            listing = KeyedList(div("lines"), lambda key: _looker(screen, key), text("", "hidden"))
            _looks(screen)
            wall = link(say("person.wall"), screen.path(WALL), "act").mark("wall")
            attribute(wall, "title", say("person.wall_is"))
            if screen.user.sign_in is not None:
                change_person(screen)
                push_button(screen)
            _in_or_out(screen)

    def draw() -> None:
        names = tuple(_lookers(screen))
        listing.show(names)
        rest = len(names) - (user.name in names)
        role = say(f"role.{user.role}")
        words = say("person.others", role=role, count=rest) if rest else role
        others.say(words if user.name != "guest" else f"{words} · {say('login.title')}")

    screen.live(draw)


def _looks(screen: Screen) -> None:
    """How pages look and sound; the language too where the bar has no room for it."""
    for choice in ("language", "theme", "scale", "emoji", "clock", "banner", "sound"):
        with div("look language-here" if choice == "language" else "look"):
            text(screen.say(f"person.{choice}"), "panel-title")
            choices(screen, choice)


def choices(screen: Screen, choice: str) -> None:
    """The values of one choice as links, the present one marked."""
    with div("choice"):
        for value in CHOICES[choice]:
            wish = f"/choose?{choice}={value}&back={quote(screen.path(screen.page))}"
            entry = link(screen.say(f"choice.{value}"), wish)
            attribute(entry, "data-back", "")
            set_classes(entry, current=getattr(screen.user, choice) == value)


def _looker(screen: Screen, name: str) -> Draw:
    say = screen.say
    with div("looker"):
        text(say.known("user", name))
        where = text("", "hint")

    return lambda: where.say(_lookers(screen).get(name, ""))


def _lookers(screen: Screen) -> dict[str, str]:
    """By name what each who looks may, and at which pages they look."""
    return screen.shared("lookers", lambda: _looker_words(screen))


def _looker_words(screen: Screen) -> dict[str, str]:
    say, found = screen.say, dict[str, str]()
    for one in screen.model.viewers:
        pages = ", ".join(dict.fromkeys(say.known("page", page) for page in one.pages))
        times = f" ×{len(one.pages)}" if len(one.pages) > 1 and one.name in UNNAMED else ""
        found.setdefault(one.name, f"{say(f'role.{one.role}')}{times} · {pages}")
    return found


def _in_or_out(screen: Screen) -> None:
    say = screen.say
    if screen.user.sign_in is None:
        back = quote(screen.path(screen.page))
        entry = link(say("login.title"), f"/login?back={back}", "act").mark("sign-in")
        attribute(entry, "data-back", "")
        return
    mine = link(say("page.account"), screen.path("account"), "act").mark("sign-ins")
    attribute(mine, "title", say("person.sign_ins"))
    with div("", "form").props("method=post action=/logout"):
        text(say("login.leave"), "act", "button").props("type=submit").mark("sign-out")
