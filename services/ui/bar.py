"""The top bar: the four links, the worst alarm, who leads, the time, the language, the person."""

from services.ui import formats, links
from services.ui.parts.alarms import alarms_of
from services.ui.parts.build import attribute, box, link, mark, text
from services.ui.parts.lead import Lead
from services.ui.parts.person import choices, person_menu
from services.ui.screen import Screen


def bar(screen: Screen) -> None:
    """Build it."""
    with box("bar"):
        with box("chips"):
            _browser_chip(screen)
            for view in links.views(screen.model):
                _chip(screen, view.name)
        with box("bar-right"):
            _alarm_chip(screen)
            Lead(screen)
            _clock(screen)
            choices(screen, "language")
            person_menu(screen)


def _browser_chip(screen: Screen) -> None:
    with box("chip up browser-chip"):
        box("chip-shape")
        text(screen.say("link.browser"), "chip-name")
        text(screen.say("link.state.up"), "chip-word browser-up")
        text(screen.say("link.state.down"), "chip-word browser-down")


def _chip(screen: Screen, name: str) -> None:
    say = screen.say
    with box("chip") as chip:
        box("chip-shape")
        text(say(f"link.{name}"), "chip-name")
        word, age = text("", "chip-word"), text("", "chip-age")

    def draw() -> None:
        view = next(v for v in links.views(screen.model) if v.name == name)
        word.say(say(f"link.state.{view.state}"))
        since = None if view.since is None else screen.model.now - view.since
        age.say(formats.age(since))
        told = view.detail or say(f"link.{name}.is")
        attribute(chip, "title", f"{told} · {formats.age(since)}")
        mark(chip, up=view.state == "up", broken=view.broken, unknown=view.state == "unknown")

    screen.live(draw)


def _alarm_chip(screen: Screen) -> None:
    """The gravest alarm by name and shape, and how many there are; leads to the list."""
    say = screen.say
    with link("", screen.path("overview"), "chip alarm-chip") as chip:
        shape = box("alarm-shape")
        word = text("", "chip-word")

    def draw() -> None:
        found = list(alarms_of(screen).values())
        worst = found[0].severity if found else ""
        word.say(say("alarms.chip", level=say(f"level.{worst}"), count=len(found)) if found else "")
        for severity in ("critical", "warning", "advisory", "communication"):
            mark(shape, **{severity: severity == worst})
            mark(chip, **{severity: severity == worst})
        if not found:
            word.say(say("alarms.quiet"))
        mark(shape, hidden=not found)
        attribute(chip, "title", say.either(found[0]) if found else say("alarms.none"))

    screen.live(draw)


def _clock(screen: Screen) -> None:
    """The time of the last picture; the browser takes it as the sign that all is alive."""
    now = text("", "clock")
    attribute(now, "data-beat", "1")

    def draw() -> None:
        at, clock = screen.model.now, screen.visitor.clock
        now.say(formats.moment(at, clock))
        attribute(now, "title", screen.say("clock.zone", zone=formats.zone(clock, at)))

    screen.live(draw)
