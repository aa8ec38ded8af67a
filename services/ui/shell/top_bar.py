"""The top bar: the four links, the worst alarm, who leads, the time, the language, the person."""

from functools import partial
from typing import NamedTuple

from omf.alarms.rule_data import SEVERITIES
from services.ui import formats
from services.ui.live import connection_health
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

    def draw() -> None:
        view = next(v for v in connection_health.views(screen.model) if v.name == name)
        word.say(say(f"link.state.{view.state}"))
        since = None if view.since is None else screen.model.wall - view.since
        age.say(formats.age(since, say.language))
        told = view.detail or say(f"link.{name}.is")
        attribute(chip, "title", f"{told} · {formats.age(since, say.language)}")
        set_classes(
            chip, up=view.state == "up", broken=view.broken, unknown=view.state == "unknown"
        )

    screen.live(draw)


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

    def draw() -> None:
        found = connection_health.views(screen.model)
        broken = sum(view.broken for view in found)
        state = "up" if all(view.state == "up" for view in found) else "unknown"
        word.say(say("links.broken", count=broken) if broken else say(f"link.state.{state}"))
        set_classes(head, up=state == "up", broken=bool(broken), unknown=state == "unknown")
        for view in found:
            since = "" if view.since is None else f" · {screen.when(view.since)}"
            lines[view.name].say(f"{say(f'link.state.{view.state}')}{since}")

    screen.live(draw)


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

    def draw() -> None:
        at, clock = screen.model.now, screen.user.clock
        attribute(now, "data-beat", f"{screen.model.wall:.0f}")
        now.say(formats.moment(at, clock))
        attribute(now, "title", screen.say("clock.zone", zone=formats.zone(clock, at)))

    screen.live(draw)
