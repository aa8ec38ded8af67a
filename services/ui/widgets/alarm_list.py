"""What is wrong in the factory, gravest first, with what to do about it and the command for it."""

from collections import Counter
from collections.abc import Callable
from urllib.parse import urlencode

from omf.alarms.alarm import Alarm
from omf.alarms.causes import alike
from omf.alarms.lifecycle import AlarmState
from omf.alarms.rule_data import SEVERITIES
from omf.state.device_names import device_name
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import alarm_commands, urls
from services.ui.views.available_commands import CommandSuggestion
from services.ui.views.factory_view import alarms_at
from services.ui.widgets.command_card.command_entries import CommandCardSlot, words
from services.ui.widgets.elements import attribute, div, link, linked_panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.moment_link import MomentLink

SHOWN = 3
"""So that the orders stay in sight below them; the rest is counted, and a click away."""


def alarms_of(screen: Screen) -> dict[str, Alarm]:
    """The alarms of this moment by id, worked out once for all browsers."""
    return alarms_at(screen.model)


def symptoms_of(screen: Screen) -> dict[str, tuple[Alarm, ...]]:
    """What is shown under the alarm that explains it, by the id of that one."""
    model = screen.model
    return model.shared("symptoms", lambda: model.factory.symptoms(model.factory_now))


def alike_of(screen: Screen) -> dict[str, tuple[Alarm, ...]]:
    """While a flood lasts, what stands in one line with another of its rule, by that one's id."""
    model = screen.model
    return model.shared("alike alarms", lambda: _alike(screen))


def _alike(screen: Screen) -> dict[str, tuple[Alarm, ...]]:
    if screen.model.factory.alarm_load.flood_since is None:
        return {}
    found = alarms_of(screen)
    groups = alike((alarm.id, alarm.rule) for alarm in found.values())
    return {first: tuple(found[name] for name in others) for first, others in groups.items()}


def alarms_about(screen: Screen, serial: str) -> list[Alarm]:
    """The alarms about one device, those about its TXT among them."""
    owner = (serial, f"{serial}/txt")
    return [alarm for alarm in alarms_of(screen).values() if alarm.subject in owner]


def class_counts(screen: Screen) -> dict[str, int]:
    """How many alarms of each class there are, gravest first; classes without any left out."""
    found = Counter(alarm.severity for alarm in alarms_of(screen).values())
    return {name: found[name] for name in SEVERITIES if found[name]}


def over_unseen(screen: Screen) -> int:
    """How many alarms are over that nobody has acknowledged; 0 while nobody keeps them."""
    lives = (screen.model.factory.lives or {}).values()
    return sum(life.state is AlarmState.RETURNED for life in lives)


def alarm_panel(screen: Screen, slot: CommandCardSlot) -> None:
    """The gravest alarms, the others on a click; plain grey when there is none."""
    say = screen.say
    unfolded = False
    with linked_panel(say("alarms.title"), screen.path("alarms"), "alarms-now") as made:
        empty = text(say("alarms.none"), "empty")
        listing = KeyedList(div("lines"), lambda key: _alarm(screen, slot, key), empty)
        more = text("", "plain", "button").mark("alarms-more")
        over = _over_line(screen)

    def draw() -> None:
        in_line = {alarm.id for others in alike_of(screen).values() for alarm in others}
        found = [name for name in alarms_of(screen) if name not in in_line]
        rest = max(len(found) - SHOWN, 0)
        listing.show(found if unfolded else found[:SHOWN])
        more.say(say("alarms.fewer") if unfolded else say("alarms.more", count=rest))
        attribute(more, "aria-expanded", str(unfolded).lower())
        set_classes(more, hidden=not rest)
        set_classes(made, quiet=not (over() or found))

    def turn() -> None:
        nonlocal unfolded
        unfolded = not unfolded
        draw()

    more.on("click", turn)
    screen.live(draw)


def _over_line(screen: Screen) -> Callable[[], bool]:
    """How many came and went unseen, since the list has only those that stand."""
    line = link("", screen.path("alarms"), "way-in hidden").mark("alarms-over")

    def draw() -> bool:
        unseen = over_unseen(screen)
        line.say(screen.say("alarms.over_unseen", count=unseen) if unseen else "")
        set_classes(line, hidden=not unseen)
        return bool(unseen)

    return draw


def _alarm(screen: Screen, slot: CommandCardSlot, key: str) -> Draw:
    with div("alarm"):
        shape = div("alarm-shape")
        what = link("", "", "alarm-what")
        action = text("", "alarm-action")
        button = command_button(screen, slot, lambda: key, f"alarm-act-{key}")
        with div("alarm-age"):
            level, since = text("", "hint"), MomentLink(screen, "line-age alarm-then")
        under = explained_list(screen, lambda: key)

    def draw() -> None:
        under()
        alarm = alarms_of(screen).get(key)
        if alarm is None:
            return
        say = screen.say
        set_classes(shape, **{alarm.severity: True})
        what.say(say.either(alarm))
        attribute(what, "title", say.either(alarm))
        attribute(what, "href", urls.to_subject(screen, alarm.subject) or None)
        level.say(say(f"level.{alarm.severity}"))
        advice = say.either(alarm.action)
        action.say(advice)
        attribute(action, "title", advice)
        age = None if alarm.since is None else screen.model.factory_now - alarm.since
        since.lead("overview", alarm.since)
        since.say(formats.age(age, say.language))
        button()

    return draw


def explained_list(screen: Screen, key: Callable[[], str]) -> Draw:
    """How many alarms the one shown explains or stands for, and on a click which they are.

    `key` gives its id.
    """
    opened = False
    with div("alarm-under") as made:
        count = text("", "plain", "button").mark("alarm-explains")
        lines = div("alarm-explained")
        listing = KeyedList(lines, lambda name: _symptom(screen, name))

    def draw() -> None:
        found = (*symptoms_of(screen).get(key(), ()), *alike_of(screen).get(key(), ()))
        set_classes(made, hidden=not found)
        count.say(stands_for(screen, key()))
        attribute(count, "aria-expanded", str(opened).lower())
        set_classes(lines, hidden=not opened)
        listing.show([alarm.id for alarm in found] if opened else [])

    def turn() -> None:
        nonlocal opened
        opened = not opened
        draw()

    count.on("click", turn)
    return draw


def stands_for(screen: Screen, name: str) -> str:
    """How many others an alarm explains, and how many alike stand in its line; "" if none."""
    counts = (("alarms.explains", symptoms_of(screen)), ("alarms.alike", alike_of(screen)))
    words = [screen.say(key, count=len(found[name])) for key, found in counts if name in found]
    return " · ".join(words)


def _symptom(screen: Screen, name: str) -> Draw:
    with div("row"):
        shape, what = div("alarm-shape"), link("", "", "grow")

    def draw() -> None:
        groups = (*symptoms_of(screen).values(), *alike_of(screen).values())
        alarm = next((one for found in groups for one in found if one.id == name), None)
        if alarm is not None:
            set_classes(shape, **{alarm.severity: True})
            what.say(screen.say.either(alarm))
            page = screen.path("alarms/hidden" if alarm.hidden else "alarms")
            attribute(what, "href", f"{page}?{urlencode({'alarm': name})}")

    return draw


def command_button(
    screen: Screen, slot: CommandCardSlot, key: Callable[[], str], mark: str
) -> Draw:
    """The button of the command that does what the alarm advises; its card opens filled in.

    `key` gives the id of the alarm that is shown.
    """
    button = text("", "act small alarm-act", "button").mark(mark)

    def offered() -> CommandSuggestion | None:
        alarm = alarms_of(screen).get(key())
        return alarm_commands.for_alarm(alarm, screen.model) if alarm else None

    def open_card() -> None:
        if (suggestion := offered()) is not None:
            slot.open(suggestion.entry, suggestion.given)

    def draw() -> None:
        suggestion = offered()
        set_classes(button, invisible=suggestion is None)
        if suggestion is not None:
            named = _named(screen, words(screen, suggestion), suggestion.given.get("serial"))
            button.say(f"{named} …")

    button.on("click", open_card)
    return draw


def _named(screen: Screen, title: str, serial: object) -> str:
    if not isinstance(serial, str):
        return title
    name = screen.say.either(device_name(screen.model.factory, serial))
    return f"{title}: {name.removeprefix('FTS ')}"
