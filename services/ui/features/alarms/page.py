"""Alarms: those that stand, those that people hid, and what there was."""

from urllib.parse import urlencode

from nicegui import ui

from omf.alarms.life import AlarmLife
from omf.alarms.lifecycle import HIDDEN
from omf.alarms.rule_data import SEVERITIES
from services.ui.features.alarms.detail import AlarmDetail, state_words
from services.ui.features.alarms.handover import HandoverPage
from services.ui.features.alarms.history import WantedPassages
from services.ui.features.alarms.history_list import (
    PassageList,
    history_path,
    level_words,
    wanted_of,
)
from services.ui.features.alarms.rationalisation import RuleTable
from services.ui.features.alarms.statistics import AlarmStatistics
from services.ui.live.screen import Screen
from services.ui.types import Address, Page, Row
from services.ui.widgets.alarm_list import alike_of, stands_for
from services.ui.widgets.elements import attribute, div, link, set_classes, text
from services.ui.widgets.table import WRAPPED, Table, column

TABS = ("active", "hidden", "history", "statistics", "rules", "handover")
_TABLES = {"statistics": AlarmStatistics, "rules": RuleTable}
"""Tabs that list no alarms."""
MAX_ALARM_ROWS = 500
"""Of one list; the counts say how many there are."""
MAX_ALARM_NAME = 600


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `tab` is part of the address, and `alarm` opens that alarm at once."""
    wanted = address.get("tab", "")
    tab = wanted if wanted in TABS else TABS[0]
    chosen = address.get("alarm", "")[:MAX_ALARM_NAME]
    AlarmsPage(screen, tab, chosen, wanted_of(address)).build()


class AlarmsPage:
    """One person's look at the alarms."""

    def __init__(self, screen: Screen, tab: str, chosen: str, wanted: WantedPassages) -> None:
        self._screen = screen
        self._tab = tab
        self._chosen = chosen
        self._wanted = wanted
        self._history: PassageList | None = None
        self._beside = False

    def build(self) -> None:
        """The lists by tab, the list, and the detail."""
        say = self._screen.say
        self._tabs()
        if (table := _TABLES.get(self._tab)) is not None:
            with div("panel fill", "section"):
                text(say(f"alarms.tab.{self._tab}"), "panel-title", "h2")
                table(self._screen)
            return
        if self._tab == "handover":
            HandoverPage(self._screen)
            return
        with div("messages") as self._whole:
            with div("panel fill", "section"):
                with div("panel-head"):
                    text(say(f"alarms.tab.{self._tab}"), "panel-title", "h2")
                    self._counts = text("", "hint cut").mark("alarms-count")
                self._note = text("", "hint wrong hidden").mark("alarms-owner")
                self._list()
            self._detail = AlarmDetail(self._screen, lambda: self._choose(""))
        self._screen.live(self._draw)

    def _list(self) -> None:
        if self._tab == "history":
            self._history = PassageList(
                self._screen, self._wanted, self._choose, self._turn, self._draw
            )
        else:
            self._table = Table(self._columns(), self._rows(), empty="", on_pick=self._choose)

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
        self._chosen = picked
        self._turn()

    def _turn(self) -> None:
        """Keep the address true and show what it says."""
        if self._history:
            address = history_path(self._screen, self._history.wanted, self._chosen)
        else:
            query = f"?{urlencode({'alarm': self._chosen})}" if self._chosen else ""
            address = self._screen.path(f"alarms/{self._tab}{query}")
        ui.navigate.history.replace(address)
        self._draw()

    def _draw(self) -> None:
        say, lives = self._screen.say, self._screen.model.factory.lives
        self._counts.say(say("alarms.counted", count=self._show()))
        self._note.say(say("alarms.owner_silent") if lives is None else "")
        set_classes(self._note, hidden=lives is not None)
        self._detail.show(self._chosen)
        self._arrange(beside=bool(self._chosen))

    def _arrange(self, *, beside: bool) -> None:
        """The detail says the rest of its alarm; the list beside it keeps what tells them apart."""
        if beside == self._beside:
            return
        self._beside = beside
        set_classes(self._whole, beside=beside)
        if self._history is None:
            told = ["under", "count", "reason" if self._hides else "action"]
            self._table.grid.run_grid_method("setColumnsVisible", told, not beside)

    def _show(self) -> int:
        """Show the list as it is now; how many there are of it."""
        if self._history:
            self._history.draw()
            return self._history.count
        rows = self._rows()
        self._table.show(rows[:MAX_ALARM_ROWS])
        self._table.empty.say(self._screen.say(f"alarms.empty.{self._tab}"))
        return len(rows)

    def _rows(self) -> list[Row]:
        lives = self._screen.model.factory.lives
        if lives is None:
            return [] if self._tab == "hidden" else _found(self._screen)
        in_line = {one.id for found in alike_of(self._screen).values() for one in found}
        wanted = [
            life
            for life in lives.values()
            if (life.state in HIDDEN) == self._hides and life.id not in in_line
        ]
        wanted.sort(key=_urgency)
        return [_row(self._screen, life, place) for place, life in enumerate(wanted)]

    @property
    def _hides(self) -> bool:
        return self._tab == "hidden"

    def _columns(self) -> list[dict[str, object]]:
        say, rules = self._screen.say, {"cell-warn": "data.asks"}
        last = "reason" if self._hides else "action"
        return [
            column("state", say("column.state"), 180, cellClassRules=rules, **WRAPPED),
            column("level", say("column.priority"), 136),
            column("what", say("alarms.column.alarm"), 0, minWidth=200, **WRAPPED),
            column("under", say("alarms.column.under"), 132, **WRAPPED),
            column("since", say("alarms.column.since"), 92),
            column("count", say("alarms.column.count"), 60, type="rightAligned"),
            column(last, say(f"alarms.column.{last}"), 0, minWidth=160, **WRAPPED),
            column("order", "", 1, hide=True, sort="asc"),
        ]


def _urgency(life: AlarmLife) -> tuple[bool, bool, int, float]:
    """What waits for a person and still stands comes first, the gravest of it before the others."""
    return (not life.asks, not life.stands, SEVERITIES.index(life.severity), -life.raised_at)


def _row(screen: Screen, life: AlarmLife, place: int) -> Row:
    say = screen.say
    return {
        "id": life.id,
        "order": place,
        "state": state_words(screen, life),
        "asks": life.asks,
        "level": level_words(screen, life.severity),
        "what": say.either(life.text),
        "under": stands_for(screen, life.id),
        "since": screen.when(life.raised_at),
        "count": life.count,
        "action": say.either(life.action),
        "reason": say.either(life.suppressed) if life.suppressed else life.hidden_reason,
    }


def _found(screen: Screen) -> list[Row]:
    """What the rules find here, while nobody says what people did to it."""
    model = screen.model
    lives = map(AlarmLife.of, model.factory.alarms(model.factory_now))
    unknown: Row = {"state": screen.say("alarms.state_unknown"), "asks": False, "count": None}
    return [
        {**_row(screen, one, place), **unknown, "since": screen.when(one.since)}
        for place, one in enumerate(lives)
    ]


PAGE = Page("alarms", "overview", "a", build, paths=("alarms", "alarms/{tab}"), past=False)
