"""What a person asked for who must not miss an alarm: a banner on every page, and a sound.

Both are off unless the person chose them. There is one banner however many alarms wait, and one
sound however many come at once. What is acknowledged, shelved or explained by another alarm has
neither.
"""

import json

from omf.alarms.alarm import Alarm
from omf.alarms.lifecycle import AlarmState
from omf.alarms.rule_data import SEVERITIES
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.widgets.alarm_list import alarms_of
from services.ui.widgets.elements import attribute, div, link, set_classes, text

NOBODY_SAW = (None, AlarmState.UNACKNOWLEDGED)
"""Nobody has seen it; None: nobody can tell, for the owner of the alarms is silent."""


def alarm_notice(screen: Screen) -> None:
    """Build what this person asked for; a page of the past has neither."""
    if screen.past is not None:
        return
    if screen.user.banner == "on":
        _banner(screen)
    if screen.user.sound == "on":
        _sound(screen)


def waiting_alarms(screen: Screen) -> list[Alarm]:
    """Those nobody has acknowledged, gravest first."""
    return [alarm for alarm in alarms_of(screen).values() if alarm.state in NOBODY_SAW]


def _banner(screen: Screen) -> None:
    with div("note alarm-banner").mark("alarm-banner") as banner:
        shape = div("alarm-shape")
        with div("note-text"):
            title, advice = link("", "", "note-title"), text("", "note-advice")
        more = text("", "hint")

    def draw() -> None:
        found, say = waiting_alarms(screen), screen.say
        set_classes(banner, hidden=not found)
        if not found:
            return
        worst = found[0]
        for severity in SEVERITIES:
            set_classes(banner, **{severity: severity == worst.severity})
            set_classes(shape, **{severity: severity == worst.severity})
        title.say(f"{say(f'level.{worst.severity}')}: {say.either(worst)}")
        attribute(title, "href", urls.to_alarm(screen, worst.id))
        advice.say(say.either(worst.action))
        rest = len(found) - 1
        more.say(say("alarms.more", count=rest) if rest else "")

    screen.live(draw)


def _sound(screen: Screen) -> None:
    """The browser rings once for what is new in `data-ring` (static/ui.js), in one of its tabs."""
    bell = text("", "hidden").mark("alarm-sound")
    known: set[str] | None = None

    def draw() -> None:
        nonlocal known
        found = {alarm.id: alarm for alarm in waiting_alarms(screen)}
        news = [alarm for name, alarm in found.items() if known is not None and name not in known]
        known = set(found)
        if news:
            attribute(bell, "data-level", news[0].severity)
            attribute(bell, "data-ring", json.dumps([_rise(screen, alarm) for alarm in news]))

    screen.live(draw)


def _rise(screen: Screen, alarm: Alarm) -> str:
    """The alarm and when it was raised: the same in every tab, another when it comes again."""
    life = (screen.model.factory.lives or {}).get(alarm.id)
    raised_at = life.raised_at if life else alarm.since or screen.model.wall
    return f"{alarm.id} {raised_at:.0f}"
