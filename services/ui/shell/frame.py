"""The shell around every page: environment band, links, navigation, last command."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from nicegui import ui

from services.common.store.environments import kind_of
from services.ui import formats
from services.ui.live import connection_health
from services.ui.live.command_log import changed_at
from services.ui.live.screen import Screen
from services.ui.shell.alarm_notice import alarm_notice
from services.ui.shell.bottom_bar import bottom_bar
from services.ui.shell.environment_band import band
from services.ui.shell.help import Help
from services.ui.shell.top_bar import bar
from services.ui.types import Page
from services.ui.views import command_progress, command_view
from services.ui.views.factory_view import factory_title
from services.ui.widgets.alarm_list import alarms_of
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import Label, attribute, div, link, set_classes, text
from services.ui.widgets.site_links import site_links

MAX_ANNOUNCED = 3
"""Of a flood no more are read out at once; the list has them all."""
CONTENT = "content"
"""Id of the part that differs from page to page: where the skip link leads."""


@contextmanager
def frame(screen: Screen, pages: tuple[Page, ...]) -> Iterator[None]:
    """Build the shell with `pages` in its menu; what is built inside stands in its middle."""
    say = screen.say
    theme = screen.user.theme
    ui.dark_mode(theme != "light")
    ui.query("body").classes(f"theme-{theme}")
    ui.query("html").props(f"lang={screen.user.language}")
    called = screen.model.factory.site.content.name
    parts = (factory_title(say, screen.environment), called, say(f"page.{screen.page}"), "OMF")
    ui.page_title(" · ".join(part for part in parts if part))
    # Quasar wraps every page into a `main` of its own, which would hold band and menu as well.
    ui.query(".q-page").props("role=presentation")
    with _shell(screen):
        link(say("shell.skip"), f"#{CONTENT}", "skip-link")
        band(screen)
        bar(screen)
        bottom_bar(screen, _menu(screen, pages))
        with div("main", "main").props(f"id={CONTENT} tabindex=-1"):
            text(say(f"page.{screen.page}"), "only-heard", "h1")
            _broken(screen)
            _happened(screen)
            alarm_notice(screen)
            yield
        _footer(screen, Help(screen, pages))
        _announce(screen)
        _lost(screen)


def _shell(screen: Screen) -> ui.element:
    """The frame of everything, in the size the person chose; hatched while a replay stands."""
    shell = div(f"shell env-{kind_of(screen.environment)}")
    set_classes(shell, past=screen.past is not None)
    if (percent := screen.user.scale) != "100":
        shell.style(f"--scale: {int(percent) / 100}").classes("scaled")
    screen.live(lambda: set_classes(shell, standing=screen.model.paused))
    return shell


def _menu(screen: Screen, pages: tuple[Page, ...]) -> ui.element:
    say = screen.say
    with div("menu", "nav") as menu:
        attribute(menu, "aria-label", say("shell.pages"))
        for group in dict.fromkeys(page.group for page in pages):
            listed = [page for page in pages if page.group == group and _listed(page, screen)]
            if listed:
                text(say(f"group.{group}"), "menu-group")
            for page in listed:
                _entry(page, screen)
        site_links(screen, "menu-link", head="menu-group")
    return menu


def _listed(page: Page, screen: Screen) -> bool:
    return page.menu and page.open_to(screen.user)


def _entry(page: Page, screen: Screen) -> None:
    entry = link(screen.say(f"page.{page.name}"), screen.path(page.name), "menu-link")
    attribute(entry, "data-key", page.key)
    attribute(entry, "title", screen.say("menu.key", key=page.key))
    set_classes(entry, current=page.name == screen.page)
    if page.name == screen.page:
        attribute(entry, "aria-current", "page")


def _broken(screen: Screen) -> None:
    """Each part that is dead, since when, what still works and what to do."""

    def words() -> dict[str, tuple[str, str]]:
        return {
            one.name: (
                say(f"broken.{one.name}.{one.state}", since=screen.when(one.since), **one.words),
                say(f"broken.{one.name}.advice"),
            )
            for one in connection_health.broken(screen.model)
        }

    say = screen.say
    _notes(screen, ("bus", "read", "gateway"), partial(screen.shared, "broken", words))


def _happened(screen: Screen) -> None:
    """What befell the store or a message lately, and what it means for what is shown."""

    def words() -> dict[str, tuple[str, str]]:
        return {
            one.name: (
                say(f"notice.{one.name}", at=screen.when(one.at), **_facts(screen, one)),
                say(f"notice.{one.name}.advice"),
            )
            for one in connection_health.notices(screen.model)
        }

    say = screen.say
    _notes(screen, ("emptied", "too_large", "clock"), partial(screen.shared, "happened", words))


def _notes(
    screen: Screen, names: Sequence[str], words: Callable[[], dict[str, tuple[str, str]]]
) -> None:
    """A note for each name, shown with its title and advice while there are `words` for it."""
    notes = {name: _note(f"note-{name}") for name in names}

    def paint(shown: dict[str, tuple[str, str]]) -> None:
        for name, (note, title, advice) in notes.items():
            set_classes(note, hidden=name not in shown)
            told, advised = shown.get(name, ("", ""))
            title.say(told)
            if advised:
                advice.say(advised)

    screen.live(drawn_from(words, paint))


def _facts(screen: Screen, one: connection_health.Notice) -> dict[str, str]:
    language, refused = screen.user.language, one.link.too_large
    if one.name == "clock":
        return {"step": formats.number(one.link.clock_step_s, language)}
    if one.name != "too_large" or refused is None:
        return {}
    return {
        "topic": refused.topic,
        "size": formats.size(refused.size, language),
        "limit": formats.size(refused.limit, language),
        "count": formats.number(refused.count, language),
    }


def _note(name: str) -> tuple[ui.element, Label, Label]:
    with div(f"note communication {name}") as note:
        div("alarm-shape")
        with div("note-text"):
            title, advice = text("", "note-title"), text("", "note-advice")
    attribute(note, "role", "status")
    return note, title, advice


def _footer(screen: Screen, shortcuts: Help) -> None:
    say = screen.say
    with div("footer", "footer").props("role=contentinfo"):
        text(say("footer.last"), "footer-label")
        last = text("", "footer-text")
        stage = text("", "stage")
        div("grow")
        shortcuts.opener()

    def draw() -> None:
        record = screen.model.commands.last
        if record is None:
            last.say(say("footer.none"))
            return
        at = screen.when(changed_at(record))
        kind = command_view.kind_name(record.command.kind, say)
        last.say(f"{at} · {kind} · {say.known('user', record.command.operator)}")
        stage.say(command_progress.stage_words(record, say))
        set_classes(stage, bad=record.stage in command_view.FAILURES, open=not record.final)

    screen.live(draw)


def _announce(screen: Screen) -> None:
    """Alarms that arise while the page is open are read out, and counted in the browser's tab."""
    region = text("", "only-heard").props("role=status aria-live=polite").mark("announced")
    known: set[str] | None = None

    def draw() -> None:
        nonlocal known
        found = alarms_of(screen)
        news = [alarm for name, alarm in found.items() if known is not None and name not in known]
        known = set(found)
        if news:
            words = " · ".join(screen.say.either(alarm) for alarm in news[:MAX_ANNOUNCED])
            region.say(screen.say("alarms.new", what=words))
        attribute(region, "data-alarms", len(found))

    screen.live(draw)


def _lost(screen: Screen) -> None:
    """Shown by the browser alone when the server is out of reach; the page dims and locks."""
    with div("lost"), div("lost-card"):
        text(screen.say("lost.title"), "lost-title")
        with div("lost-line"):
            text(screen.say("lost.last"))
            text("", "lost-time")
        text(screen.say("lost.advice"), "lost-advice")
    text(screen.say("lost.unheard"), "unheard").props("role=alert")
