"""The figures of ISA-18.2 of the shifts and of the last day, beside what is aimed at."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import background_tasks

from omf.alarms.kpis import TARGET_SHARES, AlarmFigures, figures
from omf.alarms.life import AlarmEntry, AlarmLife
from omf.analysis.shifts import ShiftSpan
from omf.constants import DAY_S, MINUTE_S
from services.common.store.alarm_lives import ALARMS, passages_since
from services.common.store.bus import StoreError
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.widgets.elements import set_classes, text
from services.ui.widgets.table import Table, column

SHIFTS_BEFORE = 3
"""Shifts told beside the one that goes on."""
AT_THE_END = ("standing", "waiting", "hidden", "stale")
"""Figures of how the alarms stand."""
RENEW_S = MINUTE_S
WRAPPED_HEADER = {"wrapHeaderText": True, "autoHeaderHeight": True}
URGENT = 2
"""Of four priorities the others are told together."""


class AlarmStatistics:
    """Read once a minute for one open page: the shift that goes on, those before, the last day."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._read_at = float("-inf")
        self._entries: Sequence[AlarmEntry] = ()
        self._known_from = float("inf")
        """Before, nobody kept what became of alarms, or it is kept no more."""
        self._note = text("", "hint wrong hidden")
        self._shifts = self._shifts_now()
        self._table = Table(self._columns(), self._rows(), empty="")
        screen.live(self._draw)

    def _shifts_now(self) -> list[ShiftSpan]:
        """The shift that goes on, and the ones before it."""
        calendar = self._screen.settings.shift_calendar
        found = [calendar.at(self._screen.model.wall)]
        while len(found) <= SHIFTS_BEFORE:
            found.append(calendar.before(found[-1]))
        return found

    def _columns(self) -> list[dict[str, object]]:
        say = self._screen.say
        titles = {
            f"shift{number}": f"{say.known('shift', one.name)}, {self._screen.when(one.since)}"
            for number, one in enumerate(self._shifts)
        }
        spans = {**titles, "day": say("alarms.span.day")}
        # On a phone the figures stand below each other: each says of which shift it is.
        shift: dict[str, Any] = {"minWidth": 130, "cellClass": "card-named", **WRAPPED_HEADER}
        return [
            column("figure", say("alarms.column.figure"), 0, minWidth=290),
            *(column(name, title, tooltipField=name, **shift) for name, title in spans.items()),
            column("aim", say("alarms.column.aim"), 130),
        ]

    def _draw(self) -> None:
        if self._screen.model.wall - self._read_at >= RENEW_S:
            self._read_at = self._screen.model.wall
            background_tasks.create(self._read(), name="statistics of alarms")

    async def _read(self) -> None:
        bus = self._screen.bus
        if bus is None:
            return
        shifts = self._shifts_now()
        begin = min(shifts[-1].since, self._screen.model.wall - DAY_S)
        try:
            oldest = await bus.models(ALARMS, AlarmEntry, count=1)
            self._entries = await passages_since(bus, begin)
        except StoreError as error:
            self._note.say(self._screen.say("empty.buffer_unreadable", error=error))
        else:
            self._note.say("")
            self._known_from = oldest[0][1].at if oldest else float("inf")
        if self._note.is_deleted:
            return
        set_classes(self._note, hidden=not self._note.text)
        if shifts != self._shifts:
            self._shifts = shifts
            self._table.grid.run_grid_method("setGridOption", "columnDefs", self._columns())
        self._table.show(self._rows())

    def _figures(self) -> dict[str, AlarmFigures]:
        """By column; of a shift that is over nobody kept how the alarms stood at its end."""
        now, lives = self._screen.model.wall, self._screen.model.factory.lives or {}
        spans: dict[str, tuple[float, float, Mapping[str, AlarmLife]]] = {
            f"shift{number}": (one.since, one.until, {}) for number, one in enumerate(self._shifts)
        }
        spans["shift0"] = (self._shifts[0].since, now, lives)
        spans["day"] = (now - DAY_S, now, lives)
        return {
            name: figures(self._entries, known, since=since, until=until)
            for name, (since, until, known) in spans.items()
        }

    def _rows(self) -> list[Row]:
        say, lives = self._screen.say, self._screen.model.factory.lives or {}
        names = {entry.alarm: say.either(entry.text) for entry in self._entries}
        names |= {life.id: say.either(life.text) for life in lives.values()}
        told = {
            name: figure_words(self._screen, one, names) for name, one in self._figures().items()
        }
        for number, one in enumerate(self._shifts[1:], 1):
            words = told[f"shift{number}"]
            unknown = words if one.until <= self._known_from else AT_THE_END
            told[f"shift{number}"] = words | dict.fromkeys(unknown, formats.NONE)
        return [
            {
                "id": name,
                "figure": say(f"alarms.figure.{name}"),
                **{span: words[name] for span, words in told.items()},
                "aim": _aim(self._screen, name),
            }
            for name in told["day"]
        ]


def _aim(screen: Screen, name: str) -> str:
    language = screen.user.language
    shares = [f"{formats.number(share * 100, language)} %" for share in TARGET_SHARES]
    aims = {
        "rate": screen.say("alarms.aim.rate"),
        "flood": "< 1 %",
        "chattering": "0",
        "stale": "0",
        "priorities": " / ".join(shares),
    }
    return aims.get(name, "")


def figure_words(screen: Screen, found: AlarmFigures, names: Mapping[str, str]) -> dict[str, str]:
    """Each figure in words; `names` says what an alarm says, by its id."""
    language = screen.user.language

    def number(value: float, digits: int = 0) -> str:
        return formats.number(value, language, digits)

    return {
        "raised": number(found.raised),
        "rate": number(found.per_ten_minutes, 2),
        "most": number(found.most_in_ten_minutes),
        "flood": f"{number(found.flood_share * 100, 1)} % ({number(found.floods)})",
        "standing": number(found.standing),
        "waiting": number(found.waiting),
        "hidden": number(found.hidden),
        "chattering": _named(found.chattering, names),
        "stale": _named(found.stale, names),
        "priorities": _shares(screen, found),
        "acknowledge": formats.took(found.acknowledge_s, language),
        "top": "; ".join(f"{names.get(one, one)} ({number(count)})" for one, count in found.top),
    }


def _named(found: Sequence[str], names: Mapping[str, str]) -> str:
    return "; ".join((str(len(found)), *(names.get(one, one) for one in found)))


def _shares(screen: Screen, found: AlarmFigures) -> str:
    """Priority 1, 2, and 3 and 4 together, in parts of a hundred."""
    if not found.raised:
        return formats.NONE
    counts = (*found.by_priority[:URGENT], sum(found.by_priority[URGENT:]))
    language = screen.user.language
    shares = (formats.number(count / found.raised * 100, language) for count in counts)
    return " / ".join(f"{share} %" for share in shares)
