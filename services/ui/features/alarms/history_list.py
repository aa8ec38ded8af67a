"""The list of what became of the alarms: its filters, its rows, and older ones on demand."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, tzinfo
from urllib.parse import urlencode

from nicegui import background_tasks

from omf.alarms.alarm_texts import rule_title
from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmState
from omf.alarms.rule_data import SEVERITIES, Severity
from omf.state.device_names import device_name
from services.common.store.bus import StoreError
from services.ui.features.alarms.history import AlarmHistory, WantedPassages
from services.ui.live.screen import Screen
from services.ui.types import Address, Row
from services.ui.views import history_query
from services.ui.views.device_status import modules
from services.ui.views.history_query import WrongTimeError
from services.ui.widgets.elements import div, set_classes, text
from services.ui.widgets.filter_fields import FilterFields
from services.ui.widgets.table import Table, column


def wanted_of(address: Address) -> WantedPassages:
    """The filters an address holds."""
    names = WantedPassages.__slots__
    return WantedPassages(
        **{name: address.get(name, "")[: history_query.MAX_TEXT] for name in names}
    )


def history_path(screen: Screen, wanted: WantedPassages, alarm: str = "") -> str:
    """The address of the history with these filters, an alarm opened beside it."""
    given = {name: value for name, value in asdict(wanted).items() if value}
    query = urlencode(given | ({"alarm": alarm} if alarm else {}))
    return screen.path(f"alarms/history?{query}" if query else "alarms/history")


def level_words(screen: Screen, severity: Severity) -> str:
    """`2 · Warning`."""
    return f"{SEVERITIES.index(severity) + 1} · {screen.say(f'level.{severity}')}"


def event_words(screen: Screen, entry: AlarmEntry) -> str:
    """What happened, with the reason or the words of a comment."""
    said = screen.say(f"alarm_event.{entry.event}")
    why = screen.say.either(entry.why) if entry.why else entry.reason
    if entry.until is not None:
        said = screen.say("alarms.event_until", event=said, until=screen.when(entry.until))
    return f"{said}: {why}" if why else said


class PassageList:
    """One person's look at the history of alarms."""

    def __init__(
        self,
        screen: Screen,
        wanted: WantedPassages,
        on_pick: Callable[[str], None],
        on_filter: Callable[[], None],
        on_read: Callable[[], None],
    ) -> None:
        """`on_pick` gets the alarm of a row; the others hear of other filters, of more rows."""
        self.wanted = wanted
        self._screen, self._on_filter, self._on_read = screen, on_filter, on_read
        self._history = AlarmHistory(screen)
        self._reading = False
        self._next: dict[bool, None] = {}
        """What is to be read after it: newer ones, or older ones."""
        self._passed: object = None
        self._drawn: tuple[str, int] | None = None
        self._wrong = self._failed = ""
        with div("message-bar alarm-bar").mark("alarm-filters"):
            self._filters()
        self._note = text("", "hint wrong hidden").props("role=alert").mark("alarm-history-note")
        self._table = Table(
            self._columns(), [], empty="", on_pick=lambda row: on_pick(row.partition(" ")[2])
        )
        self._older = text(screen.say("alarms.older"), "act small older hidden", "button")
        self._older.on("click", self._go_on).mark("older")
        self._ask()

    @property
    def count(self) -> int:
        """How many are listed."""
        return len(self._history.listed)

    def draw(self) -> None:
        """Show what was read, and read what is new whenever an alarm has changed."""
        lives = self._screen.model.factory.lives
        if not self._reading and lives is not self._passed:
            self._passed = lives
            self._read(older=False)
        listed = self._history.listed
        ends = (listed[0][0], len(listed)) if listed else None
        if ends != self._drawn:
            # Thousands of rows: they are made only when there is something new among them.
            self._drawn = ends
            self._table.show([_row(self._screen, *one) for one in listed])
        say = self._screen.say
        narrowed = self.wanted != WantedPassages()
        empty = "alarms.searching" if self._reading else "alarms.empty.history"
        if narrowed and not self._reading:
            empty = "alarms.none_found"
        self._table.empty.say(say(empty))
        faults = self._history.faults
        damaged = say("history.faults", faults="; ".join(faults)) if faults else ""
        self._note.say(" ".join(filter(None, (self._wrong, self._failed, damaged))))
        set_classes(self._note, hidden=not self._note.text)
        set_classes(self._older, hidden=not self._history.more)

    def _filters(self) -> None:
        screen, say = self._screen, self._screen.say
        factory = screen.model.factory

        def label(name: str) -> str:
            return say(f"alarms.any.{name}")

        fields = FilterFields(screen, label, asdict(self.wanted), self._change)
        fields.entry("since")
        fields.entry("until")
        listed = (one.serial for one in modules(screen.model))
        serials = [*listed, *sorted(factory.vehicles)]
        fields.choice("device", {one: say.either(device_name(factory, one)) for one in serials})
        levels = {str(n): level_words(screen, one) for n, one in enumerate(SEVERITIES, 1)}
        fields.choice("priority", levels)
        rules = {
            name: say.either(rule_title(factory.alarm_rules, name))
            for name in factory.alarm_rules.rules
        }
        fields.choice("rule", dict(sorted(rules.items(), key=lambda one: one[1].casefold())))
        fields.choice("state", {one.value: say(f"alarm_state.{one}") for one in AlarmState})
        fields.search("text")
        self._narrowed = fields.clearing(screen.path("alarms/history"))

    def _change(self, name: str, value: str) -> None:
        if name in ("since", "until"):
            value = history_query.settled(value, self._zone, self._screen.model.wall)
        self.wanted = replace(self.wanted, **{name: value})
        self._narrowed(self.wanted != WantedPassages())
        self._ask()
        self._on_filter()

    @property
    def _zone(self) -> tzinfo | None:
        return UTC if self._screen.user.clock == "utc" else None

    def _ask(self) -> None:
        self._wrong = ""
        try:
            self._history.ask(self.wanted.question(self._zone, self._screen.model.wall))
        except WrongTimeError as error:
            self._wrong = self._screen.say("messages.bad_time", given=error.given)
            return
        self._read(older=False)

    def _go_on(self) -> None:
        self._read(older=True)

    def _read(self, *, older: bool) -> None:
        """One reading at a time; what was asked for meanwhile is read after it."""
        if self._reading:
            self._next[older] = None
            return
        self._reading = True
        background_tasks.create(self._fetch(older=older), name="history of alarms")

    async def _fetch(self, *, older: bool) -> None:
        self._failed = ""
        try:
            await (self._history.go_on() if older else self._history.renew())
        except StoreError as error:
            self._failed = self._screen.say("empty.buffer_unreadable", error=error)
        self._reading = False
        if self._note.is_deleted:
            return
        if (following := next(iter(self._next), None)) is not None:
            del self._next[following]
            self._read(older=following)
        self._on_read()

    def _columns(self) -> list[dict[str, object]]:
        say = self._screen.say
        return [
            column("time", say("column.time"), 92),
            column("level", say("column.priority"), 152),
            column("event", say("alarms.column.event"), 0, tooltipField="event"),
            column("who", say("column.operator"), 110),
            column("what", say("alarms.column.alarm"), 0, minWidth=200, tooltipField="what"),
            column("at", "", 1, hide=True, sort="desc"),
        ]


def _row(screen: Screen, entry_id: str, entry: AlarmEntry) -> Row:
    say, user = screen.say, screen.user
    key = ("alarm passage", entry_id, user.language, user.clock, screen.when(0))

    def make() -> Row:
        return {
            "id": f"{entry_id} {entry.alarm}",
            "at": entry.at,
            "time": screen.when(entry.at),
            "level": level_words(screen, entry.severity),
            "event": event_words(screen, entry),
            "who": say.known("user", entry.who) if entry.who else "",
            "what": say.either(entry.text),
        }

    row: Row = screen.model.shared(key, make)
    return row
