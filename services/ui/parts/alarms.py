"""What is wrong in the factory, gravest first, with what to do about it."""

from omf.factory.alarms import Alarm
from services.ui import formats, ways
from services.ui.parts.build import attribute, box, link, mark, panel, text
from services.ui.parts.listing import Draw, Listing
from services.ui.screen import Screen

SHOWN = 5
"""More at once is a flood nobody reads; the rest is counted."""


def alarms_of(screen: Screen) -> dict[str, Alarm]:
    """The alarms of this moment by id, worked out once for all browsers."""
    model = screen.model
    return model.shared("alarms", lambda: {a.id: a for a in model.factory.alarms(model.now)})


def alarms_about(screen: Screen, serial: str) -> list[Alarm]:
    """The alarms about one device, those about its TXT among them."""
    owner = (serial, f"{serial}/txt")
    return [alarm for alarm in alarms_of(screen).values() if alarm.subject in owner]


def alarm_panel(screen: Screen) -> None:
    """The top alarms; plain grey when there is none."""
    say = screen.say
    with panel(say("alarms.title")):
        empty = text(say("alarms.none"), "empty")
        listing = Listing(box("lines"), lambda key: _alarm(screen, key), empty)
        more = text("", "hint hidden")

    def draw() -> None:
        found = list(alarms_of(screen))
        listing.show(found[:SHOWN])
        rest = len(found) - SHOWN
        more.say(say("alarms.more", count=max(rest, 0)))
        mark(more, hidden=rest <= 0)

    screen.live(draw)


def _alarm(screen: Screen, key: str) -> Draw:
    with box("alarm") as line:
        shape = box("alarm-shape")
        with box("note-text"):
            what, where = link("", "", "alarm-what"), text("", "hint")
        since = text("", "line-age")

    def draw() -> None:
        alarm = alarms_of(screen).get(key)
        if alarm is None:
            return
        say = screen.say
        mark(shape, **{alarm.severity: True})
        what.say(say.either(alarm))
        attribute(what, "href", ways.to_subject(screen, alarm.subject) or None)
        where.say(f"{say(f'level.{alarm.severity}')} · {alarm.subject}")
        attribute(line, "title", getattr(alarm, f"action_{say.language}"))
        age = None if alarm.since is None else screen.model.now - alarm.since
        since.say(formats.age(age))

    return draw
