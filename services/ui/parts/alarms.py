"""What is wrong in the factory, gravest first, with what to do about it."""

from omf.factory.alarms import Alarm
from services.ui import formats, ways
from services.ui.parts.build import attribute, box, link, mark, panel, text
from services.ui.parts.listing import Draw, Listing
from services.ui.screen import Screen

SHOWN = 5
"""More at once is a flood nobody reads; the rest is counted, and a click away."""


def alarms_of(screen: Screen) -> dict[str, Alarm]:
    """The alarms of this moment by id, worked out once for all browsers."""
    model = screen.model
    return model.shared(
        "alarms", lambda: {a.id: a for a in model.factory.alarms(model.factory_now)}
    )


def alarms_about(screen: Screen, serial: str) -> list[Alarm]:
    """The alarms about one device, those about its TXT among them."""
    owner = (serial, f"{serial}/txt")
    return [alarm for alarm in alarms_of(screen).values() if alarm.subject in owner]


def alarm_panel(screen: Screen) -> None:
    """The gravest alarms, the others on a click; plain grey when there is none."""
    say = screen.say
    unfolded = False
    with panel(say("alarms.title")):
        empty = text(say("alarms.none"), "empty")
        listing = Listing(box("lines"), lambda key: _alarm(screen, key), empty)
        more = text("", "plain", "button").mark("alarms-more")

    def draw() -> None:
        found = list(alarms_of(screen))
        rest = max(len(found) - SHOWN, 0)
        listing.show(found if unfolded else found[:SHOWN])
        more.say(say("alarms.fewer") if unfolded else say("alarms.more", count=rest))
        attribute(more, "aria-expanded", str(unfolded).lower())
        mark(more, hidden=not rest)

    def turn() -> None:
        nonlocal unfolded
        unfolded = not unfolded
        draw()

    more.on("click", turn)
    screen.live(draw)


def _alarm(screen: Screen, key: str) -> Draw:
    with box("alarm"):
        shape = box("alarm-shape")
        with box("note-text"):
            what, where = link("", "", "alarm-what"), text("", "hint")
            action = text("", "hint")
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
        action.say(getattr(alarm, f"action_{say.language}"))
        age = None if alarm.since is None else screen.model.factory_now - alarm.since
        since.say(formats.age(age))

    return draw
