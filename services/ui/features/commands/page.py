"""Commands: the life of every command of everybody, newest first."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC
from urllib.parse import urlencode

from nicegui import background_tasks, ui

from services.common.process import time_parsing
from services.common.store.bus import StoreError
from services.common.store.keys import CommandRecord, Stage
from services.ui import formats
from services.ui.features.commands.detail import CommandDetail
from services.ui.features.commands.older_commands import OlderCommands
from services.ui.live.archive_questions import history_of
from services.ui.live.command_log import changed_at
from services.ui.live.screen import Screen
from services.ui.types import Address, Page, Row
from services.ui.views import command_progress, command_view
from services.ui.widgets.elements import attribute, div, link, set_classes, text
from services.ui.widgets.filter_fields import FilterFields
from services.ui.widgets.table import Table, column

MAX_SEARCH_CHARS = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which commands a person wants to see; an empty field asks nothing."""

    kind: str = ""
    operator: str = ""
    stage: str = ""
    since: str = ""
    text: str = ""

    def takes(self, record: CommandRecord, since: float | None) -> bool:
        """True if the command is wanted; `since` is what the field means in Unix seconds."""
        command = record.command
        return (
            self.kind in {"", command.kind}
            and self.operator in {"", command.operator}
            and self.stage in {"", record.stage}
            and (since is None or command.created_at >= since)
            and (not self.text or self.text.casefold() in _words(record))
        )

    def since_at(self, clock: formats.Clock, now: float) -> float | None:
        """What `since` means by this clock, in Unix seconds; None where it is empty or no time."""
        try:
            zone = UTC if clock == "utc" else None
            return time_parsing.moment(self.since, zone, now) if self.since else None
        except ValueError:
            return None


def _words(record: CommandRecord) -> str:
    command = record.command
    told = [*(e.order_id for e in record.events), *(e.payload for e in record.events)]
    parts = (command.command_id, command.kind, command.operator, command.note, command.parameters)
    return " ".join(map(str, (*parts, *told))).casefold()


def build(screen: Screen, address: Address) -> None:
    """Fill the page; the address holds the filters, and `command` opens that command at once."""
    names = Wanted.__slots__
    wanted = Wanted(**{name: address.get(name, "")[:MAX_SEARCH_CHARS] for name in names})
    CommandsPage(screen, wanted, address.get("command", "")).build()


class CommandsPage:
    """One person's look at the commands."""

    def __init__(self, screen: Screen, wanted: Wanted, chosen: str) -> None:
        self._screen = screen
        self._wanted = wanted
        self._chosen = chosen
        self._older = OlderCommands(screen.bus, screen.model.commands, lambda: history_of(screen))
        self._failed = ""

    def build(self) -> None:
        """Filters, list and detail."""
        say, listed = self._screen.say, self._older.listed
        with div("messages") as self._whole:
            with div("panel fill", "section"):
                with div("panel-head"):
                    text(say("page.commands"), "panel-title", "h2")
                    self._counts = text("", "hint cut grow")
                    self._file = link(say("commands.csv"), "", "act small").mark("commands-csv")
                    attribute(self._file, "download", f"{self._screen.environment}-commands.csv")
                    # A file is made of what the store holds by now.
                    set_classes(self._file, hidden=self._screen.past is not None)
                    self._name_file()
                self._bar()
                self._table = Table(
                    _columns(self._screen), self._rows(listed), empty="", on_pick=self._choose
                )
                self._more = text(say("commands.older"), "act small older", "button")
                self._more.on("click", self._go_on).mark("older")
            self._detail = CommandDetail(self._screen, lambda: self._choose(""))
        self._screen.live(self._draw)
        background_tasks.create(self._try(self._older.count), name="commands kept")
        self._look_up()

    def _bar(self) -> None:
        say, records = self._screen.say, self._older.listed
        kinds = {r.command.kind: command_view.kind_name(r.command.kind, say) for r in records}
        people = {n: say.known("user", n) for n in (r.command.operator for r in records)}

        def label(name: str) -> str:
            return say(f"commands.any.{name}")

        fields = FilterFields(self._screen, label, asdict(self._wanted), self._change)
        with div("message-bar command-bar"):
            fields.choice("kind", kinds)
            fields.choice("operator", people)
            fields.choice("stage", {str(stage): say(f"stage.{stage}") for stage in Stage})
            fields.entry("since")
            fields.search("text")
            self._narrowed = fields.clearing(self._screen.path("commands"))
        self._hint = text("", "hint wrong hidden")

    def _change(self, name: str, value: str) -> None:
        self._wanted = replace(self._wanted, **{name: value})
        self._note()
        self._draw()

    def _choose(self, picked: str) -> None:
        self._chosen, self._failed = picked, ""
        self._note()
        self._draw()
        self._look_up()

    def _look_up(self) -> None:
        """A command of long ago, as a link may name it, is read from the store."""
        if self._chosen and self._older.get(self._chosen) is None:
            background_tasks.create(
                self._fetch(self._chosen[:MAX_SEARCH_CHARS]), name="one command"
            )

    async def _fetch(self, command_id: str) -> None:
        found: list[bool] = []

        async def fetch() -> None:
            found.append(await self._older.fetch(command_id))

        await self._try(fetch)
        wanted = self._chosen[:MAX_SEARCH_CHARS] == command_id and not self._more.is_deleted
        if found == [False] and wanted:
            self._failed = self._screen.say("commands.gone", id=command_id)
            self._draw()

    async def _go_on(self) -> None:
        await self._try(self._older.go_on)

    async def _try(self, read: Callable[[], Awaitable[None]]) -> None:
        """Read and show it; a store that is away is said."""
        self._failed = ""
        try:
            await read()
        except StoreError as error:
            self._failed = self._screen.say("empty.buffer_unreadable", error=error)
        if not self._more.is_deleted:
            self._draw()

    def _note(self) -> None:
        query = {k: v for k, v in {**asdict(self._wanted), "command": self._chosen}.items() if v}
        ui.navigate.history.replace(
            self._screen.path(f"commands?{urlencode(query)}" if query else "commands")
        )
        self._name_file()

    def _name_file(self) -> None:
        if self._screen.past is not None:
            return
        query = urlencode({k: v for k, v in asdict(self._wanted).items() if v})
        attribute(self._file, "href", f"/{self._screen.environment}/commands.csv?{query}")

    def _since(self) -> float | None:
        return self._wanted.since_at(self._screen.user.clock, self._screen.model.now)

    def _draw(self) -> None:
        say, wanted, listed = self._screen.say, self._wanted, self._older.listed
        rows = self._rows(listed)
        self._table.show(rows)
        self._table.empty.say(say("empty.commands_filter" if listed else "empty.commands"))
        self._count(len(rows), len(listed))
        wrong = bool(wanted.since) and self._since() is None
        bad_time = say("messages.bad_time", given=wanted.since) if wrong else ""
        self._hint.say(" ".join(filter(None, (bad_time, self._failed))))
        set_classes(self._hint, hidden=not (bad_time or self._failed))
        self._narrowed(wanted != Wanted())
        record = self._older.get(self._chosen)
        self._detail.show(record)
        self._make_room(taken=record is not None)

    def _count(self, shown: int, listed: int) -> None:
        kept = max(self._older.kept or 0, listed, len(self._screen.model.commands))
        counts = {"shown": shown, "listed": listed, "kept": kept}
        language = self._screen.user.language
        told = {name: formats.number(count, language) for name, count in counts.items()}
        self._counts.say(self._screen.say("commands.counts", **told))
        set_classes(self._more, hidden=not self._older.more)

    def _make_room(self, *, taken: bool) -> None:
        """Beside a command the list leaves out what its detail shows."""
        if taken == ("beside" in self._whole.classes):
            return
        set_classes(self._whole, beside=taken)
        told = ["parameters", "changed"]
        self._table.grid.run_grid_method("setColumnsVisible", told, not taken)

    def _rows(self, listed: list[CommandRecord]) -> list[Row]:
        since = self._since()
        return [self._row(record) for record in listed if self._wanted.takes(record, since)]

    def _row(self, record: CommandRecord) -> Row:
        """Made once for everybody who reads it in the same way."""
        screen, user = self._screen, self._screen.user
        key = ("command", record.command.command_id, user.language, user.clock)
        return screen.model.shared(key, lambda: _row(screen, record))


def _row(screen: Screen, record: CommandRecord) -> Row:
    say, command = screen.say, record.command
    return {
        "id": command.command_id,
        "at": command.created_at,
        "time": screen.when(command.created_at),
        "kind": command_view.kind_name(command.kind, say),
        "parameters": command_view.parameters_words(command, say),
        "operator": say.known("user", command.operator),
        "stage": command_progress.stage_words(record, say),
        "bad": record.stage in command_view.FAILURES,
        "open": not record.final,
        "changed": screen.when(changed_at(record)),
        "reason": command_view.last_reason(record, say),
    }


def _columns(screen: Screen) -> list[dict[str, object]]:
    say = screen.say
    rules = {"cell-warn": "data.bad", "cell-dim": "data.open"}
    return [
        column("time", say("column.time"), 92),
        column("kind", say("column.kind"), 140),
        column("parameters", say("column.parameters"), 0, minWidth=126, cellClass="cell-mono"),
        column("operator", say("column.operator"), 76),
        column("stage", say("column.stage"), 124, cellClassRules=rules),
        column("changed", say("column.changed"), 92),
        column("reason", say("column.reason"), 0, tooltipField="reason"),
        column("at", "", 1, hide=True, sort="desc"),
    ]


PAGE = Page("commands", "steering", "c", build)
