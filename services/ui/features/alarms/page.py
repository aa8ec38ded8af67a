"""Alarms: those that stand, those that people hid, and what there was."""

from urllib.parse import urlencode

from nicegui import background_tasks, ui

from omf.alarms.alarm import SEVERITIES
from omf.alarms.life import AlarmEntry, AlarmLife
from omf.alarms.lifecycle import HIDDEN
from services.common.store.bus import StoreError
from services.ui.features.alarms.detail import AlarmDetail, event_words, state_words
from services.ui.features.alarms.history import AlarmHistory
from services.ui.features.alarms.statistics import AlarmStatistics
from services.ui.live.screen import Screen
from services.ui.types import Address, Page, Row
from services.ui.widgets.alarm_list import symptoms_of
from services.ui.widgets.elements import attribute, div, link, set_classes, text
from services.ui.widgets.table import Table, column

TABS = ("active", "hidden", "history", "statistics")
MAX_ALARM_ROWS = 500
"""Of one list; the counts say how many there are."""
MAX_ALARM_NAME = 600


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `tab` is part of the address, and `alarm` opens that alarm at once."""
    wanted = address.get("tab", "")
    tab = wanted if wanted in TABS else TABS[0]
    AlarmsPage(screen, tab, address.get("alarm", "")[:MAX_ALARM_NAME]).build()


class AlarmsPage:
    """One person's look at the alarms."""

    def __init__(self, screen: Screen, tab: str, chosen: str) -> None:
        self._screen = screen
        self._tab = tab
        self._chosen = chosen
        self._history = AlarmHistory(screen.bus)
        self._reading = False
        self._passed: object = None
        self._shown: tuple[str, int] | None = None
        self._failed = ""

    def build(self) -> None:
        """The lists by tab, the list, and the detail."""
        say = self._screen.say
        self._tabs()
        if self._tab == "statistics":
            with div("panel fill", "section"):
                text(say("alarms.tab.statistics"), "panel-title", "h2")
                AlarmStatistics(self._screen)
            return
        with div("messages") as self._whole:
            with div("panel fill", "section"):
                with div("panel-head"):
                    text(say(f"alarms.tab.{self._tab}"), "panel-title", "h2")
                    self._counts = text("", "hint cut")
                self._note = text("", "hint wrong hidden").mark("alarms-owner")
                self._table = Table(self._columns(), self._rows(), empty="", on_pick=self._choose)
                self._more = text(say("alarms.older"), "act small older hidden", "button")
                self._more.on("click", self._go_on).mark("older")
            self._detail = AlarmDetail(self._screen, lambda: self._choose(""))
        self._screen.live(self._draw)

    def _tabs(self) -> None:
        screen = self._screen
        with div("tabs", "nav") as tabs:
            attribute(tabs, "aria-label", screen.say("page.alarms"))
            for name in TABS:
                entry = link(screen.say(f"alarms.tab.{name}"), screen.path(f"alarms/{name}"), "tab")
                set_classes(entry, current=name == self._tab)
                if name == self._tab:
                    attribute(entry, "aria-current", "page")

    def _choose(self, picked: str) -> None:
        """A row of the history names its entry as well, behind a blank."""
        self._chosen = picked.partition(" ")[2] if " " in picked else picked
        address = self._screen.path(f"alarms/{self._tab}")
        query = {"alarm": self._chosen} if self._chosen else {}
        ui.navigate.history.replace(f"{address}?{urlencode(query)}" if query else address)
        self._draw()

    def _draw(self) -> None:
        say, lives = self._screen.say, self._screen.model.factory.lives
        if self._tab == "history":
            self._renew()
        count = self._show_history() if self._tab == "history" else self._show_lives()
        self._table.empty.say(say(f"alarms.empty.{self._tab}"))
        self._counts.say(say("alarms.counted", count=count))
        silent = say("alarms.owner_silent") if lives is None else ""
        self._note.say(" ".join(filter(None, (silent, self._failed))))
        set_classes(self._note, hidden=not (silent or self._failed))
        set_classes(self._more, hidden=self._tab != "history" or not self._history.more)
        self._detail.show(self._chosen)
        set_classes(self._whole, beside=bool(self._chosen))

    def _show_lives(self) -> int:
        rows = self._rows()
        self._table.show(rows[:MAX_ALARM_ROWS])
        return len(rows)

    def _show_history(self) -> int:
        """Thousands of rows: they are made only when there is something new among them."""
        listed = self._history.listed
        ends = (listed[0][0], len(listed)) if listed else None
        if ends != self._shown:
            self._shown = ends
            self._table.show(self._rows())
        return len(listed)

    def _renew(self) -> None:
        """Read what is new of the history whenever an alarm has changed."""
        lives = self._screen.model.factory.lives
        if self._reading or (lives is self._passed and self._history.listed):
            return
        self._passed, self._reading = lives, True
        background_tasks.create(self._read(older=False), name="history of alarms")

    async def _go_on(self) -> None:
        await self._read(older=True)

    async def _read(self, *, older: bool) -> None:
        self._failed = ""
        try:
            await (self._history.go_on() if older else self._history.renew())
        except StoreError:
            self._failed = self._screen.say("empty.buffer_unreadable")
        self._reading = False
        if not self._more.is_deleted:
            self._draw()

    def _rows(self) -> list[Row]:
        if self._tab == "history":
            return [_passed(self._screen, *one) for one in self._history.listed]
        lives = self._screen.model.factory.lives
        if lives is None:
            return [] if self._tab == "hidden" else _found(self._screen)
        wanted = [life for life in lives.values() if (life.state in HIDDEN) == self._hides]
        wanted.sort(key=_urgency)
        return [_row(self._screen, life, place) for place, life in enumerate(wanted)]

    @property
    def _hides(self) -> bool:
        return self._tab == "hidden"

    def _columns(self) -> list[dict[str, object]]:
        say, rules = self._screen.say, {"cell-warn": "data.asks"}
        last = "reason" if self._hides else "action"
        if self._tab == "history":
            return [
                column("time", say("column.time"), 92),
                column("level", say("column.priority"), 152),
                column("event", say("alarms.column.event"), 0, tooltipField="event"),
                column("who", say("column.operator"), 110),
                column("what", say("alarms.column.alarm"), 0, minWidth=200, tooltipField="what"),
                column("at", "", 1, hide=True, sort="desc"),
            ]
        return [
            column("state", say("column.state"), 200, cellClassRules=rules, tooltipField="state"),
            column("level", say("column.priority"), 152),
            column("what", say("alarms.column.alarm"), 0, minWidth=220, tooltipField="what"),
            column("since", say("alarms.column.since"), 92),
            column("count", say("alarms.column.count"), 60, type="rightAligned"),
            column(last, say(f"alarms.column.{last}"), 0, minWidth=160, tooltipField=last),
            column("order", "", 1, hide=True, sort="asc"),
        ]


def _urgency(life: AlarmLife) -> tuple[bool, bool, int, float]:
    """What waits for a person and still stands comes first, the gravest of it before the others."""
    return (not life.asks, not life.stands, SEVERITIES.index(life.severity), -life.raised_at)


def _level(screen: Screen, severity: str, priority: int) -> str:
    return f"{priority} · {screen.say(f'level.{severity}')}"


def _row(screen: Screen, life: AlarmLife, place: int) -> Row:
    say = screen.say
    return {
        "id": life.id,
        "order": place,
        "state": state_words(screen, life),
        "asks": life.asks,
        "level": _level(screen, life.severity, life.priority),
        "what": _named(screen, life),
        "since": screen.when(life.raised_at),
        "count": life.count,
        "action": say.either(life.action),
        "reason": say.either(life.suppressed) if life.suppressed else life.hidden_reason,
    }


def _named(screen: Screen, life: AlarmLife) -> str:
    """What it says, and how many others it explains."""
    said = screen.say.either(life.text)
    under = symptoms_of(screen).get(life.id)
    return f"{said} · {screen.say('alarms.explains', count=len(under))}" if under else said


def _found(screen: Screen) -> list[Row]:
    """What the rules find here, while nobody says what people did to it."""
    model = screen.model
    lives = map(AlarmLife.of, model.factory.alarms(model.factory_now))
    unknown: Row = {"state": screen.say("alarms.state_unknown"), "asks": False, "count": None}
    return [
        {**_row(screen, one, place), **unknown, "since": screen.when(one.since)}
        for place, one in enumerate(lives)
    ]


def _passed(screen: Screen, entry_id: str, entry: AlarmEntry) -> Row:
    say, user = screen.say, screen.user
    key = ("alarm passage", entry_id, user.language, user.clock, screen.when(0))

    def make() -> Row:
        return {
            "id": f"{entry_id} {entry.alarm}",
            "at": entry.at,
            "time": screen.when(entry.at),
            "level": _level(screen, entry.severity, entry.priority),
            "event": event_words(screen, entry),
            "who": say.known("user", entry.who) if entry.who else "",
            "what": say.either(entry.text),
        }

    row: Row = screen.model.shared(key, make)
    return row


PAGE = Page("alarms", "overview", "a", build, paths=("alarms", "alarms/{tab}"), past=False)
