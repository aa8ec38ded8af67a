"""The alarms about one thing, on the page of that thing: a device, an order."""

from collections.abc import Callable, Collection

from omf.alarms.alarm import Alarm
from omf.alarms.life import AlarmLife
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.widgets.alarm_list import alarms_of
from services.ui.widgets.elements import attribute, div, link, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

Subjects = Callable[[], Collection[str]]


def subject_alarms(screen: Screen, subjects: Subjects) -> Draw:
    """The alarms that stand about these subjects, gravest first; not there while there is none.

    Those that people hid, or that another alarm explains, come last, with why they ask for nothing.
    """
    with div("panel subject-alarms", "section").mark("subject-alarms") as panel:
        text(screen.say("alarms.title"), "panel-title", "h2")
        listing = KeyedList(div("lines"), lambda key: _line(screen, key), text("", "hidden"))

    def draw() -> None:
        wanted, lives = subjects(), screen.model.factory.lives or {}
        shown = [name for name, one in alarms_of(screen).items() if _about(one, wanted)]
        unseen = [name for name, one in lives.items() if one.stands and _about(one, wanted)]
        shown += [name for name in unseen if name not in shown]
        listing.show(shown)
        set_classes(panel, hidden=not shown)

    return draw


def _about(one: Alarm | AlarmLife, subjects: Collection[str]) -> bool:
    """What a device has in it, as the controller of a module, is part of it."""
    return one.subject in subjects or one.subject.split("/", maxsplit=1)[0] in subjects


def _line(screen: Screen, key: str) -> Draw:
    with div("row alarm-line"):
        shape = div("alarm-shape")
        with div("note-text"):
            what, action = link("", "", "alarm-what"), text("", "hint")

    def draw() -> None:
        say, alarm = screen.say, alarms_of(screen).get(key)
        life = (screen.model.factory.lives or {}).get(key)
        said = alarm or life
        if said is None:
            return
        set_classes(shape, **{said.severity: True})
        what.say(say.either(said.text))
        # The page of alarms shows the present only.
        attribute(what, "href", None if screen.past else urls.to_alarm(screen, key))
        action.say(say.either(said.action) if alarm or not life else _why_hidden(screen, life))

    return draw


def _why_hidden(screen: Screen, life: AlarmLife) -> str:
    say, state = screen.say, screen.say(f"alarm_state.{life.state}")
    why = say.either(life.suppressed) if life.suppressed else life.hidden_reason
    return f"{state}: {why}" if why else state
