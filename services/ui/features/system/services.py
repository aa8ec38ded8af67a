"""The table of our processes, and what they logged."""

from urllib.parse import urlencode

from nicegui import ui

from services.ui import formats
from services.ui.live.health_poller import LEVELS, LogLine, ServiceStatus
from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.widgets.elements import Label, div, set_classes, text
from services.ui.widgets.table import Table, column

MB = 1_000_000
MAX_ABOUT = 200
SHAPES = {
    "cell-comm": "data.state_id === 'away'",
    "cell-warn": "data.state_id === 'not_ready'",
}


def service_table(screen: Screen) -> None:
    """One row a process: state, version, since when, memory, lag, complaints."""
    say = screen.say
    right = {"type": "rightAligned"}
    columns = [
        column("part", say("column.part"), 150),
        column("state", say("column.state"), 120, cellClassRules=SHAPES),
        column("since", say("column.since"), 116, **right),
        column("version", say("column.version"), 80),
        column("memory", say("column.memory"), 90, **right),
        column("lag", say("column.lag"), 104, **right),
        column("complaints", say("column.complaints"), 130, **right),
        column("wrong", say("column.wrong"), 0, tooltipField="wrong"),
    ]
    table = Table(columns, _rows(screen), empty=say("empty.services"), whole=True)
    screen.live(lambda: table.show(_rows(screen)))


def _rows(screen: Screen) -> list[Row]:
    key = ("services", screen.user.language)
    statuses = screen.model.health.statuses
    return screen.model.shared(key, lambda: [_row(screen, c) for c in statuses])


def _row(screen: Screen, one: ServiceStatus) -> Row:
    language, now = screen.user.language, screen.model.wall
    memory = None if one.memory is None else one.memory / MB
    return {
        "id": one.part,
        "part": one.part,
        "state_id": one.state,
        "state": screen.say(f"condition.{one.state}"),
        "since": formats.age(None if one.since is None else now - one.since, screen.say.language),
        "version": one.version or formats.NONE,
        "memory": formats.NONE if memory is None else f"{formats.number(memory, language)} MB",
        "lag": formats.number(one.lag, language),
        "complaints": formats.number(one.complaints, language),
        "wrong": one.wrong,
    }


class Logs:
    """The last lines of every process, from a level on, or those about one command."""

    def __init__(self, screen: Screen, about: str, tab: str) -> None:
        """`about`: the id of a command, or of what called for it, or any part of a line."""
        self._screen = screen
        self._tab = tab
        self._level = "info"
        self._about = about.strip()[:MAX_ABOUT]
        say = screen.say
        with div("row log-bar"):
            text(say("logs.from"), "hint")
            self._choices = {level: self._choice(level) for level in LEVELS[1:]}
            self._field()
            text(say("logs.where"), "hint grow")
        columns = [
            column("at", say("column.time"), 118),
            column("part", say("column.part"), 130),
            column("level", say("column.level"), 90, cellClassRules=LOUD),
            column("text", say("column.text"), 0, tooltipField="text"),
            column("more", say("column.more"), 0, cellClass="cell-mono", tooltipField="more"),
            # A line that comes later is added below all others: the newest is first by this.
            column("order", "", 1, hide=True, sort="desc"),
        ]
        self._table = Table(columns, self._rows(), empty=say("empty.logs"))
        screen.live(self._draw)

    def _field(self) -> None:
        label = self._screen.say("logs.about")
        field = ui.input(placeholder=label, value=self._about).classes("field")
        field.props(f'dense outlined square debounce=300 aria-label="{label}"')

        def change(given: str | None) -> None:
            self._about = (given or "").strip()[:MAX_ABOUT]
            query = f"?{urlencode({'about': self._about})}" if self._about else ""
            ui.navigate.history.replace(self._screen.path(f"system/{self._tab}{query}"))
            self._draw()

        field.on_value_change(lambda event: change(event.value)).mark("logs-about")

    def _takes(self, line: LogLine) -> bool:
        """True if its level is high enough and it holds what is looked for."""
        loud = line.level in LEVELS[LEVELS.index(self._level) :]
        words = f"{line.text} {line.more}".casefold()
        return loud and self._about.casefold() in words

    def _choice(self, level: str) -> Label:
        button = text(self._screen.say(f"log.{level}"), "act small", "button")

        def press() -> None:
            self._level = level
            self._draw()

        return button.on("click", press)

    def _draw(self) -> None:
        for level, button in self._choices.items():
            set_classes(button, current=level == self._level)
        self._table.show(self._rows())

    def _rows(self) -> list[Row]:
        lines = self._screen.model.health.lines
        return [self._row(line) for line in reversed(lines) if self._takes(line)]

    def _row(self, line: LogLine) -> Row:
        at = formats.stamp(line.at)
        return {
            "id": line.id,
            "order": f"{line.at} {line.id}",
            "at": self._screen.when(at, millis=True),
            "part": line.part,
            "level_id": line.level,
            "level": self._screen.say.known("log", line.level),
            "text": line.text,
            "more": line.more,
        }


LOUD = {
    "cell-bad": "['error', 'critical'].includes(data.level_id)",
    "cell-warn": "data.level_id === 'warning'",
}
