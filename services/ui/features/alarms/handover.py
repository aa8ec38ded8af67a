"""Shift hand-over: what is to be known of the shift, who gives and takes it, and the last ones."""

from collections.abc import Iterable, Sequence

from nicegui import background_tasks

from omf.alarms.handover import HandedAlarm, HandoverReport, PendingHandover, SignedHandover
from omf.commands import CONTROLS
from services.common.store.bus import StoreError
from services.common.store.keys import Role
from services.history.handovers import ShiftNow, last_handovers, shift_now
from services.history.reader import History
from services.ui import formats
from services.ui.features.alarms.history_list import level_words
from services.ui.features.alarms.statistics import RENEW_S, figure_words
from services.ui.live.screen import Screen
from services.ui.widgets.command_card.command_entries import CommandCardSlot
from services.ui.widgets.elements import Label, div, fold, set_classes, text

LAST_SHOWN = 20
HANDOVER_FIGURES = (
    *("raised", "rate", "most", "flood", "waiting", "acknowledge"),
    *("chattering", "stale", "priorities", "top"),
)


class HandoverPage:
    """One person's look at the shift; read again once a minute, and whenever somebody signs."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._read_at = float("-inf")
        self._seen: PendingHandover | None = None
        say = screen.say
        with div("panel fill handover", "section"):
            with div("panel-head"):
                self._title = text("", "panel-title", "h2")
                self._told = text("", "hint").mark("handover-told")
            self._note = text("", "hint wrong hidden").props("role=alert")
            with div("row wraps"):
                self._buttons = {name: self._button(name) for name in _ACTS}
            self._slot = CommandCardSlot(screen)
            self._remark = text("", "handover-note hidden")
            self._report = div("handover-report")
            text(say("handover.last"), "panel-title", "h2")
            self._last = div("handover-last")
        screen.live(self._draw)

    def _button(self, name: str) -> Label:
        kind = CONTROLS[name]
        made = text(f"{self._screen.say.either(kind.title)} …", "act hidden", "button").mark(name)

        def press() -> None:
            waiting = self._screen.model.factory.handover
            self._slot.open(kind, {"handover": waiting.id} if waiting else {})

        return made.on("click", press)

    def _draw(self) -> None:
        screen = self._screen
        waiting, now = screen.model.factory.handover, screen.model.wall
        own, known = bool(waiting and waiting.who == screen.user.name), screen.model.factory.lives
        offered = {
            "handover-give": waiting is None,
            "handover-take": waiting is not None and not own,
            "handover-withdraw": own,
        }
        for name, button in self._buttons.items():
            may = known is not None and screen.user.may(Role(CONTROLS[name].role))
            set_classes(button, hidden=not (may and offered[name]))
        if waiting != self._seen or abs(now - self._read_at) >= RENEW_S:
            self._seen, self._read_at = waiting, now
            background_tasks.create(self._read(), name="shift hand-over")

    async def _read(self) -> None:
        screen = self._screen
        if screen.bus is None:
            return
        history = History(screen.settings.archive_of(screen.environment))
        wrong = ""
        try:
            now = await shift_now(screen.bus, screen.settings.shift_calendar)
            last = await last_handovers(screen.bus, history, LAST_SHOWN)
        except StoreError as error:
            wrong = screen.say("empty.buffer_unreadable", error=error)
        if self._note.is_deleted:
            return
        if not wrong:
            self._show(now, last)
        faults = screen.say("history.faults", faults="; ".join(history.faults))
        self._note.say(wrong or (faults if history.faults else ""))
        set_classes(self._note, hidden=not self._note.text)

    def _show(self, now: ShiftNow, last: Sequence[SignedHandover]) -> None:
        screen, say, waiting = self._screen, self._screen.say, now.waiting
        self._title.say(_shift_words(screen, now.shift.name, now.shift.since, now.shift.until))
        told = say("handover.goes_on")
        if waiting:
            who, at = say.known("user", waiting.who), screen.when(waiting.at)
            told = say("handover.waits", who=who, at=at)
        self._told.say(told)
        self._remark.say(waiting.note if waiting else "")
        set_classes(self._remark, hidden=not (waiting and waiting.note))
        self._report.clear()
        with self._report:
            _report(screen, now.report)
        self._last.clear()
        with self._last:
            for one in last:
                _signed(screen, one)
            if not last:
                text(say("handover.none_yet"), "hint")


_ACTS = ("handover-give", "handover-take", "handover-withdraw")


def _shift_words(screen: Screen, name: str, since: float, until: float) -> str:
    words = {"name": screen.say.known("shift", name), "since": screen.when(since)}
    return screen.say("handover.shift", until=screen.when(until), **words)


def _report(screen: Screen, report: HandoverReport) -> None:
    """The five parts of what is handed over."""
    say = screen.say
    parts = {
        "standing": report.standing,
        "shelved": report.shelved,
        "out_of_service": report.out_of_service,
    }
    for name, alarms in parts.items():
        _alarms(screen, say(f"handover.{name}", count=len(alarms)), alarms)
    text(say("handover.suppressed", count=report.suppressed), "hint")
    text(say("handover.comments", count=len(report.comments)), "panel-title", "h3")
    for one in report.comments:
        with div("row handover-line"):
            text(screen.when(one.at), "mono")
            text(f"{say.known('user', one.by)}: {one.words}", "grow")
            text(say.either(one.text), "hint")
    if report.untold:
        text(say("alarms.more", count=report.untold), "hint")
    text(say("handover.figures"), "panel-title", "h3")
    names = {alarm: say.either(said) for alarm, said in report.names.items()}
    words = figure_words(screen, report.figures, names)
    with div("facts", "dl"):
        for name in HANDOVER_FIGURES:
            with div("fact"):
                text(say(f"alarms.figure.{name}"), "fact-name", "dt")
                text(words[name] or formats.NONE, "fact-value", "dd")


def _alarms(screen: Screen, title: str, alarms: Iterable[HandedAlarm]) -> None:
    say = screen.say
    text(title, "panel-title", "h3")
    for one in alarms:
        said = say(f"alarm_state.{one.state}")
        if one.until is not None:
            who, until = say.known("user", one.by), screen.when(one.until)
            said = say("alarms.state_until", state=said, who=who, until=until)
        with div("row handover-line"):
            text(screen.when(one.raised_at), "mono")
            text(level_words(screen, one.severity), "handover-level")
            text(say.either(one.text), "grow")
            text(f"{said}: {one.reason}" if one.reason else said, "hint")


def _signed(screen: Screen, one: SignedHandover) -> None:
    """One shift that was given: who signed it, and what was known, to be unfolded."""
    say, given = screen.say, one.given.given
    if given is None:
        return
    shift = _shift_words(screen, given.shift, given.since, given.until)
    who, at = say.known("user", given.who), screen.when(given.at)
    told = [shift, say("handover.given", who=who, at=at)]
    if one.end:
        who, at = say.known("user", one.end.who), screen.when(one.end.at)
        told.append(say(f"handover.{one.end.event}", who=who, at=at))
    with fold(" · ".join(told), "handover-signed"):
        for note in (given.note, one.end.note if one.end else ""):
            if note:
                text(note, "handover-note")
        if one.given.report:
            _report(screen, one.given.report)
