"""What a session of the library is of, in a line, and its alarms: a press goes to one of them."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import get_args

from omf.analysis.session_facts import OrderOutcome, SessionAlarm, SessionFacts
from services.common.sessions.facts_files import read_facts
from services.common.sessions.files import SessionError
from services.common.sessions.session_folder import SessionFolder
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.widgets.elements import Label, attribute, div, fold, set_classes, text

SHOWN_ALARMS = 200
BEFORE_S = 5.0
"""Playing goes on so long before the alarm, so that its beginning is seen."""
OUTCOMES: tuple[OrderOutcome, ...] = get_args(OrderOutcome)


def facts_of(screen: Screen, name: str) -> SessionFacts | None:
    """The facts of a session of the library; None while nobody has read it."""
    try:
        return read_facts(SessionFolder(screen.settings.data / "sessions").path(name))
    except SessionError:
        return None


def facts_words(screen: Screen, facts: SessionFacts | None) -> str:
    """When, how long, how its orders ended, how many alarms came."""
    say, user = screen.say, screen.user
    if facts is None:
        return say("session_facts.unread")
    orders = [
        say(f"session_facts.{one}", count=count)
        for one in OUTCOMES
        if (count := facts.orders.get(one, 0))
    ]
    told = (
        formats.date_and_time(facts.began_at, user.clock, user.language),
        formats.took(facts.length_s, user.language),
        ", ".join(orders) or say("session_facts.no_orders"),
        say("session_facts.alarms", count=len(facts.alarms)),
    )
    return " · ".join(told)


class SessionAlarms:
    """The versions of the factory and the alarms of the session that is played."""

    def __init__(self, screen: Screen, seek: Callable[[float], Awaitable[None]]) -> None:
        self._screen, self._seek = screen, seek
        self._shown: SessionFacts | None = None
        say = screen.say
        with div("session-alarms hidden") as self._holder:
            self._versions = text("", "hint").mark("session-versions")
            with fold(say("session_facts.alarm_list"), opened=True):
                self._none = text(say("session_facts.no_alarms"), "hint")
                self._list = div("session-alarm-list", "ul").mark("session-alarms")

    def show(self, name: str) -> None:
        """Those of the session of that name; an empty name shows nothing."""
        facts = facts_of(self._screen, name) if name else None
        set_classes(self._holder, hidden=facts is None)
        if facts is None or facts == self._shown:
            return
        self._shown = facts
        say = self._screen.say
        versions = ", ".join(f"{one} {version}" for one, version in facts.versions.items())
        unknown = say("session_facts.no_versions")
        self._versions.say(
            say("session_facts.versions", versions=versions) if versions else unknown
        )
        set_classes(self._none, hidden=bool(facts.alarms))
        self._list.clear()
        with self._list:
            for alarm in facts.alarms[:SHOWN_ALARMS]:
                self._alarm(alarm)

    def _alarm(self, alarm: SessionAlarm) -> Label:
        say, language = self._screen.say, self._screen.user.language
        with div("session-alarm", "li"):
            div(f"alarm-shape {alarm.severity}")
            at = say("session_facts.at", seconds=formats.number(alarm.at_s, language, 1))
            severity = say(f"level.{alarm.severity}")
            made = text(f"{at} · {severity}: {say.either(alarm.text)}", "plain", "button")
            made.on("click", partial(self._seek, max(0.0, alarm.at_s - BEFORE_S)))
            attribute(made, "title", say("session_facts.seek"))
        return made.mark("seek-alarm")
