"""The top bar: the four links, the worst alarm, who leads, the time, the language, the person."""

from functools import partial
from typing import NamedTuple

from omf.alarms.rule_data import SEVERITIES
from services.ui import formats
from services.ui.live import connection_health
from services.ui.live.connection_health import LinkView
from services.ui.live.screen import Screen
from services.ui.shell.lease_chip import LeaseChip
from services.ui.shell.past_band import locked
from services.ui.shell.person_menu import choices, person_menu
from services.ui.translator import Translator
from services.ui.widgets.alarm_list import class_counts, over_unseen, symptoms_of
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import Label, attribute, div, link, set_classes, text

LINK_NAMES = ("bus", "read", "gateway")


def bar(screen: Screen) -> None:
    """Build it."""
    with div("bar"):
        with div("chips"):
            _browser_chip(screen)
            for view in connection_health.views(screen.model):
                _chip(screen, view.name)
            _folded_links(screen)
        with div("bar-right"):
            _alarm_chip(screen)
            if screen.past is None:
                LeaseChip(screen)
            else:
                locked(screen)
            _clock(screen)
            choices(screen, "language")
            person_menu(screen)


def _browser_chip(screen: Screen) -> None:
    with div("chip up browser-chip"):
        div("chip-shape")
        text(screen.say("link.browser"), "chip-name")
        text(screen.say("link.state.up"), "chip-word browser-up")
        text(screen.say("link.state.down"), "chip-word browser-down")


def _chip(screen: Screen, name: str) -> None:
    say = screen.say
    with div("chip") as chip:
        div("chip-shape")
        text(say(f"link.{name}"), "chip-name")
        word, age = text("", "chip-word"), text("", "chip-age")

    def paint(shown: _LinkChip) -> None:
        word.say(shown.word)
        age.say(shown.age)
        attribute(chip, "title", shown.title)
        up, unknown = shown.state == "up", shown.state == "unknown"
        set_classes(chip, up=up, broken=shown.broken, unknown=unknown)

    screen.live(drawn_from(lambda: _link_chips(screen)[name], paint))


class _LinkChip(NamedTuple):
    state: str
    broken: bool
    word: str
    age: str
    title: str
    line: str
    """Of the list of all links."""


def _link_chips(screen: Screen) -> dict[str, _LinkChip]:
    """Each link by its name."""
    views = partial(connection_health.views, screen.model)
    return screen.shared("links", lambda: {one.name: _link_chip(screen, one) for one in views()})


def _link_chip(screen: Screen, view: LinkView) -> _LinkChip:
    say, word = screen.say, screen.say(f"link.state.{view.state}")
    passed = None if view.since is None else screen.model.wall - view.since
    age = formats.age(passed, say.language)
    told = view.detail or say(f"link.{view.name}.is")
    since = "" if view.since is None else f" · {screen.when(view.since)}"
    return _LinkChip(view.state, view.broken, word, age, f"{told} · {age}", f"{word}{since}")


def _folded_links(screen: Screen) -> None:
    """All links as one mark, where there is no room for each; a press tells of each."""
    say = screen.say
    lines: dict[str, Label] = {}
    with div("drop links-fold", "details"):
        with div("chip up", "summary") as head:
            div("chip-shape")
            word = text("", "chip-word")
        attribute(head, "title", say("links.title"))
        with div("drop-body"):
            text(say("links.title"), "panel-title")
            for name in LINK_NAMES:
                with div("row"):
                    text(say(f"link.{name}"))
                    lines[name] = text("", "dim")

    def paint(found: dict[str, _LinkChip]) -> None:
        broken = sum(one.broken for one in found.values())
        state = "up" if all(one.state == "up" for one in found.values()) else "unknown"
        word.say(say("links.broken", count=broken) if broken else say(f"link.state.{state}"))
        set_classes(head, up=state == "up", broken=bool(broken), unknown=state == "unknown")
        for name, one in found.items():
            lines[name].say(one.line)

    screen.live(drawn_from(lambda: _link_chips(screen), paint))


def _alarm_chip(screen: Screen) -> None:
    """How many alarms of each class there are, each with its shape; leads to the list."""
    say = screen.say
    with link("", screen.path("alarms"), "chip alarm-chip") as chip:
        parts = {}
        for severity in SEVERITIES:
            with div("alarm-count", "span") as part:
                div(f"alarm-shape {severity}")
                parts[severity] = part, text("", "chip-word")
        quiet = text("", "chip-word")
        over = text("", "chip-word alarm-over")

    def paint(shown: _AlarmCounts) -> None:
        found, unseen = shown.classes, shown.unseen
        worst = next(iter(found), "")
        for severity, (part, word) in parts.items():
            count = found.get(severity, 0)
            set_classes(part, hidden=not count)
            word.say(say(f"level.{severity}") + f" {count}" if severity == worst else str(count))
            attribute(part, "title", f"{say(f'level.{severity}')}: {count}")
            set_classes(chip, **{severity: severity == worst})
        quiet.say(say("alarms.unheard" if shown.unheard else "alarms.quiet"))
        set_classes(quiet, hidden=bool(found))
        over.say(say("alarms.over", count=unseen) if unseen else "")
        attribute(chip, "title", _counted(say, shown))

    model = screen.model
    counts = partial(model.shared, "alarm counts", lambda: _alarm_counts(screen))
    screen.live(drawn_from(counts, paint))


class _AlarmCounts(NamedTuple):
    classes: dict[str, int]
    unseen: int
    under: int
    """Those that stand under the one that explains them."""
    unheard: bool


def _alarm_counts(screen: Screen) -> _AlarmCounts:
    under = sum(map(len, symptoms_of(screen).values()))
    silent = connection_health.unheard(screen.model)
    return _AlarmCounts(class_counts(screen), over_unseen(screen), under, silent)


def _counted(say: Translator, shown: _AlarmCounts) -> str:
    """The whole count in words, with those a line stands for and those that are over."""
    counted = [f"{say(f'level.{name}')}: {count}" for name, count in shown.classes.items()]
    if shown.under:
        counted.append(say("alarms.explained", count=shown.under))
    if shown.unseen:
        counted.append(say("alarms.over_unseen", count=shown.unseen))
    return ", ".join(counted) or say("alarms.none")


def _clock(screen: Screen) -> None:
    """The time of the last picture; the browser takes it as the sign that all is alive."""
    now = text("", "clock")

    def told() -> tuple[str, str, str]:
        at, clock = screen.model.now, screen.user.clock
        zone = screen.say("clock.zone", zone=formats.zone(clock, at))
        return f"{screen.model.wall:.0f}", formats.moment(at, clock), zone

    def paint(shown: tuple[str, str, str]) -> None:
        beat, time, zone = shown
        attribute(now, "data-beat", beat)
        now.say(time)
        attribute(now, "title", zone)

    screen.live(drawn_from(lambda: screen.shared("clock", told), paint))
