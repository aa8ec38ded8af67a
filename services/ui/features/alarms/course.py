"""The course of one alarm: its passages, what people did while it stood, and the times before."""

from collections.abc import Iterable, Sequence

from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmEvent
from omf.alarms.occurrences import AlarmOccurrence, occurrences
from omf.commands import ALARM_ACTS
from services.common.process import clock
from services.common.store.journal import id_before
from services.common.store.keys import CommandRecord
from services.ui import formats
from services.ui.features.alarms.history import of_alarm
from services.ui.features.alarms.history_list import event_words
from services.ui.live.screen import Screen
from services.ui.views import command_progress, command_view, history_query, urls
from services.ui.widgets.elements import div, link, text
from services.ui.widgets.moment_link import MomentLink

MAX_TOLD = 60
"""Passages in the time line; the rest is counted."""
MAX_BEFORE = 20
"""Times before that are told one by one."""
MAX_COMMANDS_ASKED = 300
"""Newest commands among which those of people are looked for."""
AROUND_BEFORE_S, AROUND_AFTER_S = 120.0, 60.0
"""The messages around a beginning."""
ARCHIVED_S = 120.0
"""So old, a message is in the archive."""


class AlarmCourse:
    """What was read of one alarm."""

    def __init__(self, told: list[AlarmEntry], commands: Sequence[CommandRecord]) -> None:
        """`told` newest first, of one alarm; `commands` of everybody."""
        self._told = told
        self._commands = commands
        self._each = occurrences(reversed(told))

    @property
    def last(self) -> AlarmEntry | None:
        """Its newest entry."""
        return self._told[0] if self._told else None

    @classmethod
    async def read(cls, screen: Screen, alarm: str) -> "AlarmCourse":
        """What became of it and when it stood before; StoreError."""
        found = await of_alarm(screen, alarm)
        commands: list[CommandRecord] = []
        if screen.bus and found:
            until = id_before(await screen.bus.time() + 1)
            commands = await screen.bus.records(MAX_COMMANDS_ASKED, until)
        return cls([entry for _, entry in found], commands)

    def draw(self, screen: Screen) -> None:
        """Draw it into the element that is open."""
        say = screen.say
        if not self._each:
            return
        now, *before = self._each
        _ways(screen, now)
        text(say("alarms.course"), "panel-title")
        for entry in list(reversed(now.entries))[:MAX_TOLD]:
            _line(screen, entry)
        _more(screen, len(now.entries) - MAX_TOLD)
        if done := self._done(now):
            text(say("alarms.done_meanwhile"), "panel-title")
            for record in done:
                _command(screen, record)
        text(say("alarms.before"), "panel-title")
        for one in before[:MAX_BEFORE]:
            self._earlier(screen, one)
        if not before:
            text(say("alarms.never_before"), "hint")
        _more(screen, len(before) - MAX_BEFORE)

    def _done(self, one: AlarmOccurrence) -> list[CommandRecord]:
        """What people sent to the factory while it stood, oldest first."""
        begun, ended = one.entries[0].at, one.ended_at
        return [
            record
            for record in self._commands
            if record.command.kind not in ALARM_ACTS
            and begun <= record.command.created_at
            and (ended is None or record.command.created_at <= ended)
        ]

    def _earlier(self, screen: Screen, one: AlarmOccurrence) -> None:
        say, language = screen.say, screen.user.language
        stood = one.stood_s(screen.model.wall)
        with div("alarm-before"):
            with div("row"):
                then = MomentLink(screen, "mono")
                then.lead("overview", begun_at(screen, one))
                then.say(screen.when(one.entries[0].at))
                length = say("alarms.stood", length=formats.took(stood, language))
                text(length if stood is not None else "", "grow")
            for words in _told_of(screen, one.entries):
                text(words, "hint")
            for name in dict.fromkeys(record.command.kind for record in self._done(one)):
                text(say("alarms.helped", kind=command_view.kind_name(name, say)), "hint")


def begun_at(screen: Screen, one: AlarmOccurrence) -> float | None:
    """When the factory came to it, on the clock of its messages; None where that is not known."""
    first = one.entries[0]
    if first.event is not AlarmEvent.RAISED and one.begun_at is None:
        return None
    return screen.model.dated(first.at) if first.since is None else first.since


def _ways(screen: Screen, one: AlarmOccurrence) -> None:
    """To the factory at its beginning, and to the messages around it."""
    risen = _risen(one)
    at = begun_at(screen, risen)
    if at is None:
        return
    subject = risen.entries[0].subject
    with div("row wraps"):
        then = MomentLink(screen)
        then.lead("overview", at)
        then.say(screen.say("alarms.factory_then", at=screen.when(at)))
        if screen.model.now - at > ARCHIVED_S:
            since, until = at - AROUND_BEFORE_S, at + AROUND_AFTER_S
            topic, contained = urls.said_about(screen, subject)
            asked = history_query.HistoryQuestion(
                clock.iso(since), clock.iso(until), topic, contained
            )
            target = screen.path(f"history{history_query.query(asked)}")
            link(screen.say("alarms.around"), target, "way-in").mark("alarm-around")


def _risen(one: AlarmOccurrence) -> AlarmOccurrence:
    """It from where its cause came last: it may have come and gone, and nobody settled it."""
    rises = [n for n, entry in enumerate(one.entries) if entry.event is AlarmEvent.RAISED]
    return AlarmOccurrence(one.entries[rises[-1] :]) if rises else one


def _more(screen: Screen, count: int) -> None:
    if count > 0:
        text(screen.say("alarms.more", count=count), "hint")


def _line(screen: Screen, entry: AlarmEntry) -> None:
    with div("row alarm-passage"):
        text(screen.when(entry.at), "mono")
        text(event_words(screen, entry), "grow")
        text(screen.say.known("user", entry.who) if entry.who else "", "hint")


def _command(screen: Screen, record: CommandRecord) -> None:
    say, command = screen.say, record.command
    with div("row alarm-passage"):
        text(screen.when(command.created_at), "mono")
        name = command_view.kind_name(command.kind, say)
        link(name, urls.to_command(screen, command.command_id), "way-in grow")
        text(command_progress.stage_words(record, say), "hint")
        text(say.known("user", command.operator), "hint")


def _told_of(screen: Screen, entries: Iterable[AlarmEntry]) -> Iterable[str]:
    """What people did to it, each act once, without what was refused."""
    for entry in entries:
        if entry.who and entry.event is not AlarmEvent.REFUSED:
            yield f"{event_words(screen, entry)} · {screen.say.known('user', entry.who)}"
